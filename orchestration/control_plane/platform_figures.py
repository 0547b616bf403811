"""How much waits, and since when, over all tenants together: for those who run the platform.

Reads states and times with the identity login, and no tenant's id: it can count and cannot tell whose.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from orchestration.control_plane.identity_repository import IdentityRepository


@dataclass(frozen=True, slots=True)
class QueueFigure:
    """How many things are in one state, and since when the oldest is."""

    queue: str
    state: str
    count: int
    oldest: datetime | None


class PlatformFigures(IdentityRepository):
    """Counts over all tenants together."""

    def queues(self) -> list[QueueFigure]:
        """What waits or runs, by queue and state; what is empty is left out."""
        return [QueueFigure(*row) for statement in _QUEUES for row in self._connection.execute(statement)]

    def lag(self, now: datetime) -> list[QueueFigure]:
        """Tenants whose views are behind their data, and connections that should have synced by now."""
        return [QueueFigure(*row) for row in self._connection.execute(_LAG, {"now": now})]

    def revision(self) -> str | None:
        """The migration the tables are at."""
        found: Any = self._connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return None if found is None else str(found)


# In each state the age counts from when it was entered.
_QUEUES = tuple(
    sa.text(statement)
    for statement in (
        """
        SELECT kind, status, count(*),
            min(CASE status WHEN 'requested' THEN requested_at WHEN 'queued' THEN queued_at ELSE started_at END)
        FROM sync_runs WHERE status IN ('requested', 'queued', 'running') GROUP BY kind, status ORDER BY kind, status
        """,
        """
        SELECT 'refresh', status, count(*),
            min(CASE status WHEN 'requested' THEN requested_at WHEN 'queued' THEN queued_at ELSE started_at END)
        FROM view_refreshes WHERE status IN ('requested', 'queued', 'running') GROUP BY status ORDER BY status
        """,
        "SELECT 'task', status, count(*), min(requested_at) FROM tasks WHERE finished_at IS NULL"
        " GROUP BY status ORDER BY status",
        "SELECT 'callback', status, count(*), min(due_at) FROM task_callbacks WHERE due_at IS NOT NULL GROUP BY status",
        "SELECT 'note', 'waiting', count(*), min(due_at) FROM notes_outbox WHERE due_at IS NOT NULL"
        " HAVING count(*) > 0",
    )
)
_LAG = sa.text(
    """
    SELECT 'stale tenants', status, count(*), min(stale_since) FROM tenants
    WHERE stale_since IS NOT NULL GROUP BY status
    UNION ALL
    SELECT 'due connections', status, count(*), min(next_due_at) FROM connections
    WHERE next_due_at <= :now AND deleted_at IS NULL AND status <> 'paused' GROUP BY status
    ORDER BY 1, 2
    """
)
