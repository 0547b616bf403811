"""Intents to connect a source, the funnel they are in, and the kinds of source there are."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.connections import RiskLevel, ScopesMode, ShownConfig
from api.schemas.syncs import Telling
from orchestration.control_plane.funnel import DAY_ONE_OBJECTIVE, Funnel
from orchestration.control_plane.onboarding_intents import IntentRecord


class IntentOut(BaseModel):
    """A source that somebody wanted connected, and how far that came."""

    id: UUID
    name: str
    kind: str
    status: Literal["awaiting_credentials", "network_blocked", "unsupported", "error", "connected"]
    code: str = Field(description="Stable; decide by it.", examples=["credentials_expired"])
    reason: str = Field(description="What stands in the way; empty when it is connected.")
    hint: str
    attempts: int
    connection_id: UUID | None
    config: dict[str, Any] = Field(description="Without credentials: those are kept nowhere until it connects.")
    resource_ids: list[str]
    credential_locator: str | None
    scopes_mode: ScopesMode
    namespace: str
    risk_level: RiskLevel
    owner: str
    evidence: dict[str, Any]
    grants: dict[str, Any] | None = Field(description="What the credentials may do beyond reading; null if unknown.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, record: IntentRecord, shown: ShownConfig, tell: Telling) -> Self:
        """The intent as its record has it."""
        told = {"config": shown(record.kind, record.config), "reason": tell(record.reason), "hint": tell(record.hint)}
        return cls(**{name: told.get(name, getattr(record, name)) for name in cls.model_fields})


class BlockerOut(BaseModel):
    """What keeps some sources from delivering."""

    state: str
    code: str
    count: int
    example: str = Field(description="One of them, and why.")


class FunnelOut(BaseModel):
    """Sources from asked for to delivering. Every eligible one is in exactly one of the states."""

    eligible: int = Field(description="Of a kind that can be connected.")
    reachable: int = Field(description="Connected, or the source itself answered.")
    active: int = Field(description="Connected, and the last sync ended well.")
    awaiting_credentials: int
    network_blocked: int
    healing: int = Field(description="Failing and tried again by itself, or its shape changed.")
    waiting: int = Field(description="Connected; not synced yet, paused, or held in Safe Mode.")
    error: int
    unsupported: int = Field(description="Of a kind that cannot be connected; not eligible.")
    day_one: float | None = Field(description="active / eligible; null when nothing is eligible.")
    day_one_objective: float
    meets_objective: bool | None
    blockers: list[BlockerOut]

    @classmethod
    def of(cls, funnel: Funnel, tell: Telling) -> Self:
        """The funnel as it was counted."""
        counted = {name: getattr(funnel, name) for name in cls.model_fields if hasattr(funnel, name)}
        blockers = [
            BlockerOut(state=one.state, code=one.code, count=one.count, example=tell(one.example))
            for one in funnel.blockers
        ]
        return cls(**{**counted, "blockers": blockers}, day_one_objective=DAY_ONE_OBJECTIVE)


class CapabilitiesOut(BaseModel):
    """What a kind of source can do."""

    incremental: bool
    detects_deletes: bool
    declares_types: bool
    bulk: bool
    change_stream: bool
    has_credentials: bool


class KindOut(BaseModel):
    """A kind of source that can be connected."""

    kind: str = Field(examples=["supabase"])
    description: str
    capabilities: CapabilitiesOut
    config_schema: dict[str, Any] = Field(description="JSON schema of its configuration.")
    secret_fields: list[str] = Field(description="Fields that may hold credentials: give them in `credentials`.")
