"""One read of one stream: where it begins, over which transport, and what is handed out with which cursor."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa

from connectors.errors import StreamMisbehaves, Timeout
from connectors.protocol import Batch, Cursor, Item, Note, Stream, Swept, Unchanged
from connectors.salesforce.bulk_pages import BulkResult
from connectors.salesforce.client import MIB, Org
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.failures import BulkRefused, FieldRefused, PagesLost
from connectors.salesforce.objects import DELETED_FIELD, described
from connectors.salesforce.position import Position, begin
from connectors.salesforce.rest_pages import Page, rest_pages
from connectors.salesforce.soql import columns_of, count_query, fits_url, page_query, with_archived
from connectors.salesforce.values import DELETED, canonical

_MOST_RESTARTS = 5  # in one read without a page between them


class Reading:
    """The state of one read."""

    def __init__(self, org: Org, config: SalesforceConfig, notes: Callable[[Note], None], stream: Stream) -> None:
        self._org = org
        self._config = config
        self._notes = notes
        self._stream = stream
        self._known = (
            frozenset(field.name for field in stream.fields)
            | {"Id"}
            | ({stream.cursor_field} if stream.cursor_field else set())
        )
        if stream.detects_deletes and stream.cursor_field:
            self._known |= {DELETED_FIELD}
        self._bulk_refused = False
        self._counted: int | None = None  # records after the position the read is at, once asked for

    def items(self, cursor: Cursor | None) -> Iterator[Item]:
        """Everything since the cursor. Raises ConnectorError."""
        position = self._begin(cursor)
        restarts, finished = 0, False
        while True:
            try:
                for batch, reached in self._batches(position):
                    yield batch
                    position, finished, restarts = reached, batch.cursor == reached.finished(), 0
                break
            except (FieldRefused, PagesLost, BulkRefused) as error:
                restarts += 1
                if restarts > _MOST_RESTARTS:
                    raise _restless(self._stream.name) from None
                position = self._recovered(error, position)
        if position.sweep:
            yield Swept(self._stream, "", position.finished(), position.sweep)
        elif not finished:
            yield Unchanged(self._stream, "", position.finished())

    def _begin(self, cursor: Cursor | None) -> Position:
        """Where to start. The org's own clock decides: it comes with the count, so that no call is spent on it."""
        look_back_s = self._config.look_back_s
        planned, _ = begin(self._stream, cursor, datetime.now(UTC), look_back_s)
        now = self._org.server_time() if planned.job else self._count(planned)
        position, lost = begin(self._stream, cursor, now, look_back_s)
        if (position.kind, position.start, position.after) != (planned.kind, planned.start, planned.after):
            self._counted = None
        if lost:
            self._notes(
                Note(
                    "history_lost",
                    "The last sync is so long ago that Salesforce no longer tells what was deleted since: "
                    "everything is read again.",
                    self._stream.name,
                    "warning",
                )
            )
        return position

    def _count(self, position: Position) -> datetime:
        """Note how many records come after the position, and return the org's time."""
        path = "queryAll" if self._asks_all(position) else "query"
        try:
            answer, now = self._org.get_dated(path, self._stream.name, {"q": count_query(self._stream, position)})
        except Timeout:
            self._counted = self._config.bulk_from_records  # too much even to count in time
            return self._org.server_time()
        except StreamMisbehaves:
            # Some objects answer queries but no COUNT(): none of them is large.
            self._counted = 1
            return self._org.server_time()
        self._counted = int(answer["totalSize"])
        return now

    def _with_deleted(self, position: Position) -> bool:
        """Also from the start: of a stream read anew, such as for a new field, records may be known that are gone now.

        A full read deletes what it has not met.
        """
        return position.kind == "window" and self._stream.detects_deletes

    def _asks_all(self, position: Position) -> bool:
        return self._with_deleted(position) or with_archived(self._stream, position)

    def _batches(self, position: Position) -> Iterator[tuple[Batch, Position]]:
        """Batches with the position each reaches."""
        if self._counted == 0:
            return
        columns = columns_of(self._stream, self._known)
        with_deleted = self._with_deleted(position)
        soql = page_query(self._stream, columns, position)
        # A job's result is handed out only to the version of the API that asked for it.
        asked = " ".join((self._config.api_version, *columns))
        shape = hashlib.sha256(asked.encode()).hexdigest()[:16]
        if not self._in_bulk(position, soql):
            most = self._config.limits.batch_records
            pages = rest_pages(self._org, self._stream.name, soql, columns, self._asks_all(position), most)
            yield from self._gathered(pages, position, with_deleted)
            return
        yield from self._bulk_batches(position, soql, columns, with_deleted, shape)

    def _in_bulk(self, position: Position, soql: str) -> bool:
        """Much, or more columns than a URL holds; a bulk read that was begun goes on as one."""
        if self._bulk_refused:
            return False
        if position.job or not fits_url(soql):
            return True
        if self._counted is None:
            self._count(position)
        return (self._counted or 0) >= self._config.bulk_from_records

    def _bulk_batches(
        self, position: Position, soql: str, columns: tuple[str, ...], with_deleted: bool, shape: str
    ) -> Iterator[tuple[Batch, Position]]:
        name, limits = self._stream.name, self._config.limits
        if position.job and position.shape == shape:
            result = BulkResult(self._org, name, position.job)
        else:
            if position.job:
                BulkResult(self._org, name, position.job).discard()
            result = BulkResult.ask(self._org, name, soql, self._asks_all(position))
            position = replace(position.moved(position.after), job=result.job, shape=shape)
        keep = False
        try:
            result.wait(limits.bulk_wait_s)
            pages = result.pages(columns, position.locator, position.skip, limits.batch_records, limits.batch_mib * MIB)
            for batch, reached in self._gathered(pages, position, with_deleted):
                # Once a batch is out its cursor names the job: a later run can go on with the result.
                keep = reached.job is not None
                yield batch, reached
        finally:
            if not keep:
                result.discard()

    def _gathered(
        self, pages: Iterator[Page], position: Position, with_deleted: bool
    ) -> Iterator[tuple[Batch, Position]]:
        """Pages put together as long as they fit into one batch."""
        waiting: list[Page] = []
        for page in pages:
            if any(one.table.num_rows for one in waiting) and self._filling([*waiting, page]) > 1:
                batch, position = self._batch(waiting, position, with_deleted)
                yield batch, position
                waiting = []
            waiting.append(page)
            if self._filling(waiting) >= 1:
                batch, position = self._batch(waiting, position, with_deleted)
                yield batch, position
                waiting = []
        if any(one.table.num_rows for one in waiting):
            yield self._batch(waiting, position, with_deleted)

    def _filling(self, pages: list[Page]) -> float:
        """How full these pages make a batch; 1 is full."""
        limits = self._config.limits
        rows = sum(page.table.num_rows for page in pages)
        size = sum(page.table.nbytes for page in pages)
        return float(max(rows / limits.batch_records, size / (limits.batch_mib * MIB)))

    def _advanced(self, position: Position, table: pa.Table, page: Page) -> Position:
        row = table.slice(table.num_rows - 1).to_pylist()[0]
        cursor_value = str(row.get(self._stream.cursor_field or "") or "").replace("+0000", "Z")
        after = (cursor_value, str(row["Id"])) if position.kind == "window" else (str(row["Id"]),)
        if position.job and not page.last:
            return replace(position, after=after, locator=page.locator, skip=page.skip)
        return position.moved(after)

    def _batch(self, pages: list[Page], position: Position, with_deleted: bool) -> tuple[Batch, Position]:
        table = pa.concat_tables(page.table for page in pages)
        reached = self._advanced(position, table, pages[-1])
        done = pages[-1].last and not reached.sweep
        batch = Batch(
            self._stream,
            "",
            reached.finished() if done else reached.cursor(),
            None,
            arrow=canonical(table, self._stream, with_deleted).to_reader(),
            delta=True,
            deleted=DELETED if with_deleted else None,
            sweep=reached.sweep,
        )
        return batch, reached

    def _recovered(self, error: FieldRefused | PagesLost | BulkRefused, position: Position) -> Position:
        """Where to go on after an answer that only another question helps with."""
        if isinstance(error, FieldRefused):
            self._drop_invisible_fields()
        elif isinstance(error, BulkRefused):
            self._bulk_refused = True
            self._notes(
                Note(
                    "bulk_refused",
                    "The Bulk API does not serve this object, or nothing more today: read in small pages.",
                    self._stream.name,
                )
            )
        self._counted = None
        return position.moved(position.after)

    def _drop_invisible_fields(self) -> None:
        """Leave out what describe no longer names. Raises StreamMisbehaves when that changes nothing."""
        name = self._stream.name
        self._known = described(self._org.get(f"sobjects/{name}/describe", name)).names
        lost = [field.name for field in self._stream.fields if field.name not in self._known]
        if not lost or not self._known >= set(self._stream.primary_key) | ({self._stream.cursor_field or "Id"}):
            raise _restless(name)
        self._stream = replace(
            self._stream, fields=tuple(field for field in self._stream.fields if field.name in self._known)
        )
        shown = ", ".join(lost[:20]) + (f" and {len(lost) - 20} more" if len(lost) > 20 else "")
        message = f"Not read because they are no longer there or not visible to the login: {shown}."
        self._notes(Note("field_not_visible", message, name, "warning"))


def _restless(stream: str) -> StreamMisbehaves:
    return StreamMisbehaves(
        "Salesforce keeps refusing the query it described.", stream=stream, hint="Discover the source anew."
    )
