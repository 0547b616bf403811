"""What a tenant decides about repairs beforehand: its settings and its contracts."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.repair_loops import AAM, NewRepair, document, new_repair, repaired_tenant
from tests.api.serving import ServedApi, ServedTenant
from tests.orchestration.commands.drifted import STREAM

__all__ = ["new_repair", "repaired_tenant"]
pytestmark = pytest.mark.servers
SETTINGS, CONTRACTS = f"{AAM}/settings", f"{AAM}/contracts"


def test_settings_begin_as_the_products_and_change_one_by_one(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    admin = tenant.client("admin")
    assert document(tenant.client("viewer").get(SETTINGS)) == {
        "apply_at": 0.85, "ask_at": 0.6, "two_person": False, "share_priors": False, "watch_syncs": 3,
        "approval_days": 7, "slack_secret": None, "llm": False, "llm_model": None, "llm_monthly_budget_usd": None,
    }  # fmt: skip
    seen = admin.get(SETTINGS).headers["ETag"]
    changed = document(admin.patch(SETTINGS, json={"apply_at": 0.9, "llm_monthly_budget_usd": "25.50"}))
    assert (changed["apply_at"], changed["ask_at"], changed["llm_monthly_budget_usd"]) == (0.9, 0.6, "25.50")
    assert admin.patch(SETTINGS, json={"ask_at": 0.5}, headers={"If-Match": seen}).status_code == 412
    now = admin.get(SETTINGS).headers["ETag"]
    again = admin.patch(SETTINGS, json={"llm_monthly_budget_usd": None}, headers={"If-Match": now})
    assert document(again)["llm_monthly_budget_usd"] is None
    assert again.headers["ETag"] == admin.get(SETTINGS).headers["ETag"]
    with tenant.session() as session:
        assert session.audit.list(1)[0].action == "repair.settings"
    assert document(shared_api.new_tenant().client("owner").get(SETTINGS))["apply_at"] == 0.85


@pytest.mark.parametrize(
    "change",
    [
        {"apply_at": 1.5}, {"apply_at": None}, {"ask_at": 0.99}, {"ask_at": "NaN"}, {"watch_syncs": 0},
        {"approval_days": 10**30}, {"llm_monthly_budget_usd": "-1"}, {"llm_monthly_budget_usd": "Infinity"},
        {"slack_secret": "nobody-put-it"}, {"slack_secret": "a\0b"}, {"slack_secret": ""}, {"master_key": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(repaired_tenant: ServedTenant, change: dict[str, Any]) -> None:
    assert repaired_tenant.client("admin").patch(SETTINGS, json=change).status_code == 422


def test_notes_need_a_secret_that_is_there(repaired_tenant: ServedTenant) -> None:
    with repaired_tenant.session() as session:
        session.secrets.put("slack", {"url": "https://hooks.example/x"})
    answer = repaired_tenant.client("admin").patch(SETTINGS, json={"slack_secret": "slack"})
    assert document(answer)["slack_secret"] == "slack"
    assert "hooks.example" not in answer.text


def test_contracts_are_set_listed_with_what_counts_and_taken_back(
    repaired_tenant: ServedTenant, new_repair: NewRepair
) -> None:
    made, admin = new_repair(), repaired_tenant.client("admin")
    connection = {"connection_id": str(made.connection_id)}
    wide = document(admin.put(CONTRACTS, json={"policy": "evolve", "kind": "added"}))
    narrow = document(admin.put(CONTRACTS, json={"policy": "freeze", **connection, "stream": STREAM}))
    replaced = document(admin.put(CONTRACTS, json={"policy": "hold", **connection, "stream": STREAM}))
    assert replaced["id"] == narrow["id"]
    listed = document(repaired_tenant.client("viewer").get(CONTRACTS, params={**connection, "stream": STREAM}))
    assert {one["id"] for one in listed["items"]} == {wide["id"], narrow["id"]}
    assert {one["kind"]: one["policy"] for one in listed["effective"]}["renamed"] == "hold"
    assert admin.delete(f"{CONTRACTS}/{narrow['id']}").status_code == 204
    assert admin.delete(f"{CONTRACTS}/{narrow['id']}").status_code == 404
    again = document(admin.get(CONTRACTS, params={**connection, "stream": STREAM}))
    effective = {one["kind"]: one["policy"] for one in again["effective"]}
    assert (effective["added"], effective["renamed"]) == ("evolve", None)


def test_contracts_of_nobody_and_of_others_are_refused_alike(
    shared_api: ServedApi, repaired_tenant: ServedTenant, new_repair: NewRepair
) -> None:
    made, admin = new_repair(), repaired_tenant.client("admin")
    assert admin.put(CONTRACTS, json={"policy": "hold", "stream": STREAM}).status_code == 422
    assert admin.put(CONTRACTS, json={"policy": "explode"}).status_code == 422
    stranger = shared_api.new_tenant().client("owner")
    said = document(admin.put(CONTRACTS, json={"policy": "hold", "connection_id": str(made.connection_id)}))
    theirs = {stranger.delete(f"{CONTRACTS}/{id}").content for id in (said["id"], uuid4(), "17")}
    ids = (made.connection_id, uuid4(), "17")
    set_there = {stranger.put(CONTRACTS, json={"policy": "hold", "connection_id": str(id)}).content for id in ids}
    seen = {stranger.get(CONTRACTS, params={"connection_id": str(id)}).content for id in ids}
    assert len(theirs) == len(set_there) == len(seen) == 1
    assert theirs == set_there == seen


@pytest.mark.parametrize("role", ["viewer", "analyst", "approver"])
def test_only_admins_change_them(repaired_tenant: ServedTenant, role: Any) -> None:
    client = repaired_tenant.client(role)
    assert client.patch(SETTINGS, json={"two_person": True}).status_code == 403
    assert client.put(CONTRACTS, json={"policy": "freeze"}).status_code == 403
    assert client.get(CONTRACTS).status_code == 200
