"""Workers are killed at random while they sync numbered, hashed records: nothing is lost, nothing is doubled.

The number of kills is 20; `AUTONOMOS_TEST_KILLS=200` makes the longer run.
"""

import hashlib
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from connectors.registry import connector_for
from orchestration.commands.access import connect_control_plane
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.passwords import hash_password
from orchestration.resources.settings import Settings
from tests.end_to_end.killing import Company, compare, kill_while_syncing, wait_for_all

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("shared stack")]
KILLS = int(os.environ.get("AUTONOMOS_TEST_KILLS", "20"))
CONNECTIONS = 3
ROWS_A_FILE = 4_000


@dataclass
class Source:
    """A folder that grows: every file brings new records and rewrites some of the file before."""

    folder: Path
    connection: ConnectionRecord
    truth: dict[str, str] = field(default_factory=dict)
    files: int = 0

    def grow(self) -> None:
        first = self.files * ROWS_A_FILE
        rewritten = range(max(0, first - ROWS_A_FILE // 10), first)
        numbers = [*rewritten, *range(first, first + ROWS_A_FILE)]
        self.files += 1
        lines = ["id,first_name,email,description"]
        for number in numbers:
            digest = hashlib.sha256(f"{self.connection.name}:{number}:{self.files}".encode()).hexdigest()
            self.truth[f"{self.connection.name}-{number}"] = digest
            email = f"{self.connection.name}.{number}@example.com"
            lines.append(f"{self.connection.name}-{number},Name{number},{email},{digest}")
        draft = self.folder / ".draft"
        draft.write_text("\n".join(lines) + "\n")
        draft.rename(self.folder / f"people_{self.files:05d}.csv")


@pytest.fixture(scope="module")
def control_plane(shared_stack: Settings) -> Iterator[ControlPlane]:
    plane = connect_control_plane(shared_stack)
    yield plane
    plane.dispose()


def make_source(control_plane: ControlPlane, tenant_id: UUID, folder: Path, name: str) -> Source:
    folder.mkdir()
    stream = {"name": "people", "pattern": "people_*.csv", "primary_key": ["id"], "mode": "append"}
    seed = folder / "people_00000.csv"
    seed.write_text("id,first_name,email,description\n")
    pinned = connector_for("files", {"path": str(folder), "streams": [stream]}).pin().model_dump(mode="json")
    with control_plane.tenant_session(tenant_id) as session:
        return Source(folder, session.connections.create(name, "files", pinned))


def test_random_kills_of_workers_lose_and_double_nothing(
    shared_stack: Settings, control_plane: ControlPlane, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    chance = random.Random(20261122)
    with control_plane.operator_session() as session:
        tenant_id = session.create_tenant("Kill", "owner@kill.test", hash_password("a long password")).id
    company = Company(shared_stack, control_plane, tenant_id)
    sources = [make_source(control_plane, tenant_id, tmp_path / f"s{n}", f"s{n}") for n in range(CONNECTIONS)]
    killed = kill_while_syncing(company, sources, KILLS, chance)
    wait_for_all(company, sources)
    truth = {key: digest for source in sources for key, digest in source.truth.items()}
    compared = compare(company, truth)
    whole = sum(kill.what == "worker" for kill in killed)
    hits = sum(kill.hit for kill in killed)
    measured(f"{len(killed)} SIGKILLs ({whole} of the whole worker, {hits} during a run), {len(truth)} records:")
    measured(f"  {compared.lost} lost, {compared.doubled} doubled, {compared.wrong + compared.unexpected} wrong")
    assert compared.is_exact
