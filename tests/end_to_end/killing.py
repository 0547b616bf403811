"""Workers killed at random while connections sync, and what is published compared with what should be there.

Whoever uses it brings the sources: each grows between its syncs, and its records end up as contacts whose description
is a digest.
"""

import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import psutil
import redis

from orchestration.commands.access import Access
from orchestration.commands.published import open_published
from orchestration.commands.sync_wait import SyncWait
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.database import ControlPlane
from orchestration.embedded.state import read_state
from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.settings import Settings
from orchestration.run_launcher import Lease, lease_key

EVERY_NTH_KILLS_THE_PARENT = 5  # the others kill one of its forked run processes
RECOVERY_S = 240.0


class Growing(Protocol):
    """A source that holds more, or something else, after each `grow`."""

    @property
    def connection(self) -> ConnectionRecord: ...
    def grow(self) -> None: ...


@dataclass(frozen=True)
class Company:
    """One tenant of a stack that runs."""

    settings: Settings
    control_plane: ControlPlane
    tenant_id: UUID

    def wait(self) -> SyncWait:
        return SyncWait(self.control_plane, self.settings.redis_url)


@dataclass(frozen=True)
class Kill:
    """`hit`: a run was being executed by what was killed."""

    what: str
    hit: bool


@dataclass(frozen=True)
class Compared:
    """Records that are not there, there twice, with another digest, and there though they should not be."""

    lost: int
    doubled: int
    wrong: int
    unexpected: int

    @property
    def is_exact(self) -> bool:
        return self == Compared(0, 0, 0, 0)


def kill_while_syncing(company: Company, sources: Sequence[Growing], kills: int, chance: random.Random) -> list[Kill]:
    """Feed the sources and kill workers, until there were so many kills."""
    killed: list[Kill] = []
    deadline = time.monotonic() + 60 + 30 * kills
    while len(killed) < kills:
        assert time.monotonic() < deadline, f"only {len(killed)} kills in time"
        feed_idle(company, sources)
        time.sleep(chance.uniform(0.2, 2.5))
        kill = kill_a_worker(company.settings, len(killed) + 1, chance)
        if kill:
            killed.append(kill)
    return killed


def kill_a_worker(settings: Settings, number: int, chance: random.Random) -> Kill | None:
    """SIGKILL the Celery worker or one of its run processes, rather a busy one; None while none lives."""
    identity = read_state(settings.home).processes["worker"].identity
    if identity is None:
        return None
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(identity.pid)
        children = parent.children()
        busy = busy_processes(settings.redis_url)
        if number % EVERY_NTH_KILLS_THE_PARENT == 0:
            parent.kill()
            return Kill("worker", any(child.pid in busy for child in children))
        if children:
            chosen = chance.choice([child for child in children if child.pid in busy] or children)
            chosen.kill()
            return Kill("run process", chosen.pid in busy)
    return None


def busy_processes(redis_url: str) -> set[int]:
    """Process ids that hold a lease on a run."""
    with redis.Redis.from_url(redis_url) as client:
        leases = (client.get(key) for key in client.scan_iter(lease_key("*"), count=1000))
        return {Lease.parse(lease).pid for lease in leases if lease is not None}


def feed_idle(company: Company, sources: Sequence[Growing]) -> None:
    """Growth and a sync request for every connection whose last sync has ended."""
    wait = company.wait()
    for source in sources:
        with company.control_plane.tenant_session(company.tenant_id) as session:
            newest = session.sync_runs.list(source.connection.id, limit=1)
        if not newest or newest[0].is_finished:
            source.grow()
            wait.request(company.tenant_id, [source.connection])


def wait_for_all(company: Company, sources: Sequence[Growing]) -> None:
    """Whatever was interrupted ends by itself; then one more sync of each takes in what came last."""
    deadline = time.monotonic() + RECOVERY_S
    while True:
        with company.control_plane.tenant_session(company.tenant_id) as session:
            runs = [run for s in sources for run in session.sync_runs.list(s.connection.id, limit=1)]
        if all(run.is_finished for run in runs):
            break
        assert time.monotonic() < deadline, f"not recovered: {[run.status for run in runs]}"
        time.sleep(0.5)
    wait = company.wait()
    wait.request(company.tenant_id, [source.connection for source in sources])
    wait.until_synced(RECOVERY_S, lambda _: None)
    assert [sync.run.status for sync in wait.syncs] == ["succeeded"] * len(sources)
    wait.until_published(RECOVERY_S, lambda _: None)


def compare(company: Company, truth: Mapping[str, str]) -> Compared:
    """The published contacts and the lake's own tables beside the truth, id -> digest."""
    rows = published_contacts(company)
    published = dict(rows)
    with Lake(lake_location(company.settings)).session(company.tenant_id) as lake:
        doubled = len(rows) - len(published) + doubled_in(lake)
        held = sum(
            lake.value(f'SELECT count(*) FROM lake.raw."{table}" WHERE NOT __deleted') for table in lake.tables("raw")
        )
    return Compared(
        lost=len(truth.keys() - published.keys()) + max(0, len(truth) - held),
        doubled=doubled,
        wrong=sum(truth.get(key, digest) != digest for key, digest in rows),
        unexpected=len(published.keys() - truth.keys()) + max(0, held - len(truth)),
    )


def published_contacts(company: Company) -> list[tuple[str, str]]:
    """Id and description of each."""
    with company.control_plane.tenant_session(company.tenant_id) as session:
        tenant = session.tenants.current()
    with open_published(Access(company.settings, company.control_plane), tenant) as (reader, _):
        people = reader.relation("contacts").to_arrow_table().select(["contact_id", "description"])
    return [(row["contact_id"], row["description"]) for row in people.to_pylist()]


def doubled_in(lake: LakeSession) -> int:
    """Rows beyond one for each key, over all tables of records."""
    doubled = 0
    for schema in ("raw", "canonical", "resolve"):
        for table in lake.tables(schema) - {"rejected_records"}:
            key = "__key" if schema == "raw" else "_key"
            doubled += lake.value(f'SELECT count(*) - count(DISTINCT {key}) FROM lake."{schema}"."{table}"')
    return doubled
