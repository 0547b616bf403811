"""The story of a sync while it runs: written to the control plane, told to dashboards.

The control plane's rows are the truth; an event that Redis could not take is only news that came late.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import redis
from sqlalchemy.exc import SQLAlchemyError

from connectors.errors import ConnectorError
from connectors.protocol import Note
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneError
from orchestration.control_plane.failure import RunKind
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.partitions import SYNC_TAG, ConnectionKey
from orchestration.resources.events import Events
from orchestration.resources.failure_notes import note_failure
from orchestration.resources.stages import told_stage

logger = logging.getLogger(__name__)

MOST_NOTES = 200  # of one step; nobody reads more, and a source must not fill the database with them


class SyncLog:
    """Writes one sync's progress. Notes may come from any thread."""

    def __init__(
        self,
        control_plane: ControlPlane,
        events: Events,
        key: ConnectionKey,
        sync_run_id: UUID,
        trace_id: str | None = None,
    ) -> None:
        self._control_plane = control_plane
        self._events = events
        self.key = key
        self.sync_run_id = sync_run_id
        self._trace_id = trace_id
        self._lock = threading.Lock()
        self._notes = 0

    def record_stream(self, stream: str, values: Mapping[str, Any], *notes: Note) -> None:
        """Merge values into the stream's entry of the sync run; notes are kept in the same transaction."""
        kept = [note for note in map(self._counted, notes) if note is not None]
        with self._control_plane.tenant_session(self.key.tenant_id) as session:
            session.sync_runs.record_stream(self.sync_run_id, stream, values)
            self._add(session, kept)
        self.tell("sync.stream", {"stream": stream, **values})
        for note in kept:
            self._tell_note(note)

    def stream_failed(self, stream: str, error: ConnectorError) -> None:
        """The stream could not be read; the others go on."""
        self.record_stream(stream, {"error": {"code": error.code, "message": error.message, "hint": error.hint}})

    def note(self, note: Note) -> None:
        """Keep a sentence for people. One that cannot be stored costs the sentence, not the sync."""
        kept = self._counted(note)
        if kept is None:
            return
        try:
            with self._control_plane.tenant_session(self.key.tenant_id) as session:
                self._add(session, [kept])
        except (SQLAlchemyError, ControlPlaneError) as error:
            logger.warning("note %s was not stored: %s", kept.code, type(error).__name__)
        self._tell_note(kept)

    def _counted(self, note: Note) -> Note | None:
        """The note; in place of the first too many a sentence that says so, and nothing for those after it."""
        with self._lock:
            self._notes += 1
            number = self._notes
        if number == MOST_NOTES:
            return Note("notes_left_out", f"More than {MOST_NOTES} notes: the rest is left out.", level="warning")
        return note if number < MOST_NOTES else None

    def _add(self, session: TenantSession, notes: Sequence[Note]) -> None:
        for note in notes:
            session.sync_notes.add(self.sync_run_id, note.code, note.message, note.stream, note.level)

    def _tell_note(self, note: Note) -> None:
        told = {"code": note.code, "message": note.message, "stream": note.stream, "level": note.level}
        self.tell("sync.note", told)

    def current(self) -> SyncRunRecord:
        """The sync run as it stands."""
        with self._control_plane.tenant_session(self.key.tenant_id) as session:
            return session.sync_runs.get(self.sync_run_id)

    def finish(self, snapshot_id: int) -> SyncRunRecord:
        """Everything the sync set out to do is done; streams that failed make it a failed sync with the rest loaded."""
        with self._control_plane.tenant_session(self.key.tenant_id) as session:
            streams = session.sync_runs.get(self.sync_run_id).streams
            failed = {name: counts["error"] for name, counts in streams.items() if counts.get("error")}
            if failed:
                run = session.sync_runs.fail(self.sync_run_id, "stream_failed", *_summary(failed), retryable=False)
                note_failure(session, run)
            else:
                run = session.sync_runs.finish(self.sync_run_id, snapshot_id)
        self.tell(f"sync.{run.status}", {"read": run.read, "loaded": run.loaded, "rejected": run.rejected})
        return run

    def stage(self, name: str) -> AbstractContextManager[dict[str, Any]]:
        """Tell dashboards of the block as a stage of this sync, with the counts that the block puts in."""
        return told_stage(self.tell, name)

    def tell(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell dashboards; a Redis that is away costs the news, not the sync."""
        ids = {"connection_id": str(self.key.connection_id), "sync_run_id": str(self.sync_run_id)}
        try:
            self._events.tell(self.key.tenant_id, kind, {**ids, **data}, trace_id=self._trace_id)
        except redis.RedisError as error:
            logger.warning("event %s was not told: %s", kind, error)


def _summary(failed: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """Message and hint of a sync in which streams failed."""
    messages = "; ".join(f"stream {name!r}: {error['message']}" for name, error in failed.items())
    hints = " ".join(dict.fromkeys(str(error["hint"]) for error in failed.values() if error.get("hint")))
    return messages, hints


class Syncs:
    """Opens the log of a run's sync."""

    def __init__(self, control_plane: ControlPlane, events: Events) -> None:
        self._control_plane = control_plane
        self._events = events

    def start(self, key: ConnectionKey, tags: Mapping[str, str], dagster_run_id: str) -> SyncLog:
        """Say that the sync runs. A run started by hand in Dagster's UI has no sync yet: it gets one here."""
        with self._control_plane.tenant_session(key.tenant_id) as session:
            run = _sync_of(session, key, tags, dagster_run_id, "sync")
            session.sync_runs.start(run.id, dagster_run_id)
        log = SyncLog(self._control_plane, self._events, key, run.id, run.trace_id)
        log.tell("sync.started", {"kind": run.kind})
        return log

    def resume(self, key: ConnectionKey, tags: Mapping[str, str], dagster_run_id: str) -> SyncLog:
        """The log of the sync that an earlier step of this run started.

        A replay has no step before those that resume: the first of them says that it runs.
        """
        with self._control_plane.tenant_session(key.tenant_id) as session:
            run = _sync_of(session, key, tags, dagster_run_id, "replay")
            begins = run.kind == "replay" and (run.status, run.dagster_run_id) != ("running", dagster_run_id)
            if begins and not run.is_finished:
                session.sync_runs.start(run.id, dagster_run_id)
        log = SyncLog(self._control_plane, self._events, key, run.id, run.trace_id)
        if begins and not run.is_finished:
            log.tell("sync.started", {"kind": run.kind})
        return log


def _sync_of(
    session: TenantSession, key: ConnectionKey, tags: Mapping[str, str], dagster_run_id: str, kind: RunKind
) -> SyncRunRecord:
    """The sync the run was asked for; another when that has ended, as when somebody runs it again by hand.

    One run by hand from behind the reading on is a replay.
    """
    if SYNC_TAG in tags:
        run = session.sync_runs.get(UUID(tags[SYNC_TAG]))
        if not run.is_finished or run.dagster_run_id == dagster_run_id:
            return run
    for run in session.sync_runs.list(key.connection_id, limit=10):
        if run.dagster_run_id == dagster_run_id:
            return run
    return session.sync_runs.request(key.connection_id, "dagster", kind)
