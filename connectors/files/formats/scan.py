"""What a format module returns, and the SQL spelling they share."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.errors import RecordInvalid
from connectors.protocol import Field


@dataclass(frozen=True, slots=True)
class Scan:
    """SQL giving the fields as VARCHAR in file order, what to run before it, and the lines it could not read."""

    fields: tuple[Field, ...]
    sql: str
    prepare: tuple[str, ...] = ()
    rejects: str | None = None


def literal(text: str) -> str:
    """A SQL string."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A SQL name, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def check_names(names: Sequence[str], *, stream: str, origin: str, max_columns: int) -> None:
    """Refuse names that cannot be told apart. Case does not tell names apart: DuckDB's names have none."""
    if len(names) > max_columns:
        raise RecordInvalid(
            f"{origin} has {len(names)} columns; the limit is {max_columns}.",
            stream=stream,
            hint="Check the delimiter, or raise limits.max_columns.",
        )
    unnamed = [position for position, name in enumerate(names, start=1) if not name]
    if unnamed:
        raise RecordInvalid(
            f"The header of {origin} gives no name to column {', '.join(map(str, unnamed[:10]))}.",
            stream=stream,
            hint="Name every column in the file, or set `columns` of the stream to the names to use.",
        )
    counts = Counter(name.lower() for name in names)
    repeated = [name for name in names if counts[name.lower()] > 1]
    if repeated:
        raise RecordInvalid(
            f"The header of {origin} uses names more than once (upper and lower case are the same): "
            f"{', '.join(map(repr, repeated[:10]))}.",
            stream=stream,
            hint="Rename the columns in the file, or set `columns` of the stream to the names to use.",
        )


def positional_names(header: Sequence[str], override: tuple[str, ...] | None, *, stream: str, origin: str) -> list[str]:
    """The names to use: those of the configuration when given, which must then be as many as the columns."""
    if override is None:
        return [name.strip() for name in header]
    if len(override) != len(header):
        raise RecordInvalid(
            f"{origin} has {len(header)} columns, but `columns` of the stream names {len(override)}.",
            stream=stream,
            hint="Give one name for each column.",
        )
    return list(override)
