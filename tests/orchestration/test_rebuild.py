"""Everything derived made once more from raw records: the same views, the same ids, and the lake whole throughout."""

from typing import Any

import pytest

from orchestration.control_plane.publications import PublicationRecord
from orchestration.control_plane.tasks import TaskWish
from orchestration.partitions import REFRESH_TAG
from orchestration.resources.lake import Lake
from orchestration.task_sweep import advance_tasks
from tests.lakes import lake, lake_catalog, location
from tests.orchestration.test_flow import COMPANIES, Flow, both_connected, flow

__all__ = ["flow", "lake", "lake_catalog", "location"]

pytestmark = pytest.mark.servers
COMPARED = ("accounts", "contacts", "opportunities")


def everything(flow: Flow, publication: PublicationRecord) -> dict[str, list[dict[str, Any]]]:
    return {view: flow.rows(publication, view) for view in COMPARED}


def rebuild(flow: Flow) -> tuple[PublicationRecord, dict[str, Any]]:
    """Ask for a rebuild, run it as Dagster would, see the task through; what is published, and what it counted."""
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        task = session.task_life.begin(TaskWish("rebuild"), "ann")
        (run,) = session.tasks.runs(task.id)
    job = flow.definitions.resolve_job_def("rebuild_tenant")
    with flow.control_plane.operator_session() as operator:
        (claim,) = operator.claim_refreshes(5)
    assert (claim.refresh_id, claim.anew) == (run.run_id, True)
    result = job.execute_in_process(
        partition_key=str(flow.tenant_id), instance=flow.instance, tags={REFRESH_TAG: str(run.run_id)}
    )
    assert result.success
    assert advance_tasks(flow.control_plane) == 1
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        ended, (done,) = session.tasks.get(task.id), session.tasks.runs(task.id)
        current = session.publications.current()
    assert (ended.status, done.status) == ("succeeded", "succeeded")
    assert current is not None
    return current, done.counted


def sql(flow: Flow, lake: Lake, *statements: str) -> list[Any]:
    with lake.session(flow.tenant_id) as session:
        return [session.value(statement) for statement in statements]


def test_a_rebuild_gives_the_same_views_and_ids_also_where_history_made_them(flow: Flow, lake: Lake) -> None:
    hubspot, salesforce = both_connected(flow)
    flow.sync(hubspot)
    flow.publish()
    flow.sync(salesforce)
    # Two records become one entity, and one of them then cannot be read any more: its last good version stays.
    changed = COMPANIES.replace("Bolt GmbH,bolt.example,", "Bolt SE,bolt.example,many").replace("103,Crane Ltd", "103,")
    (flow.folder / "companies.csv").write_text(changed.replace("1040,Other 1040,other1040.example,1040", "1041,,,x"))
    flow.sync(hubspot)
    before, _ = flow.publish()
    seen = everything(flow, before)
    after, counted = rebuild(flow)
    assert after.snapshot_id > before.snapshot_id
    assert everything(flow, after) == seen
    assert (counted["streams_done"], counted["streams"], counted["stage"]) == (2, 2, "publish")
    assert everything(flow, flow.publish()[0]) == seen
    again, _ = rebuild(flow)
    assert everything(flow, again) == seen


def test_a_rebuild_repairs_what_is_derived_and_was_damaged(flow: Flow, lake: Lake) -> None:
    hubspot, _ = both_connected(flow)
    flow.sync(hubspot)
    seen = everything(flow, flow.publish()[0])
    with lake.session(flow.tenant_id) as session:
        for damage in (
            "UPDATE lake.canonical.account SET name = 'damaged'",
            "DELETE FROM lake.canonical.account WHERE account_id = '101'",
            "INSERT INTO lake.canonical.account SELECT * FROM lake.canonical.account WHERE account_id = '102'",
            "INSERT INTO lake.canonical.account SELECT * REPLACE (7::UBIGINT AS _key, 'ghost' AS _source_record_id, "
            "'companies#ghost' AS _raw) FROM lake.canonical.account WHERE account_id = '1002'",
            "DELETE FROM lake.unified.accounts WHERE name LIKE '%1005'",
        ):
            session.execute(damage)
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        session.tenants.mark_stale()
    assert everything(flow, flow.publish()[0]) != seen
    assert everything(flow, rebuild(flow)[0]) == seen
    assert sql(flow, lake, "SELECT count(*) - count(DISTINCT _key) FROM lake.canonical.account WHERE NOT _deleted") == [
        0
    ]


def test_a_rebuild_that_is_interrupted_leaves_the_lake_whole(flow: Flow, lake: Lake) -> None:
    hubspot, salesforce = both_connected(flow)
    flow.sync(hubspot)
    flow.sync(salesforce)
    before, _ = flow.publish()
    seen = everything(flow, before)
    # One of the two streams has nothing to be derived from: the raw table of the other one is gone.
    with lake.session(flow.tenant_id) as session:
        raw = sorted(session.tables("raw"))
        session.execute(f'ALTER TABLE lake.raw."{raw[1]}" RENAME TO set_aside')
        session.execute(f"CREATE VIEW lake.raw.\"{raw[1]}\" AS SELECT error('stopped') AS __key")
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        task = session.task_life.begin(TaskWish("rebuild"), "ann")
        (run,) = session.tasks.runs(task.id)
    job = flow.definitions.resolve_job_def("rebuild_tenant")
    result = job.execute_in_process(
        partition_key=str(flow.tenant_id), instance=flow.instance, tags={REFRESH_TAG: str(run.run_id)},
        raise_on_error=False,
    )  # fmt: skip
    assert not result.success
    with lake.session(flow.tenant_id) as session:
        session.execute(f'DROP VIEW lake.raw."{raw[1]}"')
        session.execute(f'ALTER TABLE lake.raw.set_aside RENAME TO "{raw[1]}"')
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        session.refreshes.fail(run.run_id, "run_failed", "It was stopped.")
        assert session.publications.current() == before
    assert advance_tasks(flow.control_plane) == 1
    assert everything(flow, flow.publish()[0]) == seen


def test_syncs_wait_while_a_rebuild_waits_or_runs_and_it_waits_for_theirs(flow: Flow) -> None:
    hubspot, salesforce = both_connected(flow)
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        running = session.sync_runs.request(hubspot.connection_id, "ann")
    with flow.control_plane.operator_session() as operator:
        assert len(operator.claim_syncs(5)) == 1
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        session.sync_runs.request(salesforce.connection_id, "ann")
        session.task_life.begin(TaskWish("rebuild"), "ann")
    with flow.control_plane.operator_session() as operator:
        assert (operator.claim_syncs(5), operator.claim_refreshes(5)) == ([], [])
    with flow.control_plane.tenant_session(flow.tenant_id) as session:
        session.sync_runs.start(running.id, "r1")
        session.sync_runs.finish(running.id, 1)
    with flow.control_plane.operator_session() as operator:
        (claim,) = operator.claim_refreshes(5)
        assert operator.claim_syncs(5) == []
        operator.launched(claim, "r2")
        assert operator.refresh_finished("r2", "failed")
        assert len(operator.claim_syncs(5)) == 1
