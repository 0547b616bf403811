"""Drift: one event a change, with its evidence and what it breaks."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.rules import Note
from api.schemas.samples import SamplesOut
from api.schemas.shapes import ChangeKind, Severity

DriftStatus = Literal["open", "resolved"]


class DriftProposalOut(BaseModel):
    """The newest repair proposed for it."""

    id: UUID
    status: str


class DriftOut(BaseModel):
    """A change of a source's shape or values, open until somebody or some policy resolves it."""

    id: UUID
    connection_id: UUID
    connection: str | None = Field(description="null: the connection was deleted.")
    stream: str
    kind: ChangeKind
    severity: Severity
    is_breaking: bool
    names: str = Field(description="The change in names.", examples=["phone -> mobile"])
    fields_before: list[str]
    fields_after: list[str]
    breaks_views: list[str] = Field(description="Views that are filled from what changed.", examples=[["contacts"]])
    breaks_fields: list[str] = Field(examples=[["contacts.phone"]])
    probability: float | None = Field(description="How sure kind and fields are, 0-1; null: it was not weighed.")
    evidence_in_words: list[str] = Field(
        examples=[["3 of 4 records hold the same value under the new name"]]
    )  # fmt: skip
    proposal: DriftProposalOut | None
    status: DriftStatus
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    reopened_by: str | None
    reopened_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime


class WholeDriftOut(DriftOut):
    """A drift event with all there is to know before deciding."""

    before: Any = Field(description="The field as it was; null where it is new.")
    after: Any = Field(description="The field as it is; null where it is gone.")
    evidence: dict[str, Any]
    reopened_why: str | None
    samples: SamplesOut


class AcceptIn(BaseModel):
    """Take the new shape as it is."""

    model_config = ConfigDict(extra="forbid")

    note: Note = None
