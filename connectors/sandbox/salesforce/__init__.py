"""A stand-in for a Salesforce org: OAuth, describe, SOQL, paging, Bulk API 2.0 and limits, over typed DuckDB tables."""
