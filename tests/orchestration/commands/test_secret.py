"""`secret`: values come from stdin or files, and no command, argument list or listing shows one."""

import io
import json
import sys
from pathlib import Path
from uuid import UUID

import pytest

from orchestration.commands.access import Access
from orchestration.commands.errors import CommandFailed
from orchestration.commands.secret import read_value
from tests.orchestration.commands.conftest import Run

CANARY = "canary-90ab"


@pytest.mark.servers
def test_a_secret_is_put_listed_by_name_and_destroyed(
    run: Run, access: Access, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"token": CANARY})))
    put = run("secret", "put", "crm", "--tenant", "Brindlecove", "--json")
    listed = run("secret", "list", "--tenant", "Brindlecove", "--json")
    for_people = run("secret", "list", "--tenant", "Brindlecove")
    with access.control_plane.tenant_session(tenant_id) as session:
        assert session.secrets.open("crm") == {"token": CANARY}
        told = repr(session.audit.list(1))
    gone = run("secret", "delete", "crm", "--tenant", "Brindlecove", "--json")
    assert (put.status, put.document["fields"], gone.document) == (0, ["token"], {"name": "crm", "deleted": True})
    assert [secret["name"] for secret in listed.document["secrets"]] == ["crm"]
    said = [answer.out + answer.err for answer in (put, listed, for_people, gone)]
    assert all("crm" in text and CANARY not in text for text in [*said, told])
    again = run("secret", "delete", "crm", "--tenant", "Brindlecove", "--json")
    assert (again.status, again.document["error"]["code"]) == (1, "not_found")


def test_a_value_on_the_command_line_is_refused_and_not_repeated(run: Run) -> None:
    answer = run("secret", "put", "crm", "--tenant", "Brindlecove", "--value", CANARY, "--json")
    assert (answer.status, answer.document["error"]["code"]) == (1, "secret_on_command_line")
    assert CANARY not in answer.out + answer.err


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a": 1}', {"a": 1}), ("plain\n", "plain"), ("two\nlines\r\n", "two\nlines"), ("[1]", "[1]"), ('"q"', '"q"')],
)
def test_an_object_is_fields_and_anything_else_is_text(tmp_path: Path, text: str, value: object) -> None:
    path = tmp_path / "value"
    path.write_bytes(text.encode())
    assert read_value(f"@{path}") == value


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name, why in (("absent", "No such file"), ("binary", "not UTF-8")):
        with pytest.raises(CommandFailed, match=why):
            read_value(f"@{tmp_path / name}")
