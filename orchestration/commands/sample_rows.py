"""A session on a tenant's lake for commands that show rows of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location

if TYPE_CHECKING:
    from orchestration.commands.access import Access
    from orchestration.resources.lake_session import LakeSession


@contextmanager
def open_lake(access: "Access", tenant_id: UUID) -> "Iterator[LakeSession]":
    """A session on the tenant's lake for as long as the block lasts."""
    lake = Lake(lake_location(access.settings))
    try:
        with lake.session(tenant_id) as session:
            yield session
    finally:
        lake.close()
