"""Mappings over HTTP: in force and before, compared, rolled back, and written by hand."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from tests.api.repair_loops import AAM, NewRepair, document, lake_catalog, new_repair, published_repair, repaired_tenant
from tests.api.serving import ServedApi, ServedTenant
from tests.orchestration.commands.drifted import STREAM, Drifted, drifted_in

__all__ = ["lake_catalog", "new_repair", "published_repair", "repaired_tenant"]
pytestmark = pytest.mark.servers
URL = f"{AAM}/mappings"
OLD_RULES = [{"line": "id -> contact_id"}, {"line": "name -> last_name"}, {"line": "phone -> phone"}]
NEW_RULES = [*OLD_RULES[:2], {"source": "mobile", "target": "phone", "transform": {"kind": "trim"}}, OLD_RULES[2]]


@pytest.fixture
def approver(repaired_tenant: ServedTenant) -> httpx.Client:
    return repaired_tenant.client("approver")


def url_of(made: Drifted) -> str:
    return f"{URL}/{made.connection_id}/{STREAM}"


def put(client: httpx.Client, made: Drifted, rules: Any, status: int = 202, if_match: str = "*") -> Any:
    body = {"rules": rules, "note": "by hand"}
    return document(client.put(url_of(made), json=body, headers={"If-Match": if_match}), status)


def test_a_mapping_is_shown_rule_by_rule_with_what_nothing_is_mapped_from(
    approver: httpx.Client, new_repair: NewRepair
) -> None:
    made = new_repair()
    shown = document(approver.get(url_of(made)))
    assert (shown["entity"], shown["version"], shown["is_in_force"]) == ("contact", 1, True)
    assert [rule["line"] for rule in shown["rules"]] == [rule["line"] for rule in OLD_RULES]
    assert shown["unmapped"] == ["mobile"]
    listed = document(approver.get(URL, params={"connection_id": str(made.connection_id), "entity": "contact"}))
    assert [(each["stream"], each["connection"]) for each in listed["items"]] == [(STREAM, made.name)]
    assert document(approver.get(URL, params={"entity": "opportunity"}))["items"] == []


def test_mappings_come_in_pages(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    made = {str(drifted_in(shared_api.control_plane, None, tenant.id).connection_id) for _ in range(3)}
    client = tenant.client("viewer")
    first = document(client.get(URL, params={"limit": 2}))
    rest = document(client.get(URL, params={"limit": 2, "cursor": first["next_cursor"]}))
    assert [len(page["items"]) for page in (first, rest)] == [2, 1]
    assert {item["connection_id"] for page in (first, rest) for item in page["items"]} == made
    assert rest["next_cursor"] is None


def test_a_mapping_written_by_hand_is_in_force_compared_and_rolled_back(
    approver: httpx.Client, new_repair: NewRepair
) -> None:
    made = new_repair()
    written = put(approver, made, NEW_RULES)
    assert (written["status"], written["mapping_version"]) == ("approved", 2)
    assert written["sync_run_id"] and written["proposal_id"]
    same = put(approver, made, NEW_RULES, 200)
    assert (same["status"], same["mapping_version"]) == ("unchanged", 2)
    versions = document(approver.get(f"{url_of(made)}/versions"))["items"]
    assert (versions[0]["version"], versions[0]["is_in_force"]) == (2, True)
    assert versions[0]["diff"] == ["+ mobile -> phone | trim"]
    assert versions[0]["reason"].startswith("written by approver@")
    compared = document(approver.get(f"{url_of(made)}/compare", params={"from": 2, "to": 1}))
    assert compared["diff"] == ["- mobile -> phone | trim"]
    assert document(approver.get(f"{url_of(made)}/versions/1"))["is_in_force"] is False
    back = document(approver.post(f"{url_of(made)}/rollback", json={"version": 1}), 202)
    assert (back["status"], back["mapping_version"]) == ("rolled_back", 3)
    assert [rule["line"] for rule in document(approver.get(url_of(made)))["rules"]] == [r["line"] for r in OLD_RULES]
    approvals = document(approver.get(f"{AAM}/approvals", params={"kind": "written"}))["items"]
    assert str(written["proposal_id"]) in {one["id"] for one in approvals}


def test_rules_that_somebody_left_as_they_were_stay_the_policys(approver: httpx.Client, new_repair: NewRepair) -> None:
    made = new_repair()

    def of_other_fields() -> list[dict[str, Any]]:
        return [rule for rule in document(approver.get(url_of(made)))["rules"] if rule["target"] != "phone"]

    before = of_other_fields()
    put(approver, made, NEW_RULES)
    assert before and of_other_fields() == before
    assert {rule["decided_by"] for rule in before} == {"policy"}


def test_a_stream_that_fits_no_entity_is_mapped_onto_the_one_a_person_names(
    approver: httpx.Client, new_repair: NewRepair, repaired_tenant: ServedTenant
) -> None:
    made = new_repair()
    with repaired_tenant.session() as control:
        control.mappings.save(made.connection_id, STREAM, None, [], "it fits none", "policy")
    proposed = document(approver.get(f"{url_of(made)}/proposed", params={"entity": "contact"}))
    assert (proposed["entity"], proposed["entity_evidence"]) == ("contact", ["said by a person"])
    assert proposed["rules"] and proposed["apply_at"] > 0
    rules = [{"line": rule["line"]} for rule in proposed["rules"]]
    body = {"connection_id": str(made.connection_id), "stream": STREAM, "rules": rules, "entity": "contact"}
    assert len(document(approver.post(f"{URL}/preview", json=body))["diff"]) == len(rules)
    written = document(approver.put(url_of(made), json={"rules": rules, "entity": "contact"}), 202)
    assert written["status"] == "approved" and written["sync_run_id"]
    assert document(approver.get(url_of(made)))["entity"] == "contact"
    for wrong in ("nothing", "Contact"):
        assert approver.get(f"{url_of(made)}/proposed", params={"entity": wrong}).status_code == 422
        assert approver.put(url_of(made), json={"rules": rules, "entity": wrong}).status_code == 422


def test_what_was_written_by_hand_can_be_undone(approver: httpx.Client, new_repair: NewRepair) -> None:
    made = new_repair()
    written = put(approver, made, NEW_RULES)
    undone = document(approver.post(f"{AAM}/approvals/{written['proposal_id']}/undo"), 202)
    assert (undone["status"], undone["mapping_version"]) == ("undone", 3)


def test_a_mapping_that_moved_on_is_not_overwritten(approver: httpx.Client, new_repair: NewRepair) -> None:
    made = new_repair()
    seen = approver.get(url_of(made)).headers["ETag"]
    put(approver, made, NEW_RULES, if_match=seen)
    assert put(approver, made, OLD_RULES, 412, seen)["type"] == "/problems/precondition-failed"
    late = approver.post(f"{url_of(made)}/rollback", json={"version": 1}, headers={"If-Match": seen})
    assert late.status_code == 412


def test_two_persons_have_to_write_the_same(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    made = drifted_in(shared_api.control_plane, None, tenant.id)
    approver, admin = tenant.client("approver"), tenant.client("admin")
    document(admin.patch(f"{AAM}/settings", json={"two_person": True}))
    first = put(approver, made, NEW_RULES)
    assert (first["status"], first["mapping_version"]) == ("waiting_for_second", None)
    assert put(approver, made, NEW_RULES, 409)["type"] == "/problems/conflict"
    second = put(admin, made, NEW_RULES)
    assert (second["proposal_id"], second["status"], second["mapping_version"]) == (first["proposal_id"], "approved", 2)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([*OLD_RULES[1:2], {"line": "nothing -> phone"}], "no field 'nothing'"),
        ([*OLD_RULES, {"line": "name -> telephone_of_work"}], "telephone_of_work"),
        ([*OLD_RULES, {"line": "name -> phone | date_format:%d"}], "date_format"),
        ([{"line": "name -> phone | shout"}], "shout"),
    ],
)
def test_rules_that_do_not_work_are_refused_with_the_reason(
    approver: httpx.Client, new_repair: NewRepair, rules: Any, words: str
) -> None:
    made = new_repair()
    assert words in put(approver, made, rules, 422)["detail"]
    assert document(approver.get(url_of(made)))["version"] == 1


def test_rules_are_tried_on_published_rows(approver: httpx.Client, published_repair: Drifted) -> None:
    body = {"connection_id": str(published_repair.connection_id), "stream": STREAM, "rules": NEW_RULES}
    seen = document(approver.post(f"{URL}/preview", json=body))
    assert seen["diff"] == ["+ mobile -> phone | trim"]
    rows = {row["record_id"]: row for row in seen["samples"]["rows"]}
    assert rows["2"]["proposed"] == {"phone": "+49 30 2"}
    assert document(approver.get(url_of(published_repair)))["version"] == 1


def test_another_tenants_mapping_and_one_that_never_was_look_alike(
    shared_api: ServedApi, new_repair: NewRepair
) -> None:
    made = new_repair()
    stranger = shared_api.new_tenant().client("owner")
    rolled, written = {"version": 1}, {"rules": OLD_RULES}
    for verb, end, body in (
        ("GET", "", None), ("GET", "/versions", None), ("GET", "/versions/1", None), ("PUT", "", written),
        ("GET", "/compare?from=1&to=1", None), ("POST", "/rollback", rolled),
    ):  # fmt: skip
        answers = set()
        for id in (made.connection_id, uuid4(), "17"):
            answer = stranger.request(verb, f"{URL}/{id}/{STREAM}{end}", json=body)
            answers.add((answer.status_code, answer.content))
        assert {status for status, _ in answers} == {404}
        assert len(answers) == 1, (verb, end)
    previews = {
        stranger.post(f"{URL}/preview", json={"connection_id": str(id), "stream": STREAM, **written}).content
        for id in (made.connection_id, uuid4(), "17")
    }
    assert len(previews) == 1 and b"/problems/not-found" in previews.pop()


@pytest.mark.parametrize("end", ["/versions/0", "/versions/x", "/versions/99999999999999999999", "/versions/7"])
def test_a_version_that_is_not_there_is_not_found(approver: httpx.Client, new_repair: NewRepair, end: str) -> None:
    assert approver.get(f"{url_of(new_repair())}{end}").status_code == 404


def test_a_viewer_reads_and_does_not_write(repaired_tenant: ServedTenant, new_repair: NewRepair) -> None:
    made, viewer = new_repair(), repaired_tenant.client("viewer")
    assert viewer.get(f"{url_of(made)}/versions").status_code == 200
    assert viewer.put(url_of(made), json={"rules": OLD_RULES}).status_code == 403
    assert viewer.post(f"{url_of(made)}/rollback", json={"version": 1}).status_code == 403


def test_the_name_of_a_stream_may_hold_anything(repaired_tenant: ServedTenant, new_repair: NewRepair) -> None:
    made, client = new_repair(), repaired_tenant.client("approver")
    stream = "a b/ç%?#'"
    with repaired_tenant.session() as session:
        rule = {"source": "id", "target": "contact_id", "probability": 1.0}
        session.mappings.save(made.connection_id, stream, "contact", [rule], "first", "policy")
    assert document(client.get(f"{URL}/{made.connection_id}/{quote(stream, safe='')}"))["stream"] == stream
    listed = document(client.get(URL, params={"stream": stream}))["items"]
    assert [each["stream"] for each in listed] == [stream]
