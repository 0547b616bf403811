"""Mappings: which field of a stream fills which field of an entity, by version."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Id
from api.schemas.rules import ChangeOut, FieldName, Note, RuleOut, RulesIn
from api.schemas.samples import SamplesOut
from api.schemas.values import Line

Entity = Annotated[
    Line | None,
    Field(description="What the records are, for a stream that fits no entity yet; a known one stays."),
]


class MappingOut(BaseModel):
    """One version of a stream's mapping."""

    connection_id: UUID
    connection: str | None = Field(description="null: the connection was deleted.")
    stream: str
    version: int = Field(description="Counts from 1 in every stream.", examples=[3])
    entity: str | None = Field(description="null: the stream fits no entity and only lands raw.", examples=["contact"])
    is_in_force: bool
    reason: str = Field(description="Why it was made.")
    decided_by: str
    decided_at: datetime
    rules: list[RuleOut]


class CurrentMappingOut(MappingOut):
    """The version in force, with the fields that nothing is mapped from."""

    unmapped: list[str]


class MappingVersionOut(MappingOut):
    """A version with what it changed of the one before."""

    diff: list[str] = Field(description="`- ` what went, `+ ` what came.", examples=[["- phone -> phone"]])


class MappingDiffOut(BaseModel):
    """The difference of two versions."""

    version_from: int
    version_to: int
    diff: list[str]
    changes: list[ChangeOut]


class RollBackIn(BaseModel):
    """Put the rules of an earlier version in force again, as a new one."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, le=2**31 - 1, examples=[2])
    note: Note = None


class MappingIn(BaseModel):
    """The whole mapping as a person writes it."""

    model_config = ConfigDict(extra="forbid")

    rules: RulesIn
    entity: Entity = None
    note: Note = None


class MappingPreviewIn(BaseModel):
    """A whole mapping to try on sample rows of a stream; nothing is written."""

    model_config = ConfigDict(extra="forbid")

    connection_id: Id
    stream: FieldName = Field(examples=["contacts"])
    rules: RulesIn
    entity: Entity = None


class PreviewOut(BaseModel):
    """What the rules would change and make of sample rows. Nothing was written."""

    diff: list[str] = Field(description="Against the mapping in force.")
    samples: SamplesOut
