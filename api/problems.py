"""What went wrong, as RFC 9457 problem details: one class a type, and how errors of the layers below become them.

A body holds nothing that tells two absent things apart: no id, no path, no trace. Those are in headers and logs.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
import redis
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from orchestration.control_plane import errors

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Base of what an endpoint raises on purpose; `extra` goes into the body, `headers` beside it."""

    slug: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong here"

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


class NotFound(Problem):
    """Absent, another tenant's, or no id at all: one answer for all three."""

    slug, status, title = "not-found", 404, "There is no such thing here"

    def __init__(self) -> None:
        super().__init__()


class Unauthenticated(Problem):
    slug, status, title = "unauthenticated", 401, "Log in, or send a valid token or API key"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    slug, status, title = "forbidden", 403, "Your role does not allow this"


class Invalid(Problem):
    slug, status, title = "invalid-request", 422, "The request cannot be used as it is"


class Conflict(Problem):
    slug, status, title = "conflict", 409, "The request does not fit what is stored"


class PreconditionFailed(Problem):
    slug, status, title = "precondition-failed", 412, "It was changed since you read it"


class Unavailable(Problem):
    slug, status, title = "unavailable", 503, "Something this needs does not answer; try again shortly"

    def __init__(self, detail: str = "", retry_after_s: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


def problem_of(error: Exception) -> Problem:
    """The problem an error of a lower layer is to a caller; a bare Problem (500) for one nobody foresaw."""
    match error:
        case Problem():
            return error
        case errors.NotFound():
            return NotFound()
        case errors.Conflict():
            return Conflict(str(error))
        case errors.ControlPlaneUnavailable():
            return Unavailable(str(error))
        case errors.ControlPlaneError():
            return Invalid(str(error))
        case redis.RedisError():
            return Unavailable("The event store does not answer.")
    return Problem()


def install(app: FastAPI) -> None:
    """Have every error of the application answered as a problem."""

    async def answer(_: Request, error: Exception) -> Response:
        return problem_of(error).response()

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if any(found["loc"][0] == "path" for found in error.errors()):
            return NotFound().response()
        listed = [{"at": ".".join(map(str, found["loc"])), "message": found["msg"]} for found in error.errors()]
        return Invalid("See errors.", errors=listed).response()

    async def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == NotFound.status:
            return NotFound().response()
        body = {"type": f"/problems/http-{error.status_code}", "title": error.detail, "status": error.status_code}
        return Response(orjson.dumps(body), error.status_code, headers=error.headers, media_type=MEDIA_TYPE)

    for kind in (Problem, errors.ControlPlaneError, redis.RedisError):
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
