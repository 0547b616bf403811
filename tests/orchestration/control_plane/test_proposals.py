"""Repair proposals: added, refreshed, decided once, taken back, voted on."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftChange
from orchestration.control_plane.errors import NotFound, NotInState
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.tenant_session import TenantSession
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers

RULE = {"source": "company", "target": "name", "since": 3}


def drift_of(session: TenantSession, tenant: Tenant, field: str = "nm") -> UUID:
    """An open event."""
    (event,) = session.drift.report(tenant.connection, [DriftChange("accounts", "renamed", field)])
    return event.id


def add(session: TenantSession, tenant: Tenant, drift_id: UUID | None = None, **values: Any) -> ProposalRecord:
    """A proposal with what matters here not said."""
    given = {"kind": "renamed", "status": "open", "probability": 0.7, "base_version": 1, "rules": [RULE], **values}
    return session.proposals.add(tenant.connection, "accounts", drift_id=drift_id, **given)


def test_an_open_proposal_keeps_what_was_proposed_and_expires_after_the_tenants_days(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.repair_settings.set("ann", approval_days=2)
        drift_id = drift_of(session, tenant)
        made = add(session, tenant, drift_id, reasons=["a key"], impact={"held": 3}, entity="account")
        assert made == session.proposals.get(made.id) == session.proposals.open_for(drift_id)
        assert (made.rules, made.reasons, made.impact, made.decided_at) == ([RULE], ["a key"], {"held": 3}, None)
        assert made.expires_at is not None
        assert timedelta(days=2) - timedelta(minutes=1) < made.expires_at - datetime.now(UTC) <= timedelta(days=2)
        assert session.proposals.list("open") == session.proposals.list(connection_id=tenant.connection) == [made]
        assert session.proposals.list("applied") == session.proposals.list(connection_id=uuid4()) == []


def test_one_that_policy_applied_is_decided_from_the_start(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = add(session, tenant, drift_of(session, tenant), status="applied", applied_version=2)
        assert (made.decided_by, made.applied_version, made.expires_at) == ("policy", 2, None)
        assert made.decided_at is not None
        with pytest.raises(NotInState, match="applied already, by policy"):
            session.proposals.settle(made.id, "rejected", "ann")


def test_a_drift_event_has_one_waiting_proposal_at_a_time(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        drift_id = drift_of(session, tenant)
        first = add(session, tenant, drift_id, status="refused")
        with pytest.raises(NotInState, match="waits already"):
            add(session, tenant, drift_id)
        session.proposals.settle(first.id, "superseded", "policy")
        assert session.proposals.open_for(drift_id) is None
        second = add(session, tenant, drift_id)
        assert session.proposals.open_for(drift_id) == second
        assert add(session, tenant).drift_id is add(session, tenant).drift_id is None  # those without an event are free


def test_newer_evidence_refreshes_one_that_waits_and_no_other(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        refused = add(session, tenant, drift_of(session, tenant), status="refused", probability=0.5)
        assert refused.expires_at is None
        surer = session.proposals.refresh(refused.id, status="open", probability=0.65, reasons=["more rows"])
        assert (surer.status, surer.probability, surer.rules, surer.revision) == ("open", 0.65, [RULE], 1)
        assert surer.expires_at is not None
        with pytest.raises(ValueError, match="decided_by"):
            session.proposals.refresh(refused.id, decided_by="ann")
        with pytest.raises(ValueError, match="status"):
            session.proposals.refresh(refused.id, status="approved")
        session.proposals.settle(refused.id, "rejected", "ann", note="no")
        with pytest.raises(NotInState, match="rejected already, by ann"):
            session.proposals.refresh(refused.id, probability=0.9)


def test_a_decision_is_taken_once_and_only_one_in_force_is_taken_back(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = add(session, tenant, drift_of(session, tenant))
        with pytest.raises(NotInState, match="nobody has decided"):
            session.proposals.settle(made.id, "undone", "ann")
        approved = session.proposals.settle(made.id, "approved", "ann", "looks right", applied_version=4)
        assert (approved.status, approved.decided_by, approved.note) == ("approved", "ann", "looks right")
        with pytest.raises(NotInState, match="approved already, by ann"):
            session.proposals.settle(made.id, "approved", "bob")
        undone = session.proposals.settle(made.id, "undone", "bob")
        assert (undone.status, undone.decided_by, undone.note, undone.applied_version) == (
            "undone", "bob", "looks right", 4,
        )  # fmt: skip
        for status in ("undone", "rolled_back", "approved"):
            with pytest.raises(NotInState, match="undone already, by bob"):
                session.proposals.settle(made.id, status, "eve")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="open"):
            session.proposals.settle(made.id, "open", "eve")


def test_of_two_who_decide_at_once_exactly_one_does(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = add(session, tenant, drift_of(session, tenant))
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def decide(who: str, status: Any) -> None:
        start.wait()
        try:
            with control_plane.tenant_session(tenant.id) as session:
                outcomes.append(session.proposals.settle(made.id, status, who).decided_by or "")
        except NotInState:
            outcomes.append("refused")

    people = [threading.Thread(target=decide, args=(f"p{n}", ("approved", "rejected")[n % 2])) for n in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with control_plane.tenant_session(tenant.id) as session:
        winner = session.proposals.get(made.id).decided_by
    assert sorted(outcomes) == sorted([winner, "refused", "refused", "refused"])


def test_a_person_has_one_vote_and_may_change_it(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = add(session, tenant, drift_of(session, tenant))
        session.proposals.vote(made.id, "ann", "approve", {"candidate": 1})
        session.proposals.vote(made.id, "ann", "reject")
        votes = session.proposals.vote(made.id, "bob", "approve", {"candidate": 1})
        assert [(vote.voter, vote.verdict, vote.payload) for vote in votes] == [
            ("ann", "reject", None), ("bob", "approve", {"candidate": 1}),
        ]  # fmt: skip
        session.proposals.settle(made.id, "approved", "bob")
        with pytest.raises(NotInState, match="approved already"):
            session.proposals.vote(made.id, "eve", "approve")
        assert session.proposals.votes(made.id) == votes


def test_votes_on_other_rules_do_not_count_for_new_ones(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = add(session, tenant, drift_of(session, tenant))
        session.proposals.vote(made.id, "ann", "approve")
        same = session.proposals.refresh(made.id, rules=[dict(RULE)], evidence={"compared": 9})
        assert (same.revision, len(session.proposals.votes(made.id))) == (1, 1)
        other = session.proposals.refresh(made.id, rules=[{**RULE, "source": "firm"}])
        assert (other.revision, session.proposals.votes(made.id)) == (2, [])
        (vote,) = session.proposals.vote(made.id, "bob", "approve")
        assert (vote.voter, vote.revision) == ("bob", 2)


def test_two_who_vote_at_once_see_each_other(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        made = add(session, tenant, drift_of(session, tenant))
    seen: list[int] = []
    start = threading.Barrier(3)

    def vote(who: str) -> None:
        start.wait()
        with control_plane.tenant_session(tenant.id) as session:
            seen.append(len(session.proposals.vote(made.id, who, "approve")))

    people = [threading.Thread(target=vote, args=(f"p{n}",)) for n in range(3)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(seen) == [1, 2, 3]


def test_what_nobody_decided_in_time_is_found_and_waits_on(control_plane: ControlPlane, tenant: Tenant) -> None:
    now = datetime.now(UTC)
    other = new_tenant(control_plane, "other")
    with control_plane.tenant_session(other.id) as session:
        add(session, other)
    with control_plane.tenant_session(tenant.id) as session:
        over = add(session, tenant, expires_at=now - timedelta(hours=1))
        decided = add(session, tenant, expires_at=now - timedelta(hours=2))
        session.proposals.settle(decided.id, "rejected", "ann")
    with control_plane.operator_session() as operator:
        (found,) = operator.expiring_approvals(now, 10)
        assert (found.tenant_id, found.proposal_id, found.expires_at) == (tenant.id, over.id, over.expires_at)
        assert set(operator.tenants_with_open_approvals(None, 10)) == {tenant.id, other.id}
        assert operator.tenants_with_open_approvals(max(tenant.id, other.id), 10) == []
    with control_plane.tenant_session(tenant.id) as session:
        escalated = session.proposals.escalate(over.id, now + timedelta(days=7))
        assert (escalated.status, escalated.expires_at) == ("open", now + timedelta(days=7))
        assert escalated.escalated_at is not None
        with pytest.raises(NotInState, match="rejected"):
            session.proposals.escalate(decided.id, now + timedelta(days=7))
    with control_plane.operator_session() as operator:
        assert operator.expiring_approvals(now, 10) == []


def test_another_tenants_proposal_is_not_there(control_plane: ControlPlane, tenant: Tenant) -> None:
    other = new_tenant(control_plane, "other")
    with control_plane.tenant_session(other.id) as session:
        theirs = add(session, other)
    with control_plane.tenant_session(tenant.id) as session:
        for attempt in (
            lambda: session.proposals.get(theirs.id),
            lambda: session.proposals.settle(theirs.id, "approved", "ann"),
            lambda: session.proposals.vote(theirs.id, "ann", "approve"),
        ):
            with pytest.raises(NotFound):
                attempt()
