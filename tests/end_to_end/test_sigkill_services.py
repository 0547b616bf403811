"""Workers are killed at random while they sync a Salesforce, a Supabase and a MongoDB, which fail now and then too.

Records are numbered and hashed; between syncs some are added, changed and deleted. The number of kills is 8;
`AUTONOMOS_TEST_KILLS=80` makes the longer run.
"""

import hashlib
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.mongodb.sandbox import MongoSandbox
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from orchestration.commands.access import OPERATOR, connect_control_plane
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.passwords import hash_password
from orchestration.control_plane.sync_runs import COUNTS, SyncRunRecord
from orchestration.resources.onboarding import Onboarding
from orchestration.resources.settings import Settings
from tests.end_to_end.killing import Company, compare, kill_while_syncing, published_contacts, wait_for_all

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("shared stack")]
KILLS = int(os.environ.get("AUTONOMOS_TEST_KILLS", "8"))
FIRST_RECORDS, ADDED, CHANGED, DELETED = 2_000, 200, 150, 40
BATCH = 300  # so that one read commits several times
QUIET_ROUNDS = 2  # of syncs after the kills, with faults alone
PORTIONS = {"limits": {"batch_records": BATCH}}
FAULTS = (Fault("rate_limited", retry_after="1"), Fault("server_error"), Fault("cut_body"))
PEOPLE = ("id", "first_name", "email", "description")


@dataclass
class Service:
    """One stand-in with one stream of people. `columns` are its names for PEOPLE."""

    name: str
    sandbox: Any
    stream: str
    columns: tuple[str, str, str, str]
    chance: random.Random
    extras: dict[str, Any] = field(default_factory=dict)
    mode: str | None = None
    connected: ConnectionRecord | None = None
    alive: list[int] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    made: int = 0
    changes: int = 0

    @property
    def connection(self) -> ConnectionRecord:
        assert self.connected is not None
        return self.connected

    def load(self) -> None:
        """The records of the first sync."""
        self.made = FIRST_RECORDS
        self.alive = list(range(self.made))
        table = pa.Table.from_pylist([self.record(number) for number in self.alive])
        self.sandbox.load(self.stream, table, self.columns[0])

    def grow(self) -> None:
        """Add, change and delete records, and now and then let the service fail at some request of the next sync."""
        self.changes += 1
        self.chance.shuffle(self.alive)
        gone, self.alive = self.alive[:DELETED], self.alive[DELETED:]
        added = list(range(self.made, self.made + ADDED))
        self.made += ADDED
        self.sandbox.upsert(self.stream, [self.record(number) for number in (*self.alive[:CHANGED], *added)])
        self.sandbox.delete(self.stream, [self.key(number) for number in gone])
        self.alive += added
        self.deleted |= {self.key(number) for number in gone}
        if self.chance.random() < 0.8:
            fault = self.chance.choice(FAULTS)
            planned = Fault(fault.kind, after=self.chance.randrange(12), retry_after=fault.retry_after)
            self.sandbox.misbehave(planned)

    def key(self, number: int) -> str:
        return f"{self.name}{number:015d}"

    def record(self, number: int) -> dict[str, str]:
        digest = hashlib.sha256(f"{self.name}:{number}:{self.changes}".encode()).hexdigest()
        values = (self.key(number), f"Name{number}", f"{self.name}.{number}@example.com", digest)
        return dict(zip(self.columns, values, strict=True))

    def held(self) -> dict[str, str]:
        """What the stand-in says it holds, id -> digest."""
        table = self.sandbox.records(self.stream)
        key, digest = (table[name].to_pylist() for name in (self.columns[0], self.columns[3]))
        return dict(zip(key, digest, strict=True))


@pytest.fixture
def services(shared_stack: Settings) -> Iterator[list[Service]]:
    """Stand-ins that the stack may reach."""
    with ExitStack() as served:
        services = services_on(shared_stack)
        for service in services:
            served.callback(service.sandbox.stop)
            service.sandbox.start()
            service.load()
        yield services


