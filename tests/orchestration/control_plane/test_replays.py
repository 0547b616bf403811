"""Replays beside syncs: asked for once, absorbed, claimed, ended, and silent about the source."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.dispatch import ClaimedSync
from orchestration.control_plane.failure import Failure
from orchestration.control_plane.sync_runs import AFTER_DECISION
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


def claim(control_plane: ControlPlane) -> list[ClaimedSync]:
    with control_plane.operator_session() as operator:
        return list(operator.claim_syncs(10))


def waiting(control_plane: ControlPlane, tenant: Tenant) -> list[tuple[str, str, bool]]:
    """What is requested: kind, by whom, and whether a sync replays too."""
    with control_plane.tenant_session(tenant.id) as session:
        runs = session.sync_runs.list(tenant.connection)
    return [(run.kind, run.requested_by, run.absorbed_replay) for run in runs if run.status == "requested"]


@pytest.mark.parametrize("first", ["sync", "replay"])
def test_a_sync_and_a_replay_that_wait_become_one_sync(control_plane: ControlPlane, tenant: Tenant, first: str) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        one = session.sync_runs.request(tenant.connection, "ann", kind="sync" if first == "sync" else "replay")
        two = session.sync_runs.request(tenant.connection, "ann", kind="replay" if first == "sync" else "sync")
        assert (two.id, two.kind, two.absorbed_replay) == (one.id, "sync", True)
        assert session.sync_runs.request(tenant.connection, "bob", kind="replay").absorbed_replay
    (claimed,) = claim(control_plane)
    assert claimed.kind == "sync"


def test_a_replay_is_claimed_as_one_and_waits_for_the_run_before_it(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.request(tenant.connection, "ann")
    (running,) = claim(control_plane)
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.start(running.sync_run_id, "run 1")
        session.sync_runs.request(tenant.connection, "ann", kind="replay")
    assert claim(control_plane) == []
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.finish(running.sync_run_id, 1)
    (claimed,) = claim(control_plane)
    assert (claimed.kind, claimed.requested_by) == ("replay", "ann")


def test_the_schedule_turns_a_waiting_replay_into_a_sync(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.request(tenant.connection, "ann", kind="replay")
    now = datetime.now(UTC)
    with control_plane.operator_session() as operator:
        assert operator.request_due(operator.due_connections(now, None, 10), now) == 1
    assert waiting(control_plane, tenant) == [("sync", "ann", True)]


@pytest.mark.parametrize(
    ("claimed", "newer"), [("sync", "replay"), ("replay", "sync"), ("replay", "replay"), ("sync", "sync")]
)
def test_a_claim_that_gives_way_leaves_its_work_to_the_newer_request(
    control_plane: ControlPlane, tenant: Tenant, claimed: str, newer: str
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.request(tenant.connection, "ann", kind="sync" if claimed == "sync" else "replay")
    (older,) = claim(control_plane)
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.request(tenant.connection, "ann", kind="sync" if newer == "sync" else "replay")
    with control_plane.operator_session() as operator:
        operator.release(older)
    kind = "sync" if "sync" in (claimed, newer) else "replay"
    assert waiting(control_plane, tenant) == [(kind, "ann", claimed != newer)]


def test_a_replay_says_nothing_of_the_connection(control_plane: ControlPlane) -> None:
    tenant = new_tenant(control_plane, "fresh")
    with control_plane.tenant_session(tenant.id) as session:
        session.connections.hold(tenant.connection)  # in Safe Mode
        failed = session.sync_runs.request(tenant.connection, "ann")
        session.sync_runs.fail(failed.id, "SourceUnavailable", "gone")
        before = session.connections.get(tenant.connection)
        replay = session.sync_runs.request(tenant.connection, "ann", kind="replay")
        started = session.sync_runs.start(replay.id, "run 1")
        assert not started.is_sample
        session.sync_runs.record_stream(replay.id, "deals", {"replayed": 3})
        assert session.tenants.current().stale_since is None
        session.sync_runs.finish(replay.id, 7)
        assert session.connections.get(tenant.connection) == before
        assert session.tenants.current().stale_since is not None
        assert waiting(control_plane, tenant) == []
        # Nor does one that fails, whoever says so.
        second = session.sync_runs.request(tenant.connection, "ann", kind="replay")
        session.sync_runs.fail(second.id, "X", "y")
        third = session.sync_runs.request(tenant.connection, "ann", kind="replay")
        session.sync_runs.start(third.id, "run 3")
        assert session.funnel.counts().healing == 1
    with control_plane.operator_session() as operator:
        assert operator.sync_finished("run 3", "failed", Failure("Lost", "The worker died."))
    with control_plane.tenant_session(tenant.id) as session:
        assert session.connections.get(tenant.connection) == before
    assert waiting(control_plane, tenant) == []


def test_a_replay_does_not_close_a_circuit_nor_count_as_the_first_sync(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        for _ in range(5):
            run = session.sync_runs.request(tenant.connection, "schedule")
            session.sync_runs.fail(run.id, "SourceUnavailable", "gone")
        before = session.connections.get(tenant.connection)
        assert before.circuit_open_until is not None and before.last_success_at is None
        replay = session.sync_runs.request(tenant.connection, "ann", kind="replay")
    (claimed,) = claim(control_plane)
    with control_plane.operator_session() as operator:
        operator.launched(claimed, "run 1")
        assert operator.sync_finished("run 1", "succeeded")
    with control_plane.tenant_session(tenant.id) as session:
        assert session.sync_runs.get(replay.id).status == "succeeded"
        assert session.connections.get(tenant.connection) == before


@pytest.mark.parametrize("how", ["fail", "cancel", "lost"])
def test_what_a_failed_sync_was_to_replay_is_asked_for_by_itself(
    control_plane: ControlPlane, tenant: Tenant, how: str
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "schedule")
        session.sync_runs.request(tenant.connection, "ann", kind="replay")
        session.sync_runs.start(run.id, "run 1")
        if how == "fail":
            session.sync_runs.fail(run.id, "SourceUnavailable", "gone")
        elif how == "cancel":
            session.sync_runs.cancel(run.id)
    if how == "lost":
        with control_plane.operator_session() as operator:
            assert operator.sync_finished("run 1", "failed", Failure("Lost", "The worker died."))
    assert waiting(control_plane, tenant) == [("replay", AFTER_DECISION, False)]
    (claimed,) = claim(control_plane)
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.fail(claimed.sync_run_id, "X", "y")  # once, and not again and again
    assert waiting(control_plane, tenant) == []


def test_a_lost_sync_leaves_its_replay_to_the_sync_that_waits(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "ann")
        session.sync_runs.request(tenant.connection, "ann", kind="replay")
        session.sync_runs.start(run.id, "run 1")
        session.sync_runs.request(tenant.connection, "ann")
    with control_plane.operator_session() as operator:
        operator.sync_finished("run 1", "canceled")
    assert waiting(control_plane, tenant) == [("sync", "ann", True)]


def test_a_sync_of_a_deleted_connection_leaves_no_replay(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "ann")
        session.sync_runs.request(tenant.connection, "ann", kind="replay")
        session.sync_runs.start(run.id, "run 1")
        session.connections.delete(tenant.connection)
        session.sync_runs.fail(run.id, "StreamGone", "gone")
    assert waiting(control_plane, tenant) == []


def test_a_sync_that_ended_well_leaves_no_replay(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "ann")
        session.sync_runs.request(tenant.connection, "ann", kind="replay")
        session.sync_runs.finish(run.id, 1)
        due = session.connections.get(tenant.connection).next_due_at
        assert due is not None and due > datetime.now(UTC) + timedelta(minutes=14)
    assert waiting(control_plane, tenant) == []
