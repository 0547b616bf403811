"""`connect`: a source is tried before it is stored, and stored as it was found."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import BaseModel, SecretStr

from orchestration.commands.access import Access
from orchestration.commands.connect import read_config, read_schedule, split_secrets
from orchestration.commands.errors import CommandFailed
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
    again = run(*CONNECT, "--name", "SHOP", "--config", config)
    assert (again.status, again.document["error"]["code"]) == (1, "name_taken")


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
        (("--config", "{}"), "config_invalid", "path"),
        (("--config", '{"path": "/x", "pth": 1}'), "config_invalid", "pth"),
        (("--config", '{"path": "/no/such/folder"}'), "config_invalid", "/no/such/folder"),
        (("--config", '{"path": "/x"}', "--kind", "file"), "unknown_kind", "Did you mean 'files'?"),
        (("--config", '{"path": "/x"}', "--schedule", "soon"), "schedule_invalid", "soon"),
    ],
)
def test_a_wrong_source_is_refused_in_one_sentence_before_anything_starts(
    run: Run, arguments: tuple[str, ...], code: str, says: str
) -> None:
    answer = run(*CONNECT, "--name", "wrong", *arguments)
    assert (answer.status, answer.document["error"]["code"]) == (1, code)
    assert says in answer.err
    assert answer.err.count("\n") == 1


def test_secrets_are_parted_from_the_configuration() -> None:
    class Config(BaseModel):
        url: str
        token: SecretStr
        password: SecretStr | None = None

    plain, secrets = split_secrets(Config(url="https://x.example", token=SecretStr("t0ken")))
    assert secrets == {"token": "t0ken"}
    assert plain == {"url": "https://x.example", "password": None}


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
