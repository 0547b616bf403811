"""`approvals list|show|edit|approve|...` on real servers: what a person sees, who may decide, what an edit does."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from assets.mapping.rules import FieldRule, Transform
from assets.normalize.catalog import CANONICAL
from assets.normalize.declaring import as_mapping
from assets.normalize.delta import StreamNormalizer
from assets.normalize.edits import join_edit
from orchestration.commands.access import Access
from orchestration.control_plane.passwords import hash_password
from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location
from tests.orchestration.commands.conftest import Answer, Run
from tests.orchestration.commands.drifted import OLD, Drifted, drifted

pytestmark = pytest.mark.servers
TENANT = ("--tenant", "Brindlecove")


@pytest.fixture
def people(access: Access, tenant_id: UUID) -> Drifted:
    """With the records of before in the canonical table, and the two that changed held."""
    made = drifted(access, tenant_id)
    with access.control_plane.tenant_session(tenant_id) as session:
        active = session.mappings.active(made.connection_id, "people")
        assert active is not None
        holds = session.holds.active(made.connection_id)
    lake = Lake(lake_location(access.settings))
    with lake.session(tenant_id) as on_lake:
        StreamNormalizer(on_lake, made.connection_id, as_mapping(active), 1, CANONICAL, holds=holds).run()
    lake.close()
    return made


def approvals(run: Run, command: str, *arguments: str) -> Answer:
    return run("approvals", command, *TENANT, *arguments, "--json")


def shown(run: Run, people: Drifted) -> Mapping[str, Any]:
    answer = approvals(run, "show", str(people.proposal_id))
    assert answer.status == 0, answer.err
    document: Mapping[str, Any] = answer.document
    return document


def test_the_list_says_what_waits_how_long_and_what_is_held(run: Run, people: Drifted) -> None:
    answer = approvals(run, "list", "--connection", people.name)
    (found,) = answer.document["approvals"]
    assert (found["kind"], found["fields_before"], found["fields_after"]) == ("renamed", ["phone"], ["mobile"])
    assert (found["probability"], found["status"], found["held"]) == (0.72, "open", 2)
    assert found["age_s"] >= 0
    assert 6 * 86_400 < found["expires_in_s"] <= 7 * 86_400
    for_people = run("approvals", "list", *TENANT, "--connection", people.name).out
    assert "phone" in for_people
    assert "left" in for_people


def test_a_repair_is_shown_with_rows_before_and_after(run: Run, people: Drifted) -> None:
    document = shown(run, people)
    samples = {sample["record_id"]: sample for sample in document["samples"]}
    assert set(samples) == {"2", "3"}
    assert samples["2"]["before"] == {"phone": "+49 30 2"}
    assert samples["2"]["after"] == {"mobile": " +49 30 2 ", "phone": None}
    assert samples["2"]["proposed"] == {"phone": "+49 30 2"}
    assert samples["2"]["problems"] == []
    assert document["diff"] == ["+ mobile -> phone | trim"]
    assert document["impact"]["fields"] == ["contacts.phone"]
    assert [candidate["rule"] for candidate in document["candidates"]] == ["mobile -> phone", "name -> phone"]
    assert document["evidence_in_words"][0].startswith("3 of 4 records hold the same value under the new name")
    for_people = run("approvals", "show", *TENANT, str(people.proposal_id)).out
    for part in ("mobile -> phone", "contacts.phone", "+49 30 2", "3 of 4 records", "tried on 2 records"):
        assert part in for_people


def test_an_edit_is_tried_on_sample_rows_before_it_is_saved(run: Run, people: Drifted) -> None:
    line = "mobile -> phone | trim | split:' ':1"
    answer = approvals(run, "edit", str(people.proposal_id), "--map", line, "--preview")
    assert answer.status == 0, answer.err
    samples = {sample["record_id"]: sample["proposed"] for sample in answer.document["samples"]}
    assert samples == {"2": {"phone": "30"}, "3": {"phone": "30"}}
    assert answer.document["diff"] == ["+ mobile -> phone | trim | split:' ':1"]
    assert shown(run, people)["status"] == "open"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), "usage", "--map"),
        (("--map", "mobile"), "rule_unreadable", "source -> target"),
        (("--map", "mobile -> phone | shout"), "rule_unreadable", "no step 'shout'"),
        (("--map", "moblie -> phone"), "unknown_field", "Did you mean 'mobile'?"),
        (("--map", "mobile -> telephone_of_work"), "mapping_invalid", "telephone_of_work"),
        (("--map", "mobile -> phone | date_format:%d"), "mapping_invalid", "date_format"),
        (("--rules", "{}"), "rules_unreadable", "no list"),
        (("--rules", '[{"source": "mobile"}]'), "rules_unreadable", "target"),
        (("--rules", "@/nowhere/rules.json"), "rules_unreadable", "No such file"),
    ],
)
def test_an_edit_that_cannot_be_applied_says_why_and_changes_nothing(
    run: Run, people: Drifted, arguments: tuple[str, ...], code: str, words: str
) -> None:
    answer = approvals(run, "edit", str(people.proposal_id), *arguments)
    assert answer.status == 1
    assert answer.document["error"]["code"] == code
    assert words in answer.document["error"]["message"]
    assert shown(run, people)["status"] == "open"


def test_an_edit_keeps_how_rows_of_before_are_read() -> None:
    old = FieldRule("amount", "amount", until=6)
    new = FieldRule("amount", "amount", Transform("scale", {"factor": "0.01"}), since=7)
    edited = FieldRule("amount", "amount", Transform("scale", {"factor": "0.1"}))
    before = (FieldRule("amount", "amount"), FieldRule("id", "opportunity_id"))
    joined = join_edit(before, (before[1], new, old), [edited])
    assert [(rule.target, rule.transform.args, rule.since, rule.until) for rule in joined] == [
        ("opportunity_id", {}, 0, None), ("amount", {"factor": "0.1"}, 7, None), ("amount", {}, 0, 6),
    ]  # fmt: skip


def test_an_edit_of_a_renamed_field_keeps_the_old_name_behind_it() -> None:
    edited = FieldRule("mobile", "phone", Transform("lower"))
    joined = join_edit(OLD, (*OLD[:2], FieldRule("mobile", "phone"), OLD[2]), [edited])
    assert [(rule.source, rule.transform.kind) for rule in joined if rule.target == "phone"] == [
        ("mobile", "lower"), ("phone", "cast"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "arguments", "code"),
    [
        ("show", ("17",), "not_an_id"),
        ("approve", (str(uuid4()),), "not_found"),
        ("list", ("--status", "opne"), "unknown_status"),
        ("list", ("--connection", "nowhere"), "unknown_connection"),
    ],
)
def test_what_is_not_there_is_explained(
    run: Run, tenant_id: UUID, command: str, arguments: tuple[str, ...], code: str
) -> None:
    answer = approvals(run, command, *arguments)
    assert (answer.status, answer.document["error"]["code"]) == (1, code)


def test_another_tenants_repair_looks_like_none(run: Run, access: Access, people: Drifted) -> None:
    with access.control_plane.operator_session() as session:
        session.create_tenant("Elsewhere", "owner@elsewhere.example", hash_password("a long password"))
    answer = run("approvals", "approve", "--tenant", "Elsewhere", str(people.proposal_id), "--json")
    absent = run("approvals", "approve", "--tenant", "Elsewhere", str(uuid4()), "--json")
    assert answer.document["error"]["code"] == absent.document["error"]["code"] == "not_found"
    assert shown(run, people)["status"] == "open"


def test_only_members_who_may_decide_do(run: Run, access: Access, people: Drifted) -> None:
    with access.control_plane.tenant_session(people.tenant_id) as session:
        viewer = f"viewer-{uuid4().hex[:6]}@brindlecove.example"
        session.users.add(viewer, "hash", "viewer")
    refused = approvals(run, "approve", str(people.proposal_id), "--as", viewer)
    stranger = approvals(run, "approve", str(people.proposal_id), "--as", "nobody@elsewhere.example")
    assert (refused.document["error"]["code"], stranger.document["error"]["code"]) == (
        "may_not_decide", "unknown_member",
    )  # fmt: skip
    assert shown(run, people)["status"] == "open"


def test_approving_puts_the_mapping_in_force_once(run: Run, access: Access, people: Drifted) -> None:
    owner = "owner@brindlecove.example"
    answer = approvals(run, "approve", str(people.proposal_id), "--note", "Looks right.", "--as", owner)
    assert answer.status == 0, answer.err
    assert (answer.document["status"], answer.document["mapping_version"]) == ("approved", 2)
    with access.control_plane.tenant_session(people.tenant_id) as session:
        active = session.mappings.active(people.connection_id, "people")
        assert active is not None
        assert (active.version, active.decided_by) == (2, owner)
        assert session.holds.active(people.connection_id) == []
        asked = session.sync_runs.get(UUID(answer.document["sync_id"]))
        assert asked.connection_id == people.connection_id
    again = approvals(run, "approve", str(people.proposal_id))
    assert again.status == 1
    assert "already" in again.document["error"]["message"]
    document = shown(run, people)
    assert (document["status"], document["decided_by"], document["note"]) == ("approved", owner, "Looks right.")


def test_an_edited_mapping_is_put_in_force(run: Run, access: Access, people: Drifted, tmp_path: Path) -> None:
    rules = [
        {"source": "id", "target": "contact_id"},
        {"source": "name", "target": "last_name"},
        {"source": "mobile", "target": "phone", "transform": {"kind": "trim"}},
    ]
    written = tmp_path / "rules.json"
    written.write_text(json.dumps(rules))
    answer = approvals(run, "edit", str(people.proposal_id), "--rules", f"@{written}")
    assert answer.status == 0, answer.err
    assert answer.document["status"] == "approved"
    with access.control_plane.tenant_session(people.tenant_id) as session:
        active = session.mappings.active(people.connection_id, "people")
        assert active is not None
        assert [(rule["source"], rule["target"]) for rule in active.rules] == [
            ("id", "contact_id"), ("name", "last_name"), ("mobile", "phone"),
        ]  # fmt: skip


def test_another_candidate_is_chosen_by_its_number(run: Run, access: Access, people: Drifted) -> None:
    none = approvals(run, "choose", str(people.proposal_id), "--candidate", "3")
    assert (none.status, none.document["error"]["code"]) == (1, "no_such_candidate")
    answer = approvals(run, "choose", str(people.proposal_id), "--candidate", "2")
    assert answer.status == 0, answer.err
    with access.control_plane.tenant_session(people.tenant_id) as session:
        active = session.mappings.active(people.connection_id, "people")
        assert active is not None
        first = next(rule for rule in active.rules if rule["target"] == "phone")
        assert first["source"] == "name"


def test_rejecting_lifts_the_hold_and_keeps_the_mapping(run: Run, access: Access, people: Drifted) -> None:
    answer = approvals(run, "reject", str(people.proposal_id), "--note", "Another number.")
    assert (answer.status, answer.document["status"]) == (0, "rejected"), answer.err
    with access.control_plane.tenant_session(people.tenant_id) as session:
        active = session.mappings.active(people.connection_id, "people")
        assert active is not None
        assert active.version == 1
        assert session.holds.active(people.connection_id) == []


def test_an_approval_is_undone(run: Run, access: Access, people: Drifted) -> None:
    assert approvals(run, "approve", str(people.proposal_id)).status == 0
    answer = approvals(run, "undo", str(people.proposal_id), "--note", "Too early.")
    assert answer.status == 0, answer.err
    assert answer.document["status"] in ("undone", "rolled_back")
    with access.control_plane.tenant_session(people.tenant_id) as session:
        active = session.mappings.active(people.connection_id, "people")
        assert active is not None
        assert active.version == 3
        assert [rule["source"] for rule in active.rules if rule["target"] == "phone"] == ["phone"]


def test_two_persons_approve_where_the_tenant_wants_it(run: Run, access: Access, people: Drifted) -> None:
    second = f"second-{uuid4().hex[:6]}@brindlecove.example"
    with access.control_plane.tenant_session(people.tenant_id) as session:
        session.users.add(second, "hash", "approver")
        session.repair_settings.set("test", two_person=True)
    try:
        owner = "owner@brindlecove.example"
        first = approvals(run, "approve", str(people.proposal_id), "--as", owner)
        assert (first.status, first.document["status"]) == (0, "waiting_for_second"), first.err
        same = approvals(run, "approve", str(people.proposal_id), "--as", owner)
        assert (same.status, same.document["error"]["code"]) == (1, "same_person")
        answer = approvals(run, "approve", str(people.proposal_id), "--as", second)
        assert (answer.status, answer.document["status"]) == (0, "approved"), answer.err
    finally:
        with access.control_plane.tenant_session(people.tenant_id) as session:
            session.repair_settings.set("test", two_person=False)
