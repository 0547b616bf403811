"""Arrow's types as Postgres's, and columns in the form that COPY reads."""

import json

import pyarrow as pa
import pyarrow.types as pt


def postgres_type(kind: pa.DataType) -> str:
    """The type of a column that takes the Arrow type exactly; text where Postgres has no equal."""
    if pt.is_integer(kind):
        return "bigint"
    if pt.is_decimal(kind):
        return "numeric"
    if pt.is_floating(kind):
        return "double precision"
    if pt.is_boolean(kind):
        return "boolean"
    if pt.is_date(kind):
        return "date"
    if pt.is_timestamp(kind):
        return "timestamptz" if kind.tz else "timestamp"
    if pt.is_time(kind):
        return "time"
    if pt.is_binary(kind) or pt.is_large_binary(kind):
        return "bytea"
    return "jsonb" if pt.is_nested(kind) else "text"


def copy_ready(table: pa.Table) -> pa.Table:
    """Nested values as JSON text, binaries in hexadecimal digits; everything else Arrow writes as Postgres reads it."""
    columns = []
    for field in table.schema:
        column = table[field.name].combine_chunks()
        if pt.is_nested(field.type):
            column = pa.array(
                [None if v is None else json.dumps(v, default=str) for v in column.to_pylist()], pa.string()
            )
        elif pt.is_binary(field.type) or pt.is_large_binary(field.type):
            column = pa.array([None if v is None else f"\\x{v.hex()}" for v in column.to_pylist()], pa.string())
        elif pt.is_dictionary(field.type) or pt.is_null(field.type):
            column = column.cast(pa.string())
        columns.append(column)
    return pa.table(dict(zip(table.schema.names, columns, strict=True)))
