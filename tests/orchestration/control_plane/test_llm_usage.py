"""The ledger of language model calls: sums by month, unknown prices left out."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.llm_usage import LlmTotals
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


def test_calls_are_summed_over_features_and_models(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.llm_usage.add("rerank", "small", 1, 100, 20, Decimal("0.0012"))
        session.llm_usage.add("rerank", "small", 2, 50, 5, Decimal("0.0003"), saved=4)
        session.llm_usage.add("ask", "local", 3, 10, 1, None, failed=1)
        assert session.llm_usage.month(datetime.now(UTC)) == LlmTotals(
            calls=6, failed=1, saved=4, prompt_tokens=160, completion_tokens=26, unpriced_calls=3,
            cost_usd=Decimal("0.00150000"),
        )  # fmt: skip
    with control_plane.tenant_session(new_tenant(control_plane, "other").id) as session:
        assert session.llm_usage.month(datetime.now(UTC)).calls == 0


def test_a_month_ends_where_the_next_begins(control_plane: ControlPlane, database: Database, tenant: Tenant) -> None:
    insert = (
        "INSERT INTO llm_usage (tenant_id, day, feature, model, calls) VALUES"
        f" ('{tenant.id}', '2025-11-30', 'f', 'm', 1), ('{tenant.id}', '2025-12-01', 'f', 'm', 10),"
        f" ('{tenant.id}', '2025-12-31', 'f', 'm', 100), ('{tenant.id}', '2026-01-01', 'f', 'm', 1000)"
    )
    with database.superuser() as connection:
        connection.exec_driver_sql(insert)
    with control_plane.tenant_session(tenant.id) as session:
        assert session.llm_usage.month(date(2025, 12, 15)).calls == 110
        # Still November in UTC.
        assert session.llm_usage.month(datetime.fromisoformat("2025-12-01T00:30:00+02:00")).calls == 1
        assert session.llm_usage.month(date(2026, 1, 31) + timedelta(days=1)).calls == 0
