"""What every connector offers: check, pin, discover, read.

A connector hands out *scans* (SQL that DuckDB runs straight against a file) or Arrow batches; it never writes,
keeps no state of its own and knows no tenant. The caller commits a batch and its cursor together.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

import pyarrow as pa
from pydantic import BaseModel

from connectors.errors import ConnectorError

SourceType = Literal[
    "text", "integer", "decimal", "double", "boolean", "date", "timestamp", "time", "json", "binary", "unknown"
]
Cursor = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a stream. `type` is what the source declares; `unknown` when it declares nothing."""

    name: str
    type: SourceType
    nullable: bool = True
    label: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """A named sequence of records of one shape."""

    name: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    key_origin: Literal["declared", "proposed", "none"] = "none"
    cursor_field: str | None = None
    mode: Literal["snapshot", "append", "incremental"] = "snapshot"
    detects_deletes: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of source can do, for choosing defaults and for showing to people."""

    incremental: bool = False
    detects_deletes: bool = False
    declares_types: bool = False


@dataclass(frozen=True)
class Batch:
    """One file, or one group of pages of an API. Valid until the next item is asked of the iterator.

    `stream` carries the fields observed in this batch. Exactly one of `scan` and `arrow` is set.
    """

    stream: Stream
    origin: str  # file path relative to the source's root; "" when the source has none
    cursor: Cursor  # state of the stream once this batch is committed
    scan: str | None  # SELECT of exactly the stream's fields as VARCHAR, in source order
    arrow: pa.RecordBatchReader | None = None
    prepare: tuple[str, ...] = ()  # statements to run first on the connection
    rejects: str | None = None  # SELECT line BIGINT, raw VARCHAR, reason VARCHAR; valid once the scan ran to its end
    complete: bool = False  # everything the origin holds: what is absent is gone
    verify: Callable[[], None] | None = None  # after the scan, before the commit; raises if the source moved


@dataclass(frozen=True)
class Unchanged:
    """The origin holds what it held last time; nothing was read."""

    stream: Stream
    origin: str
    cursor: Cursor


@dataclass(frozen=True)
class Removed:
    """The origin is gone, and with it every record it held."""

    stream: Stream
    origin: str
    cursor: Cursor


ConfigT = TypeVar("ConfigT", bound=BaseModel)


class Connector(ABC, Generic[ConfigT]):
    """One configured source."""

    kind: ClassVar[str]
    config_model: ClassVar[type[BaseModel]]
    capabilities: ClassVar[Capabilities]

    def __init__(self, config: ConfigT) -> None:
        self.config = config

    @abstractmethod
    def check(self) -> None:
        """Raise ConnectorError when the source cannot be used as configured."""

    @abstractmethod
    def pin(self) -> ConfigT:
        """The configuration with everything that was sniffed made explicit; stored with the connection."""

    @abstractmethod
    def discover(self) -> list[Stream]:
        """The streams the source holds now, with their fields."""

    @abstractmethod
    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch | Unchanged | Removed]:
        """What changed since the cursor. Stopping after any item and resuming from its cursor loses nothing."""

    @abstractmethod
    def classify(self, error: Exception, stream: str) -> ConnectorError:
        """The connector's reading of an error met while a scan of `stream` ran."""
