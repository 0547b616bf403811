"""Repairs that people decide on: what is proposed, why, on which rows, and what came of it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.rules import ChangeOut, Note, RuleOut, RulesIn
from api.schemas.samples import SamplesOut
from api.schemas.shapes import ChangeKind, Severity

ProposalStatus = Literal[
    "open", "applied", "approved", "rejected", "refused", "superseded", "undone", "rolled_back"
]  # fmt: skip
ProposalKind = ChangeKind | Literal["written"]


class ApprovalOut(BaseModel):
    """A repair. `open` waits for a decision; `refused` was too unsure to ask for and may be decided all the same."""

    id: UUID
    connection_id: UUID
    connection: str | None = Field(description="null: the connection was deleted.")
    stream: str
    entity: str | None
    kind: ProposalKind = Field(description="What drifted; `written`: a person wrote it and another has to approve.")
    status: ProposalStatus
    severity: Severity | None
    drift_id: UUID | None
    fields_before: list[str]
    fields_after: list[str]
    probability: float = Field(description="How sure the repair is, 0-1.", examples=[0.72])
    reasons: list[str] = Field(description="Why it is not applied by itself.", examples=[["0.72 is below 0.85"]])
    views: list[str] = Field(description="Views that it touches.", examples=[["contacts"]])
    fields: list[str] = Field(examples=[["contacts.phone"]])
    records_held: int | None = Field(description="Records held back when it was proposed; null: not counted.")
    records: int | None = Field(description="Records of the stream then; null: not counted.")
    diff: list[str] = Field(description="`- ` rules that go, `+ ` rules that come.", examples=[["+ mobile -> phone"]])
    base_version: int = Field(description="The mapping's version that it was made upon.")
    applied_version: int | None
    created_at: datetime
    expires_at: datetime | None = Field(description="When it is escalated; null: nobody was asked.")
    escalated_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    note: str | None


class CandidateOut(BaseModel):
    """One way to fill what the old field filled; `source` null: leave it empty."""

    number: int = Field(description="Counted from 1; what `choose` takes.")
    old: str
    source: str | None
    line: str = Field(description="The rule it would make.", examples=["mobile -> phone | trim"])
    probability: float
    evidence: list[str]


class VoteOut(BaseModel):
    """What a person wanted, where two have to want the same."""

    by: str
    verdict: str
    at: datetime


class ShadowOut(BaseModel):
    """What a run over held and sampled rows saw before anything was proposed."""

    rows: int
    rejected: int
    reasons: dict[str, int]


class WholeApprovalOut(ApprovalOut):
    """A repair with all there is to know before deciding."""

    rules: list[RuleOut] = Field(description="The whole mapping as proposed.")
    changes: list[ChangeOut]
    candidates: list[CandidateOut]
    evidence: dict[str, Any]
    evidence_in_words: list[str]
    shadow: ShadowOut | None = Field(description="null: it was not tried on rows.")
    votes: list[VoteOut]
    needs_two: bool = Field(description="Two persons have to approve the same.")
    samples: SamplesOut


class LinkedApprovalOut(BaseModel):
    """The one repair that a signed link opens, to read."""

    tenant: str
    link_expires_at: datetime
    approval: WholeApprovalOut


class DecisionIn(BaseModel):
    """A decision."""

    model_config = ConfigDict(extra="forbid")

    note: Note = None


class ChoiceIn(DecisionIn):
    """Another candidate than the one proposed."""

    candidate: int = Field(ge=1, le=10_000, description="Its number.", examples=[2])


class EditIn(DecisionIn):
    """Rules of one's own: the `whole` mapping, or rules that take the place of the proposal's for their targets."""

    rules: RulesIn
    whole: bool = Field(default=False, description="These are the whole mapping.")


class PreviewIn(BaseModel):
    """Rules to try on sample rows."""

    model_config = ConfigDict(extra="forbid")

    rules: RulesIn
    whole: bool = Field(default=False, description="These are the whole mapping.")


class DecisionOut(BaseModel):
    """What came of it."""

    proposal_id: UUID | None = Field(description="null: no repair was concerned.")
    status: Literal[
        "approved", "rejected", "waiting_for_second", "undone", "rolled_back", "accepted", "unchanged"
    ]  # fmt: skip
    mapping_version: int | None = Field(description="The version in force from now on; null: none was made.")
    sync_run_id: UUID | None = Field(
        description="The run that replays what was held; null: there is nothing to replay."
    )
    told: str = Field(description="One sentence that says what happens next.")
