"""Columns to match, read from a file: .csv or .parquet with values, .json with what is known about each column.

Values become sketches and profiles here and go no further. Of a big file its first rows speak for all.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from assets.fingerprint.profile import profile_sql, read_look, sample_size
from assets.mapping.matching.columns import MatchColumn
from connectors.errors import ConnectorError
from connectors.files.dialect import detect_dialect, parse_rows
from connectors.files.encoding import detect_encoding
from orchestration.resources.sql_text import identifier, literal

MOST_COLUMNS: Final = 5_000
_HEAD_BYTES: Final = 8_000_000  # of a .csv: enough for 10,000 rows of most
_JSON_BYTES: Final = 200_000_000
_FORMS: Final = (
    '[{"name", "type"?, "description"?, "values"?}], {"columns": [...]} or {"tables": [{"name", "columns"}]}'
)


class ColumnsUnreadable(Exception):
    """No columns could be read from the file. Fields: what is wrong, and what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message, self.hint = message, hint


def read_columns(path: Path) -> list[MatchColumn]:
    """The columns of the file in its order, named exactly as there. Raises ColumnsUnreadable."""
    readers = {".csv": _from_csv, ".tsv": _from_csv, ".txt": _from_csv, ".parquet": _from_parquet, ".json": _from_json}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ColumnsUnreadable(f"{path.name} is none of .csv, .parquet and .json.", "Convert it first.")
    if not path.is_file():
        raise ColumnsUnreadable(f"There is no file {path}.", "Check the path.")
    if not path.stat().st_size:
        raise ColumnsUnreadable(f"{path.name} is empty.", "Give a file with column names.")
    try:
        columns = reader(path)
    except OSError as error:
        raise ColumnsUnreadable(f"{path.name} cannot be read: {error.strerror or error}.") from error
    _check(path, columns)
    return columns


def _check(path: Path, columns: Sequence[MatchColumn]) -> None:
    if not columns:
        raise ColumnsUnreadable(f"{path.name} holds no columns.", "Give a file with column names.")
    if len(columns) > MOST_COLUMNS:
        raise ColumnsUnreadable(
            f"{path.name} holds {len(columns):,} columns; {MOST_COLUMNS:,} are the most.", "Split the file."
        )
    blank = [at for at, column in enumerate(columns, start=1) if not column.name.strip()]
    if blank:
        raise ColumnsUnreadable(f"Column {blank[0]} of {path.name} has no name.", "Name every column.")
    twice = [name for name, count in Counter(column.qualified for column in columns).items() if count > 1]
    if twice:
        raise ColumnsUnreadable(
            f"{path.name} holds more than one column named {twice[0]!r}.", "Rename one: answers go by names."
        )


def _from_csv(path: Path) -> list[MatchColumn]:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    whole = len(head) == path.stat().st_size
    try:
        encoding = detect_encoding(head if whole else head[:-4], (), stream=path.stem, origin=path.name)
        text = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    except ConnectorError as error:
        raise ColumnsUnreadable(f"{path.name} is no text file.", "Save it as CSV in UTF-8.") from error
    dialect = detect_dialect(text[:1_000_000], whole=whole and len(text) <= 1_000_000)
    rows = parse_rows(text.lstrip("\r\n"), dialect, whole=whole)
    names = next(rows, [])
    if not dialect.header:
        raise ColumnsUnreadable(f"The first row of {path.name} holds values, not names.", "Put a row of names first.")
    wanted, values = sample_size(len(names)), []
    for row in rows:
        values.append([*row[: len(names)], *[None] * (len(names) - len(row))])
        if len(values) == wanted:
            break
    texts = {at: [row[at] for row in values] for at in range(len(names))}
    return _with_values([MatchColumn(name) for name in names], texts)


def _from_parquet(path: Path) -> list[MatchColumn]:
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ColumnsUnreadable(f"{path.name} is no readable Parquet file.", "Write it again.") from error
    if len(names) != len(set(names)):
        return [MatchColumn(name) for name in names]  # refused with the name that is there twice
    with duckdb.connect() as connection:
        file = f"read_parquet({literal(str(path))})"
        types = connection.execute(f"DESCRIBE SELECT * FROM {file}").fetchall()
        columns = [MatchColumn(name, str(row[1])) for name, row in zip(names, types, strict=True)]
        texts = ", ".join(f"CAST({identifier(str(row[0]))} AS VARCHAR) AS c{at}" for at, row in enumerate(types))
        limit = sample_size(len(names))
        return _looked_at(connection, columns, f"(SELECT {texts} FROM {file} LIMIT {limit})")


def _from_json(path: Path) -> list[MatchColumn]:
    if path.stat().st_size > _JSON_BYTES:
        raise ColumnsUnreadable(f"{path.name} is larger than {_JSON_BYTES // 1_000_000} MB.", "Give fewer values.")
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ColumnsUnreadable(f"{path.name} is no JSON document in UTF-8.", f"It should be {_FORMS}.") from error
    tables = document.get("tables") if isinstance(document, dict) else None
    if isinstance(tables, list):
        parts = [(part, _text(part, "name"), _text(part, "description")) for part in tables if isinstance(part, dict)]
        return [column for part, name, about in parts for column in _entries(path, part.get("columns"), name, about)]
    return _entries(path, document.get("columns") if isinstance(document, dict) else document, None, None)


def _entries(path: Path, entries: object, table: str | None, about: str | None) -> list[MatchColumn]:
    if not isinstance(entries, list):
        raise ColumnsUnreadable(f"{path.name} holds no list of columns.", f"It should be {_FORMS}.")
    columns: list[MatchColumn] = []
    texts: dict[int, list[str | None]] = {}
    for at, entry in enumerate(entries):
        described = {"name": entry} if isinstance(entry, str) else entry
        if not isinstance(described, dict) or not isinstance(described.get("name"), str):
            raise ColumnsUnreadable(f"Column {at + 1} of {path.name} has no name.", f"It should be {_FORMS}.")
        values = described.get("values")
        if isinstance(values, list) and values:
            texts[at] = [_value(value) for value in values[: sample_size(len(entries))]]
        columns.append(
            MatchColumn(
                described["name"], _text(described, "type"), _text(described, "description"),
                _text(described, "label"), table or _text(described, "table"),
                about or _text(described, "table_description"), is_key=described.get("key") is True,
            )
        )  # fmt: skip
    return _with_values(columns, texts)


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return value if isinstance(value, str) and value.strip() else None


def _value(value: object) -> str | None:
    """A JSON value as the text that a file would hold."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _with_values(columns: list[MatchColumn], texts: Mapping[int, Sequence[str | None]]) -> list[MatchColumn]:
    """The columns with figures about the texts of those, by position, that have any."""
    if not any(texts.values()):
        return columns
    longest = max(map(len, texts.values()))
    arrays = [pa.array([*values, *[None] * (longest - len(values))], pa.string()) for values in texts.values()]
    with duckdb.connect() as connection:
        connection.register("texts", pa.table(arrays, names=[f"c{at}" for at in range(len(arrays))]))
        looked = _looked_at(connection, [columns[at] for at in texts], "texts")
    found = dict(zip(texts, looked, strict=True))
    return [found.get(at, column) for at, column in enumerate(columns)]


def _looked_at(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[MatchColumn], relation: str
) -> list[MatchColumn]:
    names = [f"c{at}" for at in range(len(columns))]
    looks = read_look(names, connection.execute(profile_sql(relation, names)).fetchall())
    return [
        replace(column, profile=looks[name][0], sketch=looks[name][1]) if looks[name][0].non_null else column
        for name, column in zip(names, columns, strict=True)
    ]
