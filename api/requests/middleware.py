"""The edge of the application: what is done for every request, as plain ASGI because every request pays for it.

In order: trace id, size and host limits, rate of callers who do not say who they are, body limit; then on the answer
the trace, security headers and rate headers. An error that nobody foresaw is written down and answered here.
"""

import hashlib
import logging
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, TooLarge
from api.requests.admission import Admission
from api.requests.headers import security_headers
from api.requests.tracing import trace_of
from orchestration.resources.settings import Settings

if TYPE_CHECKING:
    from api.requests.rates import Rates

_log = logging.getLogger(__name__)
_PROOFS = frozenset({b"authorization", b"x-api-key"})
_WANTED = frozenset(
    {b"host", b"traceparent", b"x-request-id", b"content-length", b"transfer-encoding", b"idempotency-key"} | _PROOFS
)
_LIMITED = "/api/"


class Edge:
    """Wraps the application; added to it as its outermost middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._admission = Admission(settings)
        self._is_production = settings.environment != "dev"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        wanted: dict[bytes, bytes] = {}
        size = 0
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name in _WANTED:
                wanted[name] = value
        trace = trace_of(wanted.get(b"traceparent"), wanted.get(b"x-request-id"))
        state = scope.setdefault("state", {})
        state["trace_id"], state["span_id"] = trace.id, trace.span
        address_length = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
        refusal = self._admission.refusal(address_length, (len(scope["headers"]), size), wanted.get(b"host", b""))
        if scope["type"] == "websocket":
            await self._websocket(refusal, scope, receive, send)
            return
        answering = _Answering(send, security_headers(scope["path"], hsts=self._hsts(scope)), trace.headers(), state)
        largest = self._admission.largest_body(scope["method"], scope["path"])
        refusal = refusal or self._admission.too_large(wanted.get(b"content-length"), largest)
        refusal = refusal or await _out_of_requests(scope, wanted, state)
        if refusal is not None:
            await refusal.response()(scope, receive, answering)
            return
        await self._serve(scope, self._reading(receive, wanted, state, largest), answering)

    async def _serve(self, scope: Scope, receive: Receive, answering: "_Answering") -> None:
        try:
            await self._app(scope, receive, answering)
        except Exception:
            # The route's template, not the path: that may hold what only its reader may know.
            _log.exception("%s of trace %s failed", scope["method"], scope["state"]["trace_id"])
            if answering.has_begun:
                raise
            await Problem().response()(scope, receive, answering)
        if answering.status == 401:
            await _charge(scope)

    def _reading(self, receive: Receive, wanted: dict[bytes, bytes], state: dict[str, Any], largest: int) -> Receive:
        """Bodies are counted where their length was not announced, and hashed where they may have to be recognised."""
        is_keyed = b"idempotency-key" in wanted
        if b"transfer-encoding" not in wanted and not is_keyed:
            return receive
        read = _Reading(receive, largest)
        if is_keyed:
            state["body_hash"] = read.hash
        return read

    def _hsts(self, scope: Scope) -> bool:
        return self._is_production and scope["scheme"] == "https"

    async def _websocket(self, refusal: Problem | None, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal is not None:
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)


class _Answering:
    """The server's `send`, with the headers that every answer has."""

    __slots__ = ("_send", "_standard", "_state", "_trace", "status")

    def __init__(
        self,
        send: Send,
        standard: tuple[tuple[bytes, bytes], ...],
        trace: list[tuple[bytes, bytes]],
        state: dict[str, Any],
    ) -> None:
        self._send = send
        self._standard = standard
        self._trace = trace
        self._state = state
        self.status = 0

    @property
    def has_begun(self) -> bool:
        return self.status != 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            said = {name for name, _ in headers}
            headers += [pair for pair in self._standard if pair[0] not in said]
            headers += self._trace
            rate = self._state.get("rate_headers")
            if rate is not None:
                headers += rate
            message["headers"] = headers
        await self._send(message)


class _Reading:
    """The server's `receive`, with a limit and a hash over the body."""

    __slots__ = ("_largest", "_receive", "_size", "hash")

    def __init__(self, receive: Receive, largest: int) -> None:
        self._receive = receive
        self._largest = largest
        self._size = 0
        self.hash = hashlib.sha256()

    async def __call__(self) -> Message:
        message = await self._receive()
        body = message.get("body", b"") if message["type"] == "http.request" else b""
        self._size += len(body)
        if self._size > self._largest:
            # As FastAPI's own exception: any other, raised while it reads a body, it takes for a malformed one.
            raise HTTPException(TooLarge.status)
        self.hash.update(body)
        return message


def _rates(scope: Scope) -> "Rates | None":
    held = getattr(scope["app"].state, "held", None)
    return None if held is None else held.rates


async def _out_of_requests(scope: Scope, wanted: dict[bytes, bytes], state: dict[str, Any]) -> Problem | None:
    """Callers who do not say who they are count by their address; so does each proof that was refused."""
    if not scope["path"].startswith(_LIMITED) or (rates := _rates(scope)) is None:
        return None
    if not _PROOFS.isdisjoint(wanted):
        return rates.refusal_of_address(scope.get("client"))
    return await rates.take_for_address(scope.get("client"), state)


async def _charge(scope: Scope) -> None:
    rates = _rates(scope)
    if rates is not None and any(name in _PROOFS for name, _ in scope["headers"]):
        await rates.take_for_address(scope.get("client"), {})
