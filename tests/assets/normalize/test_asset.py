"""The asset with holds: what people see of held and replayed records, and checks that stay green."""

import pytest

from orchestration.partitions import ConnectionKey
from tests.lakes import lake, lake_catalog, location
from tests.orchestration.conftest import broker, control_plane, database, migrated_template
from tests.orchestration.test_flow import COMPANIES, READ, Flow, checks, flow, metadata

__all__ = ["broker", "control_plane", "database", "flow", "lake", "lake_catalog", "location", "migrated_template"]

pytestmark = pytest.mark.servers
RECORDS = ("normalize", "canonical_records")


def names(flow: Flow) -> set[str]:
    publication, _ = flow.publish()
    return {str(row["name"]) for row in flow.rows(publication, "accounts")}


def replay(flow: Flow, key: ConnectionKey) -> dict[str, object]:
    """A run of the replay job; its metadata."""
    with flow.control_plane.tenant_session(flow.tenant_id) as tenant:
        tenant.sync_runs.request(key.connection_id, "ann", kind="replay")
    return metadata(flow.run("replay_connection", str(key)), *RECORDS)


def test_held_records_are_counted_kept_out_and_replayed_without_a_sync(flow: Flow) -> None:
    (flow.folder / "companies.csv").write_text(COMPANIES)
    key = flow.connect("hubspot", "companies", "hs_object_id")
    flow.sync(key)
    with flow.control_plane.tenant_session(flow.tenant_id) as tenant:
        hold = tenant.holds.place(key.connection_id, "companies", None, 2, ["domain"], "filled")
    (flow.folder / "companies.csv").write_text(COMPANIES.replace("Acme Inc", "Acme Holding"))
    run, result = flow.sync(key)
    counts = run.streams["companies"]
    assert (run.read, run.loaded, run.balances, counts["held"]) == (READ, 0, True, 1)
    assert metadata(result, *RECORDS)["held"] == 1
    assert all(passed for passed, _ in checks(result).values())
    assert "Acme Inc" in names(flow)

    assert replay(flow, key)["replayed"] == 0
    with flow.control_plane.tenant_session(flow.tenant_id) as tenant:
        tenant.holds.lift(hold.id, "ann")
    done = replay(flow, key)
    assert (done["replayed"], done["dagster/row_count"]) == (1, 0)
    assert "companies.domain" in str(done["dagster/column_lineage"])
    with flow.control_plane.tenant_session(flow.tenant_id) as tenant:
        assert tenant.tenants.current().stale_since is not None
    assert {"Acme Holding"} <= names(flow) and "Acme Inc" not in names(flow)
    assert replay(flow, key)["replayed"] == 0
