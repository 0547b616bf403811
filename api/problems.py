"""What went wrong, as RFC 9457 problem details: one class a type, and what a caller can do about each.

A body holds nothing that tells two absent things apart: no id, no path, no trace. Those are in headers and logs.
How errors of other layers become these is in `problem_answers`; each type has a page at `/problems/SLUG`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import orjson
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class ProblemOut(BaseModel):
    """Problem details (RFC 9457). `type` is stable: decide by it, never by the words."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="The page that explains this kind of problem.", examples=["/problems/not-found"])
    title: str = Field(description="The kind of problem in one sentence.", examples=["There is no such thing here"])
    status: int = Field(description="The status code of the answer.", examples=[404])
    detail: str | None = Field(default=None, description="What went wrong this time.")


class Problem(Exception):
    """Base of what an endpoint raises on purpose; `extra` goes into the body, `headers` beside it."""

    slug: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong here"
    advice: ClassVar[str] = "It is our fault and was written down. Give us the answer's X-Trace-Id if it happens again."

    def __init__(self, detail: str = "", *, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra

    def response(self) -> Response:
        """The answer to send."""
        body = {"type": f"/problems/{self.slug}", "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        return Response(orjson.dumps({**body, **self.extra}), self.status, headers=self.headers, media_type=MEDIA_TYPE)


class Malformed(Problem):
    slug, status, title = "malformed-request", 400, "The request cannot be read"
    advice = "Send a request that follows HTTP; its Host must be one that this server answers for."


class Unauthenticated(Problem):
    slug, status, title = "unauthenticated", 401, "Log in, or send a valid token or API key"
    advice = "Log in again, refresh your access token, or check that the API key has neither expired nor been revoked."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    slug, status, title = "forbidden", 403, "Your role does not allow this"
    advice = "Ask an owner or admin of your organisation for a role, or for an API key, with the permission named."


class NotFound(Problem):
    """Absent, another tenant's, or no id at all: one answer for all three."""

    slug, status, title = "not-found", 404, "There is no such thing here"
    advice = "Check the address and the id. It may have been deleted, or you may be logged in to another organisation."

    def __init__(self) -> None:
        super().__init__()


class MethodNotAllowed(Problem):
    slug, status, title = "method-not-allowed", 405, "This address does not take that method"
    advice = "Use one of the methods in the Allow header."


class NotAcceptable(Problem):
    slug, status, title = "not-acceptable", 406, "The answer cannot have a form that you accept"
    advice = "Accept one of the media types that the API document names for this operation."


class Conflict(Problem):
    slug, status, title = "conflict", 409, "The request does not fit what is stored"
    advice = "Read the thing again: it exists already, or is past the state in which this may be done."


class RequestInProgress(Problem):
    slug, status, title = "request-in-progress", 409, "A request with this Idempotency-Key is still being worked on"
    advice = "Send the same request again after the seconds in Retry-After; you will get its answer."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class AnswerNotKept(Problem):
    slug, status, title = "answer-not-kept", 409, "This was done already, and its answer is not kept"
    advice = "It held a secret that is shown once, or was too large to keep. Read the thing, or begin with a new key."


class PreconditionFailed(Problem):
    slug, status, title = "precondition-failed", 412, "It was changed since you read it"
    advice = "Read it again, decide again, and send the change with the new ETag in If-Match."


class TooLarge(Problem):
    slug, status, title = "too-large", 413, "The request's body is too large"
    advice = "Send less at once."


class AddressTooLong(Problem):
    slug, status, title = "address-too-long", 414, "The address is too long"
    advice = "Send fewer or shorter parameters."


class UnsupportedMediaType(Problem):
    slug, status, title = "unsupported-media-type", 415, "The body's media type is not taken here"
    advice = "Send JSON with Content-Type: application/json, or what the API document names for this operation."


class Invalid(Problem):
    slug, status, title = "invalid-request", 422, "The request cannot be used as it is"
    advice = "Correct what `errors` or `detail` names; the same request will fail again."


class KeyReused(Problem):
    slug, status, title = "idempotency-key-reused", 422, "This Idempotency-Key belongs to another request"
    advice = "Make a new key for each new request, and use one again only to repeat the very same request."


class TooManyRequests(Problem):
    slug, status, title = "rate-limited", 429, "Too many requests"
    advice = "Wait for the seconds in Retry-After. RateLimit and RateLimit-Policy say how much is left of what."

    def __init__(self, detail: str = "", retry_after_s: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(max(1, retry_after_s))})


class TooManyStreams(TooManyRequests):
    slug, title = "too-many-streams", "As many event streams are open as may be"
    advice = "Close one first; one stream carries events of every kind, so a page needs one."


class HeadersTooLarge(Problem):
    slug, status, title = "headers-too-large", 431, "The request's headers are too large"
    advice = "Send fewer or shorter headers."


class Unavailable(Problem):
    slug, status, title = "unavailable", 503, "Something this needs does not answer; try again shortly"
    advice = "Try again after the seconds in Retry-After, with the same Idempotency-Key if it was to change something."

    def __init__(self, detail: str = "", retry_after_s: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


def kinds() -> dict[str, type[Problem]]:
    """Every type of problem by its slug."""
    return {kind.slug: kind for kind in _with_children(Problem)}


def problems(*listed: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """For `responses=` of a route: what it may answer besides what every route of its kind does."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in listed:
        titles = by_status.get(kind.status, {}).get("description", "")
        by_status[kind.status] = {
            "description": f"{titles}; or: {kind.title}" if titles else kind.title,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}, "example": example(kind)}},
        }
    return by_status


def example(kind: type[Problem]) -> dict[str, Any]:
    """The body of a problem of that type."""
    return {"type": f"/problems/{kind.slug}", "title": kind.title, "status": kind.status}


def _with_children(kind: type[Problem]) -> Iterator[type[Problem]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _with_children(child)
