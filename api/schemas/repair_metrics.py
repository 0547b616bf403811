"""How the repair loop does: counts from rows. null is what no data tells; nothing is estimated."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.approvals import ProposalStatus
from api.schemas.shapes import ChangeKind, Severity


class OutcomeOut(BaseModel):
    """Repairs proposed within one step of time, by what became of them until now."""

    model_config = ConfigDict(from_attributes=True)

    starts_at: datetime
    status: ProposalStatus
    count: int


class RepairTotalsOut(BaseModel):
    """The sums of the span. `asked`: a person was asked, whatever came of it."""

    model_config = ConfigDict(from_attributes=True)

    proposed: int
    asked: int
    asked_share: float | None = Field(description="Of those proposed; null without any.")
    applied_by_policy: int
    approved_by_people: int
    rejected: int
    refused: int = Field(description="Too unsure to ask for, and not decided.")
    superseded: int
    undone: int
    rolled_back: int
    waiting: int
    repaired: int = Field(description="In force now; what `repair_p50_s` and `repair_p95_s` are over.")
    repair_p50_s: float | None = Field(
        description="Median seconds from the drift's first sight to the repaired mapping in force; null without any."
    )
    repair_p95_s: float | None


class DetectionOut(BaseModel):
    """Drift first seen within the span; `open` of them wait now."""

    model_config = ConfigDict(from_attributes=True)

    kind: ChangeKind
    severity: Severity
    count: int
    open: int


class CalibrationOut(BaseModel):
    """Predicted probability against what people decided. Buckets in which nobody decided anything are left out."""

    low: float = Field(examples=[0.7])
    high: float = Field(description="Not included, but for 1.", examples=[0.8])
    mean_predicted: float
    approved: int = Field(description="As it was proposed.")
    changed: int = Field(description="Another candidate or other rules were put in force.")
    rejected: int
    taken_back: int
    unknown: int = Field(description="Approved, but it is not known any more as what.")
    approved_share: float | None = Field(
        description="Of approved, changed, rejected and taken back; null where all are unknown."
    )


class StandingOut(BaseModel):
    """What stands now, whatever the span."""

    model_config = ConfigDict(from_attributes=True)

    holds: int = Field(description="Holds in force.")
    watching: int = Field(description="Repairs that are watched.")
    circuits_open: int = Field(description="Connections that are left alone for a while after failures.")
    memory: int = Field(description="Rules in force, which new mappings learn from.")
    memory_by_people: int = Field(description="Of them those that a person confirmed.")


class LlmMonthOut(BaseModel):
    """What the language model was asked this calendar month (UTC). Cost leaves `unpriced_calls` out."""

    model_config = ConfigDict(from_attributes=True)

    calls: int
    failed: int
    saved: int
    prompt_tokens: int
    completion_tokens: int
    unpriced_calls: int
    cost_usd: Decimal


class RepairMetricsOut(BaseModel):
    """The repair loop of this tenant between `since` and `until`."""

    since: datetime
    until: datetime
    step: Literal["hour", "day", "week"]
    totals: RepairTotalsOut
    outcomes: list[OutcomeOut]
    detections: list[DetectionOut]
    calibration: list[CalibrationOut]
    standing: StandingOut
    llm_this_month: LlmMonthOut
