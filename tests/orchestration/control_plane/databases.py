"""Throwaway control planes on the session's Postgres: provisioned and migrated once, then copied for each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
import sqlalchemy as sa

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.migrations.runner import migrate
from orchestration.control_plane.provisioning import APP, IDENTITY, OPERATOR, OWNER, PASSWORD_KEYS, Databases, provision

PASSWORDS = {key: f"test-{key}-4711" for key in PASSWORD_KEYS.values()}
MASTER_KEY = bytes(range(100, 132))


@dataclass(frozen=True)
class Database:
    """One database of the test server, reachable as any of the platform's roles."""

    admin_url: str
    name: str

    def url(self, role: str | None = None) -> str:
        """The URL for a role of the platform; without one, the superuser's."""
        url = sa.make_url(self.admin_url).set(database=self.name)
        if role is not None:
            url = url.set(username=role, password=PASSWORDS[PASSWORD_KEYS[role]])
        return url.render_as_string(hide_password=False)

    def control_plane(self) -> ControlPlane:
        return ControlPlane(self.url(APP), self.url(OPERATOR), MASTER_KEY, self.url(IDENTITY))

    @contextmanager
    def superuser(self) -> Iterator[sa.Connection]:
        """A transaction that sees everything; committed at the end."""
        engine = sa.create_engine(self.url(), poolclass=sa.NullPool)
        with engine.begin() as connection:
            yield connection


@contextmanager
def throwaway(admin_url: str, template: str) -> Iterator[Database]:
    """A new database, a copy of `template`, dropped at the end."""
    name = f"test_{uuid4().hex[:12]}"
    statement(admin_url, f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}")
    try:
        yield Database(admin_url, name)
    finally:
        statement(admin_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def statement(admin_url: str, text: str) -> None:
    """Run one statement outside a transaction."""
    engine = sa.create_engine(admin_url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(text))


@pytest.fixture(scope="session")
def migrated_template(postgres_admin_url: str) -> str:
    """The name of a migrated database that nobody stays connected to."""
    names = Databases(control_plane="control_plane_template", dagster="dagster_template", lake="lake_template")
    provision(postgres_admin_url, PASSWORDS, names)
    migrate(Database(postgres_admin_url, names.control_plane).url(OWNER))
    return names.control_plane


@pytest.fixture
def database(postgres_admin_url: str, migrated_template: str) -> Iterator[Database]:
    """A migrated database of this test's own."""
    with throwaway(postgres_admin_url, migrated_template) as made:
        yield made


@pytest.fixture
def control_plane(database: Database) -> Iterator[ControlPlane]:
    """The control plane on it, with both logins."""
    control_plane = database.control_plane()
    yield control_plane
    control_plane.dispose()
