"""Cursors of lists in the orders that lists of ours have: by a text, by text and id, by time and id, by number."""

from datetime import datetime
from typing import Any
from uuid import UUID

from api.paging import read_cursor
from api.problems import Invalid

_LARGEST = 2**63 - 1


def text_place(cursor: str | None) -> str | None:
    """The last text of the page before. Raises Invalid for what is no cursor of such a list."""
    place = read_cursor(cursor, 1)
    return None if place is None else _text(place[0])


def text_and_id_place(cursor: str | None) -> tuple[str, UUID] | None:
    """The last text and id of the page before. Raises Invalid."""
    place = read_cursor(cursor, 2)
    return None if place is None else (_text(place[0]), _id(place[1]))


def time_and_id_place(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The last time and id of the page before. Raises Invalid."""
    place = read_cursor(cursor, 2)
    return None if place is None else (_time(place[0]), _id(place[1]))


def number_place(cursor: str | None) -> int | None:
    """The last number of the page before. Raises Invalid."""
    place = read_cursor(cursor, 1)
    if place is None:
        return None
    number = place[0]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= _LARGEST:
        raise _no_cursor()
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise _no_cursor()
    return value


def _id(value: Any) -> UUID:
    try:
        return UUID(_text(value))
    except ValueError:
        raise _no_cursor() from None


def _time(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(_text(value))
    except ValueError:
        raise _no_cursor() from None
    if found.tzinfo is None:
        raise _no_cursor()
    return found


def _no_cursor() -> Invalid:
    return Invalid("That is no cursor of this list; begin without one.")
