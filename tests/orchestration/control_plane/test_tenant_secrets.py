"""A tenant's own secrets and the locators that name them: sealed, bound to their name, never from anywhere else."""

import pytest
import sqlalchemy as sa

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import (
    CredentialsClash,
    CredentialsMissing,
    LocatorInvalid,
    NotFound,
    SecretInUse,
    SecretInvalid,
    SecretsUnreadable,
)
from orchestration.control_plane.locators import Locator
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    "text",
    [
        "env://SALESFORCE_TOKEN", "file:///etc/passwd", "vault://kv/crm", "http://169.254.169.254/latest",
        "${SALESFORCE_TOKEN}", "/run/secrets/crm", "../crm", "secret://", "secret:///crm", "secret://a/b",
        "secret://../crm", "secret://crm#", "secret://crm#a.b", "secret://crm#a#b", "SECRET://crm", " secret://crm",
        "secret://crm\n", "secret://${HOME}", "secret://crm?x=1", f"secret://{'x' * 101}", "", CANARY,
    ],
)  # fmt: skip
def test_only_a_secret_of_the_tenant_can_be_named(text: str) -> None:
    with pytest.raises(LocatorInvalid, match="secret://NAME") as refused:
        Locator.parse(text)
    assert CANARY not in str(refused.value)


def test_a_locator_reads_back_as_written() -> None:
    for text in ("secret://crm", "secret://crm.prod-1_x#client_secret"):
        assert str(Locator.parse(text)) == text


@pytest.mark.parametrize(
    ("locator", "value", "gives"),
    [
        ("secret://crm", {"user": "a", "password": "b"}, {"user": "a", "password": "b"}),
        ("secret://crm#password", {"user": "a", "password": "b"}, {"password": "b"}),
        ("secret://crm#key", "text", {"key": "text"}),
    ],
)
def test_a_secret_gives_fields_of_configuration(locator: str, value: object, gives: dict[str, object]) -> None:
    assert Locator.parse(locator).credentials_in(value) == gives


@pytest.mark.parametrize(("locator", "value"), [("secret://crm", CANARY), ("secret://crm#absent", {"key": CANARY})])
def test_a_locator_that_does_not_fit_its_secret_says_so_without_showing_it(locator: str, value: object) -> None:
    with pytest.raises(CredentialsMissing) as missing:
        Locator.parse(locator).credentials_in(value)
    assert CANARY not in str(missing.value)


@pytest.mark.servers
def test_a_secret_is_replaced_listed_without_its_value_and_destroyed(
    control_plane: ControlPlane, tenant: Tenant, database: Database
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        assert session.secrets.put("crm", {"password": CANARY}).version == 1
        assert session.secrets.put("crm", CANARY).version == 2
        assert session.secrets.open("crm") == CANARY
        assert list(session.secrets.names()) == ["crm"]
        assert CANARY not in repr(session.secrets.list())
    with database.superuser() as connection:
        stored = connection.execute(sa.text("SELECT t::text, ciphertext FROM tenant_secrets t")).one()
        assert CANARY not in stored[0] and CANARY.encode() not in bytes(stored[1])
    with control_plane.tenant_session(tenant.id) as session:
        session.secrets.delete("crm")
        assert list(session.secrets.names()) == []
        for absent in (session.secrets.open, session.secrets.delete):
            with pytest.raises(NotFound):
                absent("crm")


@pytest.mark.servers
@pytest.mark.parametrize(
    ("name", "value"),
    [("crm", {}), ("crm", ""), ("crm", 5), ("crm", ["x"]), ("crm", "x" * 65_537), ("a|b", "x"), ("", "x"), ("é", "x")],
)
def test_what_is_no_secret_is_refused(control_plane: ControlPlane, tenant: Tenant, name: str, value: object) -> None:
    with control_plane.tenant_session(tenant.id) as session, pytest.raises(SecretInvalid):
        session.secrets.put(name, value)


@pytest.mark.servers
def test_a_secret_moved_under_another_name_or_tenant_does_not_open(
    control_plane: ControlPlane, tenant: Tenant, database: Database
) -> None:
    other = new_tenant(control_plane, "other")
    with control_plane.tenant_session(tenant.id) as session:
        session.secrets.put("crm", CANARY)
    copy = (
        "INSERT INTO tenant_secrets SELECT CAST(:tenant AS uuid), :name, version, key_id, wrapped_key, ciphertext"
        " FROM tenant_secrets WHERE tenant_id = :source AND name = 'crm'"
    )
    with database.superuser() as connection:
        for owner, name in ((tenant.id, "renamed"), (other.id, "crm")):
            values = {"tenant": str(owner), "name": name, "source": str(tenant.id)}
            connection.execute(sa.text(copy), values)
    for owner, name in ((tenant.id, "renamed"), (other.id, "crm")):
        with control_plane.tenant_session(owner) as session, pytest.raises(SecretsUnreadable):
            session.secrets.open(name)


@pytest.mark.servers
def test_a_connection_takes_its_credentials_from_its_own_seal_and_the_named_secret(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.secrets.put("crm", {"password": CANARY})
        locator = Locator.parse("secret://crm")
        made = session.connections.create("erp", "files", {"path": "/x"}, {"key": "own"}, credential_locator=locator)
        assert made.credential_locator == "secret://crm"
        assert session.connections.credentials(made.id) == {"key": "own", "password": CANARY}
        session.secrets.put("crm", {"password": "rotated"})
        assert session.connections.credentials(made.id)["password"] == "rotated"
        with pytest.raises(SecretInUse, match="'erp'"):
            session.secrets.delete("crm")
        session.connections.update(made.id, credential_locator=None)
        session.secrets.delete("crm")
        assert session.connections.credentials(made.id) == {"key": "own"}


@pytest.mark.servers
@pytest.mark.parametrize("secret", [{"key": CANARY}, {"path": CANARY}])
def test_a_field_from_two_places_is_an_error_and_neither_wins(
    control_plane: ControlPlane, tenant: Tenant, secret: dict[str, str]
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.secrets.put("crm", secret)
        locator = Locator.parse("secret://crm")
        made = session.connections.create("erp", "files", {"path": "/x"}, {"key": "own"}, credential_locator=locator)
        with pytest.raises(CredentialsClash, match=next(iter(secret))) as clash:
            session.connections.credentials(made.id)
        assert CANARY not in str(clash.value)


@pytest.mark.servers
def test_a_connection_cannot_name_a_secret_that_is_not_there_or_anothers(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    other = new_tenant(control_plane, "other")
    with control_plane.tenant_session(other.id) as session:
        session.secrets.put("theirs", "x")
    with control_plane.tenant_session(tenant.id) as session:
        for name in ("absent", "theirs"):
            with pytest.raises(CredentialsMissing, match="secret put"):
                session.connections.create("erp", "files", {}, credential_locator=Locator(name))


@pytest.mark.servers
def test_a_secret_destroyed_behind_a_connection_needs_a_person(
    control_plane: ControlPlane, tenant: Tenant, database: Database
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.secrets.put("crm", {"password": CANARY})
        made = session.connections.create("erp", "files", {}, credential_locator=Locator("crm"))
    with database.superuser() as connection:
        connection.execute(sa.text("DELETE FROM tenant_secrets"))
    with control_plane.tenant_session(tenant.id) as session, pytest.raises(CredentialsMissing):
        session.connections.credentials(made.id)
