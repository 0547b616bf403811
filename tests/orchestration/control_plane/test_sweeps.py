"""Sweeps across tenants: what came and went, what is due, whose views are stale."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from orchestration.control_plane.bulk import register_many
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.provisioning import APP, OPERATOR
from orchestration.control_plane.schedule import Schedule
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


def test_changes_come_in_order_and_a_deletion_is_one(control_plane: ControlPlane, tenant: Tenant) -> None:
    other = new_tenant(control_plane, "other")
    with control_plane.tenant_session(tenant.id) as session:
        session.connections.set_status(tenant.connection, "paused")  # no change of keys
        session.connections.delete(tenant.connection)
    with control_plane.operator_session() as operator:
        changes = operator.connection_keys(0, 10)
        assert [(c.connection_id, c.deleted) for c in changes] == [(other.connection, False), (tenant.connection, True)]
        assert operator.connection_keys(changes[0].seq, 10) == changes[1:]
        assert operator.connection_keys(0, 1) == changes[:1]
        assert [change.tenant_id for change in operator.tenant_ids(0, 10)] == [tenant.id, other.id]


def test_a_reader_of_changes_waits_for_a_writer_with_a_smaller_number(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    def changes() -> list[str]:
        with control_plane.operator_session() as operator:
            return [str(change.connection_id) for change in operator.connection_keys(0, 10)]

    with ThreadPoolExecutor(1) as threads:
        with control_plane.tenant_session(tenant.id) as slow:
            first = slow.connections.create("slow", "files", {})
            with control_plane.tenant_session(tenant.id) as quick:
                second = quick.connections.create("quick", "files", {})
            reading = threads.submit(changes)
            with pytest.raises(TimeoutError):
                reading.result(timeout=0.5)
        assert reading.result(timeout=10) == [str(tenant.connection), str(first.id), str(second.id)]


def test_reading_changes_holds_no_lock_after_it(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.operator_session() as operator:
        operator.connection_keys(0, 10)
        with control_plane.tenant_session(tenant.id) as session:
            session.connections.create("meanwhile", "files", {})
        assert len(operator.connection_keys(0, 10)) == 2


def test_a_due_connection_is_asked_for_once_and_moved_on(control_plane: ControlPlane, tenant: Tenant) -> None:
    now = datetime.now(UTC)
    with control_plane.operator_session() as operator:
        due = operator.due_connections(now, None, 10)
        assert [item.connection_id for item in due] == [tenant.connection]
        assert operator.request_due(due, now) == 1
        assert operator.request_due(due, now) == 0  # another sweep with the same list
        assert operator.due_connections(now, None, 10) == []
        assert operator.request_due([], now) == 0
    with control_plane.tenant_session(tenant.id) as session:
        (run,) = session.sync_runs.list()
        assert (run.status, run.requested_by) == ("requested", "schedule")
        assert session.connections.get(tenant.connection).next_due_at == due[0].next_due_at + timedelta(minutes=15)


def test_a_connection_already_asked_for_is_moved_on_without_a_second_request(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    now = datetime.now(UTC)
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.request(tenant.connection, "user ann")
    with control_plane.operator_session() as operator:
        assert operator.request_due(operator.due_connections(now, None, 10), now) == 0
        assert operator.due_connections(now, None, 10) == []


def test_paused_deleted_and_unscheduled_connections_are_not_due(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.connections.set_status(tenant.connection, "paused")
        gone = session.connections.create("gone", "files", {}, schedule=Schedule(interval_s=60))
        session.connections.delete(gone.id)
        session.connections.create("by hand", "files", {})
        session.connections.create("monthly", "files", {}, schedule=Schedule(cron="0 0 1 1 *"))
    with control_plane.operator_session() as operator:
        assert operator.due_connections(datetime.now(UTC), None, 10) == []


def test_ten_thousand_connections_are_swept_page_by_page_each_once(
    control_plane: ControlPlane, database: Database
) -> None:
    now = datetime.now(UTC)
    due_at = now - timedelta(minutes=5)
    made = register_many(
        database.url(APP), database.url(OPERATOR), 2_500, 4, schedule=Schedule(cron="0 6 * * *"), due_at=due_at
    )
    seen, place = [], None
    with control_plane.operator_session() as operator:
        while page := operator.due_connections(now, place, 3_000):
            seen += page
            place = (page[-1].next_due_at, page[-1].connection_id)
        assert len({item.connection_id for item in seen}) == len(seen) == 10_000
        assert operator.request_due(seen, now) == 10_000
        assert len({claim.tenant_id for claim in operator.claim_syncs(2_500)}) == len(made)


def test_a_tenant_is_stale_until_a_refresh_is_asked_for_and_rests_after_a_failure(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    now = datetime.now(UTC) + timedelta(seconds=5)
    with control_plane.operator_session() as operator:
        assert operator.stale_tenants(now, 60, 10) == []
    with control_plane.tenant_session(tenant.id) as session:
        session.tenants.mark_stale()
    with control_plane.operator_session() as operator:
        assert operator.stale_tenants(now, 60, 10) == [tenant.id]
        assert operator.request_refreshes([tenant.id, tenant.id]) == 1
        assert operator.request_refreshes([tenant.id]) == 0
        assert operator.stale_tenants(now, 60, 10) == []
        (claim,) = operator.claim_refreshes(1)
    with control_plane.tenant_session(tenant.id) as session:
        session.refreshes.fail(claim.refresh_id, "X", "y")
    with control_plane.operator_session() as operator:
        assert operator.stale_tenants(now, 60, 10) == []
        assert operator.stale_tenants(now + timedelta(minutes=2), 60, 10) == [tenant.id]
