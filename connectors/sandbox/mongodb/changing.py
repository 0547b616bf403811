"""Typed tables as documents and back, and values turned into another type."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
from bson import Decimal128, ObjectId
from bson.datetime_ms import DatetimeMS

from connectors.mongodb.ordering import milliseconds
from connectors.protocol import SourceType


def documents_of(table: pa.Table, key: str) -> Iterator[dict[str, Any]]:
    """One document a row; `key` becomes `_id`, nulls are left out."""
    for batch in table.to_batches(max_chunksize=10_000):
        names = ["_id" if name == key else name for name in batch.schema.names]
        columns = [[stored(value) for value in column.to_pylist()] for column in batch.columns]
        for row in zip(*columns, strict=True):
            yield {name: value for name, value in zip(names, row, strict=True) if value is not None}


def stored(value: Any) -> Any:
    """What a writer would store for a Python value."""
    if isinstance(value, Decimal):
        return Decimal128(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, dt.time):
        return value.isoformat()
    if isinstance(value, list):
        return [stored(item) for item in value]
    if isinstance(value, dict):
        return {name: stored(item) for name, item in value.items()}
    return value


def table_of(documents: list[dict[str, Any]]) -> pa.Table:
    """Columns in order of first appearance. Values Arrow has no type for, and columns of several, become text."""
    names = list(dict.fromkeys(name for document in documents for name in document))
    return pa.table({name: _column([document.get(name) for document in documents]) for name in names})


def _column(values: list[Any]) -> pa.Array:
    plain = [_plain(value) for value in values]
    try:
        return pa.array(plain)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in plain])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal128):
        return value.to_decimal()
    return str(value) if isinstance(value, ObjectId | DatetimeMS) else value


def retyped(value: Any, to: SourceType) -> Any:
    """The value as another type; as it is where it has no such form."""
    try:
        return _retyped(value, to)
    except (ValueError, TypeError, ArithmeticError):
        return value


def _retyped(value: Any, to: SourceType) -> Any:
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
    match to:
        case "text":
            return text
        case "integer":
            return milliseconds(value) if isinstance(value, dt.datetime) else int(Decimal(text))
        case "decimal":
            return Decimal128(Decimal(text))
        case "double":
            return float(text)
        case "boolean":
            return text.lower() in ("true", "1", "yes")
        case "date" | "timestamp":
            return dt.datetime.fromisoformat(text)
        case "json":
            return {"value": value}
        case "binary":
            return text.encode()
    return value
