"""Databases and roles on a server, made once and repaired at every start."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from orchestration.control_plane.errors import ControlPlaneUnavailable, ProvisioningRefused
from orchestration.control_plane.provisioning import DAGSTER, LAKE, PASSWORD_KEYS, Databases, provision
from tests.orchestration.control_plane.databases import PASSWORDS, Database, statement

pytestmark = pytest.mark.servers


@pytest.fixture
def names(postgres_admin_url: str, migrated_template: str) -> Iterator[Databases]:
    """Three names that nobody uses, dropped at the end; the roles are those of all tests."""
    word = uuid4().hex[:8]
    names = Databases(f"test_cp_{word}", f"test_dagster_{word}", f"test_lake_{word}")
    yield names
    for name in (names.control_plane, names.dagster, names.lake):
        statement(postgres_admin_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _may_connect(admin_url: str, database: str) -> set[str]:
    reached = set()
    for role in PASSWORD_KEYS:
        try:
            statement(Database(admin_url, database).url(role), "SELECT 1")
            reached.add(role)
        except exc.OperationalError:
            continue
    return reached


def test_each_login_reaches_its_own_database_and_no_other(postgres_admin_url: str, names: Databases) -> None:
    for _ in range(2):  # the second time finds everything there
        provision(postgres_admin_url, PASSWORDS, names)
    assert _may_connect(postgres_admin_url, names.control_plane) == {
        "autonomos_owner", "autonomos_app", "autonomos_operator", "autonomos_identity",
    }  # fmt: skip
    assert _may_connect(postgres_admin_url, names.dagster) == {DAGSTER}
    assert _may_connect(postgres_admin_url, names.lake) == {LAKE}


def test_no_role_is_above_row_level_security(postgres_admin_url: str, names: Databases) -> None:
    provision(postgres_admin_url, PASSWORDS, names)
    with Database(postgres_admin_url, names.control_plane).superuser() as connection:
        powers = "rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb"
        found = connection.execute(
            sa.text(f"SELECT rolname, {powers} AS powers FROM pg_roles WHERE rolname LIKE 'autonomos%'")
        )
        assert {row.rolname: row.powers for row in found} == dict.fromkeys(PASSWORD_KEYS, False)


def test_a_login_that_may_do_nothing_is_told_what_is_missing(postgres_admin_url: str, names: Databases) -> None:
    statement(postgres_admin_url, "DROP ROLE IF EXISTS test_powerless")
    statement(postgres_admin_url, "CREATE ROLE test_powerless LOGIN PASSWORD 'x'")
    url = sa.make_url(postgres_admin_url).set(username="test_powerless", password="x")
    with pytest.raises(ProvisioningRefused, match="CREATEROLE and CREATEDB"):
        provision(url.render_as_string(hide_password=False), PASSWORDS, names)
    statement(postgres_admin_url, "DROP ROLE test_powerless")


def test_a_database_of_somebody_elses_is_not_taken_over(postgres_admin_url: str, names: Databases) -> None:
    statement(postgres_admin_url, f"CREATE DATABASE {names.lake}")
    with pytest.raises(ProvisioningRefused, match=names.lake):
        provision(postgres_admin_url, PASSWORDS, names)


def test_without_postgres_provisioning_says_so(postgres_admin_url: str, names: Databases) -> None:
    away = sa.make_url(postgres_admin_url).set(port=1).render_as_string(hide_password=False)
    with pytest.raises(ControlPlaneUnavailable, match="DATABASE_URL"):
        provision(away, PASSWORDS, names)
