"""The story of a view refresh while it runs, and the move of the published pointer at its end."""

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from uuid import UUID

import redis

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.publications import PublicationRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.partitions import REFRESH_TAG, TRACE_TAG
from orchestration.resources.events import Events
from orchestration.resources.publishing import FrozenCatalog
from orchestration.resources.stages import told_stage

logger = logging.getLogger(__name__)


class Refreshes:
    """Starts and finishes the refresh of a run. One started by hand in Dagster's UI gets its row here."""

    def __init__(self, control_plane: ControlPlane, events: Events) -> None:
        self._control_plane = control_plane
        self._events = events

    def start(self, tenant_id: UUID, tags: Mapping[str, str], dagster_run_id: str) -> UUID:
        """Say that it runs; what changes from here on wants another refresh."""
        with self._control_plane.tenant_session(tenant_id) as session:
            refresh_id = _refresh_of(session, tags, dagster_run_id)
            session.refreshes.start(refresh_id, dagster_run_id)
        return refresh_id

    def progress(
        self, tenant_id: UUID, tags: Mapping[str, str], dagster_run_id: str, counted: Mapping[str, Any]
    ) -> None:
        """Say how far a run is that derives everything anew, beside what it said before; its tasks are told of."""
        with self._control_plane.tenant_session(tenant_id) as session:
            refresh = session.refreshes.get(_refresh_of(session, tags, dagster_run_id))
            session.refreshes.record_progress(refresh.id, {**(refresh.progress or {}), **counted})
            session.trace_id = tags.get(TRACE_TAG)
            for task in session.tasks.of_refresh(refresh.id):
                about = {"task_id": task.id, "kind": task.kind, "status": task.status, "connection_id": None}
                session.tell("task.progress", {**about, "progress": dict(counted)}, task.requested_by)

    def published(self, tenant_id: UUID) -> PublicationRecord | None:
        """What readers see now."""
        with self._control_plane.tenant_session(tenant_id) as session:
            return session.publications.current()

    def publish(
        self,
        tenant_id: UUID,
        tags: Mapping[str, str],
        dagster_run_id: str,
        frozen: FrozenCatalog,
        views: Mapping[str, dict[str, Any]],
    ) -> None:
        """Move the tenant's pointer to the frozen catalog and end the refresh, in one transaction."""
        with self._control_plane.tenant_session(tenant_id) as session:
            current = session.publications.current()
            if current is None or current.snapshot_id != frozen.snapshot_id:
                session.publications.publish(frozen.snapshot_id, str(frozen.path), views)
            refresh_id = _refresh_of(session, tags, dagster_run_id)
            session.refreshes.finish(refresh_id, {"snapshot_id": frozen.snapshot_id, "views": dict(views)})
        published = {"snapshot_id": frozen.snapshot_id, "views": views}
        self.tell(tenant_id, "views.published", published, tags.get(TRACE_TAG))

    def stage(self, tenant_id: UUID, tags: Mapping[str, str], name: str) -> AbstractContextManager[dict[str, Any]]:
        """Tell dashboards of the block as a stage of this refresh, with the counts that the block puts in."""
        tell = partial(self.tell, tenant_id, trace_id=tags.get(TRACE_TAG))
        return told_stage(tell, name, refresh_id=tags.get(REFRESH_TAG))

    def tell(self, tenant_id: UUID, kind: str, data: Mapping[str, Any], trace_id: str | None = None) -> None:
        """Tell dashboards; a Redis that is away costs the news, not the refresh."""
        try:
            self._events.tell(tenant_id, kind, data, trace_id=trace_id)
        except redis.RedisError as error:
            logger.warning("event %s was not told: %s", kind, error)


def _refresh_of(session: TenantSession, tags: Mapping[str, str], dagster_run_id: str) -> UUID:
    if REFRESH_TAG in tags:
        asked = session.refreshes.get(UUID(tags[REFRESH_TAG]))
        if not asked.is_finished or asked.dagster_run_id == dagster_run_id:
            return asked.id
    latest = session.refreshes.latest()
    if latest is not None and latest.dagster_run_id == dagster_run_id:
        return latest.id
    return session.refreshes.request().id
