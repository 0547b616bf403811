"""What both ways into a Supabase project offer: its tables, pages of one table, and what the credentials may do.

`rest` and `database` implement `Source`; `reading` asks for pages of it.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from connectors.protocol import Grants
from connectors.supabase.tables import Column, Table


@dataclass(frozen=True, slots=True)
class Query:
    """A page to fetch, in ascending order of `order`, after the record whose order values are `after`.

    `field` bounds it to `low < field <= high` (raw Postgres texts, None: open) or, with `absent`, to records without
    it. Without a key `order` is every column that can be ordered by, and `offset` says where to go on.
    """

    table: Table
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    limit: int
    after: tuple[str, ...] | None = None
    offset: int = 0
    field: str | None = None
    low: str | None = None
    high: str | None = None
    absent: bool = False
    count: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Records in canonical text. `last` has the last record's order values as Postgres writes them.

    `total` is how many records the query has without its limit, where that was asked and could be told.
    """

    records: pa.RecordBatch
    last: tuple[str, ...]
    size_bytes: int
    total: int | None = None


class PageTooLarge(Exception):
    """The page is larger than memory allows: ask for fewer records."""


class ColumnsChanged(Exception):
    """A column that was asked for is no longer there, or its values no longer compare with those read before."""


class PastTheEnd(Exception):
    """The table has become shorter than the position asked for."""


class DescriptionRefused(Exception):
    """The Data API answers, but its list of tables is not for this key."""


class Session(Protocol):
    """One stream being read, by one thread."""

    def page(self, query: Query) -> Page:
        """Raises PageTooLarge, ColumnsChanged, ConnectorError."""
        ...

    def newest(self, field: Column) -> tuple[str | None, datetime]:
        """The highest value of the field as Postgres writes it, and the source's clock (UTC)."""
        ...

    def total(self) -> int | None:
        """How many records the table has now; None where that is not checked or takes too long."""
        ...


class Source(Protocol):
    """One way in."""

    def check(self) -> None: ...

    def tables(self) -> list[Table]:
        """Tables and views of the configured schema that may be read, by name."""
        ...

    def table(self, name: str) -> Table:
        """One table as it is now. Raises StreamGone."""
        ...

    def grants(self) -> Grants: ...

    def session(self, table: Table) -> AbstractContextManager[Session]: ...

    def forget(self) -> None:
        """Describe tables anew when next asked."""
        ...

    def close(self) -> None: ...
