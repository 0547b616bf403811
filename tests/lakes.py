"""Throwaway lakes on the session's Postgres: one catalog database for all tests, a tenant and folders for each."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

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
    """A session on the tenant's lake."""
    with lake.session(tenant_id) as opened:
        yield opened
