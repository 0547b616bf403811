"""Canonical and published rows held against the truth, every value of every mapped field, in SQL.

A target whose source is gone may keep its last value or be empty: both are right, and nothing else is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.drift_play.streams import WorldStream, as_text
from orchestration.resources.sql_text import identifier, literal

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Wrong:
    """Values of one target that are not what is true; `examples` are (record, expected, found)."""

    target: str
    values: int
    examples: tuple[tuple[str, str | None, str | None], ...] = ()


@dataclass(slots=True)
class Comparison:
    """One stream: records that should be there, that are missing, that are there twice or should not be there."""

    records: int = 0
    lost: int = 0
    doubled: int = 0
    surplus: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything is as it should be."""
        return not (self.lost or self.doubled or self.surplus or self.wrong)


def compare(
    streams: Sequence[WorldStream], targets: Mapping[int, Iterable[str]], found: pa.Table, held: Iterable[str] = ()
) -> dict[int, Comparison]:
    """By number of the stream. `found` has `record_id` and the entity's columns; all streams are of that entity.

    `held`: records that are kept out of the rows on purpose; they are not looked at.
    """
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        every = sorted({target for stream in streams for target in targets[stream.number]})
        database.register("truth", _truth_table(streams, targets, every))
        database.register("found_rows", found)
        database.register("held", pa.table({"record_id": pa.array(list(held), pa.string())}))
        database.execute("CREATE TABLE seen AS SELECT * FROM found_rows ANTI JOIN held USING (record_id)")
        database.execute("CREATE TABLE due AS SELECT * FROM truth ANTI JOIN held USING (record_id)")
        made = {stream.number: Comparison() for stream in streams}
        _count_records(database, made)
        for target in every:
            _compare_target(database, made, target)
        return made


def _truth_table(
    streams: Sequence[WorldStream], targets: Mapping[int, Iterable[str]], every: Sequence[str]
) -> pa.Table:
    ids, numbers, live = [], [], []
    columns: dict[str, list[str | None]] = {name: [] for target in every for name in (target, f"{target} or")}
    checked: dict[str, list[bool]] = {target: [] for target in every}
    for stream in streams:
        wanted = set(targets[stream.number])
        for key in stream.ever():
            record = stream.records.get(key)
            told: Mapping[str, Any] = stream.truth(key) if record else {}
            ids.append(key)
            numbers.append(stream.number)
            live.append(record is not None)
            for target in every:
                text = as_text(told.get(target))
                columns[target].append(text)
                columns[f"{target} or"].append(None if target in stream.lost else text)
                checked[target].append(target in wanted)
    texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    flags = {f"{target} ?": pa.array(values, pa.bool_()) for target, values in checked.items()}
    return pa.table({"record_id": pa.array(ids, pa.string()), "stream": numbers, "live": live, **texts, **flags})


def _count_records(database: duckdb.DuckDBPyConnection, made: Mapping[int, Comparison]) -> None:
    counted = database.execute(
        "SELECT stream, count(*) FILTER (live), count(*) FILTER (live AND n IS NULL), "
        "coalesce(sum(n - 1) FILTER (n > 1), 0), count(*) FILTER (NOT live AND n IS NOT NULL) "
        "FROM due LEFT JOIN (SELECT record_id, count(*) AS n FROM seen GROUP BY 1) USING (record_id) GROUP BY 1"
    )
    for number, records, lost, doubled, surplus in counted.fetchall():
        one = made[number]
        one.records, one.lost, one.doubled, one.surplus = records, lost, int(doubled), surplus


def _compare_target(database: duckdb.DuckDBPyConnection, made: Mapping[int, Comparison], target: str) -> None:
    name = identifier(target)
    row = database.execute(
        f"SELECT data_type FROM duckdb_columns() WHERE table_name = 'seen' AND column_name = {literal(target)}"
    )
    found = row.fetchone()
    kind = found[0] if found else "VARCHAR"
    value = f"s.{name}" if found else "NULL"
    pairs = (
        f"SELECT stream, record_id, d.{name} AS expected, {value}::VARCHAR AS value, "
        f"{value} IS NOT DISTINCT FROM d.{name}::{kind} "
        f"OR {value} IS NOT DISTINCT FROM d.{identifier(f'{target} or')}::{kind} AS is_right "
        f"FROM due d JOIN seen s USING (record_id) WHERE live AND d.{identifier(f'{target} ?')}"
    )
    wrong = database.execute(
        f"SELECT stream, count(*), list([record_id, expected, value] ORDER BY record_id)[:{EXAMPLES}] "
        f"FROM ({pairs}) WHERE NOT is_right GROUP BY 1"
    )
    for number, count, examples in wrong.fetchall():
        shown = tuple((str(one[0]), one[1], one[2]) for one in examples)
        made[number].wrong.append(Wrong(target, count, shown))
