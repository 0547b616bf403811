"""Companies in a file, synced through the whole flow: what a repair test changes, decides and looks at."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
import pytest

from assets.mapping.repairs import deciding
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.partitions import ConnectionKey
from orchestration.resources.lake import Lake
from tests.orchestration.test_flow import Flow

RECORDS = 90
INDUSTRIES = ("Tools", "Sand", "Glass", "Paper")
Row = dict[str, str]


def company(n: int) -> Row:
    """A record whose every field tells records apart or repeats like the real thing."""
    return {
        "hs_object_id": str(1000 + n),
        "name": f"Company {n} {'GmbH' if n % 3 else 'Ltd'}",
        "domain": f"c{n}.example",
        "phone": f"+49 30 {5_550_000 + n * 37}",
        "industry": INDUSTRIES[n % 4],
        "annualrevenue": str(10_000 + n * 731),
        "hs_lastmodifieddate": f"2026-03-{1 + n % 28:02d}T08:00:00Z",
    }


@dataclass
class World:
    """One file connection with a stream of companies, and what became of them."""

    flow: Flow
    lake: Lake
    key: ConnectionKey
    rows: list[Row] = field(default_factory=lambda: [company(n) for n in range(RECORDS)])

    def write(self, change: Callable[[Row], Mapping[str, str]] | None = None) -> None:
        rows = [dict(change(row)) if change else row for row in self.rows]
        with (self.flow.folder / "companies.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def sync(self, change: Callable[[Row], Mapping[str, str]] | None = None) -> dg.ExecuteInProcessResult:
        """Write the file, sync, and see that no record is unaccounted for."""
        self.write(change)
        run, result = self.flow.sync(self.key)
        assert run.status == "succeeded"
        assert run.read == run.loaded + run.rejected + run.unchanged
        assert all(
            check.passed for check in result.get_asset_check_evaluations() if check.check_name != "no_breaking_drift"
        )
        return result

    def run(self) -> SyncRunRecord:
        with self.tenant() as tenant:
            run: SyncRunRecord = tenant.sync_runs.list(self.key.connection_id, limit=1)[0]
        return run

    def replay(self) -> dg.ExecuteInProcessResult:
        """Run the replay that a decision asked for."""
        assert self.run().kind == "replay"
        return self.flow.run("replay_connection", str(self.key))

    def tenant(self) -> Any:
        return self.flow.control_plane.tenant_session(self.flow.tenant_id)

    def values(self, target: str) -> dict[str, Any]:
        """Record id -> canonical value."""
        with self.lake.session(self.flow.tenant_id) as session:
            found = session.rows(f"SELECT _source_record_id, {target} FROM lake.canonical.account WHERE NOT _deleted")
        assert len(found) == len({record for record, _ in found})
        return dict(found)

    def expected(self, name: str, read: Callable[[str], Any] = str) -> dict[str, Any]:
        """Record id -> the source value as the view must have it."""
        return {row["hs_object_id"]: read(row[name]) for row in self.rows}

    def version(self) -> int:
        with self.tenant() as tenant:
            version: int = tenant.mappings.active(self.key.connection_id, "companies").version
        return version

    def open_events(self) -> list[tuple[str, str]]:
        with self.tenant() as tenant:
            return [(event.kind, event.field) for event in tenant.drift.open(self.key.connection_id)]

    def proposals(self, status: str | None = None) -> list[ProposalRecord]:
        with self.tenant() as tenant:
            return list(tenant.proposals.list(status=status, connection_id=self.key.connection_id))

    def only(self, status: str) -> ProposalRecord:
        (found,) = self.proposals(status)
        return found

    def holds(self) -> list[tuple[list[str], str]]:
        with self.tenant() as tenant:
            return [(hold.fields, hold.match) for hold in tenant.holds.active(self.key.connection_id)]

    def decide(self, what: Callable[..., deciding.Decided], *args: Any, **more: Any) -> deciding.Decided:
        with self.tenant() as tenant:
            return what(tenant, *args, **more)

    def set(self, **values: Any) -> None:
        with self.tenant() as tenant:
            tenant.repair_settings.set("ann", **values)


@pytest.fixture
def world(flow: Flow, lake: Lake) -> Iterator[World]:
    """Companies, synced once and mapped."""
    (flow.folder / "companies.csv").write_text(f"{','.join(company(0))}\n")
    made = World(flow, lake, flow.connect("hubspot", "companies", "hs_object_id"))
    made.sync()
    assert made.values("phone") == made.expected("phone")
    assert made.version() == 1
    yield made


def renamed(old: str, new: str) -> Callable[[Row], Row]:
    return lambda row: {(new if name == old else name): value for name, value in row.items()}
