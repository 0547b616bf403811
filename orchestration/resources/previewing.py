"""The first records of a stream as its source gives them, for somebody who decides how to read it. Nothing is kept.

A scan runs in a DuckDB of its own, in memory, which is gone afterwards.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import duckdb

from connectors.errors import ConnectorError
from connectors.protocol import Batch, Connector, Stream
from orchestration.resources.sql_text import identifier

LONGEST_VALUE = 2_000  # characters; a preview is for the eye
_MEMORY = "256MB"


@dataclass(frozen=True, slots=True)
class Preview:
    """A stream and its first records, every value as text; `cut` says whether a value was shortened."""

    stream: Stream
    records: list[dict[str, str | None]]
    cut: bool


def preview(connector: Connector[Any], name: str, limit: int) -> Preview | None:
    """At most `limit` records of a stream; None when the source has no such stream.

    Raises:
        ConnectorError: it cannot be read.
    """
    stream = next((known for known in connector.discover() if known.name == name), None)
    if stream is None:
        return None
    items = connector.read(stream, None, limit)
    try:
        batch = next((item for item in items if isinstance(item, Batch)), None)
        if batch is None:
            return Preview(stream, [], False)
        return _records(connector, batch, limit)
    finally:
        close = getattr(items, "close", None)  # generators have one, other iterators need not
        if close is not None:
            close()


def _records(connector: Connector[Any], batch: Batch, limit: int) -> Preview:
    names = [field.name for field in batch.stream.fields]
    if not names:
        return Preview(batch.stream, [], False)
    source = batch.scan if batch.scan is not None else "SELECT * FROM arrow_batch"
    alive = f"WHERE NOT coalesce(CAST({identifier(batch.deleted)} AS BOOLEAN), false)" if batch.deleted else ""
    texts = ", ".join(f"CAST({identifier(name)} AS VARCHAR)" for name in names)
    with closing(duckdb.connect(config={"threads": 1, "memory_limit": _MEMORY})) as connection:
        try:
            for statement in batch.prepare:
                connection.execute(statement)
            if batch.arrow is not None:
                connection.register("arrow_batch", batch.arrow)
            rows = connection.execute(f"SELECT {texts} FROM ({source}) {alive} LIMIT {int(limit)}").fetchall()
        except ConnectorError:
            raise
        except duckdb.Error as error:
            raise connector.classify(error, batch.stream.name) from None  # DuckDB's text may quote a record
    records = [dict(zip(names, map(_short, row), strict=True)) for row in rows]
    return Preview(batch.stream, records, any(len(text) > LONGEST_VALUE for row in rows for text in row if text))


def _short(text: str | None) -> str | None:
    return text if text is None else text[:LONGEST_VALUE]


def without(records: list[dict[str, str | None]], hidden: Mapping[str, object]) -> list[dict[str, str | None]]:
    """The records with nothing in the hidden columns."""
    return [{name: None if name in hidden else value for name, value in record.items()} for record in records]
