"""Parquet: types come from the file, values become text without loss.

Timestamps with a zone are written in UTC with `+00:00`, nested values as JSON, bytes as base64, decimals and
integers digit for digit, floating point in the shortest form that reads back the same.
"""

from pathlib import Path

import duckdb

from connectors.errors import RecordInvalid
from connectors.files.config import Limits
from connectors.files.formats.csv_scan import duckdb_path
from connectors.files.formats.scan import Scan, check_names, identifier, literal, positional_names
from connectors.protocol import Field, SourceType

_TYPES: dict[str, SourceType] = {
    "BOOLEAN": "boolean", "TINYINT": "integer", "SMALLINT": "integer", "INTEGER": "integer", "BIGINT": "integer",
    "HUGEINT": "integer", "UTINYINT": "integer", "USMALLINT": "integer", "UINTEGER": "integer", "UBIGINT": "integer",
    "FLOAT": "double", "DOUBLE": "double", "VARCHAR": "text", "UUID": "text", "DATE": "date", "TIME": "time",
    "TIME_NS": "time", "TIME WITH TIME ZONE": "time", "TIMESTAMP": "timestamp", "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP_MS": "timestamp", "TIMESTAMP_S": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamp", "BLOB": "binary",
    "JSON": "json",
}  # fmt: skip


def parquet_scan(path: Path, columns: tuple[str, ...] | None, *, limits: Limits, stream: str, origin: str) -> Scan:
    """The scan of one file.

    Raises:
        RecordInvalid: not a Parquet file, or its columns cannot be told apart.
    """
    source = f"read_parquet({literal(duckdb_path(path))}, hive_partitioning = false, union_by_name = false)"
    try:
        with duckdb.connect() as connection:
            described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
            header = _top_level_names(connection, path)
    except duckdb.Error as error:
        raise RecordInvalid(
            f"{origin} is not a readable Parquet file.",
            stream=stream,
            hint="Export or copy it again.",
            detail=str(error),
        ) from error
    names = positional_names([name for name, _ in header], columns, stream=stream, origin=origin)
    check_names(names, stream=stream, origin=origin, max_columns=limits.max_columns)
    types = [str(row[1]) for row in described]
    fields = tuple(
        Field(name, _source_type(declared), nullable)
        for name, declared, (_, nullable) in zip(names, types, header, strict=True)
    )
    aliases = [f"c{position}" for position in range(len(names))]
    listed = ", ".join(
        f"{_text(alias, declared)} AS {identifier(name)}"
        for alias, declared, name in zip(aliases, types, names, strict=True)
    )
    return Scan(fields, f"SELECT {listed} FROM {source} AS source({', '.join(aliases)})")


def _top_level_names(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[str, bool]]:
    """The columns as the file names them (DuckDB renames those differing by case only), and which may be null."""
    rows = connection.execute(
        f"SELECT name, repetition_type, num_children FROM parquet_schema({literal(duckdb_path(path))})"
    ).fetchall()
    found: list[tuple[str, bool]] = []

    def skip(position: int) -> int:
        """The position after the element and everything below it."""
        children = rows[position][2] or 0
        position += 1
        for _ in range(children):
            position = skip(position)
        return position

    position = 1
    while position < len(rows):
        found.append((rows[position][0], rows[position][1] != "REQUIRED"))
        position = skip(position)
    return found


def _source_type(declared: str) -> SourceType:
    if declared.startswith("DECIMAL"):
        return "decimal"
    if _is_nested(declared):
        return "json"
    return _TYPES.get(declared, "text")


def _is_nested(declared: str) -> bool:
    return declared.endswith("]") or declared.startswith(("STRUCT", "MAP", "UNION", "VARIANT"))


def _text(column: str, declared: str) -> str:
    """SQL that turns a column of this type into text without loss."""
    if declared == "TIMESTAMP WITH TIME ZONE":
        # Not a plain cast: that would write the zone of whoever runs the scan.
        return f"replace(CAST({column} AT TIME ZONE 'UTC' AS VARCHAR), ' ', 'T') || '+00:00'"
    if declared.startswith("TIMESTAMP"):
        return f"replace(CAST({column} AS VARCHAR), ' ', 'T')"
    if declared == "BLOB":
        return f"base64({column})"
    if _is_nested(declared):
        return f"CAST(to_json({column}) AS VARCHAR)"
    return f"CAST({column} AS VARCHAR)"
