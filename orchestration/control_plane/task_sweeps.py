"""What is asked across tenants about tasks: which have to move on, which runs are to be stopped, who is to be called.

The moves themselves are made in each tenant's own session: this login sees states, no URL, chain or word of a task.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class MovedTask:
    """A task that stands elsewhere than its runs say."""

    tenant_id: UUID
    task_id: UUID


class TaskSweeps:
    """The part of an operator session that follows tasks."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def tasks_to_advance(self, limit: int) -> Sequence[MovedTask]:
        """Unfinished tasks that are behind their runs, oldest first."""
        return [MovedTask(*row) for row in self._connection.execute(_BEHIND, {"limit": limit})]

    def runs_to_stop(self, limit: int) -> Sequence[str]:
        """Dagster runs that only tasks want which are being canceled."""
        return list(self._connection.execute(_TO_STOP, {"limit": limit}).scalars())

    def tenants_with_due_callbacks(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Tenants with callbacks that wait to be sent, the longest waiting first."""
        return list(self._connection.execute(_DUE, {"now": now, "limit": limit}).scalars())


# One row a linked run, whatever it is.
_RUNS = (
    "SELECT l.tenant_id, l.task_id, l.is_own, s.status, s.dagster_run_id, l.run_id FROM task_runs l"
    " JOIN sync_runs s ON s.tenant_id = l.tenant_id AND s.id = l.sync_run_id"
    " UNION ALL SELECT l.tenant_id, l.task_id, l.is_own, v.status, v.dagster_run_id, l.run_id FROM task_runs l"
    " JOIN view_refreshes v ON v.tenant_id = l.tenant_id AND v.id = l.refresh_id"
)
_BEHIND = sa.text(
    f"""
    WITH open AS (
        SELECT tenant_id, id, status, runs_done, requested_at FROM tasks WHERE finished_at IS NULL
    ), states AS (
        SELECT t.tenant_id, t.id, t.status, t.runs_done, t.requested_at,
               count(r.run_id) FILTER (WHERE r.is_own OR t.status <> 'canceling') AS runs,
               count(*) FILTER (WHERE (r.is_own OR t.status <> 'canceling')
                                AND r.status IN ('succeeded', 'failed', 'canceled')) AS done,
               coalesce(bool_or(r.status = 'running'), false) AS running,
               coalesce(bool_or(r.status = 'queued'), false) AS queued,
               coalesce(bool_or(r.is_own AND r.status = 'requested'), false) AS own_waits
        FROM open t LEFT JOIN ({_RUNS}) r ON r.tenant_id = t.tenant_id AND r.task_id = t.id
        GROUP BY t.tenant_id, t.id, t.status, t.runs_done, t.requested_at
    )
    SELECT tenant_id, id FROM states
    WHERE done = runs OR done <> runs_done OR CASE
        WHEN status = 'canceling' THEN own_waits
        WHEN running OR done > 0 THEN status <> 'running'
        WHEN queued THEN status <> 'queued'
        ELSE status <> 'requested' END
    ORDER BY requested_at, id LIMIT :limit
    """
)
_TO_STOP = sa.text(
    f"""
    SELECT r.dagster_run_id FROM ({_RUNS}) r JOIN tasks t ON t.tenant_id = r.tenant_id AND t.id = r.task_id
    WHERE t.status = 'canceling' AND r.is_own AND r.status IN ('queued', 'running') AND r.dagster_run_id IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM task_runs o JOIN tasks w ON w.tenant_id = o.tenant_id AND w.id = o.task_id
        WHERE o.tenant_id = r.tenant_id AND o.run_id = r.run_id AND o.task_id <> r.task_id
          AND w.finished_at IS NULL AND w.status <> 'canceling')
    ORDER BY t.requested_at, r.run_id LIMIT :limit
    """
)
_DUE = sa.text(
    "SELECT tenant_id FROM task_callbacks WHERE due_at <= :now GROUP BY tenant_id"
    " ORDER BY min(due_at), tenant_id LIMIT :limit"
)
