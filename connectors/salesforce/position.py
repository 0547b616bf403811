"""Where a stream stands: between two reads, or inside one. Kept as the JSON cursor; asks nothing.

Between reads only `since` is kept: the service's time when the last read began. Inside a read the window is fixed, so
that pages do not move: `window` goes through (`start`, `end`] by cursor field and Id, `full` and `sweep` by Id.
"""

from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid4

from connectors.protocol import Cursor, Stream

Kind = Literal["window", "full", "sweep"]
RECYCLE_BIN = timedelta(days=15)  # how long deleted records can be asked for
_KINDS: dict[str, tuple[Kind, ...]] = {
    "incremental": ("window", "sweep"),
    "full": ("full",),
    "full_with_deletes": ("sweep",),
}


@dataclass(frozen=True, slots=True)
class Position:
    """A place inside a read. `job`, `locator` and `skip` say where in a bulk result, while that lives."""

    kind: Kind
    end: str  # the service's time when the read began
    start: str | None = None
    after: tuple[str, ...] = ()  # cursor value and Id of the last record, or its Id alone
    sweep: str | None = None
    job: str | None = None
    shape: str | None = None  # what the job was asked for
    locator: str = ""
    skip: int = 0  # records of the page at the locator that are committed

    def cursor(self) -> Cursor:
        """As stored; empty parts left out."""
        kept = {name: value for name, value in asdict(self).items() if value not in (None, "", (), 0)}
        return kept | ({"after": list(self.after)} if self.after else {})

    def finished(self) -> Cursor:
        """As stored once the read is over."""
        return {"since": self.end}

    def moved(self, after: tuple[str, ...]) -> "Position":
        """The same read after another record, outside of any job."""
        return replace(self, after=after, job=None, shape=None, locator="", skip=0)


def begin(stream: Stream, cursor: Cursor | None, now: datetime, look_back_s: float) -> tuple[Position, bool]:
    """The read to go on with or to start, and whether deletes since the cursor can no longer be asked for."""
    resumed = _resumed(cursor)
    if resumed and resumed.kind in _KINDS.get(stream.mode, ()):
        if resumed.kind == "window" and _too_old(stream, resumed.start, now):
            return _sweep(now), True
        return resumed, False
    since = (cursor or {}).get("since")
    if stream.mode == "full":
        return Position("full", _text(now)), False
    if stream.mode == "full_with_deletes" or stream.cursor_field is None:
        return _sweep(now), False
    if since is None:
        return Position("window", _text(now)), False
    start = _text(datetime.fromisoformat(since) - timedelta(seconds=look_back_s))
    if _too_old(stream, start, now):
        return _sweep(now), True
    return Position("window", _text(now), start), False


def _too_old(stream: Stream, start: str | None, now: datetime) -> bool:
    """The look-back counts too: what was deleted in it must still be there."""
    return stream.detects_deletes and start is not None and datetime.fromisoformat(start) < now - RECYCLE_BIN


def _resumed(cursor: Cursor | None) -> Position | None:
    if not cursor or "kind" not in cursor:
        return None
    known = {one.name for one in fields(Position)}
    given = {name: value for name, value in cursor.items() if name in known}
    return Position(**{**given, "after": tuple(given.get("after", ()))})


def _sweep(now: datetime) -> Position:
    return Position("sweep", _text(now), sweep=uuid4().hex)


def _text(moment: datetime) -> str:
    whole = moment.astimezone(UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{whole.microsecond // 1000:03d}Z"
