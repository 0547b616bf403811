"""The ledger of language model calls."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Session, requires
from api.problems import Invalid
from api.schemas.usage import LlmBudgetOut, LlmDayOut, LlmTotalsOut, LlmUsageOut
from api.unit_of_work import TenantRoute

router = APIRouter(prefix="", route_class=TenantRoute)
LONGEST = timedelta(days=366)


@router.get("/llm-usage", dependencies=[requires("usage.read")])
def llm_usage(
    session: Session,
    first: Annotated[date | None, Query(description="Default: the first of this month (UTC).")] = None,
    last: Annotated[date | None, Query(description="Default: today (UTC).")] = None,
) -> LlmUsageOut:
    """What language models were asked, and what it cost: by day, feature and model."""
    today = datetime.now(UTC).date()
    last = last or today
    first = first or min(today.replace(day=1), last)
    if not timedelta(0) <= last - first <= LONGEST:
        raise Invalid(f"`first` comes before `last`, by no more than {LONGEST.days} days.")
    limit = session.repair_settings.get().llm_monthly_budget_usd
    spent = session.llm_usage.month(today).cost_usd
    left = None if limit is None else max(Decimal(0), limit - spent)
    return LlmUsageOut(
        first=first,
        last=last,
        total=LlmTotalsOut.model_validate(session.llm_usage.total(first, last)),
        budget=LlmBudgetOut(monthly_usd=limit, spent_usd=spent, left_usd=left),
        days=[LlmDayOut.model_validate(day) for day in session.llm_usage.days(first, last)],
    )
