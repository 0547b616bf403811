"""Where requests are traced: a span each, and one for what they ask of others. As it stands here, nothing is traced.

Spans are named by method and route template. Statements are sent as written, with placeholders: no value, no tenant and
no id is in a span.
"""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import UNMATCHED
from api.requests.routing import template_of

# FastAPI's own would send the texts of errors, and a span for every step.
FASTAPI_OFF: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False,
}  # fmt: skip


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
