"""What a tenant's calls of a language model were, cost and saved."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field


class LlmTotalsOut(BaseModel):
    """Sums over some days."""

    model_config = ConfigDict(from_attributes=True)

    calls: int
    failed: int
    saved: int = Field(description="Calls that a cache or a rule made needless.")
    prompt_tokens: int
    completion_tokens: int
    unpriced_calls: int = Field(description="Calls whose price is not known; `cost_usd` leaves them out.")
    cost_usd: Decimal


class LlmDayOut(LlmTotalsOut):
    """What one feature asked of one model on one day (UTC)."""

    day: date
    feature: str
    model: str


class LlmBudgetOut(BaseModel):
    """The budget of the present month (UTC)."""

    monthly_usd: Decimal | None = Field(description="null: there is no limit.")
    spent_usd: Decimal
    left_usd: Decimal | None = Field(description="null: there is no limit.")


class LlmUsageOut(BaseModel):
    """The ledger between two days, both included."""

    first: date
    last: date
    total: LlmTotalsOut
    budget: LlmBudgetOut
    days: list[LlmDayOut]
