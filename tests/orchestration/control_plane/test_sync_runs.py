"""A sync run from request to counts, and what it says on its connection."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from orchestration.control_plane.circuit import FIRST_BACKOFF_S, LONGEST_BACKOFF_S
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import NotFound, NotInState
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


def test_requests_coalesce_while_one_waits_and_not_while_one_runs(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        first = session.sync_runs.request(tenant.connection, "schedule")
        second = session.sync_runs.request(tenant.connection, "user ann")
        assert (second.id, second.requested_by) == (first.id, "user ann")
        assert session.sync_runs.request(tenant.connection, "schedule").requested_by == "user ann"
        session.sync_runs.start(first.id, "run 1")
        assert session.sync_runs.request(tenant.connection, "user ann").id != first.id


def test_counts_are_merged_by_stream_and_summed_at_the_end(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "user ann")
        session.sync_runs.start(run.id, "run 1")
        session.sync_runs.record_stream(run.id, "deals", {"read": 10, "loaded": 9})
        session.sync_runs.record_stream(run.id, "deals", {"loaded": 7, "unchanged": 2, "rejected": 1})
        session.sync_runs.record_stream(run.id, "nul\0name", {"read": 1, "loaded": 1, "deleted": 4, "note": "x"})
        done = session.sync_runs.finish(run.id, 17)
        assert done.streams["deals"] == {"read": 10, "loaded": 7, "unchanged": 2, "rejected": 1}
        assert (done.read, done.loaded, done.rejected, done.unchanged, done.deleted) == (11, 8, 1, 2, 4)
        assert done.balances and done.is_finished and done.snapshot_id == 17
        connection = session.connections.get(tenant.connection)
        assert connection.last_success_at == done.finished_at
        assert connection.next_due_at is not None and connection.next_due_at > datetime.now(UTC)
        assert session.tenants.current().stale_since is not None
        assert [found.id for found in session.sync_runs.list()] == [run.id]
        assert session.sync_runs.list(uuid4()) == []


def test_a_sync_that_changed_nothing_leaves_the_views_fresh(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "user ann")
        session.sync_runs.record_stream(run.id, "deals", {"read": 5, "unchanged": 5})
        session.sync_runs.finish(run.id, None)
        assert session.tenants.current().stale_since is None


def test_a_retry_takes_a_running_sync_over_and_an_ended_one_stays_ended(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "user ann")
        started = session.sync_runs.start(run.id, "run 1")
        taken = session.sync_runs.start(run.id, "run 2")
        assert (taken.dagster_run_id, taken.started_at) == ("run 2", started.started_at)
        session.sync_runs.cancel(run.id)
        for change in (
            lambda: session.sync_runs.start(run.id, "run 3"),
            lambda: session.sync_runs.finish(run.id, 1),
            lambda: session.sync_runs.fail(run.id, "X", "y"),
            lambda: session.sync_runs.cancel(run.id),
        ):
            with pytest.raises(NotInState, match="canceled"):
                change()
        with pytest.raises(NotFound):
            session.sync_runs.record_stream(uuid4(), "deals", {})


def test_two_syncs_of_a_connection_never_run_at_once(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.start(session.sync_runs.request(tenant.connection, "user ann").id, "run 1")
        second = session.sync_runs.request(tenant.connection, "user ann")
        with pytest.raises(NotInState):
            session.sync_runs.start(second.id, "run 2")


def test_a_failure_is_said_on_the_connection_until_the_next_success(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        due = session.connections.get(tenant.connection).next_due_at
        run = session.sync_runs.request(tenant.connection, "user ann")
        failed = session.sync_runs.fail(run.id, "SourceUnavailable", "gone\0", "look again")
        assert (failed.error_code, failed.error_message, failed.error_hint, failed.retryable) == (
            "SourceUnavailable", "gone�", "look again", True,
        )  # fmt: skip
        connection = session.connections.get(tenant.connection)
        assert (connection.status, connection.error, connection.next_due_at) == ("failing", "gone�", due)
        session.sync_runs.finish(session.sync_runs.request(tenant.connection, "user ann").id, 1)
        connection = session.connections.get(tenant.connection)
        assert (connection.status, connection.error, connection.failures_in_a_row) == ("active", None, 0)


def test_what_was_loaded_before_a_failure_counts_and_makes_the_views_stale(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "user ann")
        session.sync_runs.record_stream(run.id, "deals", {"read": 3, "loaded": 2, "rejected": 1})
        session.sync_runs.record_stream(run.id, "gone", {"error": {"code": "stream_gone"}})
        failed = session.sync_runs.fail(run.id, "stream_failed", "a stream is gone")
        assert (failed.read, failed.loaded, failed.balances) == (3, 2, True)
        assert session.tenants.current().stale_since is not None


def test_what_needs_a_person_is_tried_ever_more_rarely_but_never_given_up(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    waits = []
    for _ in range(12):
        with control_plane.tenant_session(tenant.id) as session:
            run = session.sync_runs.request(tenant.connection, "user ann")
            session.sync_runs.fail(run.id, "CredentialsExpired", "expired", retryable=False)
            connection = session.connections.get(tenant.connection)
            assert connection.status == "needs_person" and connection.next_due_at is not None
            waits.append(round((connection.next_due_at - datetime.now(UTC)) / timedelta(minutes=1)))
    assert waits == sorted(waits)
    assert (waits[0], waits[1], waits[-1]) == (FIRST_BACKOFF_S / 60, FIRST_BACKOFF_S / 30, LONGEST_BACKOFF_S / 60)


def test_failing_gives_no_due_time_to_a_connection_synced_by_hand_and_pausing_outlasts_it(
    control_plane: ControlPlane,
) -> None:
    tenant = new_tenant(control_plane, "byhand", schedule=None)
    with control_plane.tenant_session(tenant.id) as session:
        session.connections.set_status(tenant.connection, "paused")
        run = session.sync_runs.request(tenant.connection, "user ann")
        session.sync_runs.fail(run.id, "X", "y", retryable=False)
        connection = session.connections.get(tenant.connection)
        assert (connection.status, connection.next_due_at) == ("paused", None)
