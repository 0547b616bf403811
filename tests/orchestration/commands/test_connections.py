"""Deciding on connections, choosing streams, the funnel and the story of a sync, as typed."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from orchestration.commands.access import Access
from tests.orchestration.commands.conftest import Run

pytestmark = pytest.mark.servers


@pytest.fixture
def whose(access: Access) -> tuple[str, UUID]:
    """A tenant of this test's own: its name and id."""
    name = f"T {uuid4().hex[:8]}"
    with access.control_plane.operator_session() as session:
        return name, session.create_tenant(name, f"{uuid4().hex[:8]}@t.example", "hash").id


@pytest.fixture
def crm(run: Run, whose: tuple[str, UUID], tmp_path: Path) -> tuple[str, ...]:
    """A connected folder with one stream `accounts`, high risk; the options that name it."""
    (tmp_path / "accounts.csv").write_text("Id,Name,Email\n1,Fennel,a@b.example\n")
    config = json.dumps({"path": str(tmp_path)})
    told = ("--name", "crm", "--kind", "files", "--config", config, "--risk", "high", "--owner", "ann")
    connected = run("connect", "--tenant", whose[0], *told, "--json")
    assert connected.status == 0, connected.err
    assert connected.document["safe_mode"] is True
    return ("--tenant", whose[0], "--connection", "crm", "--json")


def test_a_person_lifts_holds_pauses_and_resumes_and_all_of_it_is_in_the_history(
    run: Run, access: Access, whose: tuple[str, UUID], crm: tuple[str, ...]
) -> None:
    lifted = run("connections", "lift", *crm)
    assert (lifted.document["safe_mode"], lifted.document["safe_mode_lifted_by"]) == (False, "operator")
    again = run("connections", "lift", *crm)
    assert (again.status, again.document["error"]["code"]) == (1, "not_in_safe_mode")
    assert run("connections", "hold", *crm).document["safe_mode"] is True
    assert run("connections", "pause", *crm).document["status"] == "paused"
    assert run("connections", "resume", *crm).document["status"] == "active"
    with access.control_plane.tenant_session(whose[1]) as session:
        (asked,) = session.sync_runs.list()
        actions = [event.action for event in reversed(session.audit.list())][1:]
        assert session.audit.verify() == 6
    assert asked.requested_by == "operator"
    assert actions == [
        "connection.created", "connection.safe_mode_lifted", "connection.held", "connection.paused",
        "connection.resumed",
    ]  # fmt: skip


def test_a_connection_is_listed_shown_and_deleted_only_when_that_is_meant(
    run: Run, whose: tuple[str, UUID], crm: tuple[str, ...]
) -> None:
    (listed,) = run("connections", "list", "--tenant", whose[0], "--json").document["connections"]
    assert (listed["name"], listed["owner"], listed["risk_level"]) == ("crm", "ann", "high")
    shown = run("connections", "show", *crm).document
    assert shown["config"]["path"] and shown["grants"]["writes"] == [] and shown["last_sync"] is None
    refused = run("connections", "delete", *crm)
    assert (refused.status, refused.document["error"]["code"]) == (1, "not_confirmed")
    assert run("connections", "delete", *crm, "--yes").status == 0
    assert run("connections", "list", "--tenant", whose[0], "--json").document["connections"] == []
    assert run("intent", "list", "--tenant", whose[0], "--json").document["intents"] == []


def test_choices_for_a_stream_are_checked_against_the_source_and_stored(
    run: Run, access: Access, whose: tuple[str, UUID], crm: tuple[str, ...]
) -> None:
    answer = run("streams", "set", *crm, "--stream", "accounts", "--hash", "Email", "--drop", "Name", "--disable")
    assert answer.status == 0, answer.err
    assert answer.document["chosen"] == {"enabled": False, "hash": ["Email"], "drop": ["Name"]}
    back = run("streams", "set", *crm, "--stream", "accounts", "--enable", "--drop", "")
    assert back.document["chosen"] == {"hash": ["Email"]}
    (listed,) = run("streams", "list", *crm).document["streams"]
    assert (listed["name"], listed["mode"], listed["chosen"]) == ("accounts", "snapshot", {"hash": ["Email"]})
    with access.control_plane.tenant_session(whose[1]) as session:
        assert session.connections.by_name("crm").streams == {"accounts": {"hash": ["Email"]}}
    run("streams", "set", *crm, "--stream", "accounts", "--hash", "")
    with access.control_plane.tenant_session(whose[1]) as session:
        assert session.connections.by_name("crm").streams == {}


