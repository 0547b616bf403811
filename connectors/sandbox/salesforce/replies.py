"""Answers in the service's own shapes: errors, limits, JSON with exact numbers. Knows no endpoint."""

import gzip
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import orjson
from starlette.responses import Response


class ApiError(Exception):
    """An error the service answers with: a status, its code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        return json_response([{"message": self.message, "errorCode": self.code}], self.status)


def json_response(content: Any, status: int = 200) -> Response:
    """JSON as the service writes it; numbers given as `exact` keep their digits."""
    return Response(orjson.dumps(content), status, media_type="application/json;charset=UTF-8")


def exact(text: str) -> orjson.Fragment:
    """A number or truth value that is sent digit by digit as it stands."""
    return orjson.Fragment(text.encode())


def finish(response: Response, now: datetime, used: int, limit: int, accepts_gzip: bool) -> Response:
    """Add what every answer carries, and pack the body when the client takes that."""
    response.headers["date"] = format_datetime(now, usegmt=True)
    response.headers["sforce-limit-info"] = f"api-usage={used}/{limit}"
    if accepts_gzip and len(response.body) > 1024:
        response.body = gzip.compress(bytes(response.body), 1)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
    return response
