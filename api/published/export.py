"""Whole listings as files, batch by batch: what is held in memory never grows with the listing.

Text in CSV that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
"""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from api.published.cells import json_ready, rows_as_objects
from api.published.listing import Listing
from api.published.readers import Snapshot
from api.schemas.views import ExportFormat

BATCH_ROWS = 10_000
MEDIA_TYPES: Final[Mapping[ExportFormat, str]] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
    "json": "application/json",
}
_FORMULA = pa.array(["=", "+", "-", "@", "\t", "\r", "\n"])


def export_rows(snapshot: Snapshot, listing: Listing, format: ExportFormat, *, raw: bool = False) -> Iterator[bytes]:
    """The listing's rows as a file of that format, in pieces; `raw` leaves texts in CSV as they are."""
    sql, params = listing.every_row()
    batches = snapshot.query(sql, params).to_arrow_reader(BATCH_ROWS)
    if format == "json":
        return _json(listing, batches)
    if format == "csv":
        return _csv(batches, raw=raw)
    return _binary(batches, format)


def _json(listing: Listing, batches: pa.RecordBatchReader) -> Iterator[bytes]:
    """A JSON array of objects, values as pages have them."""
    yield b"["
    comma = b""
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        objects = rows_as_objects(listing.columns, zip(*columns, strict=True))
        if objects:
            yield comma + orjson.dumps(objects)[1:-1]
            comma = b","
    yield b"]"


def _csv(batches: pa.RecordBatchReader, *, raw: bool) -> Iterator[bytes]:
    sink = io.BytesIO()
    schema = pa.schema([(field.name, _csv_type(field.type)) for field in batches.schema])
    with pyarrow.csv.CSVWriter(sink, schema) as writer:
        yield from _drained(sink)
        for batch in batches:
            columns = [_csv_column(column, raw=raw) for column in batch.columns]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            yield from _drained(sink)
    yield from _drained(sink)


def _binary(batches: pa.RecordBatchReader, format: ExportFormat) -> Iterator[bytes]:
    sink = io.BytesIO()
    # Parquet's writer asks where it is in the file: what was sent already counts.
    counted = _Forgetting(sink)
    make: Callable[[], Any] = (
        (lambda: pyarrow.parquet.ParquetWriter(counted, batches.schema, compression="zstd"))
        if format == "parquet"
        else (lambda: pa.ipc.new_stream(counted, batches.schema))
    )
    with make() as writer:
        for batch in batches:
            writer.write_batch(batch)
            yield from counted.drained()
    yield from counted.drained()


class _Forgetting(io.RawIOBase):
    """A file to write to that keeps only what was not taken yet, and knows how much that is in all."""

    def __init__(self, sink: io.BytesIO) -> None:
        self._sink = sink
        self._sent = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._sink.write(data)

    def tell(self) -> int:
        return self._sent + self._sink.tell()

    def drained(self) -> Iterator[bytes]:
        for piece in _drained(self._sink):
            self._sent += len(piece)
            yield piece


def _drained(sink: io.BytesIO) -> Iterator[bytes]:
    piece = sink.getvalue()
    if piece:
        sink.seek(0)
        sink.truncate()
        yield piece


def _csv_type(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_nested(kind) or pa.types.is_timestamp(kind) or _is_text(kind) else kind


def _csv_column(column: pa.Array, *, raw: bool) -> pa.Array:
    kind = column.type
    if pa.types.is_nested(kind):  # lists as JSON
        texts = [None if value is None else orjson.dumps(json_ready(value)).decode() for value in column.to_pylist()]
        return pa.array(texts, pa.string())
    if pa.types.is_timestamp(kind):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    if not _is_text(kind):
        return column
    text = column.cast(pa.string())
    if raw:
        return text
    is_formula = pc.is_in(pc.utf8_slice_codeunits(text, 0, 1), _FORMULA)
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", text, ""), text)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
