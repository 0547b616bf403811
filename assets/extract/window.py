"""One sync window: what the streams of a connection bring is landed, counted and told, item by item.

Lands in the caller's thread; where the items come from, and from how many streams at once, is `readers`'.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol, assert_never
from uuid import UUID

from assets.extract.accounting import StreamCounts
from assets.extract.landing import Landing
from assets.extract.plan import SERVICE_MODES, PlannedStream, plan_sync
from assets.extract.readers import Arrival, Reading, Reads, reads_of
from assets.extract.staging import Intake
from assets.extract.state import load_states
from connectors.errors import ConnectorError, StreamGone
from connectors.protocol import Batch, Connector, Item, Note, Removed, Swept, Unchanged
from orchestration.resources.lake_session import LakeSession

TOLD_EVERY_S = 5.0
WINDOW_S = 6 * 3_600.0  # a source that never ends must not keep a worker for ever; the next sync carries on


class Story(Protocol):
    """Where a sync's progress is told."""

    def record_stream(self, stream: str, values: Mapping[str, Any], *notes: Note) -> None:
        """Merge values into the stream's counts, and keep the notes."""

    def stream_failed(self, stream: str, error: ConnectorError) -> None:
        """The stream could not be read."""

    def note(self, note: Note) -> None:
        """Keep a note. From any thread."""


@dataclass(frozen=True, slots=True)
class Source:
    """An opened source with what people chose for its streams, and the tenant's key for hashed columns."""

    connector: Connector[Any]
    streams: Mapping[str, Any] = field(default_factory=dict)
    hash_key: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class _Lane:
    """One stream under way. `first_version` is the first commit the counts are about, `observe_from` the sync's.

    `snapshot_before` is a snapshot of the lake before the sync's first commit of the stream.
    """

    planned: PlannedStream
    landing: Landing
    counts: StreamCounts
    first_version: int
    observe_from: int
    snapshot_before: int
    had_error: bool
    started_at: float = 0.0
    noted_at: float = 0.0
    told: StreamCounts | None = None

    @property
    def name(self) -> str:
        return self.planned.stream.name


