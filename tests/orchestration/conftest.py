"""The control plane on a real Postgres and an empty Redis, for every test of this folder."""

from collections.abc import Iterator

import pytest
import redis

from tests.orchestration.control_plane.databases import control_plane, database, migrated_template
from tests.orchestration.control_plane.tenant import tenant

__all__ = ["broker", "control_plane", "database", "migrated_template", "tenant"]


@pytest.fixture
def broker(redis_url: str) -> Iterator["redis.Redis"]:
    """A client of a Redis that holds nothing else."""
    client = redis.Redis.from_url(redis_url)
    client.flushdb()
    yield client
    client.close()
