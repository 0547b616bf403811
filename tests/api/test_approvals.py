"""Repairs over HTTP: what a person sees before deciding, deciding on what they saw, and what is refused."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis

from orchestration.resources.approvals_mirror import ApprovalsMirror
from orchestration.resources.nudges import NUDGES
from tests.api.repair_loops import (
    AAM,
    NewRepair,
    document,
    lake_catalog,
    new_repair,
    published_repair,
    repaired_tenant,
)
from tests.api.serving import ServedApi, ServedTenant
from tests.orchestration.commands.drifted import STREAM, Drifted

__all__ = ["lake_catalog", "new_repair", "published_repair", "repaired_tenant"]
pytestmark = pytest.mark.servers
URL = f"{AAM}/approvals"
LINE = "mobile -> phone | trim | split:' ':1"


@pytest.fixture
def approver(repaired_tenant: ServedTenant) -> httpx.Client:
    return repaired_tenant.client("approver")


def one(client: httpx.Client, made: Drifted) -> Any:
    return document(client.get(f"{URL}/{made.proposal_id}"))


def test_a_repair_is_shown_with_evidence_candidates_and_rows(approver: httpx.Client, published_repair: Drifted) -> None:
    shown = one(approver, published_repair)
    assert (shown["kind"], shown["status"], shown["probability"]) == ("renamed", "open", 0.72)
    assert (shown["fields_before"], shown["fields_after"]) == (["phone"], ["mobile"])
    assert shown["diff"] == ["+ mobile -> phone | trim"]
    assert [(each["number"], each["line"]) for each in shown["candidates"]] == [
        (1, "mobile -> phone"), (2, "name -> phone"),
    ]  # fmt: skip
    assert shown["evidence_in_words"][0].startswith("3 of 4 records")
    assert shown["changes"][0]["after"]["transform"] == {"kind": "trim", "args": {}}
    assert (shown["shadow"]["rows"], shown["votes"], shown["needs_two"]) == (2, [], False)
    samples = shown["samples"]
    assert samples["snapshot_id"] and not samples["is_behind"]
    rows = {row["record_id"]: row for row in samples["rows"]}
    assert set(rows) == {"2", "3"}
    assert rows["2"]["before"] == {"phone": "+49 30 2"}
    assert rows["2"]["after"] == {"mobile": " +49 30 2 ", "phone": None}
    assert rows["2"]["proposed"] == {"phone": "+49 30 2"}


def test_a_repair_without_published_rows_is_shown_and_says_so(approver: httpx.Client, new_repair: NewRepair) -> None:
    samples = one(approver, new_repair())["samples"]
    assert samples["rows"] == []
    assert samples["is_behind"]


def test_an_edit_is_tried_on_published_rows_and_not_saved(approver: httpx.Client, published_repair: Drifted) -> None:
    body = {"rules": [{"line": LINE}]}
    seen = document(approver.post(f"{URL}/{published_repair.proposal_id}/preview", json=body))
    assert {row["record_id"]: row["proposed"] for row in seen["samples"]["rows"]} == {
        "2": {"phone": "30"}, "3": {"phone": "30"},
    }  # fmt: skip
    assert seen["diff"] == ["+ mobile -> phone | trim | split:' ':1"]
    assert one(approver, published_repair)["status"] == "open"


def test_what_waits_comes_first_and_pages_go_on_where_they_ended(shared_api: ServedApi) -> None:
    from tests.orchestration.commands.drifted import drifted_in

    tenant = shared_api.new_tenant()
    made = [drifted_in(shared_api.control_plane, None, tenant.id) for _ in range(4)]
    viewer, approver = tenant.client("viewer"), tenant.client("approver")
    document(approver.post(f"{URL}/{made[3].proposal_id}/reject"), 202)
    found, cursor = [], None
    while True:
        page = document(viewer.get(URL, params={"limit": 3, **({"cursor": cursor} if cursor else {})}))
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [str(made[n].proposal_id) for n in (2, 1, 0, 3)]
    waiting = document(viewer.get(URL, params={"status": "waiting", "connection_id": str(made[0].connection_id)}))
    assert [item["id"] for item in waiting["items"]] == [str(made[0].proposal_id)]
    assert document(viewer.get(URL, params={"kind": "unit"}))["items"] == []


def test_approving_puts_the_mapping_in_force_and_has_it_replayed_at_once(
    shared_api: ServedApi, repaired_tenant: ServedTenant, approver: httpx.Client, new_repair: NewRepair
) -> None:
    made = new_repair()
    with redis.Redis.from_url(shared_api.settings.redis_url) as client, repaired_tenant.session() as session:
        client.delete(NUDGES)
        ApprovalsMirror(client).put(repaired_tenant.id, session.proposals.get(made.proposal_id))
        decided = document(approver.post(f"{URL}/{made.proposal_id}/approve", json={"note": "as told"}), 202)
        assert client.lrange(NUDGES, 0, -1) == [str(repaired_tenant.id).encode()]
        assert str(made.proposal_id) not in {one["id"] for one in ApprovalsMirror(client).list(repaired_tenant.id)}
    assert (decided["status"], decided["mapping_version"]) == ("approved", 2)
    with repaired_tenant.session() as session:
        run = session.sync_runs.list(made.connection_id)[0]
        assert (str(run.id), run.kind) == (decided["sync_run_id"], "replay")
        assert session.audit.list(1)[0].actor == f"approver@{repaired_tenant.name}.example"
    again = approver.post(f"{URL}/{made.proposal_id}/approve")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")
    undone = document(approver.post(f"{URL}/{made.proposal_id}/undo"), 202)
    assert (undone["status"], undone["mapping_version"]) == ("undone", 3)


def test_another_candidate_or_rules_of_ones_own_can_be_put_in_force(
    approver: httpx.Client, new_repair: NewRepair
) -> None:
    made, other = new_repair(), new_repair()
    chosen = document(approver.post(f"{URL}/{made.proposal_id}/choose", json={"candidate": 1}), 202)
    assert (chosen["status"], chosen["mapping_version"]) == ("approved", 2)
    missing = approver.post(f"{URL}/{other.proposal_id}/choose", json={"candidate": 3})
    assert (missing.status_code, "no candidate" in missing.json()["detail"]) == (422, True)
    edited = document(approver.post(f"{URL}/{other.proposal_id}/edit", json={"rules": [{"line": LINE}]}), 202)
    assert edited["mapping_version"] == 2
    mapping = document(approver.get(f"{AAM}/mappings/{other.connection_id}/{STREAM}"))
    assert [rule["line"] for rule in mapping["rules"] if rule["target"] == "phone"] == [LINE, "phone -> phone"]


def test_who_saw_something_older_does_not_decide(
    repaired_tenant: ServedTenant, approver: httpx.Client, new_repair: NewRepair
) -> None:
    made = new_repair()
    url = f"{URL}/{made.proposal_id}"
    seen = approver.get(url).headers["ETag"]
    with repaired_tenant.session() as session:
        proposal = session.proposals.get(made.proposal_id)
        session.proposals.refresh(made.proposal_id, rules=proposal.rules[:3])
    late = approver.post(f"{url}/approve", headers={"If-Match": seen})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/precondition-failed")
    now = approver.get(url).headers["ETag"]
    assert approver.post(f"{url}/reject", headers={"If-Match": now}).status_code == 202


def test_two_persons_have_to_want_the_same_and_nobody_counts_twice(shared_api: ServedApi) -> None:
    from tests.orchestration.commands.drifted import drifted_in

    tenant = shared_api.new_tenant()
    made = drifted_in(shared_api.control_plane, None, tenant.id)
    approver, admin = tenant.client("approver"), tenant.client("admin")
    document(admin.patch(f"{AAM}/settings", json={"two_person": True}))
    url = f"{URL}/{made.proposal_id}"
    first = document(approver.post(f"{url}/approve"), 202)
    assert (first["status"], first["mapping_version"], first["sync_run_id"]) == ("waiting_for_second", None, None)
    assert approver.post(f"{url}/approve").status_code == 409
    shown = document(admin.get(url))
    assert [(vote["by"], vote["verdict"]) for vote in shown["votes"]] == [
        (f"approver@{tenant.name}.example", "approve")
    ]
    assert document(admin.post(f"{url}/edit", json={"rules": [{"line": LINE}]}), 202)["status"] == "waiting_for_second"
    assert document(admin.post(f"{url}/approve"), 202)["status"] == "approved"


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_who_may_not_decide_is_told_so(repaired_tenant: ServedTenant, new_repair: NewRepair, role: Any) -> None:
    made = new_repair()
    client = repaired_tenant.client(role)
    assert one(client, made)["status"] == "open"
    for verb, body in (
        ("approve", {}),
        ("edit", {"rules": [{"line": LINE}]}),
        ("preview", {"rules": [{"line": LINE}]}),
    ):
        assert client.post(f"{URL}/{made.proposal_id}/{verb}", json=body).status_code == 403


HOSTILE: dict[str, Any] = {
    "ten thousand rules": [{"line": LINE}] * 10_000,
    "no rules": [],
    "neither line nor rule": [{"target": "phone"}],
    "both at once": [{"line": LINE, "source": "mobile", "target": "phone"}],
    "no rule": [{"line": "mobile"}],
    "unknown step": [{"line": "mobile -> phone | system:ls"}],
    "unknown kind": [{"source": "mobile", "target": "phone", "transform": {"kind": "python", "args": {}}}],
    "unknown target": [{"source": "mobile", "target": "phone\"; DROP TABLE holds; --"}],
    "unknown field": [{"source": "x' OR 1=1; --", "target": "phone"}],
    "quotes in a format": [{"line": "mobile -> phone | date_format:'%d''); COPY x TO ''/tmp/y'"}],
    "NUL": [{"source": "mob\0ile", "target": "phone"}],
    "NUL in arguments": [
        {"source": "mobile", "target": "phone", "transform": {"kind": "split", "args": {"separator": "\0", "index": 0}}}
    ],
    "endless line": [{"line": "mobile -> phone | constant:" + "x" * 100_000}],
    "span that ends before it begins": [{"source": "mobile", "target": "phone", "since": 7, "until": 3}],
    "span beyond all numbers": [{"source": "mobile", "target": "phone", "since": 10**40}],
    "arguments that are no object": [{"source": "mobile", "target": "phone", "transform": {"kind": "trim", "args": 3}}],
    "arguments of another shape": [
        {"source": "mobile", "target": "phone", "transform": {"kind": "enum_map", "args": {"values": [1]}}}
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("verb", ["preview", "edit"])
def test_rules_that_cannot_be_used_are_refused(
    approver: httpx.Client, published_repair: Drifted, name: str, verb: str
) -> None:
    answer = approver.post(f"{URL}/{published_repair.proposal_id}/{verb}", json={"rules": HOSTILE[name]})
    assert answer.status_code in (413, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("depth", [50, 100_000])
def test_arguments_that_are_nested_without_end_are_refused(
    approver: httpx.Client, published_repair: Drifted, depth: int
) -> None:
    nested = '{"a":' * depth + "1" + "}" * depth
    body = '{"rules":[{"source":"mobile","target":"phone","transform":{"kind":"trim","args":' + nested + "}}]}"
    answer = approver.post(
        f"{URL}/{published_repair.proposal_id}/preview", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 413, 422), answer.text


def test_hostile_texts_within_usable_rules_are_only_text(approver: httpx.Client, published_repair: Drifted) -> None:
    text = "'); DROP TABLE x; --"
    rule = {"source": "mobile", "target": "phone", "transform": {"kind": "constant", "args": {"value": text}}}
    seen = document(approver.post(f"{URL}/{published_repair.proposal_id}/preview", json={"rules": [rule]}))
    assert {row["proposed"]["phone"] for row in seen["samples"]["rows"]} == {text}


def test_another_tenants_repair_and_one_that_never_was_look_alike(
    shared_api: ServedApi, repaired_tenant: ServedTenant, new_repair: NewRepair
) -> None:
    made = new_repair()
    stranger = shared_api.new_tenant().client("owner")
    bodies = {"choose": {"candidate": 1}, "edit": {"rules": [{"line": LINE}]}, "preview": {"rules": [{"line": LINE}]}}
    for verb in ("", "/approve", "/reject", "/choose", "/edit", "/undo", "/preview"):
        answers = set()
        for id in (made.proposal_id, uuid4(), "17"):
            url = f"{URL}/{id}{verb}"
            answer = stranger.post(url, json=bodies.get(verb[1:], {})) if verb else stranger.get(url)
            answers.add((answer.status_code, answer.content))
        assert {status for status, _ in answers} == {404}
        assert len(answers) == 1, verb
    assert document(stranger.get(URL))["items"] == []
    assert document(stranger.get(URL, params={"connection_id": str(made.connection_id)}))["items"] == []
    assert one(repaired_tenant.client("viewer"), made)["status"] == "open"


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwiYiIsImMiXQ", "WzAsICIyMDI2LTAxLTAxIiwgMV0"])
def test_what_is_no_cursor_is_refused(approver: httpx.Client, cursor: str) -> None:
    assert approver.get(URL, params={"cursor": cursor}).status_code == 422


def test_a_decision_that_is_sent_twice_is_made_once(
    repaired_tenant: ServedTenant, approver: httpx.Client, new_repair: NewRepair
) -> None:
    made = new_repair()
    key = {"Idempotency-Key": str(uuid4())}
    first, again = (approver.post(f"{URL}/{made.proposal_id}/approve", headers=key) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content) == (202, again.content)
    with repaired_tenant.session() as session:
        assert len(session.mappings.history(made.connection_id, STREAM)) == 2
