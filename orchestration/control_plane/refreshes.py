"""A view refresh: one rebuild (resolve, unify, publish) of one tenant's views.

Same states as a sync run. At most one refresh of a tenant is requested, so requests coalesce; at most one is active.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.errors import NotInState
from orchestration.control_plane.failure import ACTIVE, RunStatus
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.tenants import TenantRepository

view_refreshes = tenant_table(
    "view_refreshes",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    timestamp("requested_at"),
    timestamp("queued_at", nullable=True),
    timestamp("started_at", nullable=True),
    timestamp("finished_at", nullable=True),
    sa.Column("dagster_run_id", sa.Text, nullable=True),
    jsonb("published", nullable=True),
    sa.Column("error_code", sa.Text, nullable=True),
    sa.Column("error_message", StorableText, nullable=True),
    sa.Column("error_hint", StorableText, nullable=True),
    sa.Column("retryable", sa.Boolean, nullable=True),
    sa.Column("trace_id", sa.Text, nullable=True),
    sa.Column("anew", sa.Boolean, nullable=False),
    jsonb("progress", nullable=True),
)


@dataclass(frozen=True, slots=True)
class RefreshRecord:
    """`anew`: everything derived is derived once more, from raw records; `progress` says how far that is."""

    tenant_id: UUID
    id: UUID
    status: RunStatus
    requested_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    dagster_run_id: str | None
    published: dict[str, Json] | None
    error_code: str | None
    error_message: str | None
    error_hint: str | None
    retryable: bool | None
    trace_id: str | None
    anew: bool
    progress: dict[str, Json] | None

    @property
    def is_finished(self) -> bool:
        """Whether it ended, well or not."""
        return self.finished_at is not None


class RefreshRepository(Repository):
    """The view refreshes of one tenant."""

    kind = "view refresh"

    def request(self, *, anew: bool = False, trace_id: str | None = None) -> RefreshRecord:
        """Ask for a rebuild; the one that still waits, if there is one, then as thorough as either wants it."""
        new = postgresql.insert(view_refreshes).values(
            tenant_id=self._tenant_id, id=uuid4(), status="requested", anew=anew, trace_id=trace_id
        )
        coalesced = new.on_conflict_do_update(
            index_elements=["tenant_id"],
            index_where=view_refreshes.c.status == sa.literal_column("'requested'"),
            set_={
                "anew": sa.or_(view_refreshes.c.anew, new.excluded.anew),
                "trace_id": sa.func.coalesce(view_refreshes.c.trace_id, new.excluded.trace_id),
            },
        )
        return self._one(coalesced.returning(*_COLUMNS), RefreshRecord, self._tenant_id)

    def unfinished(self) -> Sequence[RefreshRecord]:
        """What waits or runs: at most one of each."""
        open_ones = sa.select(*_COLUMNS).where(view_refreshes.c.finished_at.is_(None))
        return self._all(open_ones.order_by(view_refreshes.c.requested_at), RefreshRecord)

    def get(self, refresh_id: UUID) -> RefreshRecord:
        """One refresh."""
        return self._one(sa.select(*_COLUMNS).where(view_refreshes.c.id == refresh_id), RefreshRecord, refresh_id)

    def latest(self) -> RefreshRecord | None:
        """The newest one asked for."""
        newest = sa.select(*_COLUMNS).order_by(view_refreshes.c.requested_at.desc(), view_refreshes.c.id).limit(1)
        return self._first(newest, RefreshRecord)

    def start(self, refresh_id: UUID, dagster_run_id: str) -> RefreshRecord:
        """Say that it runs; changes from here on make the tenant stale again. A running one is taken over.

        Raises NotInState once it has ended, or while another refresh of the tenant is active.
        """
        others = sa.select(view_refreshes.c.id).where(
            view_refreshes.c.status.in_(ACTIVE), view_refreshes.c.id != refresh_id
        )
        if self._connection.execute(others).first() is not None:
            raise NotInState("Another rebuild of this tenant's views is running.")
        started = self._move(
            refresh_id, status="running", dagster_run_id=dagster_run_id,
            started_at=sa.func.coalesce(view_refreshes.c.started_at, sa.func.clock_timestamp()),
        )  # fmt: skip
        TenantRepository(self._connection, self._tenant_id).mark_fresh()
        return started

    def finish(self, refresh_id: UUID, published: Mapping[str, Json] | None = None) -> RefreshRecord:
        """It succeeded; `published` is its summary (view -> rows, ...)."""
        summary = None if published is None else dict(published)
        return self._move(refresh_id, status="succeeded", published=summary, finished_at=sa.func.clock_timestamp())

    def fail(self, refresh_id: UUID, code: str, message: str, hint: str = "", retryable: bool = True) -> RefreshRecord:
        """It failed; the tenant is stale again."""
        failed = self._move(
            refresh_id, status="failed", error_code=code, error_message=message, error_hint=hint,
            retryable=retryable, finished_at=sa.func.clock_timestamp(),
        )  # fmt: skip
        TenantRepository(self._connection, self._tenant_id).mark_stale()
        return failed

    def cancel(self, refresh_id: UUID) -> RefreshRecord:
        """Nobody wants it any more; what is stale is found by the next sweep."""
        return self._move(refresh_id, status="canceled", finished_at=sa.func.clock_timestamp())

    def record_progress(self, refresh_id: UUID, progress: Mapping[str, Json]) -> RefreshRecord:
        """How far it is; replaces what was said before."""
        return self._move(refresh_id, progress=dict(progress))

    def _move(self, refresh_id: UUID, **values: Any) -> RefreshRecord:
        unfinished = sa.and_(view_refreshes.c.id == refresh_id, view_refreshes.c.status.in_(("requested", *ACTIVE)))
        change = sa.update(view_refreshes).where(unfinished).values(**values)
        moved = self._first(change.returning(*_COLUMNS), RefreshRecord)
        if moved is None:
            raise NotInState(f"The view refresh has {self.get(refresh_id).status} already.")
        return moved


_COLUMNS = columns_for(RefreshRecord, view_refreshes)