@pytest.mark.parametrize(
    ("chosen", "code", "says"),
    [
        (("--stream", "acounts", "--disable"), "unknown_stream", "Did you mean 'accounts'?"),
        (("--stream", "accounts", "--drop", "Emial"), "unknown_column", "Did you mean 'Email'?"),
        (("--stream", "accounts", "--drop", "Id"), "config_invalid", "primary key"),
        (("--stream", "accounts", "--mode", "incremental"), "config_invalid", "incremental"),
        (("--stream", "accounts", "--mode", "sometimes"), "setting_invalid", "mode"),
        (("--stream", "accounts"), "usage", "Nothing to set"),
    ],
)
def test_a_choice_that_does_not_fit_is_refused(
    run: Run,
    access: Access,
    whose: tuple[str, UUID],
    crm: tuple[str, ...],
    chosen: tuple[str, ...],
    code: str,
    says: str,
) -> None:
    answer = run("streams", "set", *crm, *chosen)
    assert (answer.status, answer.document["error"]["code"]) == (1, code)
    assert says in answer.err and answer.err.count("\n") == 1
    with access.control_plane.tenant_session(whose[1]) as session:
        assert session.connections.by_name("crm").streams == {}


def test_the_funnel_says_what_stands_in_the_way(run: Run, whose: tuple[str, UUID], crm: tuple[str, ...]) -> None:
    refused = run(
        "connect", "--tenant", whose[0], "--name", "erp", "--kind", "files", "--credentials", "secret://erp", "--json"
    )
    assert refused.document["intent"]["status"] == "awaiting_credentials"
    funnel = run("funnel", "--tenant", whose[0], "--json").document
    assert (funnel["eligible"], funnel["waiting"], funnel["awaiting_credentials"], funnel["active"]) == (2, 1, 1, 0)
    assert funnel["day_one"] == {"share": 0.0, "objective": 0.9, "met": False}
    assert {blocker["code"] for blocker in funnel["blockers"]} == {"credentials_missing", "not_synced_yet"}
    for_people = run("funnel", "--tenant", whose[0])
    assert "objective 90%: not met" in for_people.out


def test_an_intent_is_retried_once_its_secret_is_there_and_dropped_when_nobody_wants_it(
    run: Run, whose: tuple[str, UUID], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("Id\n1\n")
    (tmp_path / "where.json").write_text(json.dumps({"path": str(tmp_path)}))
    told = {"name": "erp", "kind": "files", "credential_locator": "secret://erp", "evidence": {"ticket": "OPS-1"}}
    refused = run("connect", "--tenant", whose[0], "--intent", json.dumps(told), "--json")
    intent = refused.document["intent"]["id"]
    assert run("intent", "retry", intent, "--tenant", whose[0], "--json").document["intent"]["attempts"] == 2
    put = run("secret", "put", "erp", "--tenant", whose[0], "--value", f"@{tmp_path / 'where.json'}", "--json")
    assert put.document == {"name": "erp", "version": 1, "fields": ["path"]}
    connected = run("intent", "retry", intent, "--tenant", whose[0], "--json")
    assert (connected.status, connected.document["intent_id"]) == (0, intent)
    (listed,) = run("intent", "list", "--tenant", whose[0], "--json").document["intents"]
    assert (listed["status"], listed["evidence"]) == ("connected", {"ticket": "OPS-1"})
    assert run("intent", "drop", intent, "--tenant", whose[0]).status == 1
    other = run("connect", "--tenant", whose[0], "--kind", "fax", "--name", "x", "--config", "{}", "--json")
    assert run("intent", "drop", other.document["intent"]["id"], "--tenant", whose[0]).status == 0


def test_the_story_of_the_last_sync_is_told_by_stream(
    run: Run, access: Access, whose: tuple[str, UUID], crm: tuple[str, ...]
) -> None:
    none_yet = run("sync-log", *crm)
    assert (none_yet.status, none_yet.document["error"]["code"]) == (1, "no_sync")
    with access.control_plane.tenant_session(whose[1]) as session:
        run_id = session.sync_runs.request(session.connections.by_name("crm").id, "operator").id
        session.sync_notes.add(run_id, "started", "Reading began.", "accounts")
        session.sync_notes.add(run_id, "waiting", "The source asks to wait 2 s.", level="warning")
        session.sync_runs.fail(run_id, "timeout", "It did not answer.", "Try later.")
    (story,) = run("sync-log", *crm).document["syncs"]
    assert [note["code"] for note in story["notes"]] == ["started", "waiting"]
    assert (story["status"], story["error"]["hint"]) == ("failed", "Try later.")
    (by_id,) = run("sync-log", "--tenant", whose[0], "--sync", str(run_id), "--json").document["syncs"]
    assert by_id["sync_id"] == str(run_id)
    people = run("sync-log", "--tenant", whose[0]).out
    assert "Reading began." in people and "It did not answer. Try later." in people
    wrong = run("sync-log", "--tenant", whose[0], "--sync", "newest", "--json")
    assert wrong.document["error"]["code"] == "not_an_id"
