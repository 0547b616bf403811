"""The circuit breaker: failures in a row open it, the schedule keeps away, a person may try, success closes it."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from orchestration.control_plane.circuit import FAILURES_THAT_OPEN, FIRST_BACKOFF_S
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.failure import Failure
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers
LATE = timedelta(days=2)


def fail(control_plane: ControlPlane, tenant: Tenant, retry_after_s: float | None = None) -> None:
    """One failed sync, as the run itself reports it."""
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "user ann")
        session.sync_runs.fail(run.id, "timeout", "late", retry_after_s=retry_after_s)


def open_circuit(control_plane: ControlPlane, tenant: Tenant) -> None:
    for _ in range(FAILURES_THAT_OPEN):
        fail(control_plane, tenant)


def half_open(database: Database) -> None:
    """The waiting time passes."""
    with database.superuser() as connection:
        passed = "UPDATE connections SET circuit_open_until = clock_timestamp(), next_due_at = clock_timestamp()"
        connection.execute(sa.text(passed))


def test_it_opens_at_the_fifth_failure_and_for_longer_each_time(control_plane: ControlPlane, tenant: Tenant) -> None:
    waits: list[float] = []
    for failure in range(1, FAILURES_THAT_OPEN + 3):
        fail(control_plane, tenant)
        with control_plane.tenant_session(tenant.id) as session:
            connection = session.connections.get(tenant.connection)
        assert (connection.circuit_open_until is not None) == (failure >= FAILURES_THAT_OPEN)
        assert connection.status == "failing"
        if connection.circuit_open_until is not None:
            assert connection.next_due_at is not None and connection.next_due_at >= connection.circuit_open_until
            waits.append((connection.circuit_open_until - datetime.now(UTC)).total_seconds())
    assert [round(wait / FIRST_BACKOFF_S) for wait in waits] == [1, 2, 4]


def test_while_it_is_open_the_schedule_keeps_away_and_then_makes_one_trial(
    control_plane: ControlPlane, tenant: Tenant, database: Database
) -> None:
    open_circuit(control_plane, tenant)
    with control_plane.tenant_session(tenant.id) as session:
        waiting = session.sync_runs.request(tenant.connection, "schedule")
    with control_plane.operator_session() as operator:
        assert operator.due_connections(datetime.now(UTC), None, 10) == []
        assert operator.claim_syncs(10) == []
    half_open(database)
    with control_plane.operator_session() as operator:
        assert len(operator.due_connections(datetime.now(UTC), None, 10)) == 1
        assert [claim.sync_run_id for claim in operator.claim_syncs(10)] == [waiting.id]
        assert operator.claim_syncs(10) == []
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.fail(waiting.id, "timeout", "late again")
        assert session.connections.get(tenant.connection).circuit_open_until > datetime.now(UTC)  # type: ignore[operator]


def test_an_open_circuit_is_not_due_even_when_its_time_has_come(
    control_plane: ControlPlane, tenant: Tenant, database: Database
) -> None:
    open_circuit(control_plane, tenant)
    with database.superuser() as connection:
        connection.execute(sa.text("UPDATE connections SET next_due_at = clock_timestamp()"))
    with control_plane.operator_session() as operator:
        assert operator.due_connections(datetime.now(UTC), None, 10) == []
        assert len(operator.due_connections(datetime.now(UTC) + LATE, None, 10)) == 1


def test_a_persons_sync_goes_through_and_success_closes_it(control_plane: ControlPlane, tenant: Tenant) -> None:
    open_circuit(control_plane, tenant)
    with control_plane.tenant_session(tenant.id) as session:
        asked = session.sync_runs.request(tenant.connection, "user ann")
    with control_plane.operator_session() as operator:
        assert [claim.sync_run_id for claim in operator.claim_syncs(10)] == [asked.id]
    with control_plane.tenant_session(tenant.id) as session:
        session.sync_runs.finish(asked.id, 1)
        connection = session.connections.get(tenant.connection)
        assert (connection.circuit_open_until, connection.failures_in_a_row, connection.status) == (None, 0, "active")


def test_what_the_source_asks_for_moves_the_next_time(control_plane: ControlPlane, tenant: Tenant) -> None:
    fail(control_plane, tenant, retry_after_s=3_000)
    with control_plane.tenant_session(tenant.id) as session:
        connection = session.connections.get(tenant.connection)
    assert connection.circuit_open_until is None and connection.next_due_at is not None
    assert abs((connection.next_due_at - datetime.now(UTC)).total_seconds() - 3_000) < 60


def test_a_failure_that_only_dagster_knows_of_counts_as_well(control_plane: ControlPlane, tenant: Tenant) -> None:
    for number in range(FAILURES_THAT_OPEN):
        with control_plane.tenant_session(tenant.id) as session:
            run = session.sync_runs.request(tenant.connection, "user ann")
            session.sync_runs.start(run.id, f"run {number}")
        with control_plane.operator_session() as operator:
            lost = Failure("rate_limited", "slow down", retry_after_s=7_200)
            assert operator.sync_finished(f"run {number}", "failed", lost)
    with control_plane.tenant_session(tenant.id) as session:
        connection = session.connections.get(tenant.connection)
        assert connection.circuit_open_until is not None
        assert abs((connection.circuit_open_until - datetime.now(UTC)).total_seconds() - 7_200) < 60
        run = session.sync_runs.request(tenant.connection, "user ann")
        session.sync_runs.start(run.id, "the trial")
    with control_plane.operator_session() as operator:
        assert operator.sync_finished("the trial", "succeeded")
    with control_plane.tenant_session(tenant.id) as session:
        assert session.connections.get(tenant.connection).circuit_open_until is None
