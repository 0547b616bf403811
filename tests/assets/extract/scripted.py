"""A source that does what a test says, and a story that keeps what was told about a sync."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
from pydantic import BaseModel

from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.extract.window import Source, SyncWindow
from connectors.errors import ConnectorError, RecordInvalid
from connectors.limits import Limits
from connectors.protocol import (
    Batch,
    Capabilities,
    Connector,
    Cursor,
    Field,
    Grants,
    Item,
    Mode,
    Note,
    Stream,
    Swept,
    Unchanged,
)
from orchestration.resources.lake_session import LakeSession, name_of

Row = Sequence[str | None]
Step = Item | Exception | Callable[[], None]


def stream_of(
    name: str = "people", fields: Sequence[str | Field] = ("id", "name"), mode: Mode = "incremental", **options: Any
) -> Stream:
    """A stream of a service; its first field is the key."""
    modes: tuple[Mode, ...] = ("incremental", "full", "full_with_deletes")
    made = tuple(field if isinstance(field, Field) else Field(field, "text") for field in fields)
    return Stream(name, made, **{"primary_key": ("id",), "mode": mode, "modes": modes, **options})


def delta(
    stream: Stream,
    rows: Sequence[Row],
    page: int = 1,
    *,
    gone: Sequence[bool] | None = None,
    sweep: str | None = None,
) -> Batch:
    """A page of rows in the order of the stream's fields; `gone` says which of them were deleted."""
    columns: dict[str, pa.Array] = {
        field.name: pa.array([row[at] for row in rows], pa.string()) for at, field in enumerate(stream.fields)
    }
    if gone is not None:
        columns["gone?"] = pa.array(gone, pa.bool_())
    reader = pa.table(columns).to_reader()
    deleted = None if gone is None else "gone?"
    return Batch(stream, "", {"page": page}, None, arrow=reader, delta=True, deleted=deleted, sweep=sweep)


def swept(stream: Stream, sweep: str, page: int = 99) -> Swept:
    return Swept(stream, "", {"page": page}, sweep)


def quiet(stream: Stream, page: int = 1) -> Unchanged:
    return Unchanged(stream, "", {"page": page})


class ScriptedConfig(BaseModel):
    limits: Limits = Limits()


class ScriptedConnector(Connector[ScriptedConfig]):
    """Plays a script for each stream. `asked` holds what was asked of `read`, `closed` the iterators that ended."""

    kind = "scripted"
    config_model = ScriptedConfig
    capabilities = Capabilities(incremental=True, detects_deletes=True, declares_types=True, streams_at_once=4)

    def __init__(
        self,
        streams: Sequence[Stream],
        script: Callable[[Stream, Cursor | None], Iterator[Step]],
        at_once: int = 1,
        declares_types: bool = True,
    ) -> None:
        super().__init__(ScriptedConfig(limits=Limits(streams_at_once=at_once)))
        self.capabilities = Capabilities(declares_types=declares_types, streams_at_once=4)  # type: ignore[misc]
        self.streams = list(streams)
        self.script = script
        self.asked: list[tuple[Stream, Cursor | None, int | None]] = []
        self.closed: list[str] = []
        self.threads: set[int] = set()

    def check(self) -> None: ...

    def grants(self) -> Grants:
        return Grants((), "scripted")

    def pin(self) -> ScriptedConfig:
        return self.config

    def discover(self) -> list[Stream]:
        return self.streams

    def read(self, stream: Stream, cursor: Cursor | None, limit: int | None = None) -> Iterator[Item]:
        self.asked.append((stream, cursor, limit))
        self.threads.add(threading.get_ident())
        try:
            for step in self.script(stream, cursor):
                if isinstance(step, Exception):
                    raise step
                if callable(step):
                    step()
                else:
                    yield step
        finally:
            self.closed.append(stream.name)

    def classify(self, error: Exception, stream: str) -> ConnectorError:
        return RecordInvalid("a page cannot be read", stream=stream, detail=str(error))


class Told:
    """A story kept in memory."""

    def __init__(self) -> None:
        self.streams: dict[str, dict[str, Any]] = {}
        self.notes: list[Note] = []
        self.records = 0

    def record_stream(self, stream: str, values: Mapping[str, Any], *notes: Note) -> None:
        self.records += 1
        self.streams.setdefault(stream, {}).update(values)
        self.notes.extend(notes)

    def stream_failed(self, stream: str, error: ConnectorError) -> None:
        self.streams.setdefault(stream, {})["error"] = error.code

    def note(self, note: Note) -> None:
        self.notes.append(note)

    def codes(self, stream: str | None = None) -> list[str]:
        return [note.code for note in self.notes if stream in (None, note.stream)]


class Syncs:
    """Syncs of one connection, one after the other, each with a story of its own."""

    def __init__(self, session: LakeSession) -> None:
        self.session = session
        self.connection_id: UUID = uuid4()
        self.told = Told()

    def run(
        self,
        connector: ScriptedConnector,
        *,
        streams: Mapping[str, Any] | None = None,
        is_sample: bool = False,
        counted: Mapping[str, Mapping[str, Any]] | None = None,
        window_s: float = 3_600.0,
    ) -> dict[str, dict[str, int]]:
        """One sync; its counts by stream without their size."""
        self.told = Told()
        source = Source(connector, streams or {}, b"k" * 32)
        window = SyncWindow(
            self.session, self.connection_id, source, self.told, counted or {}, is_sample=is_sample, window_s=window_s
        )
        counts = window.read()
        assert all(count.is_balanced() for count in counts.values())
        return {
            name: {key: value for key, value in count.as_json().items() if value and key != "size_bytes"}
            for name, count in counts.items()
        }

    def table(self, stream: str = "people") -> str:
        return name_of(RAW_SCHEMA, raw_table(self.connection_id, stream))

    def rows(self, columns: str = "id, name", stream: str = "people", where: str = "NOT __deleted") -> list[Any]:
        return self.session.rows(f"SELECT {columns} FROM {self.table(stream)} WHERE {where} ORDER BY ALL")

    def rejects(self, columns: str = "record_id, errors->>'$[0].reason'") -> list[Any]:
        return self.session.rows(f"SELECT {columns} FROM lake.canonical.rejected_records ORDER BY ALL")


def pages(*made: Step) -> Callable[[Stream, Cursor | None], Iterator[Step]]:
    """A script that goes on after the page the cursor names."""

    def script(_: Stream, cursor: Cursor | None) -> Iterator[Step]:
        done = (cursor or {}).get("page", 0)
        for step in made:
            if isinstance(step, Batch | Swept | Unchanged) and step.cursor["page"] <= done:
                continue
            yield step

    return script


def one(stream: Stream, *made: Step, **options: Any) -> ScriptedConnector:
    """A connector of one stream with these pages."""
    return ScriptedConnector([stream], pages(*made), **options)
