"""Tenants and their members."""

from uuid import uuid4

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ConfigurationError, EmailTaken, NameTaken, NotFound, NotInState

pytestmark = pytest.mark.servers


def test_a_tenant_is_made_with_its_owner_and_the_start_of_its_history(control_plane: ControlPlane) -> None:
    with control_plane.operator_session() as operator:
        made = operator.create_tenant(" Acme ", "Ann@Acme.com", "a hash")
        assert operator.tenant_by_name("ACME") == made
        assert operator.tenants() == [made]
    with control_plane.tenant_session(made.id) as session:
        assert session.tenants.current().name == "Acme"
        (owner,) = session.users.list()
        assert (owner.email, owner.role) == ("Ann@Acme.com", "owner")
        assert session.audit.verify() == 1


def test_a_tenants_name_is_taken_in_any_case(control_plane: ControlPlane) -> None:
    with control_plane.operator_session() as operator:
        operator.create_tenant("Acme", "ann@acme.com", "a hash")
        with pytest.raises(NameTaken, match="acme"):
            operator.create_tenant("acme", "bob@acme.com", "a hash")


@pytest.mark.parametrize(
    ("name", "email"), [("", "a@b"), ("x" * 201, "a@b"), ("a\nb", "a@b"), ("ok", "nobody"), ("ok", "a b@c")]
)
def test_names_and_addresses_that_are_none_are_refused(control_plane: ControlPlane, name: str, email: str) -> None:
    with pytest.raises(ConfigurationError), control_plane.operator_session() as operator:
        operator.create_tenant(name, email, "a hash")
    with control_plane.operator_session() as operator:
        assert operator.tenants() == []


def test_one_person_owns_two_tenants_and_keeps_one_password(control_plane: ControlPlane) -> None:
    with control_plane.operator_session() as operator:
        first = operator.create_tenant("one", "ann@acme.com", "first hash")
        second = operator.create_tenant("two", "ANN@acme.com", "second hash")
    found = []
    for tenant in (first, second):
        with control_plane.tenant_session(tenant.id) as session:
            found += [owner.user_id for owner in session.users.list()]
    assert found[0] == found[1]
    with control_plane.identity_session() as identity:
        account = identity.account_by_email("ann@ACME.com")
    assert account is not None and account.password_hash == "first hash"


def test_an_unknown_tenant_is_not_found(control_plane: ControlPlane) -> None:
    with pytest.raises(NotFound), control_plane.tenant_session(uuid4()) as session:
        session.tenants.current()
    with pytest.raises(NotFound), control_plane.operator_session() as operator:
        operator.tenant_by_name("nobody")


def test_members_come_change_and_go_but_an_owner_stays(control_plane: ControlPlane) -> None:
    with control_plane.operator_session() as operator:
        tenant = operator.create_tenant("Acme", "ann@acme.com", "a hash")
    with control_plane.tenant_session(tenant.id) as session:
        owner = session.users.by_email("ANN@acme.com")
        viewer = session.users.add("bob@acme.com", "a hash", "viewer")
        with pytest.raises(EmailTaken):
            session.users.add("BOB@acme.com", "a hash", "viewer")
        with pytest.raises(NotInState):
            session.users.set_role(owner.user_id, "viewer")
        with pytest.raises(NotInState):
            session.users.remove(owner.user_id)
        assert session.users.set_role(viewer.user_id, "owner").role == "owner"
        session.users.remove(owner.user_id)
        assert [member.email for member in session.users.list()] == ["bob@acme.com"]
        with pytest.raises(NotFound):
            session.users.get(owner.user_id)
        with pytest.raises(ConfigurationError):
            session.users.set_role(viewer.user_id, "emperor")  # type: ignore[arg-type]
