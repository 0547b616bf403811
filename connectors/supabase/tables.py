"""What a table is to the connector, whichever way it was described: columns, key, cursor field; and its stream.

Knows Postgres's type names; asks nothing of a source.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.protocol import Field, SourceType, Stream

# How a value's text is brought into its canonical form.
Form = Literal["plain", "array", "timestamp", "binary"]

_TYPES: dict[str, SourceType] = {
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "oid": "integer",
    "numeric": "decimal",
    "real": "double",
    "double precision": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamp",
    "time without time zone": "time",
    "time with time zone": "time",
    "json": "json",
    "jsonb": "json",
    "bytea": "binary",
}
# Types without an order of their own: a table without a key cannot be paged by them.
_UNORDERED = re.compile(r"json$|xml|point|line|lseg|box|path|polygon|circle|aclitem|\[\]$")
# Names of the moment of the last change, without punctuation and case: updated_at, lastModifiedDate, date_modified ...
_CHANGED = re.compile(
    r"(last)?(updated?|modif(ied|y)|changed)(at|on|time|date)?|(date|time)(updated|modified|changed)|systemmodstamp"
)
_CURSOR_TYPES = ("timestamp", "date", "integer")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `type` is Postgres's name of the type without its length, such as `numeric` or `text[]`."""

    name: str
    type: str
    nullable: bool = True
    has_default: bool = False
    description: str | None = None

    @property
    def source_type(self) -> SourceType:
        return "json" if self.form == "array" else _TYPES.get(self.type, "text")

    @property
    def form(self) -> Form:
        if self.type.endswith("[]"):
            return "array"
        if self.type.startswith("timestamp"):
            return "timestamp"
        return "binary" if self.type == "bytea" else "plain"

    @property
    def orders(self) -> bool:
        return not _UNORDERED.search(self.type)


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view. `limited` names the role from which row-level security hides rows, if there is one."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    description: str | None = None
    writable: bool = True
    limited: str | None = None

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def cursor_column(table: Table, configured: Mapping[str, str]) -> Column | None:
    """The column that tells when a record last changed: the one set by a person, else one of a plausible name."""
    if not table.primary_key:
        return None
    if table.name in configured:
        chosen = table.column(configured[table.name])
        return chosen if chosen and chosen.source_type in _CURSOR_TYPES else None
    plausible = (
        column
        for column in table.columns
        if column.source_type == "timestamp"
        and _CHANGED.fullmatch(re.sub(r"[^a-z]", "", column.name.lower()))
        and (not column.nullable or column.has_default)
    )
    # One that is always set is the better witness.
    return min(plausible, key=lambda column: column.nullable, default=None)


def stream_of(table: Table, configured: Mapping[str, str]) -> Stream:
    """The table as a stream: incremental where it tells its changes, else read whole with deletes."""
    cursor = cursor_column(table, configured)
    return Stream(
        name=table.name,
        fields=tuple(
            Field(column.name, column.source_type, column.nullable, description=column.description)
            for column in table.columns
        ),
        primary_key=table.primary_key,
        key_origin="declared" if table.primary_key else "none",
        cursor_field=cursor.name if cursor else None,
        mode="incremental" if cursor else "full_with_deletes",
        detects_deletes=cursor is None,
        modes=("incremental", "full", "full_with_deletes") if cursor else ("full", "full_with_deletes"),
        description=table.description,
    )
