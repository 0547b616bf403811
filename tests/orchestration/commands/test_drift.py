"""`drift list|show|accept` and `mappings list` over rows of the real control plane."""

from uuid import UUID, uuid4

import pytest

from assets.fingerprint.fingerprint import observe
from connectors.protocol import Field, Stream
from orchestration.commands.access import Access
from orchestration.control_plane.drift import DriftChange
from tests.orchestration.commands.conftest import Run

pytestmark = pytest.mark.servers
OLD = observe(Stream("deals", (Field("id", "text"), Field("amount", "decimal"))), {})
NEW = observe(Stream("deals", (Field("id", "text"), Field("total", "text"))), {})
CHANGES = [DriftChange("deals", "removed", "amount", is_breaking=True), DriftChange("deals", "added", "total")]


@pytest.fixture
def connection_id(access: Access, tenant_id: UUID) -> UUID:
    """A connection whose stream `deals` drifted from its baseline in two ways, and whose stream `people` did too."""
    with access.control_plane.tenant_session(tenant_id) as session:
        connection = session.connections.create(f"crm-{uuid4().hex[:8]}", "files", {"path": "/nowhere"})
        session.schemas.approve(
            session.schemas.record(connection.id, "deals", OLD.digest, [OLD.to_json()]).id, "policy"
        )
        session.schemas.record(connection.id, "deals", NEW.digest, [NEW.to_json()])
        session.drift.report(connection.id, [*CHANGES, DriftChange("people", "added", "nickname")])
        rule = {"source": "id", "target": "opportunity_id", "probability": 0.99}
        session.mappings.save(connection.id, "deals", "opportunity", [rule], "first mapping", "policy")
        return connection.id


@pytest.fixture
def name(access: Access, tenant_id: UUID, connection_id: UUID) -> str:
    with access.control_plane.tenant_session(tenant_id) as session:
        return session.connections.get(connection_id).name


def test_open_drift_is_listed_by_connection(run: Run, name: str) -> None:
    events = run("drift", "list", "-t", "Brindlecove", "-c", name, "--json").document["drift"]
    found = {(event["stream"], event["kind"], event["field"], event["breaking"]) for event in events}
    assert found == {
        ("deals", "removed", "amount", True),
        ("deals", "added", "total", False),
        ("people", "added", "nickname", False),
    }
    assert {event["connection"] for event in events} == {name}


def test_accepting_one_event_moves_the_baseline_and_resolves_its_stream_alone(
    run: Run, access: Access, tenant_id: UUID, connection_id: UUID, name: str
) -> None:
    events = run("drift", "list", "-t", "Brindlecove", "-c", name, "--json").document["drift"]
    event_id = next(event["id"] for event in events if event["field"] == "amount")
    accepted = run("drift", "accept", "-t", "Brindlecove", event_id, "--json")
    assert (accepted.status, len(accepted.document["accepted"])) == (0, 2)
    with access.control_plane.tenant_session(tenant_id) as session:
        baseline = session.schemas.baseline(connection_id, "deals")
        assert baseline is not None
        assert (baseline.digest, baseline.decided_by) == (NEW.digest, "operator")
        assert [event.stream for event in session.drift.open(connection_id)] == ["people"]
        assert session.audit.verify() > 0
    again = run("drift", "accept", "-t", "Brindlecove", event_id)
    assert again.status == 1
    assert "already" in again.err
    resolved = run("drift", "show", "-t", "Brindlecove", event_id, "--json").document
    assert (resolved["status"], resolved["resolution"], resolved["resolved_by"]) == ("resolved", "accepted", "operator")


@pytest.mark.parametrize("drift_id", ["17", "b4cf0f08-d5d7-47cf-bc86-cf5a167b1a94"])
def test_an_id_that_is_none_is_explained(run: Run, tenant_id: UUID, drift_id: str) -> None:
    answer = run("drift", "show", "-t", "Brindlecove", drift_id)
    assert answer.status == 1
    assert drift_id in answer.err


def test_mappings_show_their_rules_and_what_is_unmapped(run: Run, name: str) -> None:
    (mapping,) = run("mappings", "list", "-t", "Brindlecove", "-c", name, "--json").document["mappings"]
    assert (mapping["stream"], mapping["entity"], mapping["version"]) == ("deals", "opportunity", 1)
    assert [(rule["source"], rule["target"]) for rule in mapping["rules"]] == [("id", "opportunity_id")]
    assert mapping["unmapped"] == ["total"]
    assert "(unmapped)" in run("mappings", "list", "-t", "Brindlecove", "-c", name).out


def test_an_unknown_connection_gets_the_nearest_name(run: Run, name: str) -> None:
    answer = run("drift", "list", "-t", "Brindlecove", "-c", name[:-1] + "?", "--json")
    assert answer.document["error"]["code"] == "unknown_connection"
    assert f"Did you mean '{name}'?" in answer.err
