"""The control plane on a real Postgres, and grounds to play on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from orchestration.control_plane.database import ControlPlane
from orchestration.drift_play.ground import OwnGround
from orchestration.drift_play.play import Play, Size
from orchestration.resources.events import Events
from orchestration.resources.lake import Lake
from orchestration.resources.refreshes import Refreshes
from orchestration.resources.syncs import Syncs
from tests.lakes import lake, lake_catalog, location
from tests.orchestration.conftest import broker
from tests.orchestration.control_plane.databases import control_plane, database, migrated_template

__all__ = ["broker", "control_plane", "database", "lake", "lake_catalog", "location", "migrated_template"]

MakePlay = Callable[[int, Size], Play]


@pytest.fixture
def ground(control_plane: ControlPlane, broker: "redis.Redis", lake: Lake) -> Iterator[OwnGround]:
    """A tenant without connections."""
    events = Events(broker)
    with control_plane.operator_session() as operator:
        tenant_id = operator.create_tenant("acme", "ann@acme.example", "a hash").id
    services = {
        "control_plane": control_plane,
        "lake": lake,
        "events": events,
        "syncs": Syncs(control_plane, events),
        "refreshes": Refreshes(control_plane, events),
    }
    made = OwnGround(services, tenant_id)
    yield made
    made.close()


@pytest.fixture
def make_play(ground: OwnGround, postgres_admin_url: str, tmp_path: Path) -> MakePlay:
    """A play on the ground; each test makes one."""
    return lambda seed, size: Play(ground, tmp_path / "exports", postgres_admin_url, seed, size, print)
