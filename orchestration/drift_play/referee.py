"""Looks at a connection after a change, lets the person decide, and looks again at what stands and what is held.

The same for plays on servers of their own and for plays with a source that runs.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assets.normalize.model import VIEWS
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.drift_play.case import Case, events_of
from orchestration.drift_play.ground import Ground
from orchestration.drift_play.person import decide
from orchestration.drift_play.streams import WorldStream
from orchestration.drift_play.truth import Comparison, compare
from orchestration.partitions import ConnectionKey


@dataclass(slots=True)
class Played:
    """One connection of the play with its streams. `targets`: by number of the stream, what its mapping fills truly."""

    name: str
    key: ConnectionKey
    streams: list[WorldStream]
    targets: dict[int, list[str]] = field(default_factory=dict)
    out: set[int] = field(default_factory=set)

    def playing(self) -> list[WorldStream]:
        """Streams that are right so far."""
        return [stream for stream in self.streams if stream.number not in self.out]


class Referee:
    """Judges on one ground."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def judge(self, played: Played, cases: dict[int, Case]) -> SyncRunRecord:
        """Sync what was changed, look, have the person decide, carry that out and look again; the sync's record."""
        started = time.monotonic()
        run = self._ground.sync(played.key)
        synced_s = time.monotonic() - started
        self._observe(played, cases, run)
        self._look_early(played, cases, synced_s)
        replay = self._decide(played, cases)
        self._look_again(played, cases, replay, time.monotonic() - started)
        return run

    def _observe(self, played: Played, cases: dict[int, Case], run: SyncRunRecord) -> None:
        """What the sync reported and proposed since it began."""
        since = run.started_at or run.requested_at
        with self._ground.control_plane.tenant_session(self._ground.tenant_id) as session:
            events = session.drift.list(played.key.connection_id, limit=None)
            proposals = session.proposals.list(connection_id=played.key.connection_id)
        events = [event for event in events if event.last_seen_at >= since]
        proposals = [one for one in proposals if one.created_at >= since or one.is_waiting]
        for stream in played.playing():
            case = cases[stream.number]
            case.events = events_of(events, case.stream, stream.name)
            case.proposals = [one for one in proposals if one.stream in (case.stream, stream.name)]
            counts = run.streams.get(stream.name) or {}
            case.held = int(counts.get("held") or 0)
            if run.status != "succeeded" or not run.balances:
                counted = f"read {run.read} = {run.loaded} + {run.rejected} rejected + {run.unchanged} unchanged"
                case.errors.append(f"the sync {run.status}, {counted}: {run.error_message or ''}")

    def _look_early(self, played: Played, cases: dict[int, Case], synced_s: float) -> None:
        """Before anybody is asked: what is not held has to be true already."""
        held = self._ground.quarantined(played.key)
        for number, found in self.compare(played, held).items():
            if number in cases:
                case = cases[number]
                if case.mutation.new_name is not None and case.with_status("open", "refused"):
                    continue  # all of a stream that came under another name waits; its last good rows stand
                case.early_wrong, case.early_lost = found.wrong, found.lost + found.doubled + found.surplus
                if case.with_status("applied") and found.holds:
                    case.repair_s = synced_s

    def _decide(self, played: Played, cases: dict[int, Case]) -> SyncRunRecord | None:
        """The person decides on all that waits; then what was decided is carried out."""
        for stream in played.playing():
            case = cases[stream.number]
            version = min((event.first_version for event in case.events if event.first_version), default=0)
            for proposal in case.with_status("open", "refused"):
                with self._ground.control_plane.tenant_session(self._ground.tenant_id) as session:
                    now = session.proposals.get(proposal.id)
                    if now.is_waiting:
                        case.verdicts.append(decide(session, now, stream, case.mutation, version))
            case.errors += [f"{one.decision} of {one.kind}: {one.error}" for one in case.verdicts if one.error]
        return self._ground.replay(played.key)

    def _look_again(self, played: Played, cases: dict[int, Case], replay: SyncRunRecord | None, took: float) -> None:
        """After all was decided and replayed: everything has to be true, and nothing held."""
        held = self._ground.quarantined(played.key)
        for number, found in self.compare(played).items():
            if number not in cases:
                continue
            case, stream = cases[number], next(one for one in played.streams if one.number == number)
            case.end, case.still_held = found, len(held.get(stream.name, ())) + len(held.get(case.stream, ()))
            counts = (replay.streams.get(stream.name) if replay else None) or {}
            case.replayed = int(counts.get("replayed") or 0)
            if case.repair_s is None and case.verdicts and case.is_right:
                case.repair_s = took
            if not case.end.holds or case.still_held:
                played.out.add(number)

    def compare(
        self, played: Played, held: dict[str, set[str]] | None = None, published: Path | None = None
    ) -> dict[int, Comparison]:
        """Canonical or published rows of a connection against the truth, by number of the stream."""
        kept = {record for records in (held or {}).values() for record in records}
        made: dict[int, Comparison] = {}
        for entity in dict.fromkeys(stream.entity for stream in played.streams):
            streams: Sequence[WorldStream] = [one for one in played.streams if one.entity == entity]
            found = (
                self._ground.published(published, VIEWS[entity], played.key)
                if published
                else self._ground.canonical(played.key, entity)
            )
            made |= compare(streams, played.targets, found, kept)
        return made
