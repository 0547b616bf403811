"""How the platform is, for those who run it: no tenant, no id, no address."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class HealthOut(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class ReadinessOut(BaseModel):
    """What works; `problems` names what does not and is empty when all is well."""

    ready: bool
    problems: dict[str, str] = Field(
        description="By dependency: database, identity, redis, dagster, process.",
        examples=[{"redis": "Valkey does not answer"}],
    )


class DependencyOut(BaseModel):
    """Something the application needs, asked now over its own protocol."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    problem: str | None = Field(description="null: it is in order.")
    version: str | None = Field(description="null: it does not say.")
    latency_ms: float


class PlatformHealthOut(BaseModel):
    """Every dependency."""

    dependencies: list[DependencyOut]


class QueueOut(BaseModel):
    """How many things are in one state, and since when the oldest is."""

    queue: str = Field(examples=["sync"])
    state: str = Field(examples=["requested"])
    count: int
    oldest: datetime | None
    oldest_age_s: float | None


class StreamsOut(BaseModel):
    """The tenants' streams of committed batches together."""

    streams: int
    pending: int = Field(description="Messages that were delivered and are not acknowledged.")
    unread: int | None = Field(description="Messages not delivered yet; null where the server cannot tell.")
    complete: bool = Field(description="False: there are more streams than were looked at.")


class QueuesOut(BaseModel):
    """What waits or runs now. An empty queue is left out."""

    queues: list[QueueOut]
    broker: int = Field(description="Runs that no worker has taken from the broker yet.")
    nudges: int = Field(description="Wake-up calls the dispatcher has not heard yet.")
    batches: StreamsOut


class LagOut(BaseModel):
    """Views that are behind their data, and connections that should have synced by now."""

    lag: list[QueueOut]


class VersionsOut(BaseModel):
    """What runs here."""

    application: str
    python: str
    revision: str | None = Field(description="Of the source code; null where nobody said it at build time.")
    migration: str | None
    newest_migration: str
    packages: dict[str, str | None]
