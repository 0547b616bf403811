"""The door: one transaction a session, one exception when Postgres is away, no unsafe login."""

import os
from uuid import uuid4

import pytest
import sqlalchemy as sa

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ConfigurationError, ControlPlaneUnavailable, NotFound, UnsafeRole
from orchestration.control_plane.provisioning import APP
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers


def test_a_session_that_raises_leaves_nothing_behind(control_plane: ControlPlane, tenant: Tenant) -> None:
    with pytest.raises(RuntimeError), control_plane.tenant_session(tenant.id) as session:
        session.connections.create("erp", "files", {})
        raise RuntimeError
    with control_plane.tenant_session(tenant.id) as session:
        assert len(session.connections.list()) == 1


def test_a_pooled_connection_forgets_its_tenant(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        assert session.tenants.current()
    with pytest.raises(NotFound), control_plane.tenant_session(uuid4()) as session:
        session.tenants.current()


def test_a_tenant_id_that_is_no_uuid_is_refused_before_any_query(control_plane: ControlPlane) -> None:
    with pytest.raises(ValueError), control_plane.tenant_session("' OR true"):  # type: ignore[arg-type]
        pass


def test_a_superuser_is_refused(database: Database) -> None:
    unsafe = ControlPlane(database.url())
    with pytest.raises(UnsafeRole, match="row-level security"), unsafe.tenant_session(uuid4()):
        pass
    unsafe.dispose()


def test_without_an_operator_url_nobody_looks_across_tenants(database: Database) -> None:
    control_plane = ControlPlane(database.url(APP))
    with pytest.raises(ConfigurationError, match="operator"), control_plane.operator_session():
        pass
    control_plane.check()
    control_plane.dispose()


def test_a_server_that_is_not_there_is_one_clear_error(database: Database) -> None:
    away = sa.make_url(database.url(APP)).set(port=1).render_as_string(hide_password=False)
    control_plane = ControlPlane(away, away)
    for session in (control_plane.check, lambda: control_plane.tenant_session(uuid4()).__enter__()):
        with pytest.raises(ControlPlaneUnavailable, match="cannot be reached") as refused:
            session()
        assert "test-app_password" not in str(refused.value) + refused.value.detail


def test_a_wrong_password_is_said(database: Database) -> None:
    wrong = sa.make_url(database.url(APP)).set(password="wrong").render_as_string(hide_password=False)
    with pytest.raises(ControlPlaneUnavailable):
        ControlPlane(wrong).check()


def test_a_connection_cut_in_the_middle_is_the_same_error_and_the_next_session_works(
    control_plane: ControlPlane, tenant: Tenant, database: Database
) -> None:
    cut = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'autonomos_app' AND datname = :name"
    )
    with pytest.raises(ControlPlaneUnavailable), control_plane.tenant_session(tenant.id) as session:
        session.connections.create("lost", "files", {})
        with database.superuser() as connection:
            connection.execute(cut, {"name": database.name})
        session.connections.list()
    with control_plane.tenant_session(tenant.id) as session:
        assert [found.name for found in session.connections.list()] == ["crm"]


def test_a_forked_process_opens_connections_of_its_own(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.tenants.current()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with control_plane.tenant_session(tenant.id) as session:
                session.connections.create("by the child", "files", {})
            control_plane.dispose()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with control_plane.tenant_session(tenant.id) as session:
        assert session.connections.by_name("by the child")
