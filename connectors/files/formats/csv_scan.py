"""Delimited text: `read_csv` with every option given, so that nothing is sniffed while reading."""

import itertools
from pathlib import Path

from connectors.errors import RecordInvalid
from connectors.files.config import Dialect, Limits
from connectors.files.dialect import parse_rows
from connectors.files.formats.scan import Scan, check_names, identifier, literal, positional_names
from connectors.protocol import Field

_table_number = itertools.count(1)


def csv_scan(
    path: Path,
    sample: str,
    dialect: Dialect,
    *,
    packed: bool,
    whole: bool,
    columns: tuple[str, ...] | None,
    limits: Limits,
    stream: str,
    origin: str,
) -> Scan:
    """The scan of one UTF-8 file. `sample` is its beginning; `whole` when that is all of it.

    Raises:
        RecordInvalid: the header cannot be used.
    """
    names = _names(sample, dialect, whole, columns, stream, origin)
    check_names(names, stream=stream, origin=origin, max_columns=limits.max_columns)
    # Unique for the life of the process: the tables live on the caller's connection until it closes.
    table = f"file_rejects_{next(_table_number)}"
    options = {
        "auto_detect": "false",
        "columns": "{" + ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names) + "}",
        "header": str(dialect.header).lower(),
        "skip": str(dialect.skip_lines),
        "delim": literal(dialect.delimiter),
        "quote": literal(dialect.quote),
        "escape": literal(dialect.escape if dialect.quote else ""),
        "comment": "''",
        # An empty cell is NULL; a quoted empty cell is an empty text.
        "nullstr": "''",
        "allow_quoted_nulls": "false",
        "strict_mode": "true",
        "compression": "'gzip'" if packed else "'none'",
        "hive_partitioning": "false",
        "max_line_size": str(limits.max_line_bytes),
        "buffer_size": str(16 * limits.max_line_bytes),
        "store_rejects": "true",
        "rejects_table": literal(table),
        "rejects_scan": literal(f"{table}_scan"),
    }
    listed = ", ".join(identifier(name) for name in names)
    arguments = ", ".join(f"{option} = {value}" for option, value in options.items())
    # A line with several faults is one rejected record.
    rejects = (
        f"SELECT line::BIGINT AS line, any_value(csv_line) AS raw, "
        f"string_agg(DISTINCT error_type || ': ' || error_message, '; ') AS reason "
        f"FROM {table} GROUP BY line ORDER BY line"
    )
    sql = f"SELECT {listed} FROM read_csv({literal(duckdb_path(path))}, {arguments})"
    return Scan(tuple(Field(name, "text") for name in names), sql, rejects=rejects)


def duckdb_path(path: Path) -> str:
    """The path with the characters escaped that DuckDB would expand."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))


def _names(
    sample: str, dialect: Dialect, whole: bool, columns: tuple[str, ...] | None, stream: str, origin: str
) -> list[str]:
    lines = sample.removeprefix("\ufeff").splitlines(keepends=True)
    body = "".join(lines[dialect.skip_lines :]) if dialect.skip_lines else sample.removeprefix("\ufeff")
    rows = list(itertools.islice(parse_rows(body, dialect, whole=whole), 1000))
    if not rows:
        raise RecordInvalid(
            f"{origin} has no header.", stream=stream, hint="Export it again with a header line, or remove it."
        )
    header, data = (
        (rows[0], rows[1:]) if dialect.header else ([f"column_{i}" for i in range(1, len(rows[0]) + 1)], rows)
    )
    names = positional_names(header, columns, stream=stream, origin=origin)
    widths = {len(row) for row in data}
    if len(data) > 1 and len(widths) == 1 and widths != {len(names)} and widths != {len(names) + 1}:
        raise RecordInvalid(
            f"The header of {origin} has {len(names)} columns, its rows have {widths.pop()}.",
            stream=stream,
            hint="Correct the header, or set `dialect` of the stream to how the file is written.",
        )
    return names
