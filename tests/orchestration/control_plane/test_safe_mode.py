"""Safe Mode: syncs are samples until policy or a person lifts it, and each lift is in the history."""

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.safe_mode import FOLLOW_UP, POLICY, RiskLevel
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.control_plane.tenant_session import TenantSession
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers


def synced(session: TenantSession, connection_id: object, requested_by: str = "user ann") -> SyncRunRecord:
    """A sync that ends well."""
    run = session.sync_runs.request(connection_id, requested_by)  # type: ignore[arg-type]
    session.sync_runs.start(run.id, "a dagster run")
    session.sync_runs.record_stream(run.id, "deals", {"read": 20, "loaded": 20})
    return session.sync_runs.finish(run.id, 1)


@pytest.mark.parametrize(
    ("kind", "risk", "starts_safe"), [("files", "low", False), ("files", "medium", True), ("mongodb", "low", True)]
)
def test_a_new_connection_starts_in_safe_mode_but_for_local_files(
    control_plane: ControlPlane, tenant: Tenant, kind: str, risk: RiskLevel, starts_safe: bool
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = session.connections.create("new", kind, {}, risk_level=risk)
        assert made.safe_mode is starts_safe
        assert made.safe_mode_lifted_by == (None if starts_safe else POLICY)
        assert synced(session, made.id).is_sample is starts_safe


def test_policy_lifts_after_a_good_sample_of_low_risk_and_asks_for_the_full_sync(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = session.connections.create("new", "mongodb", {})
        sample = synced(session, made.id)
        assert sample.is_sample
        lifted = session.connections.get(made.id)
        assert (lifted.safe_mode, lifted.safe_mode_lifted_by) == (False, POLICY)
        assert lifted.safe_mode_lifted_at is not None
        (event,) = [event for event in session.audit.list() if event.action == "connection.safe_mode_lifted"]
        assert (event.actor, event.data["sample"]) == (POLICY, str(sample.id))
        follow_up = session.sync_runs.list(made.id)[0]
        assert (follow_up.status, follow_up.requested_by) == ("requested", FOLLOW_UP)
        session.sync_runs.start(follow_up.id, "the next run")
        assert not session.sync_runs.finish(follow_up.id, 2).is_sample
        assert [run.status for run in session.sync_runs.list(made.id)] == ["succeeded", "succeeded"]


@pytest.mark.parametrize("risk", ["medium", "high"])
def test_above_low_risk_a_person_lifts(control_plane: ControlPlane, tenant: Tenant, risk: RiskLevel) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = session.connections.create("new", "mongodb", {}, risk_level=risk)
        assert synced(session, made.id).is_sample
        assert synced(session, made.id).is_sample
        assert session.connections.get(made.id).safe_mode
        session.connections.lift(made.id, "user ann")
        assert session.connections.get(made.id).safe_mode_lifted_by == "user ann"
        assert not synced(session, made.id).is_sample
        session.connections.hold(made.id)
        assert synced(session, made.id).is_sample


def test_what_a_person_holds_policy_does_not_lift(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        held = session.connections.hold(tenant.connection)
        assert (held.safe_mode, held.safe_mode_lifted_by, held.risk_level) == (True, None, "medium")
        assert synced(session, tenant.connection).is_sample
        assert session.connections.get(tenant.connection).safe_mode


@pytest.mark.parametrize("retryable", [True, False])
def test_a_failed_sample_lifts_nothing(control_plane: ControlPlane, tenant: Tenant, retryable: bool) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = session.connections.create("new", "mongodb", {})
        run = session.sync_runs.request(made.id, "user ann")
        session.sync_runs.start(run.id, "a run")
        assert session.sync_runs.fail(run.id, "timeout", "late", retryable=retryable).is_sample
        assert session.connections.get(made.id).safe_mode
        assert len(session.sync_runs.list(made.id)) == 1


def test_lifting_while_a_sample_runs_leaves_it_a_sample_and_the_full_sync_follows(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = session.connections.create("new", "mongodb", {}, risk_level="high")
        run = session.sync_runs.request(made.id, "user ann")
        session.sync_runs.start(run.id, "run 1")
        session.connections.lift(made.id, "user ann")
        assert session.sync_runs.start(run.id, "run 2").is_sample  # taken over after its worker was lost
        session.sync_runs.finish(run.id, 1)
        assert session.sync_runs.list(made.id)[0].requested_by == FOLLOW_UP


def test_a_sample_of_a_paused_or_deleted_connection_asks_for_nothing(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        for name in ("paused", "deleted"):
            made = session.connections.create(name, "mongodb", {})
            run = session.sync_runs.request(made.id, "user ann")
            session.sync_runs.start(run.id, name)
            if name == "paused":
                session.connections.set_status(made.id, "paused")
            else:
                session.connections.delete(made.id)
            assert session.sync_runs.finish(run.id, 1).status == "succeeded"
            assert [found.id for found in session.sync_runs.list(made.id)] == [run.id]
