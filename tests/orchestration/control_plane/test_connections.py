"""Connections: made, changed, deleted, and their credentials."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import MasterKeyInvalid, NameTaken, NotFound
from orchestration.control_plane.provisioning import APP
from orchestration.control_plane.schedule import Schedule
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers


def test_a_connection_is_found_by_id_and_by_name_in_any_case(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = session.connections.create("ERP", "files", {"path": "/é\0"}, streams={"a": {"mode": "append"}})
        assert made == session.connections.get(made.id) == session.connections.by_name("erp")
        assert made.config == {"path": "/é�"}
        assert (made.status, made.schedule, made.next_due_at) == ("active", None, None)
        assert [found.name for found in session.connections.list()] == ["crm", "ERP"]
        with pytest.raises(NameTaken, match="erp"):
            session.connections.create("erp", "files", {})


def test_an_update_replaces_only_what_is_given(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        before = session.connections.get(tenant.connection)
        after = session.connections.update(tenant.connection, name="CRM 2")
        assert (after.name, after.config, after.schedule) == ("CRM 2", before.config, before.schedule)
        assert session.connections.update(tenant.connection, schedule=None).next_due_at is None
        daily = session.connections.update(tenant.connection, schedule=Schedule(cron="0 6 * * *"))
        assert daily.next_due_at is not None and daily.next_due_at > datetime.now(UTC)
        session.connections.create("erp", "files", {})
        with pytest.raises(NameTaken):
            session.connections.update(tenant.connection, name="ERP")
        assert session.connections.update(tenant.connection, name="crm 2").name == "crm 2"


def test_credentials_are_sealed_in_the_table_and_open_in_the_session(
    control_plane: ControlPlane, tenant: Tenant, database: Database
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        assert session.connections.secrets(tenant.connection) == {}
        session.connections.update(tenant.connection, secrets={"token": "first secret"})
        session.connections.update(tenant.connection, secrets={"token": "second secret"})
        assert session.connections.secrets(tenant.connection) == {"token": "second secret"}
        assert "secret" not in repr(session.connections.get(tenant.connection))
    with database.superuser() as connection:
        (row,) = connection.execute(sa.text("SELECT version, ciphertext FROM connection_secrets")).all()
    assert row.version == 2
    assert b"secret" not in bytes(row.ciphertext)


def test_without_the_master_key_credentials_are_refused_and_the_rest_works(tenant: Tenant, database: Database) -> None:
    keyless = ControlPlane(database.url(APP))
    with keyless.tenant_session(tenant.id) as session:
        assert session.connections.get(tenant.connection).name == "crm"
        assert session.connections.secrets(tenant.connection) == {}
    with pytest.raises(MasterKeyInvalid), keyless.tenant_session(tenant.id) as session:
        session.connections.create("erp", "files", {}, {"token": "x"})
    with keyless.tenant_session(tenant.id) as session:
        assert len(session.connections.list()) == 1
    keyless.dispose()


def test_a_deleted_connection_is_gone_its_name_free_and_its_credentials_destroyed(
    control_plane: ControlPlane, tenant: Tenant, database: Database
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.connections.update(tenant.connection, secrets={"token": "x"})
        waiting = session.sync_runs.request(tenant.connection, "user ann")
        session.connections.delete(tenant.connection)
        for use in (session.connections.get, session.connections.delete, session.connections.secrets):
            with pytest.raises(NotFound):
                use(tenant.connection)
        with pytest.raises(NotFound):
            session.sync_runs.request(tenant.connection, "user ann")
        assert session.sync_runs.get(waiting.id).status == "canceled"
        assert session.connections.create("crm", "files", {}).id != tenant.connection
    with database.superuser() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM connection_secrets")).scalar() == 0
        gone = connection.execute(sa.text("SELECT config FROM connections WHERE deleted_at IS NOT NULL")).scalar()
    assert gone == {}


def test_an_unknown_connection_is_not_found(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        with pytest.raises(NotFound):
            session.connections.get(uuid4())
        with pytest.raises(NotFound):
            session.connections.update(uuid4(), secrets={"token": "x"})
        assert session.connections.set_status(tenant.connection, "paused", "by hand").error == "by hand"
