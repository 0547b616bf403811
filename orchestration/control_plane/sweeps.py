"""What sweeps ask across tenants: who is new, which connections are due, whose views are stale.

Every answer is bounded by a limit and reached through an index, so a tick costs what changed, not what there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.connections import connections
from orchestration.control_plane.schedule import Schedule
from orchestration.control_plane.tenants import tenants

# Writers of change_seq hold this lock shared (in a trigger) until they commit; see `_after_writers`.
CHANGES_LOCK = 7_301_001


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """A connection that came (`deleted` False) or went, at `seq`."""

    seq: int
    tenant_id: UUID
    connection_id: UUID
    deleted: bool


@dataclass(frozen=True, slots=True)
class TenantChange:
    seq: int
    tenant_id: UUID


@dataclass(frozen=True, slots=True)
class ExpiringApproval:
    """An open repair proposal whose time to be decided is over."""

    tenant_id: UUID
    proposal_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DueConnection:
    tenant_id: UUID
    connection_id: UUID
    next_due_at: datetime
    schedule: Schedule


class Sweeps:
    """The sweeping part of an operator session."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def connection_keys(self, after_seq: int, limit: int) -> Sequence[ConnectionChange]:
        """Connections that came or went after that change, in order. Give the last `seq` back to go on."""
        gone = connections.c.deleted_at.is_not(None)
        changes = (
            sa.select(connections.c.change_seq, connections.c.tenant_id, connections.c.id, gone)
            .where(connections.c.change_seq > after_seq)
            .order_by(connections.c.change_seq)
            .limit(limit)
        )
        return [ConnectionChange(*row) for row in self._after_writers(changes)]

    def tenant_ids(self, after_seq: int, limit: int) -> Sequence[TenantChange]:
        """Tenants that came after that change, in order."""
        changes = sa.select(tenants.c.change_seq, tenants.c.id).where(tenants.c.change_seq > after_seq)
        return [TenantChange(*row) for row in self._after_writers(changes.order_by(tenants.c.change_seq).limit(limit))]

    def due_connections(
        self, now: datetime, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[DueConnection]:
        """What is due at `now`, longest waiting first, from behind the cursor `after` (next_due_at, connection_id).

        A connection whose circuit is open is left alone.
        """
        due = (
            sa.select(connections.c.tenant_id, connections.c.id, connections.c.next_due_at, connections.c.schedule)
            .join(tenants, sa.and_(tenants.c.id == connections.c.tenant_id, tenants.c.status == "active"))
            .where(
                connections.c.next_due_at <= now,
                connections.c.deleted_at.is_(None),
                connections.c.status != sa.literal_column("'paused'"),
                connections.c.schedule.is_not(None),
                sa.or_(connections.c.circuit_open_until.is_(None), connections.c.circuit_open_until <= now),
            )
            .order_by(connections.c.next_due_at, connections.c.id)
            .limit(limit)
        )
        if after is not None:
            place = sa.tuple_(connections.c.next_due_at, connections.c.id)
            due = due.where(place > sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
        return [DueConnection(*row) for row in self._connection.execute(due)]

    def request_due(self, due: Sequence[DueConnection], now: datetime) -> int:
        """Ask for a sync of each and move it to its next time; the number of requests made.

        One statement for all. What another sweep moved, or somebody asked for already, is not asked for twice.
        """
        if not due:
            return 0
        # Every connection with the same cron fields is next due at the same time, whatever it was due at before.
        cron_next = {item.schedule: item.schedule.next_due(now, now) for item in due if item.schedule.cron}
        next_due = [cron_next.get(item.schedule) or item.schedule.next_due(item.next_due_at, now) for item in due]
        values = {
            "tenant_ids": [str(item.tenant_id) for item in due],
            "connection_ids": [str(item.connection_id) for item in due],
            "due_at": [item.next_due_at.isoformat() for item in due],
            "next_due_at": [at.isoformat() for at in next_due],
        }
        return self._connection.execute(_REQUEST_DUE, values).rowcount

    def stale_tenants(self, now: datetime, retry_after_s: float, limit: int) -> Sequence[UUID]:
        """Tenants whose data changed since their last rebuild began, none waiting or just failed; oldest first."""
        values = {"now": now, "retry_after_s": retry_after_s, "limit": limit}
        return list(self._connection.execute(_STALE, values).scalars())

    def request_refreshes(self, tenant_ids: Sequence[UUID]) -> int:
        """Ask for a rebuild of each tenant's views; the number of requests made."""
        values = {"tenant_ids": [str(tenant_id) for tenant_id in tenant_ids]}
        return self._connection.execute(_REQUEST_REFRESHES, values).rowcount

    def expiring_approvals(self, now: datetime, limit: int) -> Sequence[ExpiringApproval]:
        """Open proposals that nobody decided in time, the longest overdue first."""
        return [ExpiringApproval(*row) for row in self._connection.execute(_EXPIRING, {"now": now, "limit": limit})]

    def tenants_with_open_approvals(self, after: UUID | None, limit: int) -> Sequence[UUID]:
        """Tenants with open proposals, in the order of their ids, from behind `after`."""
        values = {"after": None if after is None else str(after), "limit": limit}
        return list(self._connection.execute(_OPEN_APPROVALS, values).scalars())

    def tenants_with_due_notes(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Tenants with notes that wait to be sent, the longest waiting first."""
        return list(self._connection.execute(_DUE_NOTES, {"now": now, "limit": limit}).scalars())

    def _after_writers(self, changes: sa.Select[Any]) -> Sequence[Any]:
        """Rows once every writer that holds a smaller sequence number has committed.

        Numbers are drawn before commit, so a reader could otherwise see 6, move past it, and never see 5. The lock
        goes with the savepoint, right after the read.
        """
        savepoint = self._connection.begin_nested()
        try:
            self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CHANGES_LOCK)))
            return self._connection.execute(changes).all()
        finally:
            savepoint.rollback()


_REQUEST_DUE = sa.text(
    """
    WITH due AS (
        SELECT * FROM unnest(
            CAST(:tenant_ids AS uuid[]), CAST(:connection_ids AS uuid[]),
            CAST(:due_at AS timestamptz[]), CAST(:next_due_at AS timestamptz[])
        ) AS d (tenant_id, connection_id, due_at, next_due_at)
    ), moved AS (
        UPDATE connections c SET next_due_at = d.next_due_at
        FROM due d
        WHERE c.tenant_id = d.tenant_id AND c.id = d.connection_id AND c.next_due_at = d.due_at
          AND c.deleted_at IS NULL AND c.status <> 'paused'
        RETURNING c.tenant_id, c.id
    )
    INSERT INTO sync_runs (tenant_id, id, connection_id, status, requested_by)
    SELECT tenant_id, gen_random_uuid(), id, 'requested', 'schedule' FROM moved
    ON CONFLICT (tenant_id, connection_id) WHERE status = 'requested'
        DO UPDATE SET kind = 'sync', absorbed_replay = true WHERE sync_runs.kind = 'replay'
    """
)
_STALE = sa.text(
    """
    SELECT t.id FROM tenants t
    WHERE t.stale_since IS NOT NULL AND t.status = 'active'
      AND NOT EXISTS (
        SELECT FROM view_refreshes r
        WHERE r.tenant_id = t.id
          AND (r.status = 'requested'
               OR r.status = 'failed' AND r.finished_at > :now - :retry_after_s * interval '1 second'))
    ORDER BY t.stale_since, t.id
    LIMIT :limit
    """
)
_REQUEST_REFRESHES = sa.text(
    """
    INSERT INTO view_refreshes (tenant_id, id, status)
    SELECT tenant_id, gen_random_uuid(), 'requested' FROM unnest(CAST(:tenant_ids AS uuid[])) AS w (tenant_id)
    ON CONFLICT (tenant_id) WHERE status = 'requested' DO NOTHING
    """
)
_EXPIRING = sa.text(
    "SELECT tenant_id, id, expires_at FROM repair_proposals WHERE status = 'open' AND expires_at <= :now"
    " ORDER BY expires_at, id LIMIT :limit"
)
_OPEN_APPROVALS = sa.text(
    "SELECT DISTINCT tenant_id FROM repair_proposals WHERE status = 'open'"
    " AND (CAST(:after AS uuid) IS NULL OR tenant_id > CAST(:after AS uuid)) ORDER BY tenant_id LIMIT :limit"
)
_DUE_NOTES = sa.text(
    "SELECT tenant_id FROM notes_outbox WHERE due_at <= :now GROUP BY tenant_id"
    " ORDER BY min(due_at), tenant_id LIMIT :limit"
)
