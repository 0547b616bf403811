"""Features that are rolled out: what a tenant has, and what operators set."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Id

FlagName = Annotated[
    str, Path(max_length=63, pattern=r"^[a-z][a-z0-9-]*$", description="Lower case, digits and hyphens.")
]


class FlagStateOut(BaseModel):
    """Whether this tenant has a feature."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["websocket-events"])
    description: str
    is_on: bool
    reason: Literal["disabled", "override", "roll-out"] = Field(
        description="`disabled`: off for all. `override`: set for this tenant. `roll-out`: by the share that has it."
    )


class FlagOut(BaseModel):
    """A flag as operators see it."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    description: str
    percentage: float = Field(description="Of all tenants; two decimals.", examples=[25])
    enabled: bool
    updated_by: str
    updated_at: datetime


class FlagIn(BaseModel):
    """What a flag is to be. Raising the percentage never takes the feature from a tenant that has it."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field("", max_length=500)
    percentage: float = Field(ge=0, le=100, description="Of all tenants; two decimals count.", examples=[25])
    enabled: bool = Field(True, description="False takes it from everybody, also from tenants that are named.")


class FlagOverrideIn(BaseModel):
    """What one tenant has whatever the percentage is."""

    model_config = ConfigDict(extra="forbid")

    is_on: bool


class FlagOverrideOut(BaseModel):
    """A tenant that is named."""

    model_config = ConfigDict(from_attributes=True)

    tenant_id: UUID
    is_on: bool


class FlagDetailOut(FlagOut):
    """A flag with the tenants that are named."""

    overrides: list[FlagOverrideOut]


TenantIdOfPath = Annotated[Id, Path(description="A tenant of the platform.")]
