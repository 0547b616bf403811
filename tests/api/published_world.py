"""One tenant whose files went through the whole flow to published views, twice: what the views' endpoints tell of."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import dagster as dg
import httpx
import pytest
import redis

from assets.mapping.rules import FieldRule
from assets.mapping.rules_json import rules_to_json
from connectors.registry import connector_for
from orchestration.control_plane.database import ControlPlane
from orchestration.definitions import build_definitions
from orchestration.partitions import ConnectionKey
from orchestration.resources.events import Events
from orchestration.resources.lake import Lake, LakeLocation
from orchestration.resources.lake_places import lake_location
from orchestration.resources.refreshes import Refreshes
from orchestration.resources.sources import Sources
from orchestration.resources.syncs import Syncs
from tests.api.serving import ServedApi, ServedTenant

# Two systems that know Acme: the later change of a field wins, an empty one never does.
COMPANIES = """hs_object_id,name,domain,numberofemployees,industry,hs_lastmodifieddate,favourite_colour
101,Acme Inc,acme.example,250,,2026-03-01T08:00:00Z,red
102,Bolt GmbH,bolt.example,12,Tools,2026-03-01T09:00:00Z,
103,=Crane Ltd,crane.example,,Sand,2026-03-01T10:00:00Z,blue
"""
CUSTOMERS = """Id,Name,Website,Industry,SystemModstamp
0015g00000AbCdEAAV,ACME,https://www.acme.example,Tools,2026-03-02T08:00:00Z
0015g00000ZyXwVAAU,Dune,https://dune.example,Sand,2026-03-02T08:00:00Z
"""
MAPPINGS = {
    "companies": {
        "hs_object_id": "account_id", "name": "name", "domain": "domain", "numberofemployees": "number_of_employees",
        "industry": "industry", "hs_lastmodifieddate": "_source_updated_at",
    },
    "customers": {
        "Id": "account_id", "Name": "name", "Website": "website", "Industry": "industry",
        "SystemModstamp": "_source_updated_at",
    },
}  # fmt: skip
LINES = "line_no,part,quantity\n1,bolt,4\n2,nut,9\n"


@dataclass
class PublishedWorld:
    """The tenant, its connections, and the jobs that bring files to views."""

    api: ServedApi
    tenant: ServedTenant
    folder: Path
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    connections: dict[str, UUID]

    def client(self) -> httpx.Client:
        return self.tenant.client("admin")

    def connect(self, name: str, stream: str, key: str) -> None:
        listed = [{"name": stream, "pattern": f"{stream}*.csv", "primary_key": [key], "mode": "snapshot"}]
        config = connector_for("files", {"path": str(self.folder), "streams": listed}).pin().model_dump(mode="json")
        with self.tenant.session() as session:
            self.connections[name] = session.connections.create(name, "files", config).id
            if stream in MAPPINGS:
                rules = [FieldRule(source, target, decided_by="person") for source, target in MAPPINGS[stream].items()]
                session.mappings.save(
                    self.connections[name], stream, "account", rules_to_json(rules), "written by a person", "tests"
                )

    def run(self, job: str, partition: str) -> None:
        self.instance.add_dynamic_partitions("tenants" if job == "refresh_views" else "connections", [partition])
        quiet = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}
        self.definitions.resolve_job_def(job).execute_in_process(
            partition_key=partition, instance=self.instance, run_config=quiet
        )

    def sync(self, name: str, job: str = "sync_connection") -> None:
        self.run(job, str(ConnectionKey(self.tenant.id, self.connections[name])))

    def publish(self) -> None:
        self.run("refresh_views", str(self.tenant.id))


@pytest.fixture(scope="module")
def world(
    shared_api: ServedApi, lake_catalog: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PublishedWorld]:
    """Companies and customers, published; then a company changed, published again."""
    place = lake_location(shared_api.settings)
    lake = Lake(LakeLocation(lake_catalog, place.data_path, place.published_path))
    control_plane: ControlPlane = shared_api.control_plane
    folder = tmp_path_factory.mktemp("exports")
    with redis.Redis.from_url(redis_url) as broker, dg.DagsterInstance.ephemeral() as instance:
        events = Events(broker)
        definitions = build_definitions(
            control_plane=control_plane, lake=lake, events=events, sources=Sources(control_plane),
            syncs=Syncs(control_plane, events), refreshes=Refreshes(control_plane, events),
        )  # fmt: skip
        made = PublishedWorld(shared_api, shared_api.new_tenant(), folder, definitions, instance, {})
        (folder / "companies.csv").write_text(COMPANIES)
        (folder / "customers.csv").write_text(CUSTOMERS)
        (folder / "lines.csv").write_text(LINES)
        made.connect("crm", "companies", "hs_object_id")
        made.connect("erp", "customers", "Id")
        made.connect("shop", "lines", "line_no")
        for name in made.connections:
            made.sync(name)
        made.publish()
        (folder / "companies.csv").write_text(COMPANIES.replace("Bolt GmbH", "Bolt AG").replace("09:00", "09:30"))
        made.sync("crm")
        made.publish()
        yield made
    lake.close()
