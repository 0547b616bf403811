"""What every connector offers: check, grants, pin, discover, read, classify.

A connector hands out *scans* (SQL that DuckDB runs straight against a file) or Arrow batches; it never writes,
keeps no state of its own and knows no tenant. The caller commits a batch and its cursor together.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

import pyarrow as pa
from pydantic import BaseModel

from connectors.errors import ConnectorError
from connectors.outbound.policy import Outbound

logger = logging.getLogger(__name__)

SourceType = Literal[
    "text", "integer", "decimal", "double", "boolean", "date", "timestamp", "time", "json", "binary", "unknown"
]
# How a stream is read. Files: snapshot (the file is the whole) or append. Services: incremental (what changed since the
# cursor), full (everything, what is absent stays) or full_with_deletes (everything, what is absent is gone).
Mode = Literal["snapshot", "append", "incremental", "full", "full_with_deletes"]
Cursor = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a stream. `type` is what the source declares or, without declarations, what most values are.

    `mix` says which types the values of a sample had and how often (shares of 1, most frequent first); empty when the
    source declares its types or all values agree.
    """

    name: str
    type: SourceType
    nullable: bool = True
    label: str | None = None
    description: str | None = None
    mix: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """A named sequence of records of one shape.

    `mode` is how it is read; `modes` are those that may be chosen for it (empty: no other). Given to `read` with fewer
    fields than discovered, only those fields are asked of the source.
    """

    name: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    key_origin: Literal["declared", "proposed", "none"] = "none"
    cursor_field: str | None = None
    mode: Mode = "snapshot"
    detects_deletes: bool = False
    modes: tuple[Mode, ...] = ()
    label: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of source can do, for choosing defaults and for showing to people.

    `streams_at_once`: how many streams may be read by as many threads; 1 for a connector that is not thread-safe or
    gains nothing.
    """

    incremental: bool = False
    detects_deletes: bool = False
    declares_types: bool = False
    bulk: bool = False
    change_stream: bool = False
    has_credentials: bool = False
    streams_at_once: int = 1


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should be able to read about a sync: a limit met, a wait, a field that is not visible.

    `code` is stable and lower_snake; `message` is a sentence without secrets or record values.
    """

    code: str
    message: str
    stream: str | None = None
    level: Literal["info", "warning"] = "info"


NOT_VERIFIED = "not verified"  # begins an entry of `Grants.writes` about which the source would not tell


@dataclass(frozen=True, slots=True)
class Grants:
    """What the credentials may do beyond reading, as the source itself tells; `evidence` says how that was found.

    `writes` names what may be written, at most a few dozen entries; empty when the credentials can only read. Where
    the source does not tell, an entry beginning with NOT_VERIFIED says of what.
    """

    writes: tuple[str, ...]
    evidence: str


@dataclass(frozen=True)
class Batch:
    """One file, or one group of pages of an API. Valid until the next item is asked of the iterator.

    `stream` carries the fields observed in this batch. Exactly one of `scan` and `arrow` is set. The columns of
    `arrow` are text in the order of the stream's fields, with `deleted` after them when that is set.

    A batch is everything its origin holds, unless it is a `delta`: then it adds to what earlier batches brought.
    A delta holds each key once or, where a record was read twice, its newest version last.
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
    delta: bool = False
    deleted: str | None = None  # of a delta: BOOLEAN column; a true row says that the record of this key is gone
    sweep: str | None = None  # of a delta: the full read it is part of, by a name that a resumed read keeps


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


@dataclass(frozen=True)
class Swept:
    """The full read named `sweep` is over: what the origin holds and none of its batches brought is gone."""

    stream: Stream
    origin: str
    cursor: Cursor
    sweep: str


Item = Batch | Unchanged | Removed | Swept
ConfigT = TypeVar("ConfigT", bound=BaseModel)


class Connector(ABC, Generic[ConfigT]):
    """One configured source. `outbound` says which addresses may be reached; `notes` takes what people should read."""

    kind: ClassVar[str]
    config_model: ClassVar[type[BaseModel]]
    capabilities: ClassVar[Capabilities]

    def __init__(self, config: ConfigT, outbound: Outbound | None = None) -> None:
        self.config = config
        self.outbound = outbound or Outbound()
        self.notes: Callable[[Note], None] = _log_note

    @abstractmethod
    def check(self) -> None:
        """Raise ConnectorError when the source cannot be used as configured."""

    @abstractmethod
    def grants(self) -> Grants:
        """What the credentials may do beyond reading. Raises ConnectorError."""

    @abstractmethod
    def pin(self) -> ConfigT:
        """The configuration with everything that was sniffed made explicit; stored with the connection."""

    @abstractmethod
    def discover(self) -> list[Stream]:
        """The streams the source holds now, with their fields."""

    @abstractmethod
    def read(self, stream: Stream, cursor: Cursor | None, limit: int | None = None) -> Iterator[Item]:
        """What changed since the cursor. Stopping after any item and resuming from its cursor loses nothing.

        With a `limit` no more than that many records need be fetched from the source: the caller keeps no cursor then.
        """

    @abstractmethod
    def classify(self, error: Exception, stream: str) -> ConnectorError:
        """The connector's reading of an error met while a batch of `stream` was taken in."""

    def close(self) -> None:
        """Let go of connections and temporary files."""


def _log_note(note: Note) -> None:
    logger.log(logging.WARNING if note.level == "warning" else logging.INFO, "%s: %s", note.code, note.message)
