"""Names and bookkeeping columns of raw tables: one table a connection and stream, every source value as text."""

import hashlib
import re
from collections.abc import Sequence
from uuid import UUID

from connectors.errors import StreamError

RAW_SCHEMA = "raw"

BOOKKEEPING: dict[str, str] = {
    "__record_id": "VARCHAR",  # primary key values joined by U+001F, or a digest of the row when it has no key
    "__key": "UBIGINT",  # 64 bits of md5(__record_id): what joins and deletes go by
    "__hash": "UBIGINT",  # of all source values: tells changed from unchanged
    "__origin": "VARCHAR",  # the file within the source, or ''
    "__batch_id": "VARCHAR",  # grows with every commit of the stream, so the newest version of a key is the greatest
    "__deleted": "BOOLEAN",  # tombstone: deletes are rows too, so insertions are the whole change feed
    "__updated_at": "TIMESTAMPTZ",
}

# Names a raw table cannot have: of DuckLake's and Postgres' own columns where rows are inlined, and of staging's.
_TAKEN = frozenset(
    (
        *("row_id", "begin_snapshot", "end_snapshot", "tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"),
        *("file_row_number", "__twin", "__reason", "__gone"),
    )
)


def raw_table(connection_id: UUID, stream: str) -> str:
    """Table of one stream: readable, unique, and short enough for any catalog."""
    slug = re.sub(r"[^a-z0-9]+", "_", stream.lower()).strip("_")[:40] or "stream"
    digest = hashlib.sha256(stream.encode()).hexdigest()[:8]
    return f"c{connection_id.hex[:12]}_{slug}_{digest}"


def column_names(fields: Sequence[str]) -> dict[str, str]:
    """Source field -> column: the same name, but for the few that the lake keeps for itself."""
    names = {name.casefold() for name in fields}
    columns = {}
    for field in fields:
        column = field
        while column.casefold() in _TAKEN or (column != field and column.casefold() in names):
            column += "_"
        columns[field] = column
    return columns


def raw_columns(fields: Sequence[str]) -> dict[str, str]:
    """Columns of a raw table with their DuckDB types.

    Raises:
        StreamError: a source field has the name of a bookkeeping column.
    """
    taken = [name for name in fields if name.casefold() in BOOKKEEPING]
    if taken:
        raise StreamError(
            f"field {taken[0]!r} has a name that is reserved for bookkeeping",
            hint="rename the field at the source, or leave it out of the stream",
        )
    return dict.fromkeys(fields, "VARCHAR") | BOOKKEEPING
