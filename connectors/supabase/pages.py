"""Pages of one query, one after another: how many records to ask for, and what a source may not do.

Grows a page while it is small, shrinks it when it is too large; a page that does not move on is an error at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from connectors.errors import RecordInvalid, SourceUnavailable, StreamMisbehaves
from connectors.protocol import Note
from connectors.supabase.source import ColumnsChanged, Page, PageTooLarge, Query, Session
from connectors.supabase.tables import Table

_FIRST_RECORDS = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """A page, the query that follows it, and whether nothing follows."""

    page: Page
    query: Query
    last: bool


class Pages:
    """Pages of at most `most` records and about `size_bytes`; `refreshed` gives the table as it is now."""

    def __init__(
        self,
        session: Session,
        most: int,
        size_bytes: int,
        refreshed: Callable[[], Table],
        notes: Callable[[Note], None],
    ) -> None:
        self._session = session
        self._most = most
        self._bytes = size_bytes
        self._refreshed = refreshed
        self._notes = notes
        self._records = min(_FIRST_RECORDS, most)
        self._narrowed = False

    def turns(self, query: Query) -> Iterator[Turn]:
        """Every page of the query to its end, at least one. Raises ConnectorError."""
        seen = {query.after} if query.after else set()
        beginning, total, first = query.offset, None, True
        while True:
            page, query = self._page(query)
            total, first = page.total if first else total, False
            found = page.records.num_rows
            last = found == 0 or page.total == found
            if found:
                query = self._advanced(query, page, seen)
                self._adapt(found, page.size_bytes)
            # Without a key only the number of records tells that a source begins again and again.
            if not page.last and total is not None and query.offset - beginning > 2 * total + self._most:
                raise _stuck(query.table)
            yield Turn(page, query, last)
            if last:
                return

    def _page(self, query: Query) -> tuple[Page, Query]:
        while True:
            asked = replace(query, limit=self._records)
            try:
                return self._session.page(asked), asked
            except PageTooLarge:
                if self._records == 1:
                    raise RecordInvalid(
                        "One record is larger than can be taken in.",
                        stream=query.table.name,
                        hint="Leave its large columns out of the selection.",
                    ) from None
                # It grows again: the records after the large ones may be small.
                self._records = max(1, self._records // 4)
            except ColumnsChanged:
                query = self._without_lost_columns(query)

    def _advanced(self, query: Query, page: Page, seen: set[tuple[str, ...]]) -> Query:
        if not page.last:
            return replace(query, offset=query.offset + page.records.num_rows, count=False)
        if page.last in seen:
            raise _stuck(query.table)
        seen.add(page.last)
        return replace(query, after=page.last, count=False)

    def _adapt(self, found: int, size_bytes: int) -> None:
        if found < self._records:
            # The server gives no more than this at a time.
            self._records = self._most = found
            return
        fitting = int(found * self._bytes / max(size_bytes, 1))
        self._records = max(1, min(self._records * 4, self._most, fitting))

    def _without_lost_columns(self, query: Query) -> Query:
        table = self._refreshed()
        names = {column.name for column in table.columns}
        lost = [column.name for column in query.columns if column.name not in names]
        needed = [name for name in (*query.order, query.field) if name and name not in names]
        if needed or not lost or self._narrowed:
            raise SourceUnavailable(
                f"The table changed while it was read{f': {_listed(needed)} is gone' if needed else ''}.",
                stream=query.table.name,
                hint="The next sync reads it in its new shape.",
            )
        self._narrowed = True
        self._notes(
            Note(
                "columns_gone",
                f"{_listed(lost)} is no longer in the table; the rest is read without it.",
                query.table.name,
                "warning",
            )
        )
        kept = tuple(column for column in query.columns if column.name in names)
        return replace(query, table=table, columns=kept)


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _stuck(table: Table) -> StreamMisbehaves:
    return StreamMisbehaves(
        "The source gave a page that it had given before.",
        stream=table.name,
        hint="Reading stopped; what was read until then is kept. Ask the operator of the source.",
    )
