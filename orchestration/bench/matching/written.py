"""Columns as a task writes them down, with values, and as the matcher sees them: with sketches and profiles instead."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb
import pyarrow as pa

from assets.fingerprint.profile import ColumnProfile, profile_sql, read_look
from assets.fingerprint.sketches import Sketch
from assets.mapping.matching.columns import MatchColumn


@dataclass(frozen=True, slots=True)
class Column:
    """One written column; `concept` is the key of what it means. Without values `texts` is None."""

    concept: str
    name: str
    type: str | None
    description: str | None
    table: str | None
    table_description: str | None
    texts: Sequence[str | None] | None = None


def match_columns(columns: Sequence[Column]) -> tuple[MatchColumn, ...]:
    """The columns for the matcher, in their order."""
    texts = {f"c{at}": column.texts for at, column in enumerate(columns) if column.texts is not None}
    looks = _looks(texts) if texts else {}
    return tuple(
        _match_column(column, *looks.get(f"c{at}", (None, None))) for at, column in enumerate(columns)
    )  # fmt: skip


def _match_column(column: Column, profile: ColumnProfile | None, sketch: Sketch | None) -> MatchColumn:
    return MatchColumn(
        column.name, column.type, column.description, None, column.table, column.table_description, sketch, profile
    )  # fmt: skip


_lock = threading.Lock()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})  # tiny queries: threads would only wait for each other


def _looks(texts: Mapping[str, Sequence[str | None]]) -> dict[str, tuple[ColumnProfile, Sketch]]:
    longest = max(len(values) for values in texts.values())
    padded = {name: [*values, *([None] * (longest - len(values)))] for name, values in texts.items()}
    names = list(texts)
    table = pa.table({name: pa.array(values, pa.string()) for name, values in padded.items()})
    with _lock:
        database = _database()
        database.register("written", table)
        rows = database.execute(profile_sql("written", names)).fetchall()
        database.unregister("written")
    return read_look(names, rows)
