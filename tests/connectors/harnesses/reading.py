"""How the tests read a source: as the platform does, on a DuckDB connection of their own; what is held after it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import duckdb

from connectors.protocol import Batch, Connector, Cursor, Item, Removed, Stream, Swept

Row = dict[str, str | None]


@dataclass
class Reading:
    """What one pass over one stream gave. `rows` are records, `gone` those a batch says are deleted."""

    items: list[Item] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    cursor: Cursor | None = None
    contents: list[list[tuple[Row, bool]]] = field(default_factory=list)  # of each item: rows, and whether deleted

    @property
    def kinds(self) -> list[str]:
        return [f"{type(item).__name__.lower()}:{item.origin}" for item in self.items]

    @property
    def tuples(self) -> list[tuple[str | None, ...]]:
        return [tuple(row.values()) for row in self.rows]

    def keys(self, key: str) -> list[str]:
        """Keys of the records, as often as they came."""
        return [str(row[key]) for row in self.rows]


def read_stream(
    connector: Connector[Any],
    stream: Stream,
    cursor: Cursor | None = None,
    *,
    stop_after: int | None = None,
    limit: int | None = None,
    between: Callable[[], object] | None = None,
    reading: Reading | None = None,
) -> Reading:
    """Read to the end, or to some item; the iterator is closed then. `between` is called after the first item.

    A `reading` that is given keeps what came also when reading fails.
    """
    reading = reading if reading is not None else Reading(cursor=cursor)
    items = connector.read(stream, cursor, limit)
    try:
        for item in items:
            take(item, reading)
            if between is not None and len(reading.items) == 1:
                between()
            if stop_after is not None and len(reading.items) == stop_after:
                break
    finally:
        if close := getattr(items, "close", None):
            close()
    return reading


def take(item: Item, reading: Reading) -> None:
    """Take in one item, as the runner does before it asks for the next."""
    reading.items.append(item)
    found = _scan(item, reading) if isinstance(item, Batch) else []
    reading.contents.append(found)
    reading.rows += [row for row, deleted in found if not deleted]
    reading.gone += [row for row, deleted in found if deleted]
    reading.cursor = item.cursor


def landed(readings: Iterable[Reading], key: str) -> dict[str, Row]:
    """The records held after these readings, by key; `deleted` rows and ends of sweeps are obeyed."""
    held: dict[str, Row] = {}
    seen: dict[str, set[str]] = {}
    for reading in readings:
        for item, rows in zip(reading.items, reading.contents, strict=True):
            for row, deleted in rows:
                if deleted:
                    held.pop(str(row[key]), None)
                else:
                    held[str(row[key])] = row
            if isinstance(item, Batch) and item.sweep:
                seen.setdefault(item.sweep, set()).update(str(row[key]) for row, _ in rows)
            elif isinstance(item, Swept):
                held = {at: row for at, row in held.items() if at in seen.get(item.sweep, set())}
            elif isinstance(item, Removed):
                raise AssertionError("services have no origins to remove")
    return held


def _scan(batch: Batch, reading: Reading) -> list[tuple[Row, bool]]:
    names = [f.name for f in batch.stream.fields]
    expected = [*names, batch.deleted] if batch.deleted else names
    with duckdb.connect() as connection:
        for statement in batch.prepare:
            connection.execute(statement)
        result = connection.execute(batch.scan) if batch.scan else connection.from_arrow(batch.arrow)
        assert [column[0] for column in result.description] == expected
        assert {str(column[1]) for column in result.description[: len(names)]} <= {"VARCHAR", "STRING"}
        rows = [_row(names, row, bool(batch.deleted)) for row in result.fetchall()]
        if batch.rejects:
            reading.rejects += connection.execute(batch.rejects).fetchall()
    if batch.verify:
        batch.verify()
    return rows


def _row(names: list[str], row: tuple[Any, ...], has_deleted: bool) -> tuple[Row, bool]:
    assert not has_deleted or isinstance(row[-1], bool)
    values = row[:-1] if has_deleted else row
    return dict(zip(names, values, strict=True)), has_deleted and row[-1]
