"""Features rolled out step by step: raising a share takes nothing away, and only operators decide."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from uuid import UUID, uuid4

import pytest

from orchestration.control_plane.feature_flags import FlagRecord, bucket, decide
from tests.api.serving import ServedApi, ServedTenant

pytestmark = pytest.mark.servers
FLAGS, PLATFORM = "/api/v1/admin/flags", "/api/v1/admin/platform-flags"


@pytest.fixture
def tenant(shared_api: ServedApi) -> ServedTenant:
    return shared_api.new_tenant()


@pytest.fixture
def name(tenant: ServedTenant) -> Iterator[str]:
    """A flag's name that no other test uses."""
    name = f"flag-{uuid4().hex[:12]}"
    yield name
    tenant.client("owner", operator=True).delete(f"{PLATFORM}/{name}")


def state(tenant: ServedTenant, name: str) -> dict[str, object] | None:
    found = tenant.client("viewer").get(FLAGS).json()
    return next((flag for flag in found if flag["name"] == name), None)


def test_a_share_holds_about_its_part_of_tenants_and_grows_without_taking_away() -> None:
    tenants = [UUID(int=number) for number in range(2_000)]

    def having(percentage: str) -> set[UUID]:
        flag = FlagRecord("search", "", Decimal(percentage), True, "x", None)  # type: ignore[arg-type]
        return {tenant for tenant in tenants if decide(flag, tenant, None).is_on}

    shares = [having(percentage) for percentage in ("0", "0.5", "10", "25", "25.01", "99.99", "100")]
    assert shares[0] == set() and shares[-1] == set(tenants)
    assert all(smaller <= larger for smaller, larger in pairwise(shares))
    assert 150 <= len(shares[2]) <= 250
    assert having("50") != {tenant for tenant in tenants if bucket("other", tenant) < 5_000}


def test_a_flag_is_off_for_all_by_share_by_name_and_on_again(tenant: ServedTenant, name: str) -> None:
    operator = tenant.client("owner", operator=True)
    made = operator.put(f"{PLATFORM}/{name}", json={"description": "New search", "percentage": 0})
    assert (made.status_code, made.json()["percentage"], made.json()["enabled"]) == (200, 0, True)
    assert state(tenant, name) == {
        "name": name, "description": "New search", "is_on": False, "reason": "roll-out",
    }  # fmt: skip
    assert operator.put(f"{PLATFORM}/{name}/tenants/{tenant.id}", json={"is_on": True}).status_code == 204
    assert state(tenant, name) == {"name": name, "description": "New search", "is_on": True, "reason": "override"}
    with tenant.session() as session:
        assert session.flags.has(name, undefined=False)
        assert session.flags.has("no-such-flag", undefined=True)
    shown = operator.get(f"{PLATFORM}/{name}").json()
    assert shown["overrides"] == [{"tenant_id": str(tenant.id), "is_on": True}]
    assert operator.put(f"{PLATFORM}/{name}", json={"percentage": 100, "enabled": False}).status_code == 200
    off = state(tenant, name)
    assert off and (off["is_on"], off["reason"]) == (False, "disabled")
    assert operator.delete(f"{PLATFORM}/{name}/tenants/{tenant.id}").status_code == 204
    assert operator.delete(f"{PLATFORM}/{name}/tenants/{tenant.id}").status_code == 404
    assert operator.put(f"{PLATFORM}/{name}", json={"percentage": 100}).status_code == 200
    on = state(tenant, name)
    assert on and (on["is_on"], on["reason"]) == (True, "roll-out")
    with tenant.session() as session:
        assert {"flag.set", "flag.overridden", "flag.override_ended"} <= {e.action for e in session.audit.list()}


def test_an_edit_of_what_somebody_else_changed_is_refused(tenant: ServedTenant, name: str) -> None:
    operator = tenant.client("owner", operator=True)
    tag = operator.put(f"{PLATFORM}/{name}", json={"percentage": 1}).headers["ETag"]
    assert operator.get(f"{PLATFORM}/{name}").headers["ETag"] == tag
    first = operator.put(f"{PLATFORM}/{name}", json={"percentage": 2}, headers={"If-Match": tag})
    second = operator.put(f"{PLATFORM}/{name}", json={"percentage": 3}, headers={"If-Match": tag})
    assert (first.status_code, second.status_code) == (200, 412)
    assert operator.get(f"{PLATFORM}/{name}").json()["percentage"] == 2


def test_for_everybody_but_operators_there_are_no_platform_flags(tenant: ServedTenant, name: str) -> None:
    calls = [
        ("GET", PLATFORM), ("GET", f"{PLATFORM}/{name}"),
        ("PUT", f"{PLATFORM}/{name}"), ("DELETE", f"{PLATFORM}/{name}"),
        ("PUT", f"{PLATFORM}/{name}/tenants/{tenant.id}"), ("DELETE", f"{PLATFORM}/{name}/tenants/{tenant.id}"),
    ]  # fmt: skip
    absent = tenant.client("owner").get("/api/v1/nothing")
    for role in ("owner", "admin", "approver", "analyst", "viewer"):
        for method, path in calls:
            answer = tenant.client(role).request(method, path, json={"percentage": 1, "is_on": True})  # type: ignore[arg-type]
            assert (answer.status_code, answer.content) == (404, absent.content)


@pytest.mark.parametrize("wanted", [{"percentage": 101}, {"percentage": -1}, {"percentage": 1, "stray": 1}, {}])
def test_a_flag_that_cannot_be_is_refused(tenant: ServedTenant, name: str, wanted: dict[str, object]) -> None:
    assert tenant.client("owner", operator=True).put(f"{PLATFORM}/{name}", json=wanted).status_code == 422


def test_what_is_not_there_cannot_be_overridden(tenant: ServedTenant, name: str) -> None:
    operator = tenant.client("owner", operator=True)
    assert operator.put(f"{PLATFORM}/{name}/tenants/{tenant.id}", json={"is_on": True}).status_code == 404
    operator.put(f"{PLATFORM}/{name}", json={"percentage": 1})
    for stranger in (str(uuid4()), "no-id"):
        assert operator.put(f"{PLATFORM}/{name}/tenants/{stranger}", json={"is_on": True}).status_code == 404
    assert operator.put(f"{PLATFORM}/Not A Name", json={"percentage": 1}).status_code == 404
