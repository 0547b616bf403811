"""Where a task stands, and that it stays with its work when a claim gives way."""

from datetime import UTC, datetime

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.failure import RunStatus
from orchestration.control_plane.task_standing import RunState, TaskStatus, standing
from orchestration.control_plane.tasks import TaskWish
from tests.orchestration.control_plane.tenant import Tenant

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def runs(*statuses: RunStatus) -> list[RunState]:
    return [RunState(status, NOW, error_code="broken" if status == "failed" else None) for status in statuses]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("requested",), "requested"),
        (("queued", "requested"), "queued"),
        (("running", "queued"), "running"),
        (("succeeded", "requested"), "running"),
        (("succeeded", "succeeded"), "succeeded"),
        (("succeeded", "failed", "canceled"), "failed"),
        (("succeeded", "canceled"), "canceled"),
    ],
)
def test_a_task_stands_where_its_runs_do(statuses: tuple[RunStatus, ...], expected: TaskStatus) -> None:
    found = standing(runs(*statuses))
    assert found.status == expected
    assert (found.failed is not None) == (expected == "failed")


def test_a_task_that_is_canceled_waits_for_its_own_runs_alone() -> None:
    joined = RunState("running", NOW, is_own=False)
    assert standing([joined], canceling=True).status == "canceled"
    assert standing([joined, *runs("running")], canceling=True).status == "canceling"
    assert standing([joined, *runs("canceled")], canceling=True).status == "canceled"
    assert standing([joined, *runs("succeeded")], canceling=True).status == "succeeded"


@pytest.mark.servers
def test_a_task_follows_its_work_when_the_claim_gives_way_to_a_newer_request(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        sync = session.task_life.begin(TaskWish("sync", tenant.connection), "ann")
        rebuild = session.task_life.begin(TaskWish("refresh_views"), "ann")
    with control_plane.operator_session() as operator:
        (claimed,), (refresh,) = operator.claim_syncs(5), operator.claim_refreshes(5)
    with control_plane.tenant_session(tenant.id) as session:
        newer = session.sync_runs.request(tenant.connection, "schedule")
        newest = session.refreshes.request()
    with control_plane.operator_session() as operator:
        operator.release(claimed)
        operator.release(refresh)
    with control_plane.tenant_session(tenant.id) as session:
        assert [run.run_id for run in session.tasks.runs(sync.id)] == [newer.id]
        assert [run.run_id for run in session.tasks.runs(rebuild.id)] == [newest.id]
        assert session.task_life.advance(sync.id) is None  # requested still, not canceled


@pytest.mark.servers
def test_a_canceled_task_whose_claim_is_given_back_ends(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        task = session.task_life.begin(TaskWish("sync", tenant.connection), "ann")
    with control_plane.operator_session() as operator:
        (claimed,) = operator.claim_syncs(5)
    with control_plane.tenant_session(tenant.id) as session:
        assert session.task_life.cancel(task.id, "ann").status == "canceling"
    with control_plane.operator_session() as operator:
        operator.release(claimed)
        (behind,) = operator.tasks_to_advance(5)
    with control_plane.tenant_session(tenant.id) as session:
        ended = session.task_life.advance(behind.task_id)
        assert ended is not None and ended.status == "canceled"
        assert session.sync_runs.get(claimed.sync_run_id).status == "canceled"


@pytest.mark.servers
def test_a_refresh_that_joins_is_as_thorough_as_a_rebuild_wants(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        plain = session.refreshes.request()
        task = session.task_life.begin(TaskWish("rebuild"), "ann")
        session.refreshes.request()
        assert session.refreshes.get(plain.id).anew
        assert [run.is_own for run in session.tasks.runs(task.id)] == [False]
