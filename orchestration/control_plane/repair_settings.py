"""How a tenant wants repairs decided: from which probability on, by how many people, watched for how long.

A tenant that never set any has the defaults of `RepairSettings`.
"""

from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import StorableText, metadata, timestamp
from orchestration.control_plane.errors import SettingsInvalid
from orchestration.control_plane.priors import PriorRepository
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.sealing import Sealer

MOST_WATCH_SYNCS, MOST_APPROVAL_DAYS = 20, 90
LARGEST_BUDGET_USD = Decimal(1_000_000)

repair_settings = sa.Table(
    "repair_settings",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("apply_at", sa.Double, nullable=False),
    sa.Column("ask_at", sa.Double, nullable=False),
    sa.Column("two_person", sa.Boolean, nullable=False),
    sa.Column("share_priors", sa.Boolean, nullable=False),
    sa.Column("watch_syncs", sa.Integer, nullable=False),
    sa.Column("approval_days", sa.Integer, nullable=False),
    sa.Column("slack_secret", sa.Text, nullable=True),
    sa.Column("llm", sa.Boolean, nullable=False),
    sa.Column("llm_model", StorableText, nullable=True),
    sa.Column("llm_monthly_budget_usd", sa.Numeric(12, 4), nullable=True),
    sa.Column("updated_by", StorableText, nullable=False),
    timestamp("updated_at"),
)


@dataclass(frozen=True, slots=True)
class RepairSettings:
    """Probabilities 0-1: from `apply_at` on a repair is applied, from `ask_at` on a person is asked, below refused.

    `slack_secret` names the tenant's secret that holds the webhook; a budget of None means no limit.
    """

    apply_at: float = 0.85
    ask_at: float = 0.60
    two_person: bool = False
    share_priors: bool = False
    watch_syncs: int = 3
    approval_days: int = 7
    slack_secret: str | None = None
    llm: bool = False
    llm_model: str | None = None
    llm_monthly_budget_usd: Decimal | None = None


class RepairSettingsRepository(Repository):
    """The settings of one tenant."""

    kind = "repair settings"

    def __init__(self, connection: sa.Connection, tenant_id: UUID, sealer: Sealer | None) -> None:
        super().__init__(connection, tenant_id)
        self._sealer = sealer

    def get(self, *, for_change: bool = False) -> RepairSettings:
        """What holds now; `for_change`: nobody else changes it until the session ends."""
        wanted = sa.select(*_COLUMNS)
        return self._first(wanted.with_for_update() if for_change else wanted, RepairSettings) or RepairSettings()

    def set(self, by: str, **values: Any) -> RepairSettings:
        """Change what is given, keep the rest. Who stops sharing priors takes back what was shared.

        Raises:
            SettingsInvalid: there is no such setting, or it cannot have that value.
        """
        held = self.get(for_change=True)
        unknown = sorted(values.keys() - asdict(held).keys())
        if unknown:
            raise SettingsInvalid(f"There is no setting {unknown[0]!r}; there are {', '.join(asdict(held))}.")
        wanted = checked(replace(held, **values))
        written = {**asdict(wanted), "updated_by": by}
        new = postgresql.insert(repair_settings).values(tenant_id=self._tenant_id, **written)
        changed = {**written, "updated_at": sa.func.clock_timestamp()}
        self._connection.execute(new.on_conflict_do_update(index_elements=["tenant_id"], set_=changed))
        if held.share_priors and not wanted.share_priors:
            PriorRepository(self._connection, self._tenant_id, self._sealer).withdraw()
        return wanted


def checked(settings: RepairSettings) -> RepairSettings:
    """The settings with their numbers as numbers. Raises SettingsInvalid, saying what is allowed."""
    apply_at, ask_at = _number("apply_at", settings.apply_at), _number("ask_at", settings.ask_at)
    if not 0 < ask_at <= apply_at <= 1:
        raise SettingsInvalid(f"It has to be 0 < ask_at <= apply_at <= 1, not {ask_at:g} and {apply_at:g}.")
    for name, most in (("watch_syncs", MOST_WATCH_SYNCS), ("approval_days", MOST_APPROVAL_DAYS)):
        value = getattr(settings, name)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise SettingsInvalid(f"{name} is a whole number from 1 to {most}, not {value!r}.")
    for name in ("two_person", "share_priors", "llm"):
        if not isinstance(getattr(settings, name), bool):
            raise SettingsInvalid(f"{name} is true or false, not {getattr(settings, name)!r}.")
    for name in ("slack_secret", "llm_model"):
        value = getattr(settings, name)
        if value is not None and (not isinstance(value, str) or not value.strip() or len(value) > 200):
            raise SettingsInvalid(f"{name} is a name of 1 to 200 characters, or nothing.")
    budget = _budget(settings.llm_monthly_budget_usd)
    return replace(settings, apply_at=apply_at, ask_at=ask_at, llm_monthly_budget_usd=budget)


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SettingsInvalid(f"{name} is a number, not {value!r}.")
    return float(value)


def _budget(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        budget = Decimal(str(value))
    except InvalidOperation:
        raise SettingsInvalid(f"llm_monthly_budget_usd is an amount in US dollars, not {value!r}.") from None
    if not budget.is_finite() or not 0 <= budget <= LARGEST_BUDGET_USD:
        raise SettingsInvalid(f"llm_monthly_budget_usd is from 0 to {LARGEST_BUDGET_USD}, or nothing for no limit.")
    return budget


_COLUMNS = columns_for(RepairSettings, repair_settings)
