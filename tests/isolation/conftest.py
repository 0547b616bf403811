"""Two tenants in one database, each with rows in every table."""

from collections.abc import Iterator

import pytest

from tests.isolation.two_tenants import TwoTenants, populate
from tests.orchestration.control_plane.databases import Database, migrated_template, throwaway

__all__ = ["migrated_template"]


@pytest.fixture(scope="session")
def two_tenants(postgres_admin_url: str, migrated_template: str) -> Iterator[TwoTenants]:
    """Never changed: every check rolls back what it did."""
    with throwaway(postgres_admin_url, migrated_template) as made:
        yield populate(Database(postgres_admin_url, made.name))
