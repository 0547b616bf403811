"""What every source of a play can do: serve streams, and show them as they have become."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

import pyarrow as pa

from connectors.protocol import SourceType
from orchestration.drift_play.streams import WorldStream
from orchestration.drift_play.words import Style

LIMITS = {"requests_per_s": 1000}
_ARROW: dict[SourceType, pa.DataType] = {
    "text": pa.string(), "integer": pa.int64(), "decimal": pa.decimal128(38, 9), "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"), "boolean": pa.bool_(),
}  # fmt: skip


class WorldSource(ABC):
    """One source with some streams. `style` is how its columns are named, `key` the field that names records.

    `plain_text`: values are texts; `deletes`: a record that is gone is noticed; `can_rename_streams`; `has_empty`: a
    stream without records has columns all the same.
    """

    kind: ClassVar[str]
    style: ClassVar[Style]
    key: ClassVar[str]
    plain_text: ClassVar[bool] = False
    can_rename_streams: ClassVar[bool] = True
    has_empty: ClassVar[bool] = True
    deletes: bool = True

    @abstractmethod
    def start(self, streams: Iterable[WorldStream]) -> None:
        """Serve the streams as they are."""

    @abstractmethod
    def show(self, stream: WorldStream, was: str) -> None:
        """Show a stream as it has become; `was` is the name it had."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """A connector configuration, secrets included."""

    def stop(self) -> None:
        """Serve no more."""
        return


def arrow_table(stream: WorldStream, key: SourceType = "text", stamp: str | None = None) -> pa.Table:
    """The stream as a typed table, with the moment of each record's last change where a column is named for it."""
    rows = stream.rows()
    columns = {stream.key: pa.array([row[stream.key] for row in rows], pa.string()).cast(_ARROW[key])}
    for column in stream.columns:
        columns[column.name] = pa.array([row[column.name] for row in rows], _ARROW[column.type])
    if stamp is not None:
        moments = [stream.records[row[stream.key]].changed_at for row in rows]
        columns[stamp] = pa.array(moments, pa.timestamp("us", "UTC"))
    return pa.table(columns)
