"""What is known of every request when it is over: a line in the log, and figures."""

import logging
import time
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import logs
from api.metrics import UNMATCHED
from api.requests.routing import template_of
from api.state import AppState

requests_log = logging.getLogger("api.requests")
STREAM_TYPES = (b"text/event-stream", b"application/x-ndjson")
GONE = 499  # the caller left before there was an answer; nobody is sent this
_QUIET = frozenset({"/health", "/ready", "/metrics"})  # asked all the time by machines


class Observation:
    """Outermost around the application. Reads of a request only what others made of it, never its head or body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        held: AppState = scope["app"].state.held
        seen = _Seen(send)
        began = time.perf_counter()
        held.metrics.in_flight.inc()
        error: BaseException | None = None
        try:
            await self._app(scope, receive, seen.send)
        except BaseException as raised:
            error = raised
            raise
        finally:
            held.metrics.in_flight.dec()
            seconds = time.perf_counter() - began
            route, method = template_of(scope) or UNMATCHED, scope.get("method", "WEBSOCKET")
            status = seen.status or (GONE if error is None or isinstance(error, ClientDisconnect) else 500)
            held.metrics.answered(route, method, status, seconds, is_stream=seen.is_stream)
            if route not in _QUIET and requests_log.isEnabledFor(logging.INFO):
                _write(scope, route, method, status, seconds)


class _Seen:
    """Passes messages on, and remembers how the answer began."""

    __slots__ = ("_send", "is_stream", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.is_stream = False

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            self.is_stream = any(
                name == b"content-type" and value.startswith(STREAM_TYPES) for name, value in message["headers"]
            )
        elif kind == "websocket.accept":
            self.status, self.is_stream = 101, True
        elif kind == "websocket.close" and not self.status:
            self.status = 403
        elif kind == "websocket.http.response.start":
            self.status = message["status"]
        await self._send(message)


def _write(scope: Scope, route: str, method: str, status: int, seconds: float) -> None:
    state = scope.get("state", {})
    actor = state.get("actor")
    fields: dict[str, Any] = {
        "trace_id": state.get("trace_id"),
        "route": route,
        "method": method,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "tenant_id": None if actor is None else str(actor.tenant_id),
        "actor": _kind(actor),
    }
    requests_log.info("request", extra={logs.FIELDS: fields})


def _kind(actor: Any) -> str:
    if actor is None:
        return "nobody"
    if actor.key_id is not None:
        return "key"
    return "operator" if actor.is_operator else "member"
