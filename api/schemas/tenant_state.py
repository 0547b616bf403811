"""The state of a tenant as it is answered: what runs and waits now, what is published, how each connection is doing."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.tasks import RunStatus, TaskOut


class RunningOut(BaseModel):
    """A sync, replay, refresh or rebuild that waits or runs."""

    id: UUID
    kind: Literal["sync", "replay", "refresh_views", "rebuild"]
    connection_id: UUID | None = None
    status: RunStatus
    requested_by: str | None = Field(None, description="Null for what the platform does by itself.")
    requested_at: datetime
    started_at: datetime | None = None


class PublicationOut(BaseModel):
    """What readers of the views see now."""

    snapshot_id: int
    published_at: datetime
    rows: dict[str, int] = Field(description="Rows by view.", examples=[{"accounts": 1204}])


class ConnectionStateOut(BaseModel):
    """How one connection is doing."""

    id: UUID
    name: str
    status: Literal["active", "paused", "failing", "needs_person"]
    last_success_at: datetime | None
    next_due_at: datetime | None
    circuit_open_until: datetime | None = Field(description="Until then the schedule leaves it alone.")
    failures_in_a_row: int
    safe_mode: bool


class TenantStateOut(BaseModel):
    """Everything at one moment."""

    at: datetime
    stale_since: datetime | None = Field(
        description="Data changed then after the views were built; null when they are fresh."
    )
    rebuilding: bool = Field(description="A rebuild waits or runs; syncs wait until it has ended.")
    publication: PublicationOut | None
    running: list[RunningOut] = Field(description="Oldest first, at most 500.")
    tasks: list[TaskOut] = Field(description="Tasks that have not ended, oldest first, at most 100.")
    connections: list[ConnectionStateOut] = Field(description="By name, at most 500; `connections_total` counts all.")
    connections_total: int
