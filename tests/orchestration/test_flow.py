"""From a folder of files to published views, in this process, on a real Postgres, Valkey and lake."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import dagster as dg
import pytest
import redis

from assets.normalize.envelope import BatchCommitted
from connectors.registry import connector_for
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.publications import PublicationRecord
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.definitions import build_definitions
from orchestration.partitions import ConnectionKey
from orchestration.resources.events import Events, batches_stream, events_stream
from orchestration.resources.lake import Lake
from orchestration.resources.publishing import published_reader
from orchestration.resources.refreshes import Refreshes
from orchestration.resources.sources import Sources
from orchestration.resources.syncs import Syncs
from tests.lakes import lake, lake_catalog, location

__all__ = ["lake", "lake_catalog", "location"]

pytestmark = pytest.mark.servers

OTHERS = 40
COMPANIES = "\n".join(
    [
        "hs_object_id,name,domain,numberofemployees,hs_lastmodifieddate",
        "101,Acme Inc,acme.example,250,2026-03-01T08:00:00Z",
        "102,Bolt GmbH,bolt.example,,2026-03-01T09:00:00Z",
        "103,Crane Ltd,crane.example,many,2026-03-01T10:00:00Z",
        *(f"{n},Other {n},other{n}.example,{n},2026-03-01T07:00:00Z" for n in range(1001, 1001 + OTHERS)),
        "",
    ]
)
READ = OTHERS + 3
GOOD = OTHERS + 2
CUSTOMERS = """Id,Name,Website,Industry,SystemModstamp
0015g00000AbCdEAAV,ACME,https://www.acme.example,Tools,2026-03-02T08:00:00Z
0015g00000ZyXwVAAU,Dune,https://dune.example,Sand,2026-03-02T08:00:00Z
"""


@dataclass
class Flow:
    """One tenant, the two jobs, and what they leave."""

    definitions: dg.Definitions
    instance: dg.DagsterInstance
    control_plane: ControlPlane
    broker: "redis.Redis"
    tenant_id: UUID
    folder: Path
    data_path: str

    def connect(self, name: str, stream: str, key: str) -> ConnectionKey:
        """A files connection with one stream, its schedule never due."""
        listed = [{"name": stream, "pattern": f"{stream}*.csv", "primary_key": [key], "mode": "snapshot"}]
        config = connector_for("files", {"path": str(self.folder), "streams": listed}).pin().model_dump(mode="json")
        with self.control_plane.tenant_session(self.tenant_id) as session:
            made = ConnectionKey(self.tenant_id, session.connections.create(name, "files", config).id)
        self.instance.add_dynamic_partitions("connections", [str(made)])
        return made

    def run(self, job: str, partition: str) -> dg.ExecuteInProcessResult:
        return self.definitions.resolve_job_def(job).execute_in_process(partition_key=partition, instance=self.instance)

    def sync(self, key: ConnectionKey) -> tuple[SyncRunRecord, dg.ExecuteInProcessResult]:
        """Sync the connection; its record and the run."""
        result = self.run("sync_connection", str(key))
        with self.control_plane.tenant_session(self.tenant_id) as session:
            return session.sync_runs.list(key.connection_id, limit=1)[0], result

    def publish(self) -> tuple[PublicationRecord, dg.ExecuteInProcessResult]:
        """Refresh the tenant's views; what is published then and the run."""
        result = self.run("refresh_views", str(self.tenant_id))
        with self.control_plane.tenant_session(self.tenant_id) as session:
            current = session.publications.current()
        assert current is not None
        return current, result

    def rows(self, publication: PublicationRecord, view: str) -> list[dict[str, Any]]:
        """The published rows of a view, by entity id."""
        with published_reader(Path(publication.path), self.data_path + "/") as reader:
            return sorted(reader.relation(view).arrow().read_all().to_pylist(), key=lambda row: str(row["_entity_id"]))

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """What dashboards heard, in its order."""
        found = self.broker.xrange(events_stream(self.tenant_id))
        return [(entry[b"kind"].decode(), json.loads(entry[b"data"])) for _, entry in found]

    def stages(self) -> list[str]:
        """Stages that finished, in their order."""
        return [data["stage"] for kind, data in self.told() if kind == "stage.finished"]

    def messages(self) -> list[BatchCommitted]:
        found = self.broker.xrange(batches_stream(self.tenant_id))
        return [BatchCommitted.from_fields({k.decode(): v.decode() for k, v in entry.items()}) for _, entry in found]


@pytest.fixture
def flow(control_plane: ControlPlane, broker: "redis.Redis", lake: Lake, tmp_path: Path) -> Iterator[Flow]:
    """A tenant with an empty folder."""
    events = Events(broker)
    control_plane.on_commit = events.heard
    definitions = build_definitions(
        control_plane=control_plane,
        lake=lake,
        events=events,
        sources=Sources(control_plane),
        syncs=Syncs(control_plane, events),
        refreshes=Refreshes(control_plane, events),
    )
    with control_plane.operator_session() as operator:
        tenant_id = operator.create_tenant("acme", "ann@acme.example", "a hash").id
    folder = tmp_path / "exports"
    folder.mkdir()
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("tenants", [str(tenant_id)])
        yield Flow(definitions, instance, control_plane, broker, tenant_id, folder, lake.location.data_path)


def metadata(result: dg.ExecuteInProcessResult, *key: str) -> dict[str, Any]:
    """Metadata of the run's materialisation of an asset."""
    (event,) = [
        event
        for event in result.get_asset_materialization_events()
        if event.materialization.asset_key == dg.AssetKey(list(key))
    ]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def checks(result: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, str | None]]:
    return {check.check_name: (check.passed, check.partition) for check in result.get_asset_check_evaluations()}


