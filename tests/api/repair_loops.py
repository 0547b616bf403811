"""Tenants in whose source `phone` became `mobile`, and the repair that waits; its rows published, or no lake at all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from assets.normalize.catalog import CANONICAL
from assets.normalize.declaring import as_mapping
from assets.normalize.delta import StreamNormalizer
from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.publishing import freeze_catalog
from tests.api.serving import ServedApi, ServedTenant
from tests.lakes import lake_catalog
from tests.orchestration.commands.drifted import STREAM, Drifted, drifted_in

__all__ = ["NewRepair", "lake_catalog", "new_repair", "published_repair", "repaired_tenant"]

AAM = "/api/v1/aam"
NewRepair = Callable[[], Drifted]


@pytest.fixture(scope="module")
def repaired_tenant(shared_api: ServedApi) -> ServedTenant:
    """A tenant for the tests of a module."""
    return shared_api.new_tenant()


@pytest.fixture
def new_repair(shared_api: ServedApi, repaired_tenant: ServedTenant) -> NewRepair:
    """Makes a repair that waits, on a connection of its own; no row of it is anywhere."""
    return lambda: drifted_in(shared_api.control_plane, None, repaired_tenant.id)


@pytest.fixture(scope="module")
def published_repair(shared_api: ServedApi, repaired_tenant: ServedTenant, lake_catalog: str) -> Iterator[Drifted]:
    """The same with its rows landed, the two of the change held, and all of it published."""
    location = replace(lake_location(shared_api.settings), catalog=lake_catalog)
    lake = Lake(location)
    with lake.session(repaired_tenant.id) as session:
        made = drifted_in(shared_api.control_plane, session, repaired_tenant.id)
        _normalized(repaired_tenant, session, made.connection_id)
        frozen = freeze_catalog(session, location.published_path / str(repaired_tenant.id))
    with repaired_tenant.session() as control:
        control.publications.publish(frozen.snapshot_id, str(frozen.path), {})
    yield made
    lake.close()


def _normalized(tenant: ServedTenant, session: LakeSession, connection_id: UUID) -> None:
    with tenant.session() as control:
        active = control.mappings.active(connection_id, STREAM)
        holds = control.holds.active(connection_id)
    assert active is not None
    StreamNormalizer(session, connection_id, as_mapping(active), 1, CANONICAL, holds=holds).run()


def document(answer: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer that has that status."""
    assert answer.status_code == status, answer.text
    return answer.json()
