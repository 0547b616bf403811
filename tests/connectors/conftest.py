"""How the tests read a source: as the platform does, on a DuckDB connection of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pytest

from connectors.protocol import Batch, Connector, Cursor, Removed, Stream, Unchanged


@dataclass
class Reading:
    """What one pass over one stream gave."""

    items: list[Batch | Unchanged | Removed] = field(default_factory=list)
    rows: list[dict[str, str | None]] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    cursor: Cursor | None = None

    @property
    def kinds(self) -> list[str]:
        return [f"{type(item).__name__.lower()}:{item.origin}" for item in self.items]

    @property
    def tuples(self) -> list[tuple[str | None, ...]]:
        return [tuple(row.values()) for row in self.rows]


def read_stream(
    connector: Connector[Any], stream: Stream, cursor: Cursor | None = None, *, stop_after: int | None = None
) -> Reading:
    reading = Reading(cursor=cursor)
    items = connector.read(stream, cursor)
    for item in items:
        reading.items.append(item)
        if isinstance(item, Batch):
            _scan(item, reading)
        reading.cursor = item.cursor
        if stop_after is not None and len(reading.items) == stop_after:
            break
    return reading


def _scan(batch: Batch, reading: Reading) -> None:
    names = [f.name for f in batch.stream.fields]
    with duckdb.connect() as connection:
        for statement in batch.prepare:
            connection.execute(statement)
        result = connection.execute(batch.scan) if batch.scan else connection.from_arrow(batch.arrow)
        assert [column[0] for column in result.description] == names
        assert {str(column[1]) for column in result.description} <= {"VARCHAR", "STRING"}
        reading.rows += [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        if batch.rejects:
            reading.rejects += connection.execute(batch.rejects).fetchall()
    if batch.verify:
        batch.verify()


@pytest.fixture
def read() -> Callable[..., Reading]:
    """Read one stream to its end, or to some item."""
    return read_stream
