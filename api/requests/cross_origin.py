"""Which other origins' pages may call the API: none, unless the operator names them."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api.requests.idempotency import CHANGING, HEADER

_SENT = (
    "Authorization", "Content-Type", "If-Match", "If-None-Match", "Last-Event-ID", "X-API-Key", "traceparent", HEADER,
)  # fmt: skip
_READ = (
    "ETag", "Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Trace-Id",
)  # fmt: skip


def allow_origins(app: FastAPI, origins: str) -> None:
    """Let pages of those origins call with a token of their own; cookies are never theirs to send."""
    named = [one.strip().rstrip("/") for one in origins.split(",") if one.strip()]
    if named:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=named,
            allow_methods=["GET", *sorted(CHANGING)],
            allow_headers=_SENT,
            expose_headers=_READ,
            allow_credentials=False,
            max_age=600,
        )
