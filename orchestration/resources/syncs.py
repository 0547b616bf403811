"""The story of a sync while it runs: written to the control plane, told to dashboards.

The control plane's rows are the truth; an event that Redis could not take is only news that came late.
"""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import redis

from connectors.errors import ConnectorError
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.partitions import SYNC_TAG, ConnectionKey
from orchestration.resources.events import Events

logger = logging.getLogger(__name__)


class SyncLog:
    """Writes one sync's progress."""

    def __init__(self, control_plane: ControlPlane, events: Events, key: ConnectionKey, sync_run_id: UUID) -> None:
        self._control_plane = control_plane
        self._events = events
        self.key = key
        self.sync_run_id = sync_run_id

    def record_stream(self, stream: str, values: Mapping[str, Any]) -> None:
        """Merge values into the stream's entry of the sync run."""
        with self._control_plane.tenant_session(self.key.tenant_id) as session:
            session.sync_runs.record_stream(self.sync_run_id, stream, values)
        self.tell("sync.stream", {"stream": stream, **values})

    def stream_failed(self, stream: str, error: ConnectorError) -> None:
        """The stream could not be read; the others go on."""
        self.record_stream(stream, {"error": {"code": error.code, "message": error.message, "hint": error.hint}})

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
            else:
                run = session.sync_runs.finish(self.sync_run_id, snapshot_id)
        self.tell(f"sync.{run.status}", {"read": run.read, "loaded": run.loaded, "rejected": run.rejected})
        return run

    def tell(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell dashboards; a Redis that is away costs the news, not the sync."""
        ids = {"connection_id": str(self.key.connection_id), "sync_run_id": str(self.sync_run_id)}
        try:
            self._events.tell(self.key.tenant_id, kind, {**ids, **data})
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
            sync_run_id = _sync_of(session, key, tags, dagster_run_id)
            session.sync_runs.start(sync_run_id, dagster_run_id)
        log = SyncLog(self._control_plane, self._events, key, sync_run_id)
        log.tell("sync.started", {})
        return log

    def resume(self, key: ConnectionKey, tags: Mapping[str, str], dagster_run_id: str) -> SyncLog:
        """The log of the sync that an earlier step of this run started."""
        with self._control_plane.tenant_session(key.tenant_id) as session:
            sync_run_id = _sync_of(session, key, tags, dagster_run_id)
        return SyncLog(self._control_plane, self._events, key, sync_run_id)


def _sync_of(session: TenantSession, key: ConnectionKey, tags: Mapping[str, str], dagster_run_id: str) -> UUID:
    """The sync the run was asked for; another when that has ended, as when somebody runs it again by hand."""
    if SYNC_TAG in tags:
        run = session.sync_runs.get(UUID(tags[SYNC_TAG]))
        if not run.is_finished or run.dagster_run_id == dagster_run_id:
            return run.id
    for run in session.sync_runs.list(key.connection_id, limit=10):
        if run.dagster_run_id == dagster_run_id:
            return run.id
    return session.sync_runs.request(key.connection_id, "dagster").id
