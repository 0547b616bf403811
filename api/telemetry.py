"""Traces for OpenTelemetry, if OTEL_EXPORTER_OTLP_ENDPOINT says where to; otherwise none are made or sent.

A span a request, named by method and route template, and one for each statement it asks of Postgres and for what it
reads of a published view. Statements are
sent as written, with placeholders: no value, no tenant and no id is in a span.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Protocol

from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import UNMATCHED
from api.requests.routing import template_of

# FastAPI's own would send the texts of errors, and a span for every step.
FASTAPI_OFF: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False,
}  # fmt: skip
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class Span(Protocol):
    """A request that is being traced."""

    def end(self, route: str, method: str, status: int, error: BaseException | None) -> None: ...


class Telemetry:
    """Off: every method costs next to nothing."""

    def begin(self, scope: Scope) -> Span | None:  # noqa: ARG002
        """A request begins; whoever is given a span ends it."""
        return None

    @contextlib.contextmanager
    def asking(self, system: str, operation: str) -> Iterator[None]:  # noqa: ARG002
        """Around something that takes time: `with telemetry.asking("duckdb", "rows")`."""
        yield

    def close(self) -> None:
        """Send what waits."""


def telemetry(version: str, environment: Mapping[str, str] = os.environ) -> Telemetry:
    """Tracing if an endpoint is set, off otherwise."""
    if not any(environment.get(name) for name in ENDPOINTS) or environment.get("OTEL_SDK_DISABLED") == "true":
        return Telemetry()
    from api.open_telemetry import Tracing

    return Tracing.exporting(version)


class Traced:
    """Within what gives requests their trace id, so that spans have the same one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        span = scope["app"].state.held.telemetry.begin(scope) if scope["type"] in ("http", "websocket") else None
        if span is None:
            await self._app(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", 101 if message["type"] == "websocket.accept" else status)
            await send(message)

        error: BaseException | None = None
        try:
            await self._app(scope, receive, watched)
        except BaseException as raised:
            error = raised
            raise
        finally:
            span.end(template_of(scope) or UNMATCHED, scope.get("method", "WEBSOCKET"), status or 500, error)
