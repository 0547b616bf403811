"""What a list of connections shows beside each: its newest sync, and what waits there for a person.

Counted for a whole page in three queries, whatever its length.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.drift import drift_events
from orchestration.control_plane.proposals import repair_proposals
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.sync_runs import SyncRunRecord, sync_runs


@dataclass(frozen=True, slots=True)
class Overview:
    """One connection: `last_sync` is the newest by request, whatever came of it; None when there was none."""

    last_sync: SyncRunRecord | None
    open_drift: int
    breaking_drift: int
    open_approvals: int


class OverviewRepository(Repository):
    """Overviews of one tenant's connections."""

    kind = "overview"

    def of(self, connection_ids: Collection[UUID]) -> dict[UUID, Overview]:
        """An overview of each of these connections; one that does not exist has nothing."""
        wanted = list(connection_ids)
        syncs = {run.connection_id: run for run in self._newest_syncs(wanted)}
        drift = self._drift(wanted)
        approvals = self._approvals(wanted)
        return {one: Overview(syncs.get(one), *drift.get(one, (0, 0)), approvals.get(one, 0)) for one in wanted}

    def _newest_syncs(self, wanted: list[UUID]) -> list[SyncRunRecord]:
        ids = sa.select(sa.func.unnest(sa.bindparam("ids", wanted, sa.ARRAY(sa.Uuid))).label("id")).subquery()
        newest = (
            sa.select(*columns_for(SyncRunRecord, sync_runs))
            .where(sync_runs.c.connection_id == ids.c.id)
            .order_by(sync_runs.c.requested_at.desc(), sync_runs.c.id)
            .limit(1)
            .lateral()
        )
        found = sa.select(*newest.c).select_from(ids.join(newest, sa.true()))
        return list(self._all(found, SyncRunRecord))

    def _drift(self, wanted: list[UUID]) -> dict[UUID, tuple[int, int]]:
        of = drift_events.c.connection_id
        breaking = sa.func.count().filter(drift_events.c.is_breaking)
        counted = sa.select(of, sa.func.count(), breaking).where(of.in_(wanted), drift_events.c.status == "open")
        return {key: (every, bad) for key, every, bad in self._connection.execute(counted.group_by(of))}

    def _approvals(self, wanted: list[UUID]) -> dict[UUID, int]:
        of = repair_proposals.c.connection_id
        counted = sa.select(of, sa.func.count()).where(of.in_(wanted), repair_proposals.c.status == "open")
        return {row[0]: row[1] for row in self._connection.execute(counted.group_by(of))}
