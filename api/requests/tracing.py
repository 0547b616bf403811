"""One trace id a request, the caller's or a new one, by which log lines, events and runs can be found.

In: `traceparent` (W3C Trace Context), else `X-Request-Id`. Out: `traceparent` and `X-Trace-Id`.
"""

import hashlib
import os
import re
from contextvars import ContextVar

_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._~+/=:@-]{1,128}", re.ASCII)
_current: ContextVar[str] = ContextVar("trace_id", default="")


class Trace:
    """The trace a request belongs to and its own place there."""

    __slots__ = ("flags", "id", "request_id", "span")

    def __init__(self, trace_id: str, flags: str = "01", request_id: bytes | None = None) -> None:
        self.id = trace_id
        self.span = os.urandom(8).hex()
        self.flags = flags
        self.request_id = request_id

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What the answer says of it."""
        out = [
            (b"traceparent", f"00-{self.id}-{self.span}-{self.flags}".encode()),
            (b"x-trace-id", self.id.encode()),
        ]
        return [*out, (b"x-request-id", self.request_id)] if self.request_id else out


def trace_of(traceparent: bytes | None, request_id: bytes | None) -> Trace:
    """The caller's trace if it says one that can be used, else a new one. Begun here as the current one."""
    trace = _continued(traceparent) or _named(request_id) or Trace(os.urandom(16).hex())
    _current.set(trace.id)
    return trace


def current_trace_id() -> str:
    """Of the request that is being served, also in its threads; "" outside of requests."""
    return _current.get()


def _continued(traceparent: bytes | None) -> Trace | None:
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if found is None or traceparent is None or traceparent.startswith(b"ff"):
        return None
    trace_id, parent, flags, more = found.groups()
    if not trace_id.strip(b"0") or not parent.strip(b"0") or (more and traceparent.startswith(b"00")):
        return None
    return Trace(trace_id.decode(), flags.decode())


def _named(request_id: bytes | None) -> Trace | None:
    """A UUID is a trace id as it stands; another name gives the same trace id each time."""
    if not request_id or not _REQUEST_ID.fullmatch(request_id):
        return None
    plain = request_id.replace(b"-", b"").lower()
    if re.fullmatch(rb"[0-9a-f]{32}", plain) and plain.strip(b"0"):
        return Trace(plain.decode(), request_id=request_id)
    return Trace(hashlib.sha256(request_id).hexdigest()[:32], request_id=request_id)
