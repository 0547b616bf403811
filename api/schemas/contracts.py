"""Contracts: what becomes of a source's changes, for a tenant, a connection or a stream."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Id
from api.schemas.rules import FieldName
from api.schemas.shapes import ChangeKind

ContractPolicy = Literal["evolve", "hold", "freeze"]


class ContractOut(BaseModel):
    """What was said for one scope; null in connection_id, stream or kind means all of them. The narrowest counts."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    connection_id: UUID | None
    stream: str | None
    kind: ChangeKind | None
    policy: ContractPolicy = Field(
        description="evolve: changes are taken over, and repaired where that is sure. hold: their records wait until "
        "it is repaired or decided. freeze: nothing of the stream moves until a person decides."
    )
    decided_by: str
    decided_at: datetime


class EffectiveContractOut(BaseModel):
    """What counts for one kind of change in one stream."""

    kind: ChangeKind
    policy: ContractPolicy | None = Field(description="null: nobody decided, and the product's default holds.")


class ContractsOut(BaseModel):
    """All that was said, the tenant's own first. `effective` is given for a connection and stream."""

    items: list[ContractOut]
    effective: list[EffectiveContractOut] | None


class ContractIn(BaseModel):
    """What holds for a scope from the next sync on."""

    model_config = ConfigDict(extra="forbid")

    policy: ContractPolicy
    connection_id: Id | None = None
    stream: FieldName | None = Field(default=None, description="Only with a connection.")
    kind: ChangeKind | None = None
