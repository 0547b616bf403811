"""Workers are killed at random while they sync numbered, hashed records: nothing is lost, nothing is doubled.

The number of kills is 20; `AUTONOMOS_TEST_KILLS=200` makes the longer run.
"""

import hashlib
import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from connectors.registry import connector_for
from orchestration.commands.access import Access, connect_control_plane
from orchestration.commands.published import open_published
from orchestration.commands.sync_wait import SyncWait
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.passwords import hash_password
from orchestration.embedded.stack import Stack
from orchestration.embedded.state import read_state
from orchestration.resources.lake import Lake
from orchestration.resources.services import lake_location
from orchestration.resources.settings import Settings, load_settings

KILLS = int(os.environ.get("AUTONOMOS_TEST_KILLS", "20"))
CONNECTIONS = 3
ROWS_A_FILE = 4_000
EVERY_NTH_KILLS_THE_PARENT = 5  # the others kill one of its forked run processes
RECOVERY_S = 240.0


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
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The whole stack in a home of its own."""
    home = tmp_path_factory.mktemp("kill")
    stack = Stack(load_settings(home))
    stack.start(purpose="test")
    try:
        stack.wait_ready(timeout_s=240)
        yield stack.settings
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def control_plane(settings: Settings) -> Iterator[ControlPlane]:
    plane = connect_control_plane(settings)
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


def kill_a_worker(home: Path, number: int, chance: random.Random) -> str | None:
    """SIGKILL the Celery worker or one of its run processes; which, or None while none lives."""
    identity = read_state(home).processes["worker"].identity
    if identity is None:
        return None
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(identity.pid)
        children = parent.children()
        if number % EVERY_NTH_KILLS_THE_PARENT == 0:
            parent.kill()
            return "worker"
        if children:
            chance.choice(children).kill()
            return "run process"
    return None


@pytest.mark.stack
def test_random_kills_of_workers_lose_and_double_nothing(
    settings: Settings, control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(20261122)
    with control_plane.operator_session() as session:
        tenant_id = session.create_tenant("Kill", "owner@kill.test", hash_password("a long password")).id
    sources = [make_source(control_plane, tenant_id, tmp_path / f"s{n}", f"s{n}") for n in range(CONNECTIONS)]
    killed: list[str] = []
    deadline = time.monotonic() + 60 + 30 * KILLS
    while len(killed) < KILLS:
        assert time.monotonic() < deadline, f"only {len(killed)} kills in time"
        feed_idle(control_plane, settings, tenant_id, sources)
        time.sleep(chance.uniform(0.2, 2.5))
        what = kill_a_worker(settings.home, len(killed) + 1, chance)
        if what:
            killed.append(what)
    wait_for_all(control_plane, settings, tenant_id, sources)
    lost, doubled, wrong = compare(control_plane, settings, tenant_id, sources)
    with capsys.disabled():
        expected = sum(len(source.truth) for source in sources)
        print(f"\n{len(killed)} SIGKILLs ({killed.count('worker')} of the whole worker), {expected} records: ", end="")
        print(f"{lost} lost, {doubled} doubled, {wrong} wrong")
    assert (lost, doubled, wrong) == (0, 0, 0)


def feed_idle(control_plane: ControlPlane, settings: Settings, tenant_id: UUID, sources: list[Source]) -> None:
    """A new file and a sync request for every connection whose last sync has ended."""
    wait = SyncWait(control_plane, settings.redis_url)
    for source in sources:
        with control_plane.tenant_session(tenant_id) as session:
            newest = session.sync_runs.list(source.connection.id, limit=1)
        if not newest or newest[0].is_finished:
            source.grow()
            wait.request(tenant_id, [source.connection])


def wait_for_all(control_plane: ControlPlane, settings: Settings, tenant_id: UUID, sources: list[Source]) -> None:
    """Whatever was interrupted ends by itself; then one more sync of each takes in the last files."""
    deadline = time.monotonic() + RECOVERY_S
    while True:
        with control_plane.tenant_session(tenant_id) as session:
            runs = [run for s in sources for run in session.sync_runs.list(s.connection.id, limit=1)]
        if all(run.is_finished for run in runs):
            break
        assert time.monotonic() < deadline, f"not recovered: {[run.status for run in runs]}"
        time.sleep(0.5)
    wait = SyncWait(control_plane, settings.redis_url)
    wait.request(tenant_id, [source.connection for source in sources])
    wait.until_synced(RECOVERY_S, lambda _: None)
    assert [sync.run.status for sync in wait.syncs] == ["succeeded"] * len(sources)
    wait.until_published(RECOVERY_S, lambda _: None)


def compare(
    control_plane: ControlPlane, settings: Settings, tenant_id: UUID, sources: list[Source]
) -> tuple[int, int, int]:
    """Records lost, doubled and wrong, in the published view and in the lake's own tables."""
    truth = {key: digest for source in sources for key, digest in source.truth.items()}
    with control_plane.tenant_session(tenant_id) as session:
        tenant = session.tenants.current()
    with open_published(Access(settings, control_plane), tenant) as (reader, _):
        people = reader.relation("contacts").to_arrow_table().select(["contact_id", "description"])
    rows = [(row["contact_id"], row["description"]) for row in people.to_pylist()]
    counted = dict(rows)
    lost = len(truth.keys() - counted.keys())
    wrong = sum(truth.get(key) != digest for key, digest in rows)
    doubled = len(rows) - len(counted)
    with Lake(lake_location(settings)).session(tenant_id) as lake:
        for schema in ("raw", "canonical", "resolve"):
            for table in lake.tables(schema) - {"rejected_records"}:
                key = "__key" if schema == "raw" else "_key"
                doubled += lake.value(f'SELECT count(*) - count(DISTINCT {key}) FROM lake."{schema}"."{table}"')
        raw = sum(lake.value(f'SELECT count(*) FROM lake.raw."{table}"') for table in lake.tables("raw"))
    return lost + max(0, len(truth) - raw), doubled, wrong
