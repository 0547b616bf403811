"""What a tenant's calls of a language model were, cost and saved, summed by day, feature and model.

A call whose price is not known counts as unpriced: its cost is left out, never guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import StorableText, tenant_table
from orchestration.control_plane.repository import Repository, columns_for

_COUNTS = ("calls", "failed", "saved", "prompt_tokens", "completion_tokens", "unpriced_calls")

llm_usage = tenant_table(
    "llm_usage",
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("feature", StorableText, primary_key=True),
    sa.Column("model", StorableText, primary_key=True),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in _COUNTS),
    sa.Column("cost_usd", sa.Numeric(16, 8), nullable=False),
)


@dataclass(frozen=True, slots=True)
class LlmTotals:
    """`saved`: calls that a cache or a rule made needless; `cost_usd` leaves `unpriced_calls` out."""

    calls: int
    failed: int
    saved: int
    prompt_tokens: int
    completion_tokens: int
    unpriced_calls: int
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class LlmDay(LlmTotals):
    """What one feature asked of one model on one day (UTC)."""

    day: date
    feature: str
    model: str


class LlmUsageRepository(Repository):
    """The ledger of one tenant."""

    kind = "use of a language model"

    def add(
        self,
        feature: str,
        model: str,
        calls: int,
        prompt_tokens: int,
        completion_tokens: int,
        cost_usd: Decimal | None,
        saved: int = 0,
        failed: int = 0,
    ) -> None:
        """Book calls made now."""
        added: dict[str, Any] = {
            "calls": calls, "failed": failed, "saved": saved, "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens, "unpriced_calls": calls if cost_usd is None else 0,
            "cost_usd": cost_usd or Decimal(0),
        }  # fmt: skip
        key = {"tenant_id": self._tenant_id, "day": datetime.now(UTC).date(), "feature": feature, "model": model}
        new = postgresql.insert(llm_usage).values(**key, **added)
        summed = {name: llm_usage.c[name] + new.excluded[name] for name in added}
        self._connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=summed))

    def month(self, at: datetime | date) -> LlmTotals:
        """The sums of the calendar month (UTC) around a time."""
        day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
        first = day.replace(day=1)
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return self.total(first, after - timedelta(days=1))

    def total(self, first: date, last: date) -> LlmTotals:
        """The sums from one day to another, both included."""
        sums = [sa.func.coalesce(sa.func.sum(llm_usage.c[name]), 0) for name in (*_COUNTS, "cost_usd")]
        within = llm_usage.c.day.between(first, last)
        *counts, cost_usd = self._connection.execute(sa.select(*sums).where(within)).one()
        return LlmTotals(**dict(zip(_COUNTS, map(int, counts), strict=True)), cost_usd=Decimal(cost_usd))

    def days(self, first: date, last: date) -> Sequence[LlmDay]:
        """Day by day, newest first, from one day to another, both included."""
        within = sa.select(*columns_for(LlmDay, llm_usage)).where(llm_usage.c.day.between(first, last))
        return self._all(within.order_by(llm_usage.c.day.desc(), llm_usage.c.feature, llm_usage.c.model), LlmDay)
