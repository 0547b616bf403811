"""Salesforce: one stream per queryable object, over REST or, for much, Bulk API 2.0. On `simple-salesforce`."""
