"""Connections as they are asked for, changed and answered. Credentials go in, and never come out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.streams import StreamOut
from api.schemas.syncs import FailureOut, SyncOut, Telling
from api.schemas.values import JsonObject, Line
from connectors.protocol import Grants
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.onboarding_intents import Standing
from orchestration.control_plane.overviews import Overview

RiskLevel = Literal["low", "medium", "high"]
ScopesMode = Literal["read_only", "accept_write"]
ConnectionStatus = Literal["active", "paused", "failing", "needs_person"]
Locator = Annotated[str, StringConstraints(max_length=300, pattern=r"^secret://[A-Za-z0-9._#-]+$")]
ShownConfig = Callable[[str, Mapping[str, Any]], dict[str, Any]]  # by kind

_CONFIG = "Fields of the kind's configuration; `GET /kinds` has its schema. Credentials may be among them."
_CREDENTIALS = "Fields of the configuration that are credentials. Sealed, and never answered."
_LOCATOR = "A secret of the tenant's that holds the credentials, or one field of it."
_SCHEDULE = "`every 15m`, `2h`, `1d`, or five cron fields with a time zone behind them or not."


class SourceIn(BaseModel):
    """A source to try."""

    model_config = ConfigDict(extra="forbid")

    kind: Line = Field(examples=["supabase"])
    config: JsonObject = Field(
        default_factory=dict, description=_CONFIG, examples=[{"url": "https://acme.supabase.co", "db_schema": "public"}]
    )
    credentials: JsonObject = Field(default_factory=dict, description=_CREDENTIALS, examples=[{"key": "sb_secret_..."}])
    credential_locator: Locator | None = Field(None, description=_LOCATOR, examples=["secret://supabase-prod"])
    scopes_mode: ScopesMode = Field(
        "read_only",
        description="`read_only` is verified at the source; `accept_write` takes credentials that may write.",
    )


class ConnectionIn(SourceIn):
    """A source to connect. The same source asked for again is the same connection."""

    name: Line = Field(examples=["CRM"])
    schedule: Line | None = Field(None, description=_SCHEDULE + " Without one it is synced by hand.")
    resource_ids: list[Line] = Field(default_factory=list, max_length=100, description="What identifies the source.")
    risk_level: RiskLevel = Field("low", description="Above low, Safe Mode waits for a person.")
    namespace: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")] = (
        Field("", description="Lets one source be connected once more on purpose.")
    )
    owner: Line | None = Field(None, description="Who answers for it; you, when left out.")
    evidence: JsonObject = Field(default_factory=dict, description="Kept in the history, such as who approved it.")


class ConnectionChange(BaseModel):
    """What is to be different. What is left out stays; a field that is null inside `config` or `credentials` goes."""

    model_config = ConfigDict(extra="forbid")

    name: Line | None = None
    config: JsonObject = Field(default_factory=dict, description=_CONFIG)
    credentials: JsonObject = Field(default_factory=dict, description=_CREDENTIALS)
    credential_locator: Locator | None = Field(None, description=_LOCATOR + " Null takes it away.")
    schedule: Line | None = Field(None, description=_SCHEDULE + " Null means by hand.")
    risk_level: RiskLevel | None = None
    scopes_mode: ScopesMode | None = None
    owner: Line | None = None


class ConnectionOut(BaseModel):
    """A connection, how it is doing, and what waits there for a person."""

    id: UUID
    name: str
    kind: str
    config: dict[str, Any] = Field(description="Without credentials.")
    status: ConnectionStatus
    error: str | None = Field(description="Why its last sync failed.")
    safe_mode: bool = Field(description="Its syncs are samples until policy or a person lifts it.")
    safe_mode_lifted_by: str | None
    safe_mode_lifted_at: datetime | None
    risk_level: RiskLevel
    scopes_mode: ScopesMode
    namespace: str
    owner: str
    credential_locator: str | None
    schedule: str | None = Field(examples=["900s"])
    next_due_at: datetime | None
    last_success_at: datetime | None
    failures_in_a_row: int
    created_at: datetime
    updated_at: datetime
    last_sync: SyncOut | None = Field(description="The newest, whatever came of it.")
    open_drift: int
    breaking_drift: int
    open_approvals: int

    @classmethod
    def of(cls, record: ConnectionRecord, overview: Overview, shown: ShownConfig, tell: Telling) -> Self:
        """The connection as its record has it."""
        names = (
            "id", "name", "kind", "status", "safe_mode", "safe_mode_lifted_by", "safe_mode_lifted_at", "risk_level",
            "scopes_mode", "namespace", "owner", "credential_locator", "next_due_at", "last_success_at",
            "failures_in_a_row", "created_at", "updated_at",
        )  # fmt: skip
        counted = ("open_drift", "breaking_drift", "open_approvals")
        return cls(
            **{name: getattr(record, name) for name in names},
            **{name: getattr(overview, name) for name in counted},
            config=shown(record.kind, record.config),
            error=tell(record.error) if record.error else None,
            schedule=str(record.schedule) if record.schedule else None,
            last_sync=SyncOut.of(overview.last_sync, tell) if overview.last_sync else None,
        )


class GrantsOut(BaseModel):
    """What the credentials may do beyond reading, as the source tells."""

    writes: list[str] = Field(description="Empty when they can only read.")
    evidence: str = Field(description="How that was found.")

    @classmethod
    def of(cls, grants: Grants) -> Self:
        """As a connector found them."""
        return cls(writes=list(grants.writes), evidence=grants.evidence)


class ConnectedOut(BaseModel):
    """A source that is connected."""

    connection: ConnectionOut
    is_new: bool
    changed: list[str] = Field(description="What asking again changed of it.")
    intent_id: UUID
    grants: GrantsOut
    streams: list[StreamOut]


class RefusalOut(BaseModel):
    """What stands in the way of a source."""

    standing: Literal["awaiting_credentials", "network_blocked", "unsupported", "error", "connected"]
    code: str = Field(description="Stable; decide by it.", examples=["credentials_expired"])
    reason: str
    hint: str

    @classmethod
    def of(cls, refusal: Standing, tell: Telling) -> Self:
        """The standing of an attempt."""
        return cls(standing=refusal.status, code=refusal.code, reason=tell(refusal.reason), hint=tell(refusal.hint))


class TrialOut(BaseModel):
    """What came of trying a source. Nothing of it is stored."""

    ok: bool
    latency_ms: int = Field(description="Of all that was asked, together.")
    grants: GrantsOut | None = Field(description="Null when the source did not answer.")
    streams: list[StreamOut] = Field(description="What it holds; empty when it did not answer.")
    refusal: RefusalOut | None = Field(description="Null when nothing stands in the way.")


class SyncFailureOut(FailureOut):
    """A sync that failed."""

    sync_id: UUID
    at: datetime | None


class HealthOut(BaseModel):
    """How a connection is doing. What is not known yet is null."""

    status: ConnectionStatus
    error: str | None
    circuit: Literal["closed", "open", "half_open"] = Field(
        description="`open`: the schedule leaves it alone. `half_open`: its next sync is the trial."
    )
    circuit_open_until: datetime | None
    failures_in_a_row: int
    safe_mode: bool
    last_success_at: datetime | None
    freshness_s: float | None = Field(description="Since its last good sync.")
    next_due_at: datetime | None
    overdue_s: float | None = Field(description="How long its sync has been due; null when it is not.")
    syncing: UUID | None = Field(description="The sync that is requested or under way.")
    last_errors: list[SyncFailureOut] = Field(description="Of its last failed syncs, the newest first.")
    open_drift: int
    breaking_drift: int
    open_approvals: int
