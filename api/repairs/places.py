"""The places that cursors of the repair loop's lists name. What is no such place is refused, never asked for."""

from datetime import datetime
from uuid import UUID

from api.paging import read_cursor
from api.problems import Invalid

_MOST = 2**31 - 1


def moment_and_id(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Of a list by time. Raises Invalid."""
    place = read_cursor(cursor, 2)
    return None if place is None else (_moment(place[0]), _uuid(place[1]))


def rank_moment_and_id(cursor: str | None) -> tuple[int, datetime, UUID] | None:
    """Of a list by rank, then time. Raises Invalid."""
    place = read_cursor(cursor, 3)
    return None if place is None else (_number(place[0]), _moment(place[1]), _uuid(place[2]))


def id_and_name(cursor: str | None) -> tuple[UUID, str] | None:
    """Of a list by connection and stream. Raises Invalid."""
    place = read_cursor(cursor, 2)
    return None if place is None else (_uuid(place[0]), str(place[1]))


def number(cursor: str | None) -> int | None:
    """Of a list of versions. Raises Invalid."""
    place = read_cursor(cursor, 1)
    return None if place is None else _number(place[0])


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise _refused() from None
    if moment.tzinfo is None:
        raise _refused()
    return moment


def _uuid(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise _refused() from None


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise _refused()
    return value


def _refused() -> Invalid:
    return Invalid("That is no cursor of this list; begin without one.")
