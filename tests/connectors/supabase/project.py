"""How the tests of this folder read a stand-in project, and what they load into it."""

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa

from connectors.protocol import Batch, Cursor, Item, Note, Stream
from connectors.sandbox.postgrest.sandbox import Way
from connectors.supabase.connector import SupabaseConnector

WAYS: tuple[Way, ...] = ("rest", "database")
QUICK = {"requests_per_s": 1000, "timeout_s": 5, "give_up_after_s": 5}


@dataclass
class Pass:
    """What one read gave: items, rows as dicts of texts, the cursor after each item, notes."""

    items: list[Item] = field(default_factory=list)
    rows: list[dict[str, str | None]] = field(default_factory=list)
    cursor: Cursor | None = None

    def ids(self, key: str = "id") -> list[str | None]:
        return [row[key] for row in self.rows]


def read(
    connector: SupabaseConnector,
    stream: Stream,
    cursor: Cursor | None = None,
    *,
    limit: int | None = None,
    stop_after: int | None = None,
) -> Pass:
    result = Pass(cursor=cursor)
    for item in itertools.islice(connector.read(stream, cursor, limit), stop_after):
        result.items.append(item)
        result.cursor = item.cursor
        if isinstance(item, Batch) and item.arrow is not None:
            assert [f.name for f in item.stream.fields] == item.arrow.schema.names
            assert set(item.arrow.schema.types) == {pa.string()}
            result.rows += item.arrow.read_all().to_pylist()
    return result


def numbered(count: int, start: int = 1) -> pa.Table:
    ids = range(start, start + count)
    return pa.table({"id": pa.array(ids, pa.int64()), "name": [f"name {n}" for n in ids]})


def everything() -> pa.Table:
    """Values that are easily spoiled on the way."""
    zone = dt.timezone(dt.timedelta(hours=5, minutes=30))
    return pa.table(
        {
            "id": pa.array([1, 2, 3, 4], pa.int64()),
            "amount": pa.array([Decimal("12345678901234567890.120"), Decimal("-0.001"), None, Decimal(10) ** 20]),
            "ratio": pa.array([0.1, 1e300, None, -2.5], pa.float64()),
            "active": pa.array([True, False, None, True]),
            "day": pa.array([dt.date(2026, 1, 2), dt.date(1, 1, 1), None, dt.date(9999, 12, 31)]),
            "at": pa.array(
                [dt.datetime(2026, 1, 2, 3, 4, 5, 123456, zone), dt.datetime(2026, 1, 2, tzinfo=dt.UTC), None, None],
                pa.timestamp("us", "UTC"),
            ),
            "local": pa.array([dt.datetime(2026, 1, 2, 3, 4, 5), None, None, None], pa.timestamp("us")),
            "text": ["", None, 'quo"te, comma\nline\\N \\. ünï', " spaces "],
            "data": pa.array([b"\x00\xff", b"", None, b"\\x41"], pa.binary()),
            "nested": pa.array([{"a": 1, "b": ["x", None]}, None, {"a": 2, "b": []}, None]),
        }
    )


@dataclass
class Opened:
    """A connector and what it told."""

    connector: SupabaseConnector
    notes: list[Note]

    def stream(self, name: str) -> Stream:
        return next(stream for stream in self.connector.discover() if stream.name == name)

    def codes(self) -> list[str]:
        return [note.code for note in self.notes]


Open = Callable[..., Opened]
