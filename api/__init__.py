"""The HTTP application: auth, views, approvals, events and operation, thin over the control plane. Knows no Dagster."""
