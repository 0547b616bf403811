"""The HTTP top of the platform: thin, per request, on published data and the control plane. Never imports Dagster."""