@dataclass(slots=True)
class SyncWindow:
    """Reads every stream of one connection once. `counted` is what the sync run knows of its streams so far."""

    session: LakeSession
    connection_id: UUID
    source: Source
    story: Story
    counted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_sample: bool = False
    window_s: float = WINDOW_S
    _lanes: dict[str, _Lane] = field(default_factory=dict)
    _began_at: int = 0

    def read(self) -> dict[str, StreamCounts]:
        """Land everything; the counts by stream. A stream that cannot be read is told and does not stop the others.

        Raises:
            ConnectorError: the whole source is out of reach, or a person has to act. What came whole was landed.
            SyncSuperseded: another sync of this connection committed meanwhile.
        """
        connector = self.source.connector
        connector.notes = self.story.note
        self._began_at = self.session.snapshot()
        plan = plan_sync(
            connector.discover(),
            load_states(self.session, self.connection_id),
            self.source.streams,
            self.story.note,
            is_sample=self.is_sample,
            declares_types=connector.capabilities.declares_types,
        )
        for planned in plan.absent:
            self._pass_over(planned)
        self._lanes = {planned.stream.name: self._lane(planned) for planned in plan.streams}
        readings = [
            Reading(lane.planned.stream, lane.planned.cursor, lane.planned.limit) for lane in self._lanes.values()
        ]
        reads = reads_of(connector, readings, self._at_once())
        try:
            with reads, closing(iter(reads)) as arrivals:
                self._land_all(reads, arrivals)
        finally:
            self._tell_rest()
        return {lane.name: lane.counts for lane in self._lanes.values()}

    def _land_all(self, reads: Reads, arrivals: Iterator[Arrival]) -> None:
        deadline = time.monotonic() + self.window_s
        for arrival in arrivals:
            fatal = self._receive(arrival)
            if fatal is not None:
                for left in reads.complete():
                    self._receive(left)
                raise fatal
            if time.monotonic() > deadline:
                self.story.note(
                    Note("window_over", "This sync has read for long enough; the next one carries on.", level="warning")
                )
                return

    def _receive(self, arrival: Arrival) -> Exception | None:
        """Land an item, or end its stream; the error that ends the whole sync, if this is one."""
        lane = self._lanes[arrival.reading.stream.name]
        error = arrival.error
        if error is None and arrival.item is None and not arrival.reading.is_abandoned:
            self._end(lane)
        elif arrival.item is not None:
            try:
                self._take(lane, arrival.item)
            except ConnectorError as raised:
                error = raised
                arrival.reading.abandon()
            else:
                if self.is_sample:
                    arrival.reading.abandon()
                    self._end(lane)
        if error is None:
            return None
        if isinstance(error, ConnectorError) and error.effect == "skip_stream":
            self._tell(lane)
            self.story.stream_failed(lane.name, error)
            return None
        return error

    def _take(self, lane: _Lane, item: Item) -> None:
        if not lane.started_at:
            lane.started_at = lane.noted_at = time.monotonic()
        lane.counts.add(self._landed(lane.landing, item))
        # The first is told at once: where a lost run began must be known to the one in its place.
        is_first = lane.told is None and (lane.counts.landed or lane.counts.rejected or lane.counts.deleted)
        # Batches of services are large, and what a lost run did not tell of them nobody counts.
        is_carried_on = lane.planned.stream.mode in SERVICE_MODES and lane.counts != StreamCounts()
        if time.monotonic() - lane.noted_at >= TOLD_EVERY_S:
            self._tell(lane, Note("records_read", _progress(lane.counts), lane.name))
            lane.noted_at = time.monotonic()
        elif is_first or is_carried_on:
            self._tell(lane)

    def _landed(self, landing: Landing, item: Item) -> StreamCounts:
        if self.is_sample:
            return landing.land(item) if isinstance(item, Batch) else StreamCounts()
        match item:
            case Batch():
                return landing.land(item)
            case Unchanged():
                return landing.skip(item)
            case Removed():
                return landing.remove(item)
            case Swept():
                return landing.sweep(item)
            case _:
                assert_never(item)

    def _end(self, lane: _Lane) -> None:
        lane.counts.add(lane.landing.end())
        took_s = time.monotonic() - lane.started_at if lane.started_at else 0.0
        how = f"A sample of {lane.planned.limit} records at most" if self.is_sample else _how(lane.planned)
        self._tell(lane, Note("stream_read", f"{how}: {_summary(lane.counts)} in {took_s:.1f} s.", lane.name))

    def _tell(self, lane: _Lane, *notes: Note) -> None:
        values: dict[str, Any] = lane.counts.as_json() | {
            "first_version": lane.first_version,
            "observe_from": lane.observe_from,
            "snapshot_before": lane.snapshot_before,
            "last_version": lane.landing.state.version,
        }
        if lane.had_error:
            values["error"] = None
        self.story.record_stream(lane.name, values, *notes)
        lane.told = StreamCounts(**lane.counts.as_json())

    def _tell_rest(self) -> None:
        """However the window ends, what was landed is counted."""
        for lane in self._lanes.values():
            if lane.told != lane.counts and lane.counts != StreamCounts():
                self._tell(lane)

    def _pass_over(self, planned: PlannedStream) -> None:
        """A stream of a service that has gone, or has nothing to read: remembered, told, and no failure."""
        name = planned.stream.name
        if not planned.is_vanished:
            self.story.note(Note("no_fields", "The stream has no field that may be read.", name, "warning"))
            return
        lane = self._lane(planned)
        lane.landing.mark_absent()
        gone = StreamGone("The source no longer has it; its records are kept.", stream=name)
        self._tell(lane, Note(gone.code, gone.message, name, "warning"))

    def _lane(self, planned: PlannedStream) -> _Lane:
        """Where a stream begins. Counts of an attempt that could tell them all are carried on, others begin anew."""
        name, state = planned.stream.name, planned.state
        intake = Intake(planned.settings, self.source.hash_key, planned.limit, planned.is_first_look)
        classify = self.source.connector.classify
        landing = Landing(self.session, self.connection_id, state, classify, intake, planned.asked)
        if planned.is_vanished and planned.stream.mode not in SERVICE_MODES:
            landing.mark_absent()
        before = self.counted.get(name, {})
        first_version, counts = state.version + 1, StreamCounts()
        if planned.stream.mode in SERVICE_MODES and before.get("last_version") == state.version:
            first_version = int(before["first_version"])
            counts = StreamCounts(**{key: int(before.get(key) or 0) for key in StreamCounts().as_json()})
        observe_from = int(before.get("observe_from") or state.version + 1)
        # Of an attempt that was lost, the snapshot it began at: what it committed is not what stood before this sync.
        kept = before.get("snapshot_before") if before.get("observe_from") else None
        snapshot_before = self._began_at if kept is None else int(kept)
        return _Lane(planned, landing, counts, first_version, observe_from, snapshot_before, bool(before.get("error")))

    def _at_once(self) -> int:
        connector = self.source.connector
        allowed = getattr(getattr(connector.config, "limits", None), "streams_at_once", None)
        offered = connector.capabilities.streams_at_once
        return offered if allowed is None else min(offered, int(allowed))


def _how(planned: PlannedStream) -> str:
    mode = planned.stream.mode.replace("_", " ")
    return f"Read {mode}, {'from the start' if planned.cursor is None else 'from where the last sync ended'}"


def _progress(counts: StreamCounts) -> str:
    return f"{counts.read:,} records read so far ({counts.size_bytes / 1e6:,.1f} MB in the lake)."


def _summary(counts: StreamCounts) -> str:
    return (
        f"{counts.read:,} read, {counts.landed:,} new or changed, {counts.unchanged:,} unchanged, "
        f"{counts.rejected:,} rejected, {counts.deleted:,} deleted"
    )
