"""The figures of the repair loop are counts of what happened, and null where nothing did."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from tests.api.repair_loops import AAM, document
from tests.api.serving import ServedApi
from tests.orchestration.commands.drifted import drifted_in

pytestmark = pytest.mark.servers
URL = f"{AAM}/metrics"


def test_a_tenant_without_history_has_counts_of_none_and_no_figure(shared_api: ServedApi) -> None:
    found = document(shared_api.new_tenant().client("viewer").get(URL))
    totals = found["totals"]
    assert {name for name, value in totals.items() if value is None} == {"asked_share", "repair_p50_s", "repair_p95_s"}
    assert {value for value in totals.values() if value is not None} == {0}
    assert (found["outcomes"], found["detections"], found["calibration"]) == ([], [], [])
    assert set(found["standing"].values()) == {0}
    assert found["llm_this_month"]["calls"] == 0


def test_what_people_decided_is_counted_beside_what_was_predicted(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    made = [drifted_in(shared_api.control_plane, None, tenant.id) for _ in range(5)]
    client = tenant.client("admin")
    approvals = f"{AAM}/approvals"
    document(client.post(f"{approvals}/{made[0].proposal_id}/approve"), 202)
    document(client.post(f"{approvals}/{made[1].proposal_id}/reject"), 202)
    document(client.post(f"{approvals}/{made[2].proposal_id}/choose", json={"candidate": 2}), 202)
    document(client.post(f"{approvals}/{made[3].proposal_id}/approve"), 202)
    document(client.post(f"{approvals}/{made[3].proposal_id}/undo"), 202)
    with tenant.session() as session:
        session.llm_usage.add("repair", "a model", 3, 100, 20, Decimal("0.01"), saved=2)
    found = document(client.get(URL))
    assert found["totals"] | {"repair_p50_s": 0, "repair_p95_s": 0} == {
        "proposed": 5, "asked": 5, "asked_share": 1.0, "applied_by_policy": 0, "approved_by_people": 2, "rejected": 1,
        "refused": 0, "superseded": 0, "undone": 1, "rolled_back": 0, "waiting": 1, "repaired": 2,
        "repair_p50_s": 0, "repair_p95_s": 0,
    }  # fmt: skip
    assert 0 < found["totals"]["repair_p50_s"] <= found["totals"]["repair_p95_s"] < 60
    assert {one["status"]: one["count"] for one in found["outcomes"]} == {
        "approved": 2, "rejected": 1, "undone": 1, "open": 1,
    }  # fmt: skip
    assert found["detections"] == [{"kind": "renamed", "severity": "breaking", "count": 5, "open": 2}]
    assert found["calibration"] == [
        {
            "low": 0.7, "high": 0.8, "mean_predicted": pytest.approx(0.72), "approved": 1, "changed": 1, "rejected": 1,
            "taken_back": 1, "unknown": 0, "approved_share": 0.25,
        }
    ]  # fmt: skip
    assert (found["standing"]["holds"], found["standing"]["watching"]) == (2, 2)
    mappings = document(client.get(f"{AAM}/mappings"))["items"]
    rules = [rule["decided_by"] for mapping in mappings for rule in mapping["rules"]]
    standing = found["standing"]
    assert (standing["memory"], standing["memory_by_people"]) == (len(rules), rules.count("person"))
    assert 0 < standing["memory_by_people"] < standing["memory"]
    assert (found["llm_this_month"]["saved"], Decimal(found["llm_this_month"]["cost_usd"])) == (2, Decimal("0.01"))
    other = document(shared_api.new_tenant().client("viewer").get(URL))
    assert (other["totals"]["proposed"], other["standing"]["memory"]) == (0, 0)


def test_only_what_lies_within_the_span_is_counted(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    made = [drifted_in(shared_api.control_plane, None, tenant.id) for _ in range(2)]
    engine = sa.create_engine(shared_api.settings.database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.set_config("app.tenant_id", str(tenant.id), True)))
        for table, column, id in (
            ("repair_proposals", "created_at", made[0].proposal_id),
            ("drift_events", "first_seen_at", made[0].drift_id),
        ):
            moved = sa.text(f"UPDATE {table} SET {column} = {column} - interval '40 days' WHERE id = :id")
            connection.execute(moved, {"id": id})
    client = tenant.client("viewer")
    assert document(client.get(URL))["totals"]["proposed"] == 1
    since = (datetime.now(UTC) - timedelta(days=60)).isoformat()
    wide = document(client.get(URL, params={"since": since, "step": "week"}))
    assert (wide["totals"]["proposed"], len(wide["outcomes"]), wide["detections"][0]["count"]) == (2, 2, 2)


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, {"since": "2026-01-01T00:00:00"},
        {"since": "0001-01-01T00:00:00Z", "step": "hour"}, {"step": "second"}, {"since": "yesterday"},
    ],
    ids=str,
)  # fmt: skip
def test_spans_that_make_no_sense_are_refused(shared_api: ServedApi, query: dict[str, str]) -> None:
    client = shared_api.new_tenant().client("viewer")
    assert client.get(URL, params=query).status_code == 422
    assert client.get(URL, params={"until": "0001-01-01T00:00:00Z"}).status_code == 200
