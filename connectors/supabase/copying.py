"""COPY of one page: the statement, its CSV taken into a bounded spool, and the spool read as Arrow texts.

Every value is selected as text, so that Postgres itself writes it out. Nothing here knows of sessions or transactions.
"""

from collections.abc import Iterator
from typing import IO, Any

import psycopg2
import pyarrow as pa
import pyarrow.csv as pc
from psycopg2 import sql

from connectors.errors import SourceUnavailable
from connectors.supabase.source import PageTooLarge, Query
from connectors.supabase.tables import Column

LARGEST_RECORD_BYTES = 64 << 20
# What a key's value is compared as. Without it the value would take whatever type the column has by now, and in the
# order of another type records are passed over. Types not named here may lie in schemas the login cannot look into.
_COMPARED_AS = {
    "smallint": "bigint",
    "integer": "bigint",
    "bigint": "bigint",
    "numeric": "numeric",
    "date": "date",
    "timestamp without time zone": "timestamp without time zone",
    "timestamp with time zone": "timestamp with time zone",
    "uuid": "uuid",
    "text": "text",
    "character varying": "text",
}


def copy_statement(cursor: Any, schema: str, query: Query, asked: tuple[Column, ...]) -> str:
    """COPY of the query's page with the columns `asked`, as CSV."""
    parts = [
        sql.SQL("COPY (SELECT {} FROM {} AS t").format(
            sql.SQL(", ").join(_selected(column) for column in asked),
            sql.Identifier(schema, query.table.name),
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


def copied(cursor: Any, statement: str, spool: IO[bytes], most_bytes: int) -> int:
    """Bytes that the statement put into the spool. Raises PageTooLarge, psycopg2.Error."""
    spool.seek(0)
    spool.truncate()  # an attempt that broke off may have left something
    sink = _Sink(spool, most_bytes)
    try:
        cursor.copy_expert(statement, sink)
    except psycopg2.Error:
        if sink.too_large:
            raise PageTooLarge from None
        raise
    return sink.size


def parsed(spool: Any, size: int, asked: tuple[Column, ...]) -> pa.RecordBatch:
    """The spooled CSV as texts: an unquoted nothing is NULL, a quoted one an empty text."""
    if not size:
        return _nothing(asked)
    spool.seek(0)
    names = [str(index) for index in range(len(asked))]
    try:
        table = pc.read_csv(
            pa.PythonFile(spool, mode="r"),
            read_options=pc.ReadOptions(column_names=names, use_threads=False, block_size=size + 1),
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
        values = (_value(query, name, text) for name, text in zip(query.order, query.after, strict=True))
        yield sql.SQL("({}) > ({})").format(
            sql.SQL(", ").join(_field(name) for name in query.order), sql.SQL(", ").join(values)
        )


def _value(query: Query, name: str, text: str) -> sql.Composable:
    column = query.table.column(name)
    kind = _COMPARED_AS.get(column.type) if column else None
    return sql.Literal(text) + sql.SQL(f"::{kind}") if kind else sql.Literal(text)


def _selected(column: Column) -> sql.Composable:
    text = "to_json({})::text" if column.form == "array" else "{}::text"
    return sql.SQL(text).format(_field(column.name))


class _Sink:
    """Takes COPY's output into a spool, up to a size."""

    def __init__(self, spool: IO[bytes], most_bytes: int) -> None:
        self._spool = spool
        self._most_bytes = most_bytes
        self.size = 0
        self.too_large = False

    def write(self, piece: bytes) -> int:
        self.size += len(piece)
        if self.size > self._most_bytes:
            self.too_large = True
            raise PageTooLarge
        return self._spool.write(piece)


def _nothing(asked: tuple[Column, ...]) -> pa.RecordBatch:
    schema = pa.schema([(str(index), pa.string()) for index in range(len(asked))])
    return pa.RecordBatch.from_pylist([], schema=schema)
