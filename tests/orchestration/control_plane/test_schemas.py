"""Fingerprints, drift and mappings of a connection's streams."""

import threading
from uuid import uuid4

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftChange
from orchestration.control_plane.errors import NotFound, NotInState
from tests.orchestration.control_plane.tenant import Tenant

pytestmark = pytest.mark.servers
RULE = {
    "source": "dealname",
    "target": "name",
    "transform": {"kind": "lower", "args": {}},
    "probability": 0.9,
    "decided_by": "person",
    "evidence": ["alias"],
}


def test_the_same_shape_is_one_row_and_a_return_to_an_old_shape_a_new_one(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        first = session.schemas.record(tenant.connection, "deals", "a", [{"name": "id"}])
        again = session.schemas.record(tenant.connection, "deals", "a", [{"name": "id"}])
        assert again.id == first.id and again.last_seen_at > first.last_seen_at
        session.schemas.record(tenant.connection, "deals", "b", [])
        assert session.schemas.record(tenant.connection, "deals", "a", []).id != first.id
        latest = session.schemas.latest(tenant.connection, "deals")
        assert latest is not None and latest.digest == "a"
        session.schemas.record(tenant.connection, "accounts", "a", [])
        assert session.schemas.streams(tenant.connection) == ["accounts", "deals"]


def test_the_baseline_moves_only_by_decision(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        first = session.schemas.record(tenant.connection, "deals", "a", [])
        assert session.schemas.baseline(tenant.connection, "deals") is None
        approved = session.schemas.approve(first.id, "policy")
        assert approved.decided_by == "policy" and approved.decided_at is not None
        second = session.schemas.record(tenant.connection, "deals", "b", [])
        assert session.schemas.baseline(tenant.connection, "deals") == approved
        session.schemas.approve(second.id, "user ann")
        assert {found.digest for found in session.schemas.baselines(tenant.connection).values()} == {"b"}
        with pytest.raises(NotFound):
            session.schemas.approve(uuid4(), "user ann")


def test_drift_seen_twice_is_one_event_until_it_is_resolved(control_plane: ControlPlane, tenant: Tenant) -> None:
    change = DriftChange("deals", "retyped", "amount", True, {"type": "integer"}, {"type": "text"}, {"rows": 1})
    whole_stream = DriftChange("deals", "stream_removed")
    with control_plane.tenant_session(tenant.id) as session:
        first, _ = session.drift.report(tenant.connection, [change, whole_stream])
        (again,) = session.drift.report(tenant.connection, [change])
        assert again.id == first.id and again.last_seen_at > first.last_seen_at
        assert (again.is_breaking, again.before, again.after) == (True, {"type": "integer"}, {"type": "text"})
        assert [event.kind for event in session.drift.open()] == ["retyped", "stream_removed"]
        assert session.drift.open(uuid4()) == []
        resolved = session.drift.resolve(first.id, "accepted", "user ann")
        assert (resolved.status, resolved.resolved_by) == ("resolved", "user ann")
        with pytest.raises(NotInState, match="user ann"):
            session.drift.resolve(first.id, "accepted", "user bob")
        with pytest.raises(NotFound):
            session.drift.get(uuid4())
        (reopened,) = session.drift.report(tenant.connection, [change])
        assert reopened.id != first.id
        assert len(session.drift.list(tenant.connection)) == 3
        with pytest.raises(NotFound):
            session.drift.report(uuid4(), [change])


def test_a_saved_mapping_is_a_new_version_in_force(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        assert session.mappings.active(tenant.connection, "deals") is None
        first = session.mappings.save(tenant.connection, "deals", None, [], "no fit", "policy")
        second = session.mappings.save(
            tenant.connection,
            "deals",
            "opportunity",
            [RULE, {"source": "id", "target": "opportunity_id"}],
            "by hand",
            "ann",
        )
        assert (first.version, first.entity, second.version) == (1, None, 2)
        assert session.mappings.active(tenant.connection, "deals") == second
        assert second.rules[0] == {**RULE, "since": 0, "until": None}
        assert second.rules[1]["transform"] == {"kind": "cast", "args": {}}
        newest, oldest = session.mappings.history(tenant.connection, "deals")
        assert (newest.is_active, oldest.is_active, oldest.id) == (True, False, first.id)
        assert session.mappings.list() == session.mappings.list(tenant.connection) == [second]
        assert session.mappings.list(uuid4()) == []
        remembered = session.mappings.memory()
        assert [rule["target"] for rule in remembered] == ["name", "opportunity_id"]
        assert (remembered[0]["kind"], remembered[0]["stream"], remembered[0]["entity"]) == (
            "files",
            "deals",
            "opportunity",
        )
        with pytest.raises(NotFound):
            session.mappings.save(uuid4(), "deals", None, [], "x", "y")


def test_a_decision_upon_a_mapping_that_moved_on_is_refused(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.mappings.save(tenant.connection, "deals", "opportunity", [RULE], "first", "policy")
    with control_plane.tenant_session(tenant.id) as slow:
        before = slow.mappings.active(tenant.connection, "deals")
        assert before is not None
        assert slow.mappings.active(tenant.connection, "leads") is None
        with control_plane.tenant_session(tenant.id) as quick:
            quick.mappings.save(tenant.connection, "deals", "opportunity", [], "quick", "ann")
            quick.mappings.save(tenant.connection, "leads", None, [], "quick", "ann")
        for stream in ("deals", "leads"):
            with pytest.raises(NotInState, match="changed meanwhile"):
                slow.mappings.save(tenant.connection, stream, "opportunity", [RULE], "slow", "bob")
        assert slow.mappings.version(tenant.connection, "deals", before.version).rules == before.rules
        with pytest.raises(NotFound):
            slow.mappings.version(tenant.connection, "deals", 3)
        assert slow.mappings.active(tenant.connection, "deals") is not None  # looked at again
        assert slow.mappings.save(tenant.connection, "deals", "opportunity", [RULE], "slow", "bob").version == 3
        assert slow.mappings.save(tenant.connection, "deals", "opportunity", [], "slow", "bob").version == 4


def test_who_takes_turns_sees_what_the_other_decided(control_plane: ControlPlane, tenant: Tenant) -> None:
    """Each adds one rule to what it finds: none is lost."""
    start = threading.Barrier(4)

    def decide(target: str) -> None:
        start.wait()
        with control_plane.tenant_session(tenant.id) as session:
            session.mappings.take_turns(tenant.connection)
            found = session.mappings.active(tenant.connection, "deals")
            rules = [*(found.rules if found else ()), {"source": "x", "target": target}]
            session.mappings.save(tenant.connection, "deals", "opportunity", rules, "more", target)

    people = [threading.Thread(target=decide, args=(name,)) for name in ("name", "amount", "stage", "type")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with control_plane.tenant_session(tenant.id) as session:
        found = session.mappings.active(tenant.connection, "deals")
    assert found is not None and found.version == 4
    assert {rule["target"] for rule in found.rules} == {"name", "amount", "stage", "type"}


def test_rules_keep_the_span_of_commits_they_read(control_plane: ControlPlane, tenant: Tenant) -> None:
    spans = [{**RULE, "since": 8}, {**RULE, "since": 0, "until": 7}]
    with control_plane.tenant_session(tenant.id) as session:
        saved = session.mappings.save(tenant.connection, "deals", "opportunity", spans, "a unit", "policy")
        assert [(rule["since"], rule["until"]) for rule in saved.rules] == [(8, None), (0, 7)]
