"""How the repair loop does, counted from rows."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.dependencies import Session, requires
from api.problems import Invalid, problems
from api.schemas.repair_metrics import (
    CalibrationOut,
    DetectionOut,
    LlmMonthOut,
    OutcomeOut,
    RepairMetricsOut,
    RepairTotalsOut,
    StandingOut,
)
from api.unit_of_work import TenantRoute
from orchestration.control_plane.repair_metrics import PREDICTED_BUCKETS, PredictedBucket, RepairTotals, Step

router = APIRouter(prefix="/metrics", route_class=TenantRoute)

USUAL_SPAN = timedelta(days=30)
MOST_STEPS = 1_000
_LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


@router.get("", dependencies=[requires("drift.read")], responses=problems(Invalid))
def get_repair_metrics(
    session: Session,
    since: Annotated[AwareDatetime | None, Query(description="30 days before `until` when left out.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Now when left out.")] = None,
    step: Annotated[Step, Query(description="Length of the steps that outcomes are counted in.")] = "day",
) -> RepairMetricsOut:
    """Detections, repairs by outcome, time to repair, how well probabilities hold, and what stands now."""
    last = until or datetime.now(UTC)
    first = since or max(last, datetime.min.replace(tzinfo=UTC) + USUAL_SPAN) - USUAL_SPAN
    if first > last or (last - first) / _LENGTHS[step] > MOST_STEPS:
        raise Invalid(f"since has to be before until, and not more than {MOST_STEPS} steps.")
    metrics = session.repair_metrics
    return RepairMetricsOut(
        since=first, until=last, step=step, totals=_totals(metrics.totals(first, last)),
        outcomes=[OutcomeOut.model_validate(one) for one in metrics.outcomes(first, last, step)],
        detections=[DetectionOut.model_validate(one) for one in metrics.detections(first, last)],
        calibration=[_bucket(one) for one in metrics.calibration(first, last)],
        standing=StandingOut.model_validate(metrics.standing()),
        llm_this_month=LlmMonthOut.model_validate(session.llm_usage.month(datetime.now(UTC))),
    )  # fmt: skip


def _totals(found: RepairTotals) -> RepairTotalsOut:
    share = found.asked / found.proposed if found.proposed else None
    return RepairTotalsOut(**asdict(found), asked_share=share)


def _bucket(found: PredictedBucket) -> CalibrationOut:
    told = found.approved + found.changed + found.rejected + found.taken_back
    high = round(found.low + 1 / PREDICTED_BUCKETS, 6)
    return CalibrationOut(**asdict(found), high=high, approved_share=found.approved / told if told else None)
