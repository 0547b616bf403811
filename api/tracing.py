"""Whether requests are traced: if OTEL_EXPORTER_OTLP_ENDPOINT says where traces go; otherwise no SDK is loaded."""

import os
from collections.abc import Mapping

from api.telemetry import Telemetry

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def telemetry(version: str, environment: Mapping[str, str] = os.environ) -> Telemetry:
    """Tracing if an endpoint is set, off otherwise."""
    if not any(environment.get(name) for name in ENDPOINTS) or environment.get("OTEL_SDK_DISABLED") == "true":
        return Telemetry()
    from api.open_telemetry import Tracing

    return Tracing.exporting(version)
