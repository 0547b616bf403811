"""Requests on their way to a run: claimed once, in a fair order, released, ended."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.dispatch import ClaimedSync
from orchestration.control_plane.failure import Failure
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


def _connections(control_plane: ControlPlane, tenant: Tenant, count: int, requested_by: str) -> list[UUID]:
    """More connections of the tenant, with a sync of each requested."""
    made = []
    with control_plane.tenant_session(tenant.id) as session:
        for number in range(count):
            made.append(session.connections.create(f"{requested_by} {number}", "files", {}).id)
            session.sync_runs.request(made[-1], requested_by)
    return made


def _claim(control_plane: ControlPlane, limit: int) -> list[ClaimedSync]:
    with control_plane.operator_session() as operator:
        return list(operator.claim_syncs(limit))


def test_many_claimers_at_once_claim_every_request_once(control_plane: ControlPlane, tenant: Tenant) -> None:
    wanted = _connections(control_plane, tenant, 40, "user ann")
    with ThreadPoolExecutor(6) as threads:
        first = [claim for claims in threads.map(lambda _: _claim(control_plane, 10), range(6)) for claim in claims]
    rest = _claim(control_plane, 100)
    assert sorted(claim.connection_id for claim in first + rest) == sorted(wanted)


def test_a_connection_with_an_active_run_is_not_claimed(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.request(tenant.connection, "user ann")
    (claim,) = _claim(control_plane, 10)
    with control_plane.tenant_session(tenant.id) as session:
        again = session.sync_runs.request(tenant.connection, "user ann")
    assert _claim(control_plane, 10) == []
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.start(claim.sync_run_id, "run 1")
    assert _claim(control_plane, 10) == []
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.finish(claim.sync_run_id, 1)
    assert [found.sync_run_id for found in _claim(control_plane, 10)] == [again.id]


def test_people_go_before_the_schedule_and_tenants_take_turns(control_plane: ControlPlane, tenant: Tenant) -> None:
    small = new_tenant(control_plane, "small")
    _connections(control_plane, tenant, 6, "schedule")
    _connections(control_plane, small, 2, "schedule")
    _connections(control_plane, tenant, 1, "user ann")
    assert [claim.requested_by for claim in _claim(control_plane, 1)] == ["user ann"]
    # The big tenant asked first and has a run already: of the next three the small one gets two.
    turns = [claim.tenant_id for claim in _claim(control_plane, 3)]
    assert sorted(turns) == sorted([small.id, small.id, tenant.id])


def test_a_released_claim_can_be_claimed_again_and_coalesces_with_a_newer_request(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.request(tenant.connection, "user ann")
    (claim,) = _claim(control_plane, 1)
    with control_plane.operator_session() as operator:
        operator.release(claim)
    (again,) = _claim(control_plane, 1)
    assert again == claim
    with control_plane.tenant_session(tenant.id) as session:
        newer = session.sync_runs.request(tenant.connection, "user ann")
    with control_plane.operator_session() as operator:
        operator.release(again)
    with control_plane.tenant_session(tenant.id) as session:
        assert session.sync_runs.get(again.sync_run_id).status == "canceled"
        assert session.sync_runs.get(newer.id).status == "requested"


def test_a_claim_that_was_never_launched_is_found(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.request(tenant.connection, "user ann")
        session.refreshes.request()
    later = datetime.now(UTC) + timedelta(hours=1)
    with control_plane.operator_session() as operator:
        (sync,), (refresh,) = operator.claim_syncs(5), operator.claim_refreshes(5)
        assert {run.id for run in operator.unlaunched(later)} == {sync.sync_run_id, refresh.refresh_id}
        assert operator.unlaunched(datetime.now(UTC) - timedelta(hours=1)) == []
        operator.launched(sync, "run 1")
        operator.launched(sync, "run 2")
        assert [run.id for run in operator.unlaunched(later)] == [refresh.refresh_id]
        runs = {run.id: run for run in operator.active_runs()}
    assert runs[sync.sync_run_id].dagster_run_id == "run 1"
    assert (runs[sync.sync_run_id].connection_id, runs[refresh.refresh_id].connection_id) == (tenant.connection, None)


def test_what_dagster_says_ends_a_sync_once_and_never_changes_an_end(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "user ann")
        session.sync_runs.start(run.id, "run 1")
    with control_plane.operator_session() as operator:
        assert not operator.sync_finished("another run", "failed")
        assert operator.sync_finished("run 1", "failed", Failure("Lost", "The worker\0 died.", "Try again."))
        assert not operator.sync_finished("run 1", "succeeded")
    with control_plane.tenant_session(tenant.id) as session:
        ended = session.sync_runs.get(run.id)
        assert (ended.status, ended.error_code, ended.error_message) == ("failed", "Lost", "The worker� died.")
        assert session.tenants.current().stale_since is not None
        connection = session.connections.get(tenant.connection)
        assert (connection.status, connection.error, connection.failures_in_a_row) == (
            "failing",
            "The worker� died.",
            1,
        )


def test_the_end_of_a_run_that_was_taken_over_says_nothing_of_its_successor(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "user ann")
        session.sync_runs.start(run.id, "run 1")
        session.sync_runs.start(run.id, "run 2")
    with control_plane.operator_session() as operator:
        assert not operator.sync_finished("run 1", "failed")
        assert [found.dagster_run_id for found in operator.active_runs()] == ["run 2"]


def test_a_refresh_that_failed_leaves_its_tenant_stale(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.refreshes.request()
        session.refreshes.start(run.id, "run 1")
    with control_plane.operator_session() as operator:
        assert operator.claim_refreshes(5) == []
        assert operator.refresh_finished("run 1", "canceled")
        assert not operator.refresh_finished("run 1", "succeeded")
    with control_plane.tenant_session(tenant.id) as session:
        assert session.refreshes.get(run.id).status == "canceled"
        assert session.tenants.current().stale_since is not None
