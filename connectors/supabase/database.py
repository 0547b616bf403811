"""The way straight into Postgres: pages by COPY out of one read-only snapshot.

The whole session is one READ ONLY transaction: nothing can be written by mistake, and a full read sees one moment.
"""

import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any, TypeVar

import psycopg2
import pyarrow as pa
import pyarrow.csv as pc
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from connectors.errors import ConfigInvalid, PermissionMissing, SourceUnavailable, StreamGone, Timeout
from connectors.limits import Limits
from connectors.outbound.policy import Outbound
from connectors.outbound.postgres import pinned_parameters
from connectors.pacing import Pacer
from connectors.protocol import Grants, Note
from connectors.supabase.canonical import canonical
from connectors.supabase.catalog import may_use_schema, read_tables, read_writes
from connectors.supabase.database_errors import connect_error, database_error
from connectors.supabase.source import Page, PageTooLarge, Query
from connectors.supabase.tables import Column, Table

T = TypeVar("T")
_MOST_BYTES = 64 << 20
_IN_MEMORY_BYTES = 16 << 20


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
                return in_time(connection, self._limits.timeout_s, ask, stream)
            finally:
                connection.close()

        return self._pacer.call(attempt, stream)

    def _opened(self) -> Any:
        parameters: dict[str, Any] = pinned_parameters(self._url, self._outbound)
        parameters["connect_timeout"] = max(2, int(min(self._limits.timeout_s, 30)))
        try:
            connection: Any = psycopg2.connect(**parameters)
        except psycopg2.Error as error:
            raise connect_error(error) from None
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        connection.set_client_encoding("UTF8")
        return connection


class DatabaseSession:
    """One table being read, in one snapshot as long as the connection holds; a new one goes on by key."""

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
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as spool:

            def copy(cursor: Any) -> int:
                spool.seek(0)
                spool.truncate()  # an attempt that broke off may have left something
                return _copied(cursor, self._statement(cursor, query, asked), spool)

            size = self._in_time(copy)
            spool.seek(0)
            raw = _parsed(spool, asked) if size else _nothing(asked)
        texts = {column.name: raw.column(index) for index, column in enumerate(asked)}
        found = raw.num_rows
        last = tuple(str(texts[name][-1].as_py()) for name in query.order) if found and query.table.primary_key else ()
        batch = pa.RecordBatch.from_arrays([canonical(column, texts[column.name]) for column in query.columns], names)
        # One snapshot: fewer than asked for are all there are.
        return Page(batch, last, size, found if found < query.limit else None)

    def newest(self, field: Column) -> tuple[str | None, datetime]:
        statement = sql.SQL("SELECT max({})::text, clock_timestamp() FROM {}").format(
            sql.Identifier(field.name), sql.Identifier(self._schema, self._stream)
        )

        def ask(cursor: Any) -> tuple[str | None, datetime]:
            cursor.execute(statement)
            value, clock = cursor.fetchone()
            return value, clock.astimezone(UTC)

        return self._in_time(ask)

    def total(self) -> int | None:
        """Not asked: all pages come out of one snapshot."""
        return None

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _in_time(self, ask: Callable[[Any], T]) -> T:
        def attempt() -> T:
            if self._open is None:
                self._open = self._opened()
            try:
                return in_time(self._open, self._limits.timeout_s, ask, self._stream)
            except BaseException:
                # Whatever went wrong, the transaction is over: the next attempt begins with a new connection.
                self.close()
                raise

        return self._pacer.call(attempt, self._stream)

    def _statement(self, cursor: Any, query: Query, asked: tuple[Column, ...]) -> str:
        parts = [
            sql.SQL("COPY (SELECT {} FROM {} AS t").format(
                sql.SQL(", ").join(_selected(column) for column in asked),
                sql.Identifier(self._schema, query.table.name),
            )
        ]
        conditions = list(_conditions(query))
        if conditions:
            parts.append(sql.SQL("WHERE ") + sql.SQL(" AND ").join(conditions))
        if query.order:
            parts.append(sql.SQL("ORDER BY ") + sql.SQL(", ").join(_field(name) for name in query.order))
        parts.append(
            sql.SQL("LIMIT {} OFFSET {}) TO STDOUT (FORMAT csv)").format(
                sql.Literal(query.limit), sql.Literal(query.offset if query.after is None else 0)
            )
        )
        return sql.SQL(" ").join(parts).as_string(cursor)


