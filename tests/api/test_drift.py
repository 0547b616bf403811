"""Drift and the shapes it is measured between, over HTTP."""

from uuid import uuid4

import httpx
import pytest

from tests.api.repair_loops import AAM, NewRepair, document, lake_catalog, new_repair, published_repair, repaired_tenant
from tests.api.serving import ServedApi, ServedTenant
from tests.orchestration.commands.drifted import STREAM, Drifted, drifted_in

__all__ = ["lake_catalog", "new_repair", "published_repair", "repaired_tenant"]
pytestmark = pytest.mark.servers
DRIFT, SHAPES = f"{AAM}/drift", f"{AAM}/fingerprints"


@pytest.fixture
def viewer(repaired_tenant: ServedTenant) -> httpx.Client:
    return repaired_tenant.client("viewer")


def test_an_event_is_shown_with_what_it_breaks_its_repair_and_rows(
    viewer: httpx.Client, published_repair: Drifted
) -> None:
    shown = document(viewer.get(f"{DRIFT}/{published_repair.drift_id}"))
    assert (shown["names"], shown["severity"], shown["status"]) == ("phone -> mobile", "breaking", "open")
    assert (shown["breaks_views"], shown["breaks_fields"]) == (["contacts"], ["contacts.phone"])
    assert shown["proposal"] == {"id": str(published_repair.proposal_id), "status": "open"}
    assert shown["evidence_in_words"][0].startswith("3 of 4 records")
    assert {row["record_id"] for row in shown["samples"]["rows"]} == {"2", "3"}


def test_events_are_listed_newest_first_in_pages_and_by_filter(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    made = [drifted_in(shared_api.control_plane, None, tenant.id) for _ in range(3)]
    client = tenant.client("viewer")
    first = document(client.get(DRIFT, params={"limit": 2}))
    rest = document(client.get(DRIFT, params={"limit": 2, "cursor": first["next_cursor"]}))
    found = [item["id"] for item in (*first["items"], *rest["items"])]
    assert found == [str(one.drift_id) for one in reversed(made)]
    for name, value, count in (
        ("status", "open", 3), ("status", "resolved", 0), ("kind", "renamed", 3), ("kind", "unit", 0),
        ("severity", "breaking", 3), ("severity", "info", 0), ("stream", STREAM, 3), ("stream", "x", 0),
        ("connection_id", str(made[0].connection_id), 1), ("connection_id", str(uuid4()), 0),
    ):  # fmt: skip
        assert len(document(client.get(DRIFT, params={name: value}))["items"]) == count, (name, value)
    assert client.get(DRIFT, params={"kind": "other"}).status_code == 422


def test_accepting_takes_the_shape_and_nobody_is_asked_any_more(
    repaired_tenant: ServedTenant, new_repair: NewRepair
) -> None:
    made = new_repair()
    assert repaired_tenant.client("viewer").post(f"{DRIFT}/{made.drift_id}/accept").status_code == 403
    approver = repaired_tenant.client("approver")
    accepted = document(approver.post(f"{DRIFT}/{made.drift_id}/accept", json={"note": "fine"}), 202)
    assert (accepted["status"], accepted["proposal_id"]) == ("accepted", str(made.proposal_id))
    assert accepted["sync_run_id"]
    event = document(approver.get(f"{DRIFT}/{made.drift_id}"))
    assert (event["status"], event["resolution"]) == ("resolved", "fine")
    assert document(approver.get(f"{AAM}/approvals/{made.proposal_id}"))["status"] == "superseded"
    assert approver.post(f"{DRIFT}/{made.drift_id}/accept").status_code == 409


def test_shapes_are_listed_shown_and_compared(viewer: httpx.Client, new_repair: NewRepair) -> None:
    made = new_repair()
    of_it = {"connection_id": str(made.connection_id), "stream": STREAM}
    newest, baseline = document(viewer.get(SHAPES, params=of_it))["items"]
    assert (newest["is_baseline"], baseline["is_baseline"], baseline["decided_by"]) == (False, True, "policy")
    page = document(viewer.get(SHAPES, params={**of_it, "limit": 1}))
    assert page["items"] == [newest]
    after = document(viewer.get(SHAPES, params={**of_it, "limit": 1, "cursor": page["next_cursor"]}))
    assert (after["items"], after["next_cursor"]) == ([baseline], None)
    shown = document(viewer.get(f"{SHAPES}/{newest['id']}"))
    assert [field["name"] for field in shown["shape"]] == ["id", "name", "mobile"]
    assert shown["fields"] == 3
    diff = document(viewer.get(f"{SHAPES}/{newest['id']}/diff"))
    changes = {(change["kind"], change["field"]) for change in diff["changes"]}
    assert changes == {("added", "mobile"), ("removed", "phone")}
    assert diff["against_id"] == baseline["id"]
    back = document(viewer.get(f"{SHAPES}/{baseline['id']}/diff", params={"against": newest["id"]}))
    assert {change["kind"] for change in back["changes"]} == {"added", "removed"}
    other = document(viewer.get(SHAPES, params={"connection_id": str(new_repair().connection_id)}))["items"][0]
    assert viewer.get(f"{SHAPES}/{newest['id']}/diff", params={"against": other["id"]}).status_code == 422


def test_the_sketch_of_a_field_tells_counts_and_no_values(
    repaired_tenant: ServedTenant, viewer: httpx.Client, new_repair: NewRepair
) -> None:
    from assets.fingerprint.fingerprint import ObservedField, ObservedStream
    from assets.fingerprint.sketches import Sketch

    made = new_repair()
    sketch = Sketch(10, 2, 8, (4711, 4712), (1.5, 99.5), (3, 5), {"Aa": 0.5}, (4711, 4712))
    field = ObservedField("amount", "decimal", "decimal", True, 10, {"decimal": 8}, 5, 8, 1.5, 99.5, sketch=sketch)
    with repaired_tenant.session() as session:
        shape = ObservedStream("deals", (field,), ("id",))
        id = session.schemas.record(made.connection_id, "deals", shape.digest, [shape.to_json()]).id
    answer = viewer.get(f"{SHAPES}/{id}")
    (shown,) = document(answer)["shape"]
    assert (shown["classes"], shown["sketch"]["filled"], shown["sketch"]["is_enum"]) == ({"decimal": 1.0}, 8, True)
    assert not any(value in answer.text for value in ("99.5", "4711", "kmv", "quantiles"))
    assert viewer.get(f"{SHAPES}/{id}/diff").status_code == 404  # nobody approved one


def test_another_tenants_drift_and_shapes_look_like_none(shared_api: ServedApi, new_repair: NewRepair) -> None:
    made = new_repair()
    with shared_api.control_plane.tenant_session(made.tenant_id) as session:
        shapes = session.schemas.page(2, connection_id=made.connection_id)
    stranger = shared_api.new_tenant().client("owner")
    urls = {f"{DRIFT}/{{}}": made.drift_id, f"{SHAPES}/{{}}": shapes[0].id, f"{SHAPES}/{{}}/diff": shapes[0].id}
    for url, theirs in urls.items():
        answers = {stranger.get(url.format(id)).content for id in (theirs, uuid4(), "17")}
        assert len(answers) == 1 and b"/problems/not-found" in answers.pop()
    answers = {stranger.post(f"{DRIFT}/{id}/accept").content for id in (made.drift_id, uuid4(), "17")}
    assert len(answers) == 1 and b"/problems/not-found" in answers.pop()
    for url in (DRIFT, SHAPES):
        assert document(stranger.get(url, params={"connection_id": str(made.connection_id)}))["items"] == []
