"""Requests on their way to a run and back: claimed, launched, released, ended.

A claim is one statement, so any number of dispatchers and sensors may claim at once. People's requests go before the
schedule's; within each, tenants take turns, and those with fewer active runs go first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.circuit import close_circuit, record_failure
from orchestration.control_plane.columns import storable_text
from orchestration.control_plane.failure import Failure, RunKind


@dataclass(frozen=True, slots=True)
class ClaimedSync:
    """A sync now in status queued: ours to ask Dagster for."""

    tenant_id: UUID
    sync_run_id: UUID
    connection_id: UUID
    requested_by: str
    requested_at: datetime
    kind: RunKind = "sync"
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimedRefresh:
    """A view refresh now in status queued; `anew`: one that derives everything from raw records once more."""

    tenant_id: UUID
    refresh_id: UUID
    requested_at: datetime
    anew: bool = False
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """A sync (with `connection_id`) or refresh (without) that is queued or running; `since` is when it was queued."""

    tenant_id: UUID
    id: UUID
    connection_id: UUID | None
    status: str
    dagster_run_id: str | None
    since: datetime


class Dispatch:
    """The dispatching part of an operator session."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def claim_syncs(self, limit: int) -> Sequence[ClaimedSync]:
        """Move up to `limit` requests to queued; none of a connection that has an active run.

        What the schedule asked for waits while the connection's circuit is open, and everything of a tenant while a
        rebuild of it waits or runs.
        """
        return [ClaimedSync(*row) for row in self._connection.execute(_CLAIM_SYNCS, {"limit": limit})]

    def claim_refreshes(self, limit: int, *, anew: bool | None = None) -> Sequence[ClaimedRefresh]:
        """Move up to `limit` requests to queued, oldest first; none of a tenant that has an active one.

        One that derives everything anew waits for the tenant's syncs to end. `anew`: only such ones, or no such ones.
        """
        values = {"limit": limit, "anew": anew}
        return [ClaimedRefresh(*row) for row in self._connection.execute(_CLAIM_REFRESHES, values)]

    def launched(self, claim: ClaimedSync | ClaimedRefresh, dagster_run_id: str) -> None:
        """Remember which Dagster run does it; no effect once it has ended."""
        table, run_id = _place(claim)
        self._connection.execute(
            sa.text(
                f"UPDATE {table} SET dagster_run_id = :run WHERE tenant_id = :tenant AND id = :id"
                " AND status IN ('queued', 'running') AND dagster_run_id IS NULL"
            ),
            {"run": dagster_run_id, "tenant": str(claim.tenant_id), "id": str(run_id)},
        )

    def release(self, claim: ClaimedSync | ClaimedRefresh) -> None:
        """Back to requested, since Dagster could not be asked; canceled if there is a newer request already."""
        table, run_id = _place(claim)
        ids = {"tenant": str(claim.tenant_id), "id": str(run_id)}
        is_sync = isinstance(claim, ClaimedSync)
        for take_over in _SYNC_GIVES_WAY if is_sync else _REFRESH_GIVES_WAY:
            self._connection.execute(take_over, ids)
        same = "AND o.connection_id = r.connection_id" if is_sync else ""
        newer = f"EXISTS (SELECT FROM {table} o WHERE o.tenant_id = r.tenant_id {same} AND o.status = 'requested')"
        self._connection.execute(
            sa.text(
                f"UPDATE {table} r SET queued_at = NULL, dagster_run_id = NULL,"
                f" status = CASE WHEN {newer} THEN 'canceled' ELSE 'requested' END,"
                f" finished_at = CASE WHEN {newer} THEN clock_timestamp() END"
                " WHERE r.tenant_id = :tenant AND r.id = :id AND r.status = 'queued'"
            ),
            ids,
        )

    def sync_finished(
        self, dagster_run_id: str, status: Literal["succeeded", "failed", "canceled"], error: Failure | None = None
    ) -> bool:
        """What Dagster says of a run. False, and no effect, when the sync had ended already or is another run's now."""
        ended = self._connection.execute(_ENDED["sync_runs"], _ending(dagster_run_id, status, error)).first()
        if ended is not None and ended.started_at is not None and status != "succeeded":
            # It may have committed rows before it was lost; what those are is not for this login to see.
            self._connection.execute(_STALE, {"id": str(ended.tenant_id)})
        if ended is None or ended.kind == "replay":
            return ended is not None  # a replay did not ask the source: nothing is known of how the connection does
        if ended.absorbed_replay and status != "succeeded":
            self._connection.execute(_REPLAY, {"tenant": str(ended.tenant_id), "id": str(ended.connection_id)})
        if status == "failed":
            record_failure(self._connection, ended.tenant_id, ended.connection_id, error)
        elif status == "succeeded":
            close_circuit(self._connection, ended.tenant_id, ended.connection_id)
        return True

    def refresh_finished(
        self, dagster_run_id: str, status: Literal["succeeded", "failed", "canceled"], error: Failure | None = None
    ) -> bool:
        """The same for a view refresh. One that did not succeed leaves its tenant stale."""
        ended = self._connection.execute(_ENDED["view_refreshes"], _ending(dagster_run_id, status, error)).first()
        if ended is not None and status != "succeeded":
            self._connection.execute(_STALE, {"id": str(ended.tenant_id)})
        return ended is not None

    def active_runs(self) -> Sequence[ActiveRun]:
        """Every queued or running sync and refresh."""
        return [ActiveRun(*row) for row in self._connection.execute(sa.text(f"{_ACTIVE} ORDER BY since"))]

    def unlaunched(self, older_than: datetime) -> Sequence[ActiveRun]:
        """Those queued before that time with no Dagster run known: whoever claimed them may have died in between."""
        lost = sa.text(
            f"SELECT * FROM ({_ACTIVE}) a WHERE status = 'queued' AND dagster_run_id IS NULL AND since < :before"
        )
        return [ActiveRun(*row) for row in self._connection.execute(lost, {"before": older_than})]


