"""Open snapshots: one DuckDB a publication, shared by requests, kept while it is used and closed when it is not.

Each request has a connection of its own on it. A snapshot cannot change, so nothing read from it ever goes stale.
"""

import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from api.problems import NotFound
from api.published.current import CurrentPublications
from api.published.deadline import stopped_after
from api.published.row_store import RowStore, RowStores
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.publications import PublicationRecord
from orchestration.resources.lake_places import lake_location
from orchestration.resources.lake_session import CATALOG
from orchestration.resources.publishing import VIEWS_SCHEMA, NothingPublished, PublishedReader
from orchestration.resources.settings import Settings
from orchestration.resources.sql_text import literal

IDLE_FOR_S = 600
AsOf = int | dt.datetime | None

_Key = tuple[UUID, str]


@dataclass(slots=True)
class _Open:
    """A snapshot that is open: the root reader that connections are made from, and how many use it."""

    reader: PublishedReader
    tables: dict[str, dict[str, dict[str, str]]]  # schema -> table -> column -> DuckDB type
    facts: dict[str, Any] = field(default_factory=dict)  # what was computed of it and is asked for again
    users: int = 0
    used_at: float = field(default_factory=time.monotonic)


class Snapshot:
    """One publication, read by one request. Queries are stopped at the deadline and refused unless they only read."""

    def __init__(
        self,
        publication: PublicationRecord,
        opened: _Open,
        reader: PublishedReader,
        stores: RowStores,
        timeout_s: float,
    ) -> None:
        self.publication = publication
        self.snapshot_id = publication.snapshot_id
        self._opened = opened
        self._reader = reader
        self._stores = stores
        self._timeout_s = timeout_s

    def query(self, sql: str, params: Sequence[object] = ()) -> duckdb.DuckDBPyConnection:
        """Run one SELECT, ready to fetch; what is fetched lazily is not under the deadline.

        Raises:
            NotAQuery: the text is something else.
            QueryTimeout, QueryTooLarge: it ran out of time or memory.
        """
        with stopped_after(self._reader, self._timeout_s):
            return self._reader.query(sql, params)

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with stopped_after(self._reader, self._timeout_s):
            return self._reader.query(sql, params).fetchall()

    def named_rows(self, sql: str, params: Sequence[object] = ()) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and all rows of a query."""
        with stopped_after(self._reader, self._timeout_s):
            cursor = self._reader.query(sql, params)
            return [str(column[0]) for column in cursor.description or ()], cursor.fetchall()

    def value(self, sql: str, params: Sequence[object] = ()) -> Any:
        """First column of the first row, or None."""
        found = self.rows(sql, params)
        return found[0][0] if found else None

    def tables(self, schema: str) -> frozenset[str]:
        """Names of the tables of one schema."""
        return frozenset(self._opened.tables.get(schema, {}))

    def columns(self, schema: str, table: str) -> dict[str, str]:
        """Column -> DuckDB type in table order; empty when there is no such table."""
        return self._opened.tables.get(schema, {}).get(table, {})

    def row_store(self, view: str) -> RowStore | None:
        """Where rows of a large view are fetched by their keys; None while, or because, there is none."""
        rows = int(self.publication.views.get(view, {}).get("rows") or 0)
        return self._stores.get(self._opened.reader, self.publication.path, view, rows)

    def fact(self, name: str, compute: Callable[[], Any]) -> Any:
        """What `compute` gives, computed once for as long as the snapshot is open."""
        facts = self._opened.facts
        if name not in facts:
            facts[name] = compute()
        return facts[name]

    def view_columns(self, view: str) -> dict[str, str]:
        """Columns of a published view. Raises NotFound when the snapshot has none of that name."""
        found = self.columns(VIEWS_SCHEMA, view)
        if not found:
            raise NotFound
        return found


class PublishedReaders:
    """Opens snapshots of tenants; safe to share between threads. Closed at the end of the application."""

    def __init__(self, settings: Settings, control_plane: ControlPlane) -> None:
        self.current = CurrentPublications(control_plane)
        self._control_plane = control_plane
        self._settings = settings
        self._location = lake_location(settings)
        self._stores = RowStores(settings.home / "rows", settings.view_rows_mb * 2**20)
        self._lock = threading.Lock()
        self._opening: dict[_Key, threading.Lock] = {}
        self._open: OrderedDict[_Key, _Open] = OrderedDict()

    @contextmanager
    def open(
        self, tenant_id: UUID, as_of: AsOf = None, publication: PublicationRecord | None = None
    ) -> Iterator[Snapshot]:
        """The tenant's current publication, or the one of that snapshot or moment.

        Who holds a session of the tenant finds the `publication` with it: waiting for a second connection to Postgres
        while holding one, many requests would wait for each other.

        Raises:
            NotFound: nothing of the kind is published, or it is kept no more.
        """
        publication = publication or self.find(tenant_id, as_of)
        opened = self._enter(tenant_id, publication.path)
        try:
            reader = opened.reader.beside()
            try:
                yield Snapshot(publication, opened, reader, self._stores, self._settings.view_query_timeout_s)
            finally:
                reader.close()
        finally:
            self._leave(opened)

    @contextmanager
    def open_current(self, tenant_id: UUID) -> Iterator[Snapshot | None]:
        """The tenant's current publication; None before the first one."""
        if self.current.get(tenant_id) is None:
            yield None
        else:
            with self.open(tenant_id) as snapshot:
                yield snapshot

    def find(self, tenant_id: UUID, as_of: AsOf = None) -> PublicationRecord:
        """The publication that `open` would open. Raises NotFound."""
        found = self.current.get(tenant_id)
        if as_of is not None and not (found and found.snapshot_id == as_of):
            with self._control_plane.tenant_session(tenant_id) as session:
                found = (
                    session.publications.of_snapshot(as_of)
                    if isinstance(as_of, int)
                    else session.publications.at(as_of)
                )
        if found is None:
            raise NotFound
        return found

    def close(self) -> None:
        """Close every snapshot."""
        self.current.close()
        self._stores.close()
        with self._lock:
            opened, self._open = list(self._open.values()), OrderedDict()
        for one in opened:
            one.reader.close()

    def _enter(self, tenant_id: UUID, path: str) -> _Open:
        key = (tenant_id, path)
        with self._lock:
            opening = self._opening.setdefault(key, threading.Lock())
        with opening:  # one thread opens it, the others wait for that
            with self._lock:
                found = self._open.get(key)
                if found is not None:
                    found.users += 1
                    self._open.move_to_end(key)
                    return found
            made = self._attach(tenant_id, path)
            made.users = 1
            with self._lock:
                self._open[key] = made
                self._opening.pop(key, None)
                evicted = self._evict()
        self._close(evicted)
        return made

    def _leave(self, opened: _Open) -> None:
        with self._lock:
            opened.users -= 1
            opened.used_at = time.monotonic()
            evicted = self._evict()
        self._close(evicted)

    def _evict(self) -> list[tuple[_Key, _Open]]:
        """Take out what nobody uses: those too many, oldest use first, and those long idle. Under the lock."""
        unused = [(key, one) for key, one in self._open.items() if not one.users]
        too_many = max(0, len(self._open) - self._settings.view_readers)
        limit = time.monotonic() - IDLE_FOR_S
        gone = [key for at, (key, one) in enumerate(unused) if at < too_many or one.used_at < limit]
        return [(key, self._open.pop(key)) for key in gone]

    def _close(self, evicted: Sequence[tuple[_Key, _Open]]) -> None:
        for (_, path), one in evicted:
            self._stores.forget(path)
            one.reader.close()

    def _attach(self, tenant_id: UUID, path: str) -> _Open:
        location, settings = self._location, self._settings
        data_path = f"{location.data_path.rstrip('/')}/tenant={tenant_id}/"
        try:
            reader = PublishedReader(
                Path(path), data_path, threads=settings.view_threads, memory_limit=settings.view_memory_limit
            ).open(location.s3)
        except NothingPublished:
            raise NotFound from None  # collected since it was looked up
        return _Open(reader, _tables(reader))


def _bind_once() -> None:
    """DuckDB's first bound parameter in a process imports pandas: seconds that no caller should wait for."""
    with duckdb.connect() as connection:
        connection.execute("SELECT ?", [1])


def _tables(reader: PublishedReader) -> dict[str, dict[str, dict[str, str]]]:
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for schema, table, column, kind in reader.query(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        f"WHERE database_name = {literal(CATALOG)} AND NOT internal ORDER BY 1, 2, column_index"
    ).fetchall():
        tables.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return tables
