"""Holds and watches: one a drift event or repair, ended once."""

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftChange
from orchestration.control_plane.errors import NotFound, NotInState
from orchestration.control_plane.tenant_session import TenantSession
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers


def drift_of(session: TenantSession, tenant: Tenant, field: str = "amt") -> UUID:
    (event,) = session.drift.report(tenant.connection, [DriftChange("deals", "unit", field)])
    return event.id


def proposal_of(session: TenantSession, tenant: Tenant) -> UUID:
    return session.proposals.add(
        tenant.connection, "deals", kind="unit", status="open", probability=0.7, base_version=1, rules=[]
    ).id


def test_a_drift_event_has_one_hold_from_its_earliest_version_on(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        drift_id, proposal_id = drift_of(session, tenant), proposal_of(session, tenant)
        first = session.holds.place(tenant.connection, "deals", drift_id, 5, ["amt"], "filled")
        assert (first.fields, first.match, first.restore_targets, first.proposal_id) == (["amt"], "filled", [], None)
        again = session.holds.place(
            tenant.connection, "deals", drift_id, 9, ["amt"], "filled", proposal_id, 70, ["amount"]
        )
        assert (again.id, again.since_version, again.proposal_id, again.restore_snapshot) == (
            first.id, 5, proposal_id, 70,
        )  # fmt: skip
        earlier = session.holds.place(tenant.connection, "deals", drift_id, 3, ["amt"], "filled", None, 99)
        assert (earlier.since_version, earlier.proposal_id, earlier.restore_snapshot) == (3, proposal_id, 70)
        assert session.holds.active(tenant.connection) == [earlier]
        assert session.holds.active(uuid4()) == []
        with pytest.raises(NotFound):
            session.holds.place(uuid4(), "deals", drift_id, 1, [], "all")


def test_holds_without_an_event_are_each_their_own(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        placed = [session.holds.place(tenant.connection, "deals", None, 1, [], "all") for _ in range(2)]
        assert session.holds.active(tenant.connection) == placed


def test_a_hold_is_lifted_once_and_the_event_can_be_held_again(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        drift_id = drift_of(session, tenant)
        first = session.holds.place(tenant.connection, "deals", drift_id, 5, ["amt"], "filled")
        lifted = session.holds.lift(first.id, "ann")
        assert lifted.lifted_by == "ann" and lifted.lifted_at is not None
        assert session.holds.active(tenant.connection) == []
        with pytest.raises(NotInState, match="lifted by ann"):
            session.holds.lift(first.id, "bob")
        with pytest.raises(NotFound):
            session.holds.lift(uuid4(), "bob")
        assert session.holds.lift_of(drift_id, "bob") is None
        second = session.holds.place(tenant.connection, "deals", drift_id, 8, ["amt"], "filled")
        assert (second.id != first.id, second.since_version) == (True, 8)
        ended = session.holds.lift_of(drift_id, "bob")
        assert ended is not None and (ended.id, ended.lifted_by) == (second.id, "bob")


def test_two_who_hold_the_same_event_at_once_make_one_hold(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        drift_id = drift_of(session, tenant)
    start = threading.Barrier(4)

    def place(version: int) -> None:
        start.wait()
        with control_plane.tenant_session(tenant.id) as session:
            session.holds.place(tenant.connection, "deals", drift_id, version, ["amt"], "filled")

    threads = [threading.Thread(target=place, args=(version,)) for version in (7, 4, 9, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with control_plane.tenant_session(tenant.id) as session:
        assert [hold.since_version for hold in session.holds.active(tenant.connection)] == [4]


def test_a_watch_counts_syncs_and_ends_once(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        proposal_id = proposal_of(session, tenant)
        watch = session.watches.start(tenant.connection, "deals", proposal_id, 4, 3, 2, {"rejected": 0.01})
        assert (watch.syncs_seen, watch.syncs_wanted, watch.status) == (0, 2, "watching")
        seen = session.watches.seen(watch.id)
        assert (seen.syncs_seen, session.watches.watching(tenant.connection)) == (1, [seen])
        anew = session.watches.start(tenant.connection, "deals", proposal_id, 5, 4, 3, {})
        assert (anew.id, anew.mapping_version, anew.syncs_seen, anew.syncs_wanted) == (watch.id, 5, 0, 3)
        assert session.watches.end(watch.id, "regressed").status == "regressed"
        assert session.watches.watching(tenant.connection) == []
        for change in (lambda: session.watches.seen(watch.id), lambda: session.watches.end(watch.id, "passed")):
            with pytest.raises(NotInState, match="regressed already"):
                change()
        again = session.watches.start(tenant.connection, "deals", proposal_id, 6, 5, 3, {})
        assert again.id != watch.id


def test_deleting_a_connection_ends_what_waits_there(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        kept = session.connections.create("erp", "files", {}).id
        elsewhere = session.holds.place(kept, "deals", None, 1, [], "all")
        hold = session.holds.place(tenant.connection, "deals", drift_of(session, tenant), 1, ["amt"], "all")
        proposal_id = proposal_of(session, tenant)
        watch = session.watches.start(tenant.connection, "deals", proposal_id, 2, 1, 3, {})
        session.connections.delete(tenant.connection)
        assert session.holds.get(hold.id).lifted_by == "policy"
        assert session.proposals.get(proposal_id).status == "superseded"
        assert session.watches.get(watch.id).status == "stopped"
        assert session.holds.active(kept) == [elsewhere]
        expires_at = session.proposals.get(proposal_id).expires_at
        assert expires_at is not None
    with control_plane.operator_session() as operator:
        assert operator.expiring_approvals(expires_at + timedelta(days=1), 10) == []
