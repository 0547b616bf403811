"""The way straight into Postgres: pages by COPY, each in a READ ONLY transaction of its own.

A page is committed before it is handed on: while a batch lands the database has no transaction and no lock of ours,
and whoever alters the table need not wait. So a full read is no snapshot. It goes by key: a record that stays is read
once; one inserted behind the position, or whose key moved there, comes at the next read.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg2
import pyarrow as pa
from psycopg2 import sql

from connectors.errors import ConfigInvalid, PermissionMissing, SourceUnavailable, StreamGone
from connectors.limits import Limits
from connectors.outbound.policy import Outbound
from connectors.outbound.postgres import pinned_parameters
from connectors.pacing import Pacer
from connectors.protocol import Grants, Note
from connectors.supabase.canonical import canonical
from connectors.supabase.catalog import may_use_schema, read_tables, read_writes
from connectors.supabase.copying import LARGEST_RECORD_BYTES, copied, copy_statement, parsed
from connectors.supabase.database_errors import connect_error
from connectors.supabase.source import Page, Query
from connectors.supabase.tables import Column, Table
from connectors.supabase.transactions import in_transaction

T = TypeVar("T")


class DatabaseSource:
    """The tables a login sees. Thread-safe: every session has a connection of its own."""

    def __init__(
        self, url: str, schema: str, limits: Limits, outbound: Outbound, notes: Callable[[Note], None]
    ) -> None:
        self._url = url
        self._schema = schema
        self._limits = limits
        self._outbound = outbound
        self._pacer = Pacer(limits, notes)

    def check(self) -> None:
        """The login works and may look into the schema. Raises ConnectorError."""
        usable = self._asked(lambda cursor: may_use_schema(cursor, self._schema))
        if usable is None:
            raise ConfigInvalid("There is no schema of this name in the database.", hint="Check db_schema.")
        if not usable:
            raise PermissionMissing("The login may not look into the schema.", hint="Grant usage on the schema.")

    def tables(self) -> list[Table]:
        return self._asked(lambda cursor: read_tables(cursor, self._schema))

    def table(self, name: str) -> Table:
        found = self._asked(lambda cursor: read_tables(cursor, self._schema, name), name)
        if not found:
            raise StreamGone(
                "The table is no longer there, or may no longer be read.",
                stream=name,
                hint="Discover the source anew, or grant select on it.",
            )
        return found[0]

    def grants(self) -> Grants:
        return Grants(*self._asked(lambda cursor: read_writes(cursor, self._schema)))

    @contextmanager
    def session(self, table: Table) -> Iterator["DatabaseSession"]:
        session = DatabaseSession(self._opened, self._pacer, self._schema, self._limits, table.name)
        try:
            yield session
        finally:
            session.close()

    def forget(self) -> None:
        """Nothing is remembered between calls."""

    def close(self) -> None:
        """Nothing is kept open between sessions."""

    def _asked(self, ask: Callable[[Any], T], stream: str | None = None) -> T:
        def attempt() -> T:
            connection = self._opened()
            try:
                return in_transaction(connection, self._limits.timeout_s, ask, stream)
            finally:
                connection.close()

        return self._pacer.call(attempt, stream)

    def _opened(self) -> Any:
        parameters: dict[str, Any] = pinned_parameters(self._url, self._outbound)
        parameters["connect_timeout"] = max(2, int(min(self._limits.timeout_s, 30)))
        parameters["client_encoding"] = "UTF8"
        try:
            connection: Any = psycopg2.connect(**parameters)
        except psycopg2.Error as error:
            raise connect_error(error) from None
        connection.autocommit = True  # transactions are begun and ended by name
        return connection


class DatabaseSession:
    """One table being read. The connection is kept between pages, idle and without a transaction."""

    def __init__(self, opened: Callable[[], Any], pacer: Pacer, schema: str, limits: Limits, stream: str) -> None:
        self._opened = opened
        self._pacer = pacer
        self._schema = schema
        self._limits = limits
        self._stream = stream
        self._open: Any = None

    def page(self, query: Query) -> Page:
        names = [column.name for column in query.columns]
        extra = [column for column in query.table.columns if column.name in query.order and column.name not in names]
        asked = (*query.columns, *extra)
        batch_bytes = self._limits.batch_mib << 20
        # A record by itself may be larger than a batch: it waits on disk.
        most_bytes = batch_bytes if query.limit > 1 else max(batch_bytes, LARGEST_RECORD_BYTES)
        with tempfile.SpooledTemporaryFile(max_size=batch_bytes) as spool:

            def copy(cursor: Any) -> int:
                return copied(cursor, copy_statement(cursor, self._schema, query, asked), spool, most_bytes)

            size = self._in_transaction(copy)
            raw = parsed(spool, size, asked)
        texts = {column.name: raw.column(index) for index, column in enumerate(asked)}
        found = raw.num_rows
        last = tuple(str(texts[name][-1].as_py()) for name in query.order) if found and query.table.primary_key else ()
        batch = pa.RecordBatch.from_arrays([canonical(column, texts[column.name]) for column in query.columns], names)
        # One statement: fewer than asked for are all there are.
        return Page(batch, last, size, found if found < query.limit else None)

    def newest(self, field: Column) -> tuple[str | None, datetime]:
        statement = sql.SQL("SELECT max({})::text, clock_timestamp() FROM {}").format(
            sql.Identifier(field.name), sql.Identifier(self._schema, self._stream)
        )

        def ask(cursor: Any) -> tuple[str | None, datetime]:
            cursor.execute(statement)
            value, clock = cursor.fetchone()
            return value, clock.astimezone(UTC)

        return self._in_transaction(ask)

    def total(self) -> int | None:
        """Not asked: Postgres hands out every record of a page, and counting would read the whole table again."""
        return None

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _in_transaction(self, ask: Callable[[Any], T]) -> T:
        """What `ask` returns, tried again on a new connection while the pacer allows."""

        def attempt() -> T:
            idled = self._open is not None
            try:
                return self._attempt(ask)
            except SourceUnavailable:
                if not idled:
                    raise
            # A session that idled while a batch landed may have been ended, as poolers and restarts do. That tells
            # nothing of the database now: once, a new one is tried before it counts as a failure.
            return self._attempt(ask)

        return self._pacer.call(attempt, self._stream)

    def _attempt(self, ask: Callable[[Any], T]) -> T:
        if self._open is None:
            self._open = self._opened()
        try:
            return in_transaction(self._open, self._limits.timeout_s, ask, self._stream)
        except BaseException:  # raised again, an interrupt as well as an error
            # Whatever went wrong, the transaction may still be open: the next attempt begins with a new connection.
            self.close()
            raise
