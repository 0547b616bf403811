"""Makes what the platform needs of a Postgres server: three databases and a login for each purpose, and nothing shared.

Safe to run at every start. Needs a superuser, or a login that may create roles and databases; where it is neither, the
error says what to make by hand. The tables inside are the migrations' work.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from psycopg2 import errors as postgres_errors
from psycopg2 import sql
from sqlalchemy import exc

from orchestration.control_plane.errors import ControlPlaneUnavailable, ProvisioningRefused

OWNER, APP, OPERATOR = "autonomos_owner", "autonomos_app", "autonomos_operator"
IDENTITY, DAGSTER, LAKE = "autonomos_identity", "autonomos_dagster", "autonomos_lake"
# role -> the key of its password
PASSWORD_KEYS = {
    OWNER: "owner_password",
    APP: "app_password",
    OPERATOR: "operator_password",
    IDENTITY: "identity_password",
    DAGSTER: "dagster_password",
    LAKE: "lake_password",
}
OLDEST_SERVER = 150_000
PROVISIONING_LOCK = 7_301_003


@dataclass(frozen=True, slots=True)
class Databases:
    """Their names on the server."""

    control_plane: str = "autonomos"
    dagster: str = "dagster"
    lake: str = "lake"


def provision(admin_url: str, passwords: Mapping[str, str], databases: Databases | None = None) -> None:
    """Make or repair roles, databases and who may connect to what. `passwords` has the values of PASSWORD_KEYS as keys.

    Raises ControlPlaneUnavailable, or ProvisioningRefused naming what the login may not do.
    """
    databases = databases or Databases()
    with _administering(admin_url) as admin:
        admin.run("SELECT pg_advisory_lock(%s)", PROVISIONING_LOCK)
        if admin.server_version < OLDEST_SERVER:
            raise ProvisioningRefused("Postgres 15 or newer is needed.")
        for role, key in PASSWORD_KEYS.items():
            _ensure_role(admin, role, passwords[key])
        for name, owner in {databases.control_plane: OWNER, databases.dagster: DAGSTER, databases.lake: LAKE}.items():
            _ensure_database(admin, name, owner)
        for role in (APP, OPERATOR, IDENTITY):
            admin.run(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}"), databases.control_plane, role)


class _Admin:
    """Statements outside any transaction, with names and values quoted by the driver."""

    def __init__(self, connection: sa.Connection) -> None:
        self._cursor = connection.connection.cursor()
        self.server_version: int = connection.connection.driver_connection.server_version  # type: ignore[union-attr]

    def run(self, statement: str | sql.SQL, *values: object) -> list[tuple[object, ...]]:
        """A plain statement takes values as parameters; an SQL one takes names for its braces."""
        if isinstance(statement, sql.SQL):
            self._cursor.execute(statement.format(*(_quoted(value) for value in values)))
        else:
            self._cursor.execute(statement, values)
        return list(self._cursor.fetchall()) if self._cursor.description else []


def _quoted(value: object) -> sql.Composable:
    return value if isinstance(value, sql.Composable) else sql.Identifier(str(value))


def _ensure_role(admin: _Admin, role: str, password: str) -> None:
    found = admin.run("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", role)
    if found and found[0][0]:
        raise ProvisioningRefused(
            f"The role {role!r} exists and is not bound by row-level security; make it NOSUPERUSER NOBYPASSRLS."
        )
    if not found:
        admin.run(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}"), role, sql.Literal(password))
    else:
        admin.run(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}"), role, sql.Literal(password))


def _ensure_database(admin: _Admin, name: str, owner: str) -> None:
    found = admin.run(
        "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = %s", name
    )
    if not found:
        if not admin.run("SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper"):
            # Who may create roles but is no superuser has to be able to become the role to give it a database.
            admin.run(sql.SQL("GRANT {} TO CURRENT_USER"), owner)
        admin.run(sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0"), name, owner)
    elif found[0] != (owner, "UTF8"):
        raise ProvisioningRefused(
            f"There is a database {name!r} already, owned by {found[0][0]!r} in {found[0][1]}; "
            f"it has to be UTF8 and owned by {owner!r}. Rename it, or give its ownership."
        )
    admin.run(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC"), name)
    admin.run(sql.SQL("GRANT ALL ON DATABASE {} TO {}"), name, owner)


@contextmanager
def _administering(admin_url: str) -> Iterator[_Admin]:
    engine = sa.create_engine(
        admin_url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5}
    )
    try:
        with engine.connect() as connection:
            yield _Admin(connection)
    except exc.OperationalError as error:
        message = "Postgres cannot be reached; check that it is running and that DATABASE_URL is right."
        raise ControlPlaneUnavailable(message, detail=str(error.orig)) from error
    except postgres_errors.InsufficientPrivilege as error:
        raise ProvisioningRefused(
            "The login of DATABASE_URL may not create roles and databases. Use one with CREATEROLE and CREATEDB, or"
            f" make the roles {', '.join(PASSWORD_KEYS)} and the databases yourself and give their URLs.",
            detail=str(error),
        ) from error
    finally:
        engine.dispose()