def services_on(settings: Settings) -> list[Service]:
    """Stand-ins with small pages; the Supabase project is a database of the stack's own Postgres."""
    salesforce = SalesforceSandbox(page_size=BATCH)
    supabase = PostgrestSandbox(settings.admin_url)
    of_salesforce = ("Id", "FirstName", "Email", "Description")
    chances = [random.Random(seed) for seed in (1, 2, 3)]
    return [
        Service("sf", salesforce, "Contact", of_salesforce, chances[0], {"look_back_s": 3}),
        Service("sb", supabase, "people", PEOPLE, chances[1], {"page_records": BATCH}, "full_with_deletes"),
        Service("mg", MongoSandbox(), "people", ("_id", *PEOPLE[1:]), chances[2]),
    ]


def connect(company: Company, service: Service) -> None:
    """As `connect` does it, with Safe Mode lifted before the first sync."""
    config = {**service.sandbox.config(), **PORTIONS, **service.extras}
    onboarding = Onboarding(company.control_plane, company.settings.outbound)
    intent = Intent(name=service.name, kind=service.sandbox.kind, config=config)
    outcome = onboarding.connect(company.tenant_id, intent, OPERATOR)
    assert outcome.connection is not None, outcome.refusal
    with company.control_plane.tenant_session(company.tenant_id) as session:
        if service.mode:
            session.connections.update(outcome.connection.id, streams={service.stream: {"mode": service.mode}})
        service.connected = session.connections.lift(outcome.connection.id, OPERATOR)


def test_random_kills_and_failing_services_lose_and_double_nothing(
    shared_stack: Settings, services: list[Service], measured: Callable[[str], None]
) -> None:
    control_plane = connect_control_plane(shared_stack)
    with control_plane.operator_session() as session:
        tenant_id = session.create_tenant("Kill services", "owner@services.test", hash_password("a long password")).id
    company = Company(shared_stack, control_plane, tenant_id)
    for service in services:
        connect(company, service)
    killed = kill_while_syncing(company, services, KILLS, random.Random(20261122))
    for _ in range(QUIET_ROUNDS):
        for service in services:
            service.grow()  # in the first round perhaps while it is read
        wait_for_all(company, services)
    truth = {key: digest for service in services for key, digest in service.held().items()}
    deleted = {key for service in services for key in service.deleted}
    compared = compare(company, truth)
    undeleted = sum(key in deleted for key, _ in published_contacts(company))
    with control_plane.tenant_session(tenant_id) as session:
        runs = session.sync_runs.list(limit=100_000)
        standing = [connection.status for connection in session.connections.list()]
    control_plane.dispose()
    whole, hits = sum(kill.what == "worker" for kill in killed), sum(kill.hit for kill in killed)
    measured(f"{len(killed)} SIGKILLs ({whole} of the whole worker, {hits} during a run)")
    for service in services:
        measured(f"  {described(service, runs)}")
    measured(f"  {len(truth)} records, {len(deleted)} deleted: {compared}, {undeleted} undeleted")
    assert len(truth) == sum(len(service.alive) for service in services)
    assert compared.is_exact
    assert undeleted == 0
    assert any(kill.hit for kill in killed)
    assert [run.id for run in runs if not run.balances] == []
    assert {run.status for run in runs} == {"succeeded"}
    assert standing == ["active"] * len(services)


def described(service: Service, runs: Sequence[SyncRunRecord]) -> str:
    """How many syncs it had, how they ended, what they counted, and how often it failed."""
    own = [run for run in runs if run.connection_id == service.connection.id]
    endings = Counter(run.status if run.error_code is None else f"{run.status}: {run.error_code}" for run in own)
    counts = {name: sum(getattr(run, name) for run in own) for name in COUNTS}
    faults = service.sandbox.faults.played
    return f"{service.sandbox.kind}: {faults} faults; syncs {dict(endings)}, {counts}"
