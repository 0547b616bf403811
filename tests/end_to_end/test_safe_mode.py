"""The whole way of a new connection on the command line: a sample first, then everything once Safe Mode is lifted.

At medium risk a person lifts it; at low risk policy does, behind a good sample.
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from connectors.sandbox.mongodb.sandbox import MongoSandbox
from orchestration.commands.access import connect_control_plane
from orchestration.commands.sync_wait import Sync, SyncWait
from orchestration.control_plane.safe_mode import POLICY, SAFE_RECORDS
from orchestration.resources.settings import Settings
from tests.end_to_end.running import LOOPBACK, Commands

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("shared stack")]
RECORDS = {"people": 500, "companies": 300}
PATIENCE_S = 60.0


class Customer:
    """One tenant with one MongoDB connection, as its operator sees them on the command line."""

    def __init__(self, commands: Commands, name: str) -> None:
        self._commands = commands
        self._name = name
        self.do("tenant", "create", name, whose=False)

    def do(self, *arguments: str, whose: bool = True) -> Any:
        """What a command answers."""
        owner = ("--email", f"{self._name}@safe.test", "--password", "a long password")
        return json.loads(
            self._commands.succeed(*arguments, *(("--tenant", self._name) if whose else owner), "--json") or "null"
        )

    def connect(self, config: dict[str, Any], risk: str) -> dict[str, Any]:
        given = ("--name", "support", "--kind", "mongodb", "--config", json.dumps(config), "--risk", risk)
        return dict(self.do("connect", *given))

    def sync(self) -> list[dict[str, Any]]:
        return list(self.do("sync")["syncs"])

    def show(self) -> dict[str, Any]:
        return dict(self.do("connections", "show", "--connection", "support"))

    def people(self) -> int:
        return int(self.do("view", "contacts", "--limit", "0")["rows"])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[MongoSandbox]:
    with MongoSandbox() as served:
        people = [
            {"_id": f"p{n:06d}", "first_name": f"Name{n}", "email": f"name{n}@people.test"}
            for n in range(RECORDS["people"])
        ]
        companies = [{"_id": f"c{n:06d}", "name": f"Company {n}"} for n in range(RECORDS["companies"])]
        served.load("people", pa.Table.from_pylist(people), "_id")
        served.load("companies", pa.Table.from_pylist(companies), "_id")
        yield served


@pytest.fixture
def commands(shared_stack: Settings) -> Commands:
    return Commands(shared_stack.home, [LOOPBACK])


def reads(sync: dict[str, Any]) -> dict[str, int]:
    return {name: counts["read"] for name, counts in sync["streams"].items()}


def is_sample_of(sync: dict[str, Any]) -> bool:
    """Whether some records of each stream were read, and no more than a sample has."""
    read = reads(sync)
    return (
        bool(sync["is_sample"]) and read.keys() == RECORDS.keys() and all(0 < n <= SAFE_RECORDS for n in read.values())
    )


def test_at_medium_risk_syncs_are_samples_until_a_person_lifts_safe_mode(
    commands: Commands, shared_stack: Settings, sandbox: MongoSandbox
) -> None:
    cautious = Customer(commands, "Cautious")
    assert cautious.connect(sandbox.config(), "medium")["safe_mode"] is True
    for _ in range(2):
        (sample,) = cautious.sync()
        assert is_sample_of(sample)
        assert sample["safe_mode"] is True
        assert "connections lift" in sample["next"]
    assert 0 < cautious.people() <= SAFE_RECORDS
    lifted = cautious.do("connections", "lift", "--connection", "support")
    assert lifted["safe_mode"] is False
    asked_for = newest_sync(shared_stack, "Cautious")
    assert (asked_for.run.status, asked_for.run.is_sample) == ("succeeded", False)
    assert asked_for.run.read == sum(RECORDS.values())
    assert cautious.people() == RECORDS["people"]


def newest_sync(stack: Settings, tenant: str) -> Sync:
    """The sync that was asked for last, ended and published."""
    control_plane = connect_control_plane(stack)
    with control_plane.operator_session() as operator:
        tenant_id = operator.tenant_by_name(tenant).id
    with control_plane.tenant_session(tenant_id) as session:
        (connection,), newest = session.connections.list(), session.sync_runs.list(limit=1)[0]
    wait = SyncWait(control_plane, stack.redis_url)
    wait.syncs.append(Sync(tenant_id, connection, newest))
    wait.until_synced(PATIENCE_S, lambda _: None)
    wait.until_published(PATIENCE_S, lambda _: None)
    control_plane.dispose()
    return wait.syncs[0]


def test_at_low_risk_policy_lifts_safe_mode_and_the_full_sync_follows(
    commands: Commands, sandbox: MongoSandbox
) -> None:
    bold = Customer(commands, "Bold")
    assert bold.connect(sandbox.config(), "low")["safe_mode"] is True
    sample, full = bold.sync()
    assert is_sample_of(sample)
    assert full["follows_sample"] == sample["sync_id"]
    assert not full["is_sample"]
    assert reads(full) == RECORDS
    shown = bold.show()
    assert (shown["safe_mode"], shown["safe_mode_lifted_by"]) == (False, POLICY)
    assert bold.people() == RECORDS["people"]
