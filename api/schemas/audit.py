"""What a tenant's history looks like outside: events, the proof that nothing was changed, signed heads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

_HASH = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"


class AuditEventOut(BaseModel):
    """Something that was done, by whom, and its place in the chain of hashes."""

    model_config = ConfigDict(from_attributes=True)

    seq: int = Field(description="1 is the first event of the tenant; there are no gaps.", examples=[17])
    at: datetime
    actor: str = Field(
        description="A member's address, `key:PREFIX` of an API key, or a part of the platform.",
        examples=["ann@acme.example"],
    )
    action: str = Field(examples=["mapping.approved"])
    subject: str = Field(description="What it was done to.", examples=["proposal:8e0f6f2c-7c5b-4b0e-9f6e-0f6f2c7c5b4b"])
    data: dict[str, Any] = Field(description="What else is known; never a credential.")
    previous_hash: str = Field(examples=["0" * 64])
    hash: str = Field(
        description="SHA-256 of all other fields with the tenant's id, as JSON with sorted keys.", examples=[_HASH]
    )


class AuditVerificationOut(BaseModel):
    """The outcome of a walk over the whole chain."""

    ok: bool
    length: int | None = Field(description="How many events the chain has; null when it is broken.", examples=[17])
    head: str | None = Field(description="The hash of the newest event; null when it is broken.", examples=[_HASH])
    heads_compared: int = Field(description="Signed heads that were kept outside the database and compared with it.")
    broken_at: int | None = Field(description="The first event that is not as it was written.")
    problem: str | None = Field(examples=["The audit history was changed at event 12."])


class SignedHeadOut(BaseModel):
    """The newest event of the chain, signed (Ed25519) by the platform's key for histories. Keep it somewhere else."""

    model_config = ConfigDict(from_attributes=True)

    tenant_id: UUID
    seq: int
    hash: str = Field(examples=[_HASH])
    at: str = Field(description="When that event was recorded, in UTC.", examples=["2026-11-22T10:00:00.000000+00:00"])
    kid: str = Field(description="Which key signed.", examples=["5891b5b522d5df08"])
    signature: str = Field(description="Base64, over the five fields before it as JSON with sorted keys and no spaces.")
    public_key: str = Field(description="Base64 of the key that verifies. Compare it with one you got before.")
