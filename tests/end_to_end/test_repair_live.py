"""A Salesforce changes shape while the stack runs: the sync that sees it repairs and republishes by itself.

Besides: a play with it, over the doors that the demo's stand-ins have.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from connectors.sandbox.control import control_app
from connectors.sandbox.http_server import HttpServer
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from orchestration.commands.access import OPERATOR, Access, connect_control_plane
from orchestration.commands.published import open_published
from orchestration.commands.stack_ground import StackGround, running_source
from orchestration.commands.sync_wait import SyncWait
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.passwords import hash_password
from orchestration.control_plane.tenants import TenantRecord
from orchestration.demo.served import SF_ACCOUNTS
from orchestration.demo.world import build_world
from orchestration.drift_play.live import LIVE_KINDS, LiveSetting, play_live
from orchestration.drift_play.scoring import score
from orchestration.embedded.state import read_state
from orchestration.partitions import ConnectionKey
from orchestration.resources.settings import Settings

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("shared stack")]
COMPANIES = 600
REPAIRED_WITHIN_S = 15.0  # from the beginning of the sync that sees it until its repair is published
PATIENCE_S = 180.0
_LINEAGE = """
query ($key: AssetKeyInput!, $partition: String!) {
  assetOrError(assetKey: $key) { ... on Asset {
    assetMaterializations(limit: 1, partitions: [$partition]) {
      metadataEntries { ... on TableColumnLineageMetadataEntry {
        lineage { columnName columnDeps { assetKey { path } columnName } } } } } } }
}
"""


@dataclass(frozen=True)
class Customer:
    """One tenant with one Salesforce connection on a stack that runs."""

    access: Access
    tenant: TenantRecord
    connection: ConnectionRecord

    def sync(self) -> datetime:
        """Sync and wait until it is published; when the sync began."""
        wait = SyncWait(self.access.control_plane, self.access.settings.redis_url)
        wait.request(self.tenant.id, [self.connection])
        wait.until_synced(PATIENCE_S, lambda _: None)
        wait.until_published(PATIENCE_S, lambda _: None)
        (sync,) = wait.syncs
        assert sync.run.status == "succeeded", sync.run.error_message
        assert sync.run.started_at is not None
        return sync.run.started_at

    def industries(self) -> dict[str, str | None]:
        """By the record's id at its source, as the views have it."""
        with open_published(self.access, self.tenant) as (reader, _):
            rows = reader.query("SELECT _sources[1].record_id, industry FROM lake.unified.accounts").fetchall()
        return dict(rows)

    def lineage(self) -> dict[str, set[str]]:
        """Canonical column -> source columns, as Dagster tells it of the newest materialisation."""
        url = f"{read_state(self.access.settings.home).urls['dagster']}/graphql"
        key = {"path": ["mapping", "field_mapping"]}
        partition = str(ConnectionKey(self.tenant.id, self.connection.id))
        query = {"query": _LINEAGE, "variables": {"key": key, "partition": partition}}
        answer: dict[str, Any] = httpx.post(url, json=query, timeout=30).json()
        (newest,) = answer["data"]["assetOrError"]["assetMaterializations"]
        told = [entry["lineage"] for entry in newest["metadataEntries"] if entry.get("lineage")]
        return {one["columnName"]: {dep["columnName"] for dep in one["columnDeps"]} for one in told[0]}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SalesforceSandbox]:
    """An org with the demo's accounts."""
    with build_world("repair live", 1, COMPANIES, 1) as world:
        accounts = world.execute(f"SELECT * EXCLUDE (__truth) FROM ({SF_ACCOUNTS})").to_arrow_table()
    with SalesforceSandbox() as served:
        served.load("Account", accounts, "Id")
        yield served


@pytest.fixture
def customer(shared_stack: Settings, sandbox: SalesforceSandbox) -> Iterator[Customer]:
    """A tenant whose Salesforce was read and published once."""
    control_plane = connect_control_plane(shared_stack)
    number = uuid4().hex[:6]
    with control_plane.operator_session() as operator:
        tenant = operator.create_tenant(
            f"Renamed {number}", f"ann{number}@renamed.example", hash_password("a long password")
        )
    with control_plane.tenant_session(tenant.id) as session:
        config = sandbox.config()
        place = {"instance_url": config.pop("instance_url")}
        made = session.connections.create("crm", "salesforce", place, config)
        session.connections.lift(made.id, OPERATOR)
    found = Customer(Access(shared_stack, control_plane), tenant, made)
    found.sync()
    yield found
    control_plane.dispose()


def test_a_rename_is_repaired_and_republished_within_seconds_of_the_sync_that_saw_it(
    customer: Customer, sandbox: SalesforceSandbox, measured: Callable[[str], None]
) -> None:
    before = customer.industries()
    assert len(before) > COMPANIES // 2
    sandbox.rename_field("Account", "Industry", "Branche__c")
    touched = sorted(before)[:80]
    sandbox.upsert("Account", [{"Id": record_id} for record_id in touched])

    clock = time.monotonic()
    began = customer.sync()
    waited_s = time.monotonic() - clock

    with customer.access.control_plane.tenant_session(customer.tenant.id) as session:
        (event,) = session.drift.list(customer.connection.id)
        (proposal,) = session.proposals.list(connection_id=customer.connection.id)
        mapping = session.mappings.active(customer.connection.id, "Account")
        publication = session.publications.current()
    assert (event.kind, event.fields_before, event.fields_after) == ("renamed", ["Industry"], ["Branche__c"])
    assert event.status == "resolved"
    assert (proposal.status, proposal.decided_by) == ("applied", "policy")
    assert mapping is not None
    assert mapping.version == 2
    assert publication is not None
    took_s = (publication.published_at - began).total_seconds()
    measured(f"rename at a running Salesforce: published {took_s:.1f} s after the sync began, {waited_s:.1f} s in all")
    assert took_s < REPAIRED_WITHIN_S
    assert customer.industries() == before
    assert customer.lineage()["account.industry"] == {"Account.Branche__c", "Account.Industry"}


@pytest.fixture
def control(shared_stack: Settings, sandbox: SalesforceSandbox) -> Iterator[None]:
    """What says, in the home, which stand-ins run and where they take changes."""
    config = shared_stack.home / "crm.json"
    config.write_text(json.dumps(sandbox.config()))
    with HttpServer(control_app({"renamed/crm": sandbox})) as served:
        sources = [{"name": "renamed/crm", "kind": "salesforce", "url": sandbox.url, "config": str(config)}]
        state = {"sources": sources, "control": served.url, "allow": list(sandbox.addresses())}
        (shared_stack.home / "sandbox.json").write_text(json.dumps(state))
        yield
        (shared_stack.home / "sandbox.json").unlink()


@pytest.mark.usefixtures("control")
def test_a_play_with_a_source_that_runs_ends_with_every_value_true(customer: Customer) -> None:
    source = running_source(customer.access.settings.home, customer.connection)
    ground = StackGround(customer.access, customer.tenant.id)
    said: list[str] = []
    counted = score(play_live(LiveSetting(ground, customer.connection, source), 3, 2, LIVE_KINDS, said.append))
    missed = [figure.name for figure in counted.figures if not figure.holds]
    assert not missed, "\n".join([*said, *counted.faults])
    assert sum(row.cases for row in counted.by_kind) == 2
