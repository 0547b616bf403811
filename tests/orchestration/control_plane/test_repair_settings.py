"""A tenant's settings for repairs: defaults, changes, and values that cannot be."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import SettingsInvalid
from orchestration.control_plane.repair_settings import RepairSettings
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


def test_a_change_keeps_the_rest_and_stays_with_its_tenant(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        assert session.repair_settings.get() == RepairSettings()
        session.repair_settings.set("ann", apply_at=0.95, two_person=True)
        changed = session.repair_settings.set("bob", ask_at=0.5, llm=True, llm_monthly_budget_usd="12.5")
        assert changed == replace(
            RepairSettings(), apply_at=0.95, two_person=True, ask_at=0.5, llm=True,
            llm_monthly_budget_usd=Decimal("12.5"),
        )  # fmt: skip
        assert session.repair_settings.get() == changed
        assert session.repair_settings.set("ann", llm_monthly_budget_usd=None).llm_monthly_budget_usd is None
    with control_plane.tenant_session(new_tenant(control_plane, "other").id) as session:
        assert session.repair_settings.get() == RepairSettings()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"apply_at": 0.5}, "ask_at <= apply_at"),
        ({"ask_at": 0}, "0 < ask_at"),
        ({"apply_at": 1.01}, "apply_at <= 1"),
        ({"apply_at": float("nan")}, "0 < ask_at"),
        ({"apply_at": "high"}, "apply_at is a number"),
        ({"ask_at": True}, "ask_at is a number"),
        ({"watch_syncs": 0}, "1 to 20"),
        ({"watch_syncs": 21}, "1 to 20"),
        ({"watch_syncs": 2.5}, "whole number"),
        ({"approval_days": 91}, "1 to 90"),
        ({"two_person": "yes"}, "true or false"),
        ({"slack_secret": " "}, "slack_secret is a name"),
        ({"llm_model": "x" * 201}, "1 to 200"),
        ({"llm_monthly_budget_usd": "much"}, "amount in US dollars"),
        ({"llm_monthly_budget_usd": -1}, "from 0"),
        ({"llm_monthly_budget_usd": "NaN"}, "from 0"),
        ({"applyat": 0.9}, "no setting 'applyat'; there are apply_at, ask_at"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_a_value_that_cannot_be_changes_nothing(
    control_plane: ControlPlane, tenant: Tenant, values: dict[str, Any], why: str
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        with pytest.raises(SettingsInvalid, match=why):
            session.repair_settings.set("ann", **values)
        assert session.repair_settings.get() == RepairSettings()


def test_the_limits_themselves_are_allowed(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.repair_settings.set("ann", apply_at=1, ask_at=1, watch_syncs=20, approval_days=90)
        session.repair_settings.set("ann", ask_at=0.01, apply_at=0.01, watch_syncs=1, approval_days=1)
        assert session.repair_settings.get().apply_at == 0.01
