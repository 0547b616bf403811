"""Keyset pages: a cursor names the last row seen, so rows that come or go in between shift nothing."""

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.problems import Invalid

ItemT = TypeVar("ItemT")
PlaceT = TypeVar("PlaceT")
DEFAULT_LIMIT = 50
MAX_LIMIT = 500
_LONGEST_CURSOR = 2000

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items at most.")]
CursorText = Annotated[
    str | None,
    Query(max_length=_LONGEST_CURSOR, description="`next_cursor` of the page before."),
]


class Page(BaseModel, Generic[ItemT]):
    """Some items in order, and where to go on; `next_cursor` is null on the last page."""

    items: list[ItemT]
    next_cursor: str | None = None


def write_cursor(*place: Any) -> str:
    """A cursor for the values of the last row's ordering columns."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


def read_cursor(text: str | None, length: int) -> list[Any] | None:
    """The values that `write_cursor` was given, still as JSON; None for no cursor. Raises Invalid for other texts."""
    if text is None:
        return None
    try:
        place = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        place = None
    if not isinstance(place, list) or len(place) != length:
        raise Invalid("That is no cursor of this list; begin without one.")
    return place


def read_place(text: str | None, first: type[PlaceT], second: type[UUID]) -> tuple[PlaceT, UUID] | None:
    """A place of a list that is ordered by a text or time and then an id. Raises Invalid as `read_cursor` does."""
    place = read_cursor(text, 2)
    if place is None:
        return None
    try:
        return TypeAdapter(first).validate_python(place[0]), TypeAdapter(second).validate_python(place[1])
    except ValidationError:
        raise Invalid("That is no cursor of this list; begin without one.") from None
