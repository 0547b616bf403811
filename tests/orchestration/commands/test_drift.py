"""`drift list|show|accept` and `mappings list|history|rollback` on a real control plane and lake."""

from uuid import UUID, uuid4

import pytest

from assets.fingerprint.fingerprint import ObservedStream, observe
from connectors.protocol import Field, Stream
from orchestration.commands.access import Access
from orchestration.control_plane.drift import DriftChange
from tests.orchestration.commands.conftest import Run
from tests.orchestration.commands.drifted import Drifted, drifted

pytestmark = pytest.mark.servers
OLD = observe(Stream("deals", (Field("id", "text"), Field("amount", "decimal"))), {})
NEW = observe(Stream("deals", (Field("id", "text"), Field("total", "text"))), {})
CHANGES = [
    DriftChange("deals", "removed", "amount", is_breaking=True, fields_before=("amount",)),
    DriftChange("deals", "added", "total", fields_after=("total",)),
]


@pytest.fixture
def connection_id(access: Access, tenant_id: UUID) -> UUID:
    """A connection whose stream `deals` drifted from its baseline in two ways, and whose stream `people` did too."""
    with access.control_plane.tenant_session(tenant_id) as session:
        connection = session.connections.create(f"crm-{uuid4().hex[:8]}", "files", {"path": "/nowhere"})
        session.schemas.approve(
            session.schemas.record(connection.id, "deals", OLD.digest, [OLD.to_json()]).id, "policy"
        )
        session.schemas.record(connection.id, "deals", NEW.digest, [NEW.to_json()])
        session.drift.report(
            connection.id, [*CHANGES, DriftChange("people", "added", "nickname", fields_after=("nickname",))]
        )
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


def test_accepting_an_event_settles_it_in_the_baseline_and_no_other(
    run: Run, access: Access, tenant_id: UUID, connection_id: UUID, name: str
) -> None:
    events = run("drift", "list", "-t", "Brindlecove", "-c", name, "--json").document["drift"]
    event_id = next(event["id"] for event in events if event["field"] == "amount")
    accepted = run("drift", "accept", "-t", "Brindlecove", event_id, "--json")
    assert (accepted.status, accepted.document["accepted"]) == (0, [event_id]), accepted.err
    with access.control_plane.tenant_session(tenant_id) as session:
        baseline = session.schemas.baseline(connection_id, "deals")
        assert baseline is not None
        fields = [field.name for field in ObservedStream.from_json(baseline.fields[0]).fields]
        assert fields == ["id"]
        assert baseline.decided_by == "operator"
        open_still = {(event.stream, event.field) for event in session.drift.open(connection_id)}
        assert open_still == {("deals", "total"), ("people", "nickname")}
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


@pytest.fixture
def renamed(access: Access, tenant_id: UUID) -> Drifted:
    return drifted(access, tenant_id)


def test_an_event_is_one_line_with_both_names_and_what_it_breaks(run: Run, renamed: Drifted) -> None:
    (event,) = run("drift", "list", "-t", "Brindlecove", "-c", renamed.name, "--json").document["drift"]
    assert (event["kind"], event["names"], event["severity"]) == ("renamed", "phone -> mobile", "breaking")
    assert event["breaks"] == {"views": ["contacts"], "fields": ["contacts.phone"]}
    assert event["proposal"] == {"id": str(renamed.proposal_id), "status": "open"}
    assert "3 of 4 records hold the same value" in event["evidence_in_words"][0]
    assert "contacts.phone" in run("drift", "list", "-t", "Brindlecove", "-c", renamed.name).out


def test_an_event_is_shown_with_rows_before_and_after(run: Run, renamed: Drifted) -> None:
    document = run("drift", "show", "-t", "Brindlecove", str(renamed.drift_id), "--json").document
    rows = {sample["record_id"]: (sample["before"], sample["after"]["mobile"]) for sample in document["samples"]}
    assert rows == {"2": ({"phone": "+49 30 2"}, " +49 30 2 "), "3": ({"phone": "+49 30 3"}, " +49 30 3 ")}
    assert "+49 30 3" in run("drift", "show", "-t", "Brindlecove", str(renamed.drift_id)).out


def test_what_breaks_nothing_says_so(run: Run, name: str) -> None:
    events = run("drift", "list", "-t", "Brindlecove", "-c", name, "--json").document["drift"]
    assert all(event["breaks"] == {"views": [], "fields": []} for event in events)


def test_accepting_an_event_lifts_its_hold_and_supersedes_its_repair(
    run: Run, access: Access, renamed: Drifted
) -> None:
    accepted = run("drift", "accept", "-t", "Brindlecove", str(renamed.drift_id), "--json")
    assert accepted.status == 0, accepted.err
    with access.control_plane.tenant_session(renamed.tenant_id) as session:
        assert session.holds.active(renamed.connection_id) == []
        assert session.proposals.get(renamed.proposal_id).status == "superseded"
        assert session.sync_runs.get(UUID(accepted.document["sync_id"])).kind == "replay"


def test_a_mapping_tells_its_history_and_rolls_back(run: Run, access: Access, renamed: Drifted) -> None:
    which = ("-t", "Brindlecove", "-c", renamed.name, "--stream", "people")
    assert (
        run("approvals", "approve", "-t", "Brindlecove", str(renamed.proposal_id), "--note", "Same numbers.").status
        == 0
    )
    newest, first = run("mappings", "history", *which, "--json").document["versions"]
    assert (newest["version"], newest["in_force"], first["in_force"]) == (2, True, False)
    assert newest["diff"] == ["+ mobile -> phone | trim"]
    assert "Same numbers." in newest["reason"]
    back = run("mappings", "rollback", *which, "--note", "Wrong numbers.", "--json")
    assert (back.status, back.document["mapping_version"]) == (0, 3), back.err
    newest = run("mappings", "history", *which, "--json").document["versions"][0]
    assert newest["diff"] == ["- mobile -> phone | trim"]
    assert [(rule["source"], rule["target"]) for rule in newest["rules"]] == [
        (rule["source"], rule["target"]) for rule in first["rules"]
    ]
    with access.control_plane.tenant_session(renamed.tenant_id) as session:
        assert session.proposals.get(renamed.proposal_id).status == "rolled_back"
    assert "Wrong numbers." in run("mappings", "history", *which).out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("rollback", "--stream", "people"), "no_such_version"),
        (("rollback", "--stream", "people", "--to", "9"), "no_such_version"),
        (("rollback", "--stream", "people", "--to", "1"), "no_such_version"),
        (("history", "--stream", "poeple"), "unknown_stream"),
    ],
)
def test_a_version_that_is_not_there_is_explained(
    run: Run, renamed: Drifted, arguments: tuple[str, ...], code: str
) -> None:
    answer = run("mappings", *arguments, "-t", "Brindlecove", "-c", renamed.name, "--json")
    assert (answer.status, answer.document["error"]["code"]) == (1, code)
