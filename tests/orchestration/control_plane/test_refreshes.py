"""View refreshes and publications."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import NotFound, NotInState
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers


def test_requests_for_a_refresh_coalesce(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        assert session.refreshes.latest() is None
        first = session.refreshes.request()
        assert session.refreshes.request() == first == session.refreshes.latest()
        session.refreshes.start(first.id, "run 1")
        second = session.refreshes.request()
        assert second.id != first.id
        with pytest.raises(NotInState):
            session.refreshes.start(second.id, "run 2")
        assert session.refreshes.start(first.id, "run 3").dagster_run_id == "run 3"


def test_a_refresh_makes_the_tenant_fresh_from_its_start_and_stale_when_it_fails(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.tenants.mark_stale()
        since = session.tenants.current().stale_since
        session.tenants.mark_stale()
        assert session.tenants.current().stale_since == since
        run = session.refreshes.request()
        session.refreshes.start(run.id, "run 1")
        assert session.tenants.current().stale_since is None
        failed = session.refreshes.fail(run.id, "X", "message", "hint", retryable=False)
        assert failed.is_finished and failed.error_hint == "hint"
        assert session.tenants.current().stale_since is not None
        with pytest.raises(NotInState, match="failed"):
            session.refreshes.finish(run.id)
        with pytest.raises(NotFound):
            session.refreshes.finish(uuid4())


def test_a_finished_refresh_keeps_its_summary(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.refreshes.request()
        assert session.refreshes.finish(run.id, {"accounts": {"rows": 3}}).published == {"accounts": {"rows": 3}}
        assert session.refreshes.get(run.id).status == "succeeded"


def test_publishing_moves_the_pointer_and_keeps_the_old_until_forgotten(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        assert session.publications.current() is None
        first = session.publications.publish(1, "/1", {"accounts": {"rows": 3}})
        second = session.publications.publish(2, "/2", {})
        assert session.publications.current() == second
        assert session.publications.superseded(datetime.now(UTC) - timedelta(hours=1)) == []
        (old,) = session.publications.superseded(datetime.now(UTC) + timedelta(hours=1))
        assert (old.id, old.views) == (first.id, {"accounts": {"rows": 3}})
        with pytest.raises(NotInState):
            session.publications.forget(second.id)
        session.publications.forget(first.id)
        with pytest.raises(NotFound):
            session.publications.forget(first.id)


def test_a_sync_whose_records_are_all_held_is_published_too_for_whoever_decides(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        connection_id = session.connections.create("held", "files", {"path": "/x"}).id
        for counts, is_stale in (
            ({"read": 2, "landed": 0, "held": 2}, False),
            ({"read": 2, "landed": 2, "held": 2}, True),
        ):
            run = session.sync_runs.request(connection_id, "policy")
            session.sync_runs.start(run.id, "run")
            session.sync_runs.record_stream(run.id, "people", counts)
            session.sync_runs.finish(run.id, None)
            assert (session.tenants.current().stale_since is not None) is is_stale
