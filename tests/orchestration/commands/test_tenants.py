"""`tenant create|list` and how tenants are found by name."""

from uuid import UUID

import pytest

from orchestration.commands.access import Access
from tests.orchestration.commands.conftest import Run

pytestmark = pytest.mark.servers


def test_a_created_tenant_is_listed_with_what_it_has(run: Run, access: Access) -> None:
    created = run(
        "tenant", "create", "Oster & Söhne", "--email", "o@oster.example", "--password", "pässwort 123", "--json"
    )
    assert created.status == 0
    listed = run("tenant", "list", "--json").document["tenants"]
    ours = next(tenant for tenant in listed if tenant["id"] == created.document["id"])
    assert (ours["name"], ours["connections"], ours["published_at"]) == ("Oster & Söhne", 0, None)
    with access.control_plane.tenant_session(UUID(ours["id"])) as session:
        assert [(member.email, member.role) for member in session.users.list()] == [("o@oster.example", "owner")]


def test_names_are_data_and_not_markup(run: Run, access: Access) -> None:
    run("tenant", "create", "[red]Fennel[/red]", "--email", "f@fennel.example", "--password", "a long password")
    assert "[red]Fennel[/red]" in run("tenant", "list").out


def test_a_name_is_taken_once(run: Run, tenant_id: UUID) -> None:
    again = run("tenant", "create", "BRINDLECOVE", "--email", "x@x.example", "--password", "a long password", "--json")
    assert again.status == 1
    assert again.document["error"]["code"] == "name_taken"


@pytest.mark.parametrize(
    "command", [("view", "accounts"), ("drift", "list"), ("mappings", "list"), ("rejects", "list")]
)
def test_an_unknown_tenant_gets_the_nearest_name(run: Run, tenant_id: UUID, command: tuple[str, ...]) -> None:
    answer = run(*command, "--tenant", "brindelcove", "--json")
    assert answer.status == 1
    assert answer.document["error"]["code"] == "unknown_tenant"
    assert "Did you mean 'Brindlecove'?" in answer.err


def test_the_password_is_not_echoed(run: Run, access: Access) -> None:
    answer = run("tenant", "create", "Quill", "--email", "no-address", "--password", "hunter2hunter2")
    assert answer.status == 1
    assert "hunter2" not in answer.out + answer.err