def _field(name: str) -> sql.Identifier:
    """The table's column. An unqualified name in ORDER BY would be the selected text, and 10 come before 9."""
    return sql.Identifier("t", name)


def _conditions(query: Query) -> Iterator[sql.Composable]:
    if query.field and query.absent:
        yield sql.SQL("{} IS NULL").format(_field(query.field))
    elif query.field:
        for sign, bound in ((">", query.low), ("<=", query.high)):
            if bound is not None:
                yield sql.SQL("{} {} {}").format(_field(query.field), sql.SQL(sign), sql.Literal(bound))
    if query.after is not None:
        # Quoted texts take the type of the column they are compared with.
        yield sql.SQL("({}) > ({})").format(
            sql.SQL(", ").join(_field(name) for name in query.order),
            sql.SQL(", ").join(sql.Literal(value) for value in query.after),
        )


def _selected(column: Column) -> sql.Composable:
    text = "to_json({})::text" if column.form == "array" else "{}::text"
    return sql.SQL(text).format(_field(column.name))


def in_time(connection: Any, timeout_s: float, ask: Callable[[Any], T], stream: str | None) -> T:
    """What `ask` returns, on a connection whose session is set as canonical texts need it.

    Raises:
        Timeout: it took longer than `timeout_s`; the connection is unusable then.
        ColumnsChanged, ConnectorError: the database refused.
    """
    overdue = threading.Event()
    # The server stops by itself; where it is the server that is stuck, the line is cut.
    watch = threading.Timer(timeout_s + 1, _cut, (connection, overdue))
    watch.daemon = True
    watch.start()
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET LOCAL statement_timeout = {int(timeout_s * 1000)}; SET LOCAL TimeZone = 'UTC'; "
                "SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'postgres'; "
                "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
            )
            return ask(cursor)
    except psycopg2.Error as error:
        if overdue.is_set():
            raise Timeout(
                "The database did not answer in time.", stream=stream, hint="It is tried again later."
            ) from None
        raise database_error(error, stream) from None
    finally:
        watch.cancel()


def _cut(connection: Any, overdue: threading.Event) -> None:
    overdue.set()
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
    except (OSError, psycopg2.Error):
        return  # closed meanwhile


class _Sink:
    """Takes COPY's output into a spool, up to a size."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self.size = 0
        self.too_large = False

    def write(self, piece: bytes) -> int:
        self.size += len(piece)
        if self.size > _MOST_BYTES:
            self.too_large = True
            raise PageTooLarge
        return self._spool.write(piece)


def _copied(cursor: Any, statement: str, spool: IO[bytes]) -> int:
    sink = _Sink(spool)
    try:
        cursor.copy_expert(statement, sink)
    except psycopg2.Error:
        if sink.too_large:
            raise PageTooLarge from None
        raise
    return sink.size


def _parsed(spool: Any, asked: tuple[Column, ...]) -> pa.RecordBatch:
    """COPY's CSV: an unquoted nothing is NULL, a quoted one an empty text."""
    names = [str(index) for index in range(len(asked))]
    try:
        table = pc.read_csv(
            pa.PythonFile(spool, mode="r"),
            read_options=pc.ReadOptions(column_names=names, use_threads=False, block_size=_MOST_BYTES + 1),
            parse_options=pc.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        raise SourceUnavailable("The database's answer is garbled.", hint="It is tried again later.") from None
    return table.combine_chunks().to_batches()[0] if table.num_rows else _nothing(asked)


def _nothing(asked: tuple[Column, ...]) -> pa.RecordBatch:
    schema = pa.schema([(str(index), pa.string()) for index in range(len(asked))])
    return pa.RecordBatch.from_pylist([], schema=schema)
