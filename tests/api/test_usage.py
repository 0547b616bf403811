"""The ledger of language model calls: by day, with the month's budget."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.api.serving import ServedApi

pytestmark = pytest.mark.servers
USAGE = "/api/v1/admin/llm-usage"


def test_usage_is_summed_and_the_budget_says_what_is_left(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    with tenant.session() as session:
        session.repair_settings.set("ann", llm_monthly_budget_usd=Decimal("2.50"))
        session.llm_usage.add("mapping", "small", 3, 100, 20, Decimal("0.75"), saved=2)
        session.llm_usage.add("mapping", "large", 1, 10, 2, None, failed=1)
    found = tenant.client("admin").get(USAGE).json()
    today = datetime.now(UTC).date()
    assert (found["first"], found["last"]) == (today.replace(day=1).isoformat(), today.isoformat())
    assert (found["total"]["calls"], found["total"]["saved"], found["total"]["unpriced_calls"]) == (4, 2, 1)
    assert {name: Decimal(value) for name, value in found["budget"].items()} == {
        "monthly_usd": Decimal("2.5"), "spent_usd": Decimal("0.75"), "left_usd": Decimal("1.75"),
    }  # fmt: skip
    assert [(day["day"], day["model"], day["calls"]) for day in found["days"]] == [
        (today.isoformat(), "large", 1), (today.isoformat(), "small", 3),
    ]  # fmt: skip


def test_without_a_budget_nothing_is_left_or_used_up(shared_api: ServedApi) -> None:
    client = shared_api.new_tenant().client("owner")
    found = client.get(USAGE, params={"first": "2020-01-01", "last": "2020-01-31"}).json()
    assert found["budget"] == {"monthly_usd": None, "spent_usd": "0", "left_usd": None}
    assert (found["total"]["calls"], found["days"]) == (0, [])


@pytest.mark.parametrize("first, last", [("2020-02-01", "2020-01-01"), ("2018-01-01", "2020-01-01"), ("soon", "later")])
def test_impossible_spans_are_refused(shared_api: ServedApi, first: str, last: str) -> None:
    client = shared_api.new_tenant().client("owner")
    assert client.get(USAGE, params={"first": first, "last": last}).status_code == 422


def test_the_ends_of_the_calendar_are_dates_too(shared_api: ServedApi) -> None:
    client = shared_api.new_tenant().client("owner")
    for first, last in ((date.min, date.min + timedelta(days=9)), (date.max, date.max)):
        assert client.get(USAGE, params={"first": str(first), "last": str(last)}).status_code == 200
    assert client.get(USAGE, params={"last": "0001-01-01"}).status_code == 200


def test_usage_is_for_those_who_may(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    statuses = {role: tenant.client(role).get(USAGE).status_code for role in ("owner", "admin", "approver", "viewer")}  # type: ignore[arg-type]
    assert statuses == {"owner": 200, "admin": 200, "approver": 403, "viewer": 403}
