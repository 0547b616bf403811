"""Throwaway lakes on the session's Postgres: one catalog database for all tests, a tenant and folders for each."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import psycopg2
import pytest
import sqlalchemy as sa

from orchestration.resources.lake import Lake, LakeLocation
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.postgres_urls import libpq_form
from tests.orchestration.control_plane.databases import statement


@pytest.fixture(scope="session")
def lake_catalog(postgres_admin_url: str) -> Iterator[str]:
    """libpq DSN of a database that holds the catalogs of all tests' lakes."""
    name = f"lake_{uuid4().hex[:12]}"
    statement(postgres_admin_url, f"CREATE DATABASE {name}")
    yield libpq_form(sa.make_url(postgres_admin_url).set(database=name).render_as_string(hide_password=False))
    statement(postgres_admin_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def tenant_id() -> UUID:
    """A tenant that no other test has."""
    return uuid4()


@pytest.fixture
def location(lake_catalog: str, tmp_path: Path) -> LakeLocation:
    """Where the test's lake lives."""
    return LakeLocation(lake_catalog, str(tmp_path / "data"), tmp_path / "published")


@pytest.fixture
def lake(location: LakeLocation) -> Iterator[Lake]:
    """A lake without tenants."""
    made = Lake(location)
    yield made
    made.close()


@pytest.fixture
def session(lake: Lake, tenant_id: UUID) -> Iterator[LakeSession]:
    """A session on the tenant's lake, which holds nothing yet."""
    copy_empty_catalog(lake.location, tenant_id)
    with lake.session(tenant_id) as opened:
        yield opened


def copy_empty_catalog(location: LakeLocation, tenant_id: UUID) -> None:
    """What DuckLake makes at the first use of a lake, in a fraction of the time that it takes."""
    schema, data_path = f"t_{tenant_id.hex}", f"{location.data_path}/tenant={tenant_id}/"
    with closing(psycopg2.connect(location.catalog)) as opened, opened, opened.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (_empty_catalog(location),))
        statements = [f"CREATE SCHEMA {schema}"]
        for (table,) in cursor.fetchall():
            empty = f"{_empty_catalog(location)}.{table}"
            statements.append(f"CREATE TABLE {schema}.{table} (LIKE {empty} INCLUDING ALL)")
            statements.append(f"INSERT INTO {schema}.{table} SELECT * FROM {empty}")
        statements.append(f"UPDATE {schema}.ducklake_metadata SET value = %s WHERE key = 'data_path'")
        cursor.execute(";".join(statements), (data_path,))


_empty_catalogs: dict[str, str] = {}  # catalog's DSN -> schema


def _empty_catalog(location: LakeLocation) -> str:
    """The schema of a lake that was used once and holds nothing."""
    if location.catalog not in _empty_catalogs:
        tenant_id, lake = uuid4(), Lake(location)
        with lake.session(tenant_id):
            _empty_catalogs[location.catalog] = f"t_{tenant_id.hex}"
        lake.close()
    return _empty_catalogs[location.catalog]