def both_connected(flow: Flow) -> tuple[ConnectionKey, ConnectionKey]:
    (flow.folder / "companies.csv").write_text(COMPANIES)
    (flow.folder / "customers.csv").write_text(CUSTOMERS)
    return flow.connect("hubspot", "companies", "hs_object_id"), flow.connect("salesforce", "customers", "Id")


def test_files_become_views_with_lineage_checks_and_a_message(flow: Flow) -> None:
    hubspot, salesforce = both_connected(flow)
    run, result = flow.sync(hubspot)
    assert (run.status, run.read, run.loaded, run.rejected, run.unchanged) == ("succeeded", READ, GOOD, 1, 0)
    passed = (True, str(hubspot))
    assert checks(result) == {"rows_balance": passed, "keys_unique": passed, "no_breaking_drift": passed}
    assert metadata(result, "extract", "raw_records")["dagster/row_count"] == READ
    assert metadata(result, "normalize", "canonical_records")["dagster/row_count"] == GOOD
    assert metadata(result, "normalize", "rejected_records")["dagster/row_count"] == 1
    lineage = metadata(result, "mapping", "field_mapping")["dagster/column_lineage"].deps_by_column
    raw = dg.AssetKey(["extract", "raw_records"])
    assert lineage["account.name"] == [dg.TableColumnDep(asset_key=raw, column_name="companies.name")]
    assert flow.sync(salesforce)[0].loaded == 2
    told = [(message.entity, message.op, message.upserted, message.rejected) for message in flow.messages()]
    assert told == [("account", "upsert", GOOD, 1), ("account", "upsert", 2, 0)]
    assert all(message.fingerprint and message.last_snapshot >= message.first_snapshot for message in flow.messages())
    assert flow.stages() == ["extract", "fingerprint", "mapping", "normalize"] * 2
    kinds = [kind for kind, _ in flow.told()]
    assert [kinds.count(kind) for kind in ("sync.started", "mapping.applied", "sync.succeeded")] == [2, 2, 2]

    publication, refreshed = flow.publish()
    assert flow.stages()[8:] == ["knowledge", "resolve", "unify", "publish"]
    published = next(data for kind, data in flow.told() if kind == "views.published")
    assert published["views"]["accounts"]["rows"] == GOOD + 1
    rows = {row["name"]: row for row in flow.rows(publication, "accounts")}
    assert len(rows) == GOOD + 1
    assert rows.keys() >= {"ACME", "Bolt GmbH", "Dune"}
    assert rows.keys().isdisjoint({"Acme Inc", "Crane Ltd"})
    joined = rows["ACME"]
    assert (joined["number_of_employees"], joined["industry"], joined["_source_count"]) == (250, "Tools", 2)
    connections = [source["connection_id"] for source in joined["_sources"]]
    assert connections == [str(salesforce.connection_id), str(hubspot.connection_id)]
    made = metadata(refreshed, "unify", "accounts")
    assert (made["dagster/row_count"], made["joined_across_connections"]) == (GOOD + 1, 1)
    assert {column.name: column.type for column in made["dagster/column_schema"].columns}["name"] == "VARCHAR"
    canonical = dg.TableColumnDep(asset_key=dg.AssetKey(["normalize", "canonical_records"]), column_name="account.name")
    assert made["dagster/column_lineage"].deps_by_column["name"] == [canonical]
    expected = {str(hubspot.connection_id): GOOD, str(salesforce.connection_id): 2}
    assert publication.views["accounts"]["sources"] == expected


def test_running_again_loads_nothing_and_publishes_the_same_snapshot(flow: Flow) -> None:
    hubspot, salesforce = both_connected(flow)
    flow.sync(hubspot)
    flow.sync(salesforce)
    first, _ = flow.publish()
    first, _ = flow.publish()  # what the first mappings teach is known from here on
    before = flow.rows(first, "accounts"), len(flow.messages())
    again, result = flow.sync(hubspot)
    assert (again.status, again.read, again.loaded, again.rejected, again.unchanged) == ("succeeded", READ, 0, 0, READ)
    assert all(passed for passed, _ in checks(result).values())
    second, _ = flow.publish()
    assert (second.snapshot_id, second.path, second.views) == (first.snapshot_id, first.path, first.views)
    assert (flow.rows(second, "accounts"), len(flow.messages())) == before


def test_a_changed_file_changes_what_it_should_and_a_lost_column_warns(flow: Flow) -> None:
    hubspot, _ = both_connected(flow)
    flow.sync(hubspot)
    flow.publish()
    (flow.folder / "companies.csv").write_text(COMPANIES.replace("Bolt GmbH", "Bolt SE"))
    changed, _ = flow.sync(hubspot)
    assert (changed.read, changed.loaded, changed.unchanged) == (READ, 1, READ - 1)
    names = {row["name"] for row in flow.rows(flow.publish()[0], "accounts")}
    assert len(names) == GOOD
    assert names >= {"Acme Inc", "Bolt SE"}
    without_name = [line.split(",") for line in COMPANIES.splitlines()]
    (flow.folder / "companies.csv").write_text("\n".join(",".join([a, *rest]) for a, _, *rest in without_name) + "\n")
    run, result = flow.sync(hubspot)
    assert run.status == "succeeded"
    assert checks(result)["no_breaking_drift"] == (False, str(hubspot))
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        events = {(event.kind, event.field, event.is_breaking) for event in session.drift.open(hubspot.connection_id)}
    assert ("removed", "name", True) in events
    assert flow.publish()[0].views["accounts"]["rows"] == GOOD
