"""`connect`: a source is tried before it is stored, and stored as it was found."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from orchestration.commands.access import Access
from orchestration.commands.errors import CommandFailed
from orchestration.commands.intent_options import read_config, read_schedule
from orchestration.control_plane.errors import ScheduleInvalid
from tests.orchestration.commands.conftest import Run

CONNECT = ("connect", "--tenant", "Brindlecove", "--kind", "files", "--json")


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    (tmp_path / "accounts.csv").write_text("Id;Name\n1;Fennel\n2;Quill\n")
    return tmp_path


@pytest.mark.servers
def test_a_connected_source_is_stored_with_what_was_found(
    run: Run, access: Access, tenant_id: UUID, exports: Path
) -> None:
    config = json.dumps({"path": str(exports)})
    answer = run(*CONNECT, "--name", "shop", "--config", config, "--schedule", "every 15m")
    assert answer.status == 0
    (stream,) = answer.document["streams"]
    assert (stream["name"], stream["fields"], stream["primary_key"]) == ("accounts", ["Id", "Name"], ["Id"])
    with access.control_plane.tenant_session(tenant_id) as session:
        stored = session.connections.by_name("shop")
        assert str(stored.schedule) == "900s"
        assert stored.config["streams"][0]["dialect"]["delimiter"] == ";"
        assert session.audit.verify() > 0
        assert (stored.safe_mode, stored.safe_mode_lifted_by) == (False, "policy")
    (exports / "elsewhere").mkdir()
    (exports / "elsewhere" / "a.csv").write_text("Id\n1\n")
    another = json.dumps({"path": str(exports / "elsewhere")})
    taken = run(*CONNECT, "--name", "SHOP", "--config", another)
    assert (taken.status, taken.document["error"]["code"]) == (1, "name_taken")


@pytest.mark.servers
def test_the_same_source_again_is_the_same_connection(run: Run, access: Access, tenant_id: UUID, exports: Path) -> None:
    config = json.dumps({"path": str(exports)})
    first = run(*CONNECT, "--name", "twice", "--config", config)
    again = run(*CONNECT, "--name", "another name", "--config", config)
    assert (first.document["is_new"], again.document["is_new"]) == (True, False)
    assert (again.status, again.document["id"], again.document["name"]) == (0, first.document["id"], "twice")
    assert again.document["changed"] == []
    apart = run(*CONNECT, "--name", "on purpose", "--config", config, "--namespace", "second")
    assert (apart.status, apart.document["is_new"]) == (0, True)
    with access.control_plane.tenant_session(tenant_id) as session:
        actions = [event.action for event in session.audit.list() if event.data.get("name") == "twice"]
    assert actions == ["connection.updated", "connection.safe_mode_lifted", "connection.created"]


@pytest.mark.servers
def test_a_relative_path_is_stored_whole(
    run: Run, access: Access, tenant_id: UUID, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (exports / "config.json").write_text('{"path": "."}')
    monkeypatch.chdir(exports)
    assert run(*CONNECT, "--name", "relative", "--config", "@config.json").status == 0
    with access.control_plane.tenant_session(tenant_id) as session:
        assert session.connections.by_name("relative").config["path"] == str(exports)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--config", "{path: /x}"), "config_not_json", "column 2"),
        (("--config", "[]"), "config_not_json", "object"),
        (("--config", "@/no/such/file"), "config_unreadable", "/no/such/file"),
        (("--config", '{"path": "/x"}', "--schedule", "soon"), "schedule_invalid", "soon"),
        (("--intent", '{"colour": "red"}', "--config", "{}"), "intent_invalid", "colour"),
        (("--config", "{}", "--risk", "none"), "intent_invalid", "risk_level"),
        (("--credentials", "env://TOKEN"), "locator_invalid", "secret://NAME"),
        ((), "usage", "--config"),
    ],
)
def test_a_wrong_source_is_refused_in_one_sentence_before_anything_starts(
    run: Run, arguments: tuple[str, ...], code: str, says: str
) -> None:
    answer = run(*CONNECT, "--name", "wrong", *arguments)
    assert (answer.status, answer.document["error"]["code"]) == (1, code)
    assert says in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.servers
@pytest.mark.parametrize(
    ("arguments", "code", "status", "says"),
    [
        (("--config", "{}"), "config_invalid", "error", "path"),
        (("--config", '{"path": "/x", "pth": 1}'), "config_invalid", "error", "pth"),
        (("--config", '{"path": "/no/such/folder"}'), "config_invalid", "error", "/no/such/folder"),
        (("--config", '{"path": "/x"}', "--kind", "file"), "unknown_kind", "unsupported", "Did you mean 'files'?"),
        (("--config", '{"path": "/x"}', "--kind", "file"), "unknown_kind", "unsupported", "Known kinds: "),
        (("--credentials", "secret://absent"), "credentials_missing", "awaiting_credentials", "secret put absent"),
    ],
)
def test_what_does_not_connect_is_kept_as_an_intent_with_what_to_do(
    run: Run, access: Access, tenant_id: UUID, arguments: tuple[str, ...], code: str, status: str, says: str
) -> None:
    answer = run(*CONNECT, "--name", "wrong", *arguments)
    assert (answer.status, answer.document["error"]["code"]) == (1, code)
    assert says in answer.err
    assert answer.err.count("\n") == 1
    with access.control_plane.tenant_session(tenant_id) as session:
        kept = session.intents.get(UUID(answer.document["intent"]["id"]))
        assert (kept.status, kept.code, kept.connection_id) == (status, code, None)
        assert session.audit.list(1)[0].action == "onboarding.refused"


@pytest.mark.parametrize(
    ("text", "stored"), [("every 2h", "7200s"), ("15m", "900s"), ("0 6 * * 1-5", "0 6 * * 1-5 UTC")]
)
def test_schedules_are_intervals_or_cron(text: str, stored: str) -> None:
    assert str(read_schedule(text)) == stored


def test_no_schedule_is_none_and_a_wrong_one_is_refused() -> None:
    assert read_schedule(None) is None
    with pytest.raises(ScheduleInvalid):
        read_schedule("every now and then")


def test_a_configuration_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(CommandFailed, match="not UTF-8"):
        read_config(f"@{path}")
