"""A tenant's lake of each test's own, for every test of this folder."""

from tests.lakes import lake, lake_catalog, location, session, tenant_id

__all__ = ["lake", "lake_catalog", "location", "session", "tenant_id"]
