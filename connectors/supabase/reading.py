"""One pass over one table: sample, sweep (full reads) or windows over a cursor field; what a cursor means.

Works over either way in. A cursor holds only names and order values; every batch carries the one after it.
"""

import secrets
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa

from connectors.protocol import Batch, Cursor, Item, Note, Stream, Swept, Unchanged
from connectors.supabase.config import SupabaseConfig
from connectors.supabase.pages import Pages, Turn
from connectors.supabase.source import Page, Query, Session
from connectors.supabase.tables import Column, Table
from connectors.supabase.windows import next_start, went_back


@dataclass(frozen=True)
class Reading:
    """What a pass needs. `most` is the largest page; `refreshed` gives the table as it is now."""

    session: Session
    table: Table
    stream: Stream
    config: SupabaseConfig
    most: int
    refreshed: Callable[[], Table]
    notes: Callable[[Note], None]

    def items(self, cursor: Cursor | None, limit: int | None) -> Iterator[Item]:
        """The pass from the cursor on, or a sample of at most `limit` records."""
        if limit is not None:
            yield from self._sample(limit)
            return
        field = self.table.column(self.stream.cursor_field) if self.stream.cursor_field else None
        if self.stream.mode == "incremental" and field is not None and self.table.primary_key:
            yield from self._incremental(field, cursor or {})
        else:
            yield from self._full(cursor or {})

    def _sample(self, limit: int) -> Iterator[Item]:
        page = next(self._pages(min(limit, self.most)).turns(self._query())).page
        if page.records.num_rows:
            yield self._batch([page.records], {}, None)
        else:
            yield Unchanged(self.stream, "", {})

    def _full(self, cursor: Cursor) -> Iterator[Item]:
        done: Cursor = {"mode": self.stream.mode, "order": self._ordered_by(self._order)}
        goes_on = "sweep" in cursor and all(cursor.get(name) == done[name] for name in done)
        state = cursor if goes_on else done | _new_sweep()
        yield from self._swept(state, done, state["sweep"] if self.stream.mode == "full_with_deletes" else None)

    def _incremental(self, field: Column, cursor: Cursor) -> Iterator[Item]:
        known: Cursor = {"mode": "incremental", "field": field.name, "order": self._ordered_by(self.table.primary_key)}
        state = cursor if all(cursor.get(name) == known[name] for name in known) else {}
        if not state or state.get("phase") == "first":
            yield from self._first(field, known, state)
            return
        if "phase" not in state:
            newest, clock = self.session.newest(field)
            if went_back(field, state["since"], newest, self.config.look_back_s):
                self._say_history_moved()
                yield from self._first(field, known | {"deletes": True}, {})
                return
            state = known | {
                "phase": "window",
                "low": state["since"],
                "high": newest,
                "next": self._next_start(field, newest, clock) or state["since"],
            }
        yield from self._window(field, known | {"since": state["next"]}, state)

    def _first(self, field: Column, known: Cursor, state: Cursor) -> Iterator[Item]:
        """Everything once, by key; the next window starts from what was the newest record before it began."""
        if not state:
            newest, clock = self.session.newest(field)
            state = known | {"phase": "first", "next": self._next_start(field, newest, clock)} | _new_sweep()
        done = {name: known[name] for name in ("mode", "field", "order")} | {"since": state["next"]}
        yield from self._swept(state, done, state["sweep"] if state.get("deletes") else None)

    def _window(self, field: Column, done: Cursor, state: Cursor) -> Iterator[Item]:
        """What changed between the bounds, oldest first; then the records that do not say when they changed."""
        ended = False
        absent = state | {"phase": "absent", "after": None}
        query = replace(self._query(), field=field.name, count=True)
        if state["phase"] == "window" and state["high"] is not None:
            changed = replace(query, order=(field.name, *query.order), low=state["low"], high=state["high"])
            ended = (yield from self._batches(changed, state, absent if field.nullable else done, None)).ended
        if field.nullable:
            position = absent if state["phase"] == "window" else state
            ended = (yield from self._batches(replace(query, absent=True), position, done, None)).ended
        if not ended:
            yield Unchanged(self.stream, "", done)

    def _swept(self, state: Cursor, done: Cursor, sweep: str | None) -> Iterator[Item]:
        """Everything, by key. `state` says where it stands; with a `sweep` what did not come is gone at its end."""
        if "total" not in state:
            state = state | {"total": self.session.total()}
        result = yield from self._batches(self._query(), state, None if sweep else done, sweep)
        self._compare_counts(state["total"], result.read)
        if sweep:
            yield Swept(self.stream, "", done, sweep)
        elif not result.ended:
            yield Unchanged(self.stream, "", done)

    def _batches(
        self, query: Query, state: Cursor, done: Cursor | None, sweep: str | None
    ) -> Generator[Batch, None, "Outcome"]:
        """Pages gathered into batches; the last one carries `done` where that is given."""
        after = state.get("after")
        query = replace(query, after=tuple(after) if after else None, offset=state.get("offset", 0))
        gathered, ended = Gathered(state), False
        for turn in self._pages(self.most).turns(query):
            if gathered.rows and not self._takes(gathered, turn.page):
                yield self._batch(gathered.records, gathered.cursor, sweep)
                gathered = Gathered(gathered.cursor)
            gathered.add(turn)
            if gathered.rows and (turn.last or self._is_full(gathered)):
                ended = turn.last and done is not None
                yield self._batch(gathered.records, done if turn.last and done is not None else gathered.cursor, sweep)
                gathered = Gathered(gathered.cursor)
        return Outcome(gathered.cursor.get("read", 0), ended)

    def _takes(self, gathered: "Gathered", page: Page) -> bool:
        """The page has the same columns as those before it, and they are no more than a batch together."""
        limits = self.config.limits
        return (
            gathered.records[0].schema == page.records.schema
            and gathered.rows + page.records.num_rows <= limits.batch_records
            and gathered.size_bytes + page.size_bytes <= limits.batch_mib << 20
        )

    def _is_full(self, gathered: "Gathered") -> bool:
        limits = self.config.limits
        return gathered.rows >= limits.batch_records or gathered.size_bytes >= limits.batch_mib << 20

    def _batch(self, records: list[pa.RecordBatch], cursor: Cursor, sweep: str | None) -> Batch:
        schema = records[0].schema
        kept = tuple(field for field in self.stream.fields if field.name in schema.names)
        stream = self.stream if len(kept) == len(self.stream.fields) else replace(self.stream, fields=kept)
        reader = pa.RecordBatchReader.from_batches(schema, records)
        return Batch(stream, "", cursor, None, reader, delta=True, sweep=sweep)

    def _pages(self, most: int) -> Pages:
        most = min(most, self.config.limits.batch_records)
        return Pages(self.session, most, self.config.limits.batch_mib << 18, self.refreshed, self.notes)

    def _query(self) -> Query:
        wanted = (self.table.column(field.name) for field in self.stream.fields)
        columns = tuple(column for column in wanted if column)
        return Query(self.table, columns, self._order, 0, count=True)

    @property
    def _order(self) -> tuple[str, ...]:
        ordered = tuple(column.name for column in self.table.columns if column.orders)
        return self.table.primary_key or ordered

    def _ordered_by(self, names: tuple[str, ...]) -> list[list[str]]:
        """Names with types, for the cursor: in another type's order a position means something else."""
        found = (self.table.column(name) for name in names)
        return [[column.name, column.source_type] for column in found if column]

    def _compare_counts(self, before: int | None, read: int) -> None:
        """Say so when what was read and what the source counts differ by more than the table changed meanwhile."""
        after = self.session.total() if before is not None else None
        if before is None or after is None:
            return
        changed = abs(after - before)
        if not min(before, after) - changed <= read <= max(before, after) + changed:
            message = f"{read:,} records were read, the source counts {after:,} ({before:,} when reading began)."
            self.notes(Note("count_differs", message, self.stream.name, "warning"))

    def _next_start(self, field: Column, newest: str | None, clock: datetime) -> str | None:
        return next_start(field, newest, clock, self.config.look_back_s)

    def _say_history_moved(self) -> None:
        message = "The newest record is older than the one read last: the table is read anew, as after a restore."
        self.notes(Note("history_moved_back", message, self.stream.name, "warning"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many records a sweep has brought so far, and whether a batch carried the final cursor."""

    read: int
    ended: bool


class Gathered:
    """Pages on their way into one batch, and the cursor after them."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.records: list[pa.RecordBatch] = []
        self.rows = 0
        self.size_bytes = 0

    def add(self, turn: Turn) -> None:
        rows = turn.page.records.num_rows
        if not rows:
            return
        self.records.append(turn.page.records)
        self.rows += rows
        self.size_bytes += turn.page.size_bytes
        moved: Cursor = {"after": list(turn.query.after)} if turn.query.after else {"offset": turn.query.offset}
        if "read" in self.cursor:
            moved["read"] = self.cursor["read"] + rows
        self.cursor = self.cursor | moved


def _new_sweep() -> Cursor:
    return {"sweep": secrets.token_hex(8), "read": 0}
