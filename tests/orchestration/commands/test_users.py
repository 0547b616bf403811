"""People across tenants by command: shutting out, letting in, operators; and the signing keys."""

from uuid import UUID, uuid4

import pytest

from orchestration.commands.access import Access
from tests.orchestration.commands.conftest import Run

pytestmark = pytest.mark.servers


@pytest.fixture
def bob() -> str:
    return f"bob-{uuid4().hex[:8]}@brindlecove.example"


@pytest.fixture
def login(access: Access, tenant_id: UUID, bob: str) -> UUID:
    """A log-in of a member."""
    with access.control_plane.tenant_session(tenant_id) as session:
        member = session.users.add(bob, "a hash", "viewer")
        return session.logins.begin(member.user_id, uuid4().hex * 2, "a browser").id


def test_a_user_is_shut_out_with_their_log_ins_and_let_in_again(
    run: Run, access: Access, tenant_id: UUID, login: UUID, bob: str
) -> None:
    disabled = run("user", "disable", bob.upper(), "--json")
    with access.control_plane.identity_session() as identity:
        assert identity.login_standing(login) is None
    listed = run("user", "list", "--json").document["users"]
    enabled = run("user", "enable", bob, "--json")
    with access.control_plane.identity_session() as identity:
        assert identity.login_standing(login) is None  # the log-in has ended; the user may begin a new one
    with access.control_plane.tenant_session(tenant_id) as session:
        assert [event.action for event in session.audit.list(2)] == ["user.enabled", "user.disabled"]
    assert [user["status"] for user in listed if user["email"] == bob] == ["disabled"]
    assert (disabled.document["status"], enabled.document["status"]) == ("disabled", "active")
    assert "active" in run("user", "list").out


def test_an_operator_is_made_and_unmade(run: Run, access: Access, login: UUID, bob: str) -> None:
    run("operator", "grant", bob)
    assert [user["email"] for user in run("operator", "list", "--json").document["users"]] == [bob]
    with access.control_plane.identity_session() as identity:
        standing = identity.login_standing(login)
    assert standing is not None and standing.is_operator
    run("operator", "revoke", bob)
    assert run("operator", "list", "--json").document["users"] == []


def test_an_unknown_user_is_named_with_the_nearest(run: Run, login: UUID, bob: str) -> None:
    assert login
    answer = run("user", "disable", bob.replace("b", "p", 1), "--json")
    assert (answer.status, answer.document["error"]["code"]) == (1, "unknown_user")
    assert bob in answer.err


def test_keys_are_replaced_and_distrusted(run: Run) -> None:
    first = run("keys", "rotate", "--json").document["kid"]
    second = run("keys", "rotate", "--json").document["kid"]
    both = run("keys", "list", "--json").document["keys"]
    assert [(key["kid"], key["verifies_until"] is None) for key in both] == [(second, True), (first, False)]
    third = run("keys", "rotate", "--distrust", "--json").document["kid"]
    assert [key["kid"] for key in run("keys", "list", "--json").document["keys"]] == [third]
