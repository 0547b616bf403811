"""Records of either transport as the same Arrow texts: plain digits, ISO times in UTC, null for nothing."""

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.protocol import SourceType, Stream

DELETED = "_deleted"  # no API name begins so
_NUMBERS = ("integer", "decimal", "double")


def table_of_records(records: Sequence[dict[str, Any]], columns: tuple[str, ...]) -> pa.Table:
    """JSON records, as parsed with numbers kept as text."""
    return pa.table(
        [pa.array([_text(record.get(name)) for record in records], pa.string()) for name in columns],
        schema=pa.schema([(name, pa.string()) for name in columns]),
    )


def canonical(table: pa.Table, stream: Stream, with_deleted: bool) -> pa.Table:
    """The stream's fields in order, and after them, when wanted, which records are deleted."""
    arrays = [_canonical(table.column(field.name), field.type) for field in stream.fields]
    names = [field.name for field in stream.fields]
    if with_deleted:
        arrays.append(pc.fill_null(pc.equal(table.column("IsDeleted"), "true"), False))
        names.append(DELETED)
    return pa.table(arrays, names=names)


def _canonical(column: pa.ChunkedArray, kind: SourceType) -> pa.ChunkedArray:
    if kind == "timestamp":
        return pc.replace_substring_regex(column, r"\+00:?00$", "Z")
    if kind == "time":
        return pc.replace_substring_regex(column, r"Z$", "")  # a time of day has no zone
    if kind in _NUMBERS:
        if pc.any(pc.match_substring_regex(column, "[eE]")).as_py():
            column = pa.chunked_array([pa.array([_plain(text) for text in column.to_pylist()], pa.string())])
        # The two transports do not write the same number alike: 100 here is 100.0 there.
        return pc.replace_substring_regex(column, r"\.0+$", "")
    return column


def _plain(text: str | None) -> str | None:
    """All digits of a number that may have an exponent."""
    if text is None or not ("e" in text or "E" in text):
        return text
    try:
        return format(Decimal(text), "f")
    except InvalidOperation:
        return text


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