def _place(claim: ClaimedSync | ClaimedRefresh) -> tuple[str, UUID]:
    if isinstance(claim, ClaimedSync):
        return "sync_runs", claim.sync_run_id
    return "view_refreshes", claim.refresh_id


def _ending(dagster_run_id: str, status: str, error: Failure | None) -> dict[str, object]:
    return {
        "run": dagster_run_id,
        "status": status,
        "code": error.code if error else None,
        "message": storable_text(error.message) if error else None,
        "hint": storable_text(error.hint) if error else None,
        "retryable": error.retryable if error else None,
    }


_CLAIM_SYNCS = sa.text(
    """
    WITH active AS (
        SELECT tenant_id, count(*) AS runs FROM sync_runs WHERE status IN ('queued', 'running') GROUP BY tenant_id
    ), waiting AS (
        SELECT r.tenant_id, r.id, r.requested_at, r.requested_by = 'schedule' AS by_schedule,
               coalesce(a.runs, 0) + row_number() OVER (
                   PARTITION BY r.tenant_id, r.requested_by = 'schedule' ORDER BY r.requested_at, r.id
               ) AS turn
        FROM sync_runs r LEFT JOIN active a USING (tenant_id)
        WHERE r.status = 'requested' AND NOT EXISTS (
            SELECT FROM sync_runs o
            WHERE o.tenant_id = r.tenant_id AND o.connection_id = r.connection_id AND o.status IN ('queued', 'running'))
          AND NOT (r.requested_by = 'schedule' AND (r.tenant_id, r.connection_id) IN (
            SELECT c.tenant_id, c.id FROM connections c WHERE c.circuit_open_until > statement_timestamp()))
          AND NOT EXISTS (
            SELECT FROM view_refreshes v
            WHERE v.tenant_id = r.tenant_id AND v.anew AND v.status IN ('requested', 'queued', 'running'))
    ), chosen AS (
        SELECT s.tenant_id, s.id
        FROM sync_runs s JOIN (
            SELECT * FROM waiting ORDER BY by_schedule, turn, requested_at, id LIMIT :limit
        ) w USING (tenant_id, id)
        WHERE s.status = 'requested'
        FOR UPDATE OF s SKIP LOCKED
    )
    UPDATE sync_runs s SET status = 'queued', queued_at = clock_timestamp()
    FROM chosen WHERE s.tenant_id = chosen.tenant_id AND s.id = chosen.id
    RETURNING s.tenant_id, s.id, s.connection_id, s.requested_by, s.requested_at, s.kind, s.trace_id
    """
)
_CLAIM_REFRESHES = sa.text(
    """
    WITH chosen AS (
        SELECT r.tenant_id, r.id FROM view_refreshes r
        WHERE r.status = 'requested' AND r.anew = coalesce(CAST(:anew AS boolean), r.anew) AND NOT EXISTS (
            SELECT FROM view_refreshes o WHERE o.tenant_id = r.tenant_id AND o.status IN ('queued', 'running'))
          AND NOT (r.anew AND EXISTS (
            SELECT FROM sync_runs s WHERE s.tenant_id = r.tenant_id AND s.status IN ('queued', 'running')))
        ORDER BY r.requested_at, r.id LIMIT :limit
        FOR UPDATE OF r SKIP LOCKED
    )
    UPDATE view_refreshes r SET status = 'queued', queued_at = clock_timestamp()
    FROM chosen WHERE r.tenant_id = chosen.tenant_id AND r.id = chosen.id
    RETURNING r.tenant_id, r.id, r.requested_at, r.anew, r.trace_id
    """
)
_ENDED = {
    table: sa.text(
        f"UPDATE {table} SET status = :status, finished_at = clock_timestamp(), error_code = :code,"
        " error_message = :message, error_hint = :hint, retryable = :retryable"
        f" WHERE dagster_run_id = :run AND status IN ('queued', 'running') RETURNING {returned}"
    )
    for table, returned in {
        "sync_runs": "tenant_id, connection_id, started_at, kind, absorbed_replay",
        "view_refreshes": "tenant_id",
    }.items()
}
# A claim that gives way to a newer request: that one does both, where one is a sync and one a replay, or one refresh
# is more thorough; and the tasks that waited for the claim wait for that one.
_SYNC_GIVES_WAY = (
    sa.text(
        "UPDATE sync_runs o SET kind = CASE WHEN r.kind = 'sync' THEN 'sync' ELSE o.kind END,"
        " absorbed_replay = o.absorbed_replay OR r.absorbed_replay OR r.kind <> o.kind FROM sync_runs r"
        " WHERE r.tenant_id = :tenant AND r.id = :id AND r.status = 'queued'"
        " AND o.tenant_id = r.tenant_id AND o.connection_id = r.connection_id AND o.status = 'requested'"
    ),
    sa.text(
        "UPDATE task_runs l SET sync_run_id = o.id FROM sync_runs r JOIN sync_runs o ON o.tenant_id = r.tenant_id"
        " AND o.connection_id = r.connection_id AND o.status = 'requested'"
        " WHERE r.tenant_id = :tenant AND r.id = :id AND r.status = 'queued'"
        " AND l.tenant_id = r.tenant_id AND l.sync_run_id = r.id AND NOT EXISTS ("
        "SELECT FROM task_runs x WHERE x.tenant_id = l.tenant_id AND x.task_id = l.task_id AND x.run_id = o.id)"
    ),
)
_REFRESH_GIVES_WAY = (
    sa.text(
        "UPDATE view_refreshes o SET anew = o.anew OR r.anew FROM view_refreshes r"
        " WHERE r.tenant_id = :tenant AND r.id = :id AND r.status = 'queued'"
        " AND o.tenant_id = r.tenant_id AND o.status = 'requested'"
    ),
    sa.text(
        "UPDATE task_runs l SET refresh_id = o.id FROM view_refreshes r JOIN view_refreshes o"
        " ON o.tenant_id = r.tenant_id AND o.status = 'requested'"
        " WHERE r.tenant_id = :tenant AND r.id = :id AND r.status = 'queued'"
        " AND l.tenant_id = r.tenant_id AND l.refresh_id = r.id AND NOT EXISTS ("
        "SELECT FROM task_runs x WHERE x.tenant_id = l.tenant_id AND x.task_id = l.task_id AND x.run_id = o.id)"
    ),
)
# A decision does not wait for a source that is away: what a failed sync was to replay is asked for by itself.
_REPLAY = sa.text(
    "INSERT INTO sync_runs (tenant_id, id, connection_id, status, requested_by, kind)"
    " SELECT tenant_id, gen_random_uuid(), id, 'requested', 'repair', 'replay' FROM connections"
    " WHERE tenant_id = :tenant AND id = :id AND deleted_at IS NULL"
    " ON CONFLICT (tenant_id, connection_id) WHERE status = 'requested'"
    " DO UPDATE SET absorbed_replay = true WHERE sync_runs.kind = 'sync'"
)
_STALE = sa.text("UPDATE tenants SET stale_since = coalesce(stale_since, clock_timestamp()) WHERE id = :id")
_ACTIVE = (
    "SELECT tenant_id, id, connection_id, status, dagster_run_id, coalesce(queued_at, started_at) AS since"
    " FROM sync_runs WHERE status IN ('queued', 'running')"
    " UNION ALL SELECT tenant_id, id, NULL, status, dagster_run_id, coalesce(queued_at, started_at)"
    " FROM view_refreshes WHERE status IN ('queued', 'running')"
)
