"""How errors become problems: those of the layers below, of FastAPI, and those that nobody foresaw."""

import logging
from typing import Any

import redis
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy import exc
from starlette.exceptions import HTTPException

from api import problems
from api.problems import Conflict, Invalid, MethodNotAllowed, NotFound, Problem, Unavailable
from orchestration.control_plane import errors

_log = logging.getLogger(__name__)
_CLASHES = frozenset({"23503", "23505", "23P01"})  # a foreign key, a unique index, an exclusion
_NOT_STORABLE = "It holds a character or a number that cannot be stored."
_MOST_ERRORS = 50


def problem_of(error: Exception) -> Problem | None:
    """The problem an error of a lower layer is to a caller; None for one nobody foresaw."""
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
            return Unavailable("Valkey does not answer.")
        case exc.DataError() | exc.StatementError(orig=UnicodeEncodeError()):
            return Invalid(_NOT_STORABLE)
        case exc.IntegrityError(orig=orig) if getattr(orig, "pgcode", None) in _CLASHES:
            _log.warning("a clash nobody foresaw", exc_info=error)
            return Conflict()
    return Invalid(_NOT_STORABLE) if _is_not_storable(error) else None


def _is_not_storable(error: Exception) -> bool:
    """What psycopg2 says of NUL and of lone surrogates, before it asks Postgres; it has no class for either."""
    text = isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed"
    return text or (isinstance(error, ValueError) and "NUL (0x00)" in str(error))


def install(app: FastAPI) -> None:
    """Have every error of the application answered as a problem."""
    for kind in (Problem, errors.ControlPlaneError, redis.RedisError, exc.SQLAlchemyError, ValueError):
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _answer(_: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if problem is None:
        raise error  # answered and written down where every unforeseen error is
    return problem.response()


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(found["loc"][0] == "path" for found in error.errors()):
        return NotFound().response()
    listed = [_listed(found) for found in error.errors()[:_MOST_ERRORS]]
    return Invalid("See errors.", errors=listed).response()


def _listed(found: Any) -> dict[str, str]:
    """Where and what; never the value itself, which may be a secret."""
    at = ".".join(str(part) for part in found["loc"])
    return {"at": storable(at), "message": storable(found["msg"])}


def storable(text: str) -> str:
    """Text that can be sent: without lone surrogates."""
    return text.encode("utf-8", "replace").decode()


async def _http(request: Request, error: Exception) -> Response:
    """What FastAPI and Starlette raise themselves."""
    assert isinstance(error, HTTPException)
    if error.status_code == MethodNotAllowed.status:
        return MethodNotAllowed(headers={"Allow": ", ".join(_methods(request))}).response()
    for kind in problems.kinds().values():
        if kind.status == error.status_code and kind is not Problem:
            return kind().response()
    return _Other(error.status_code, str(error.detail), error.headers).response()


class _Other(Problem):
    """A status that has no type of its own."""

    slug, title = "other", "The request cannot be served"
    advice = "See `detail`."

    def __init__(self, status: int, detail: str, headers: Any) -> None:
        super().__init__(detail, headers=headers)
        self.status = status  # type: ignore[misc]


def _methods(request: Request) -> list[str]:
    """Every method of that address: Starlette names those of the first route only."""
    path, found = request.scope["path"], set[str]()
    for route in iter_route_contexts(request.app.routes):
        pattern = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(path):
            found |= getattr(route, "methods", None) or set()
    return sorted(found)
