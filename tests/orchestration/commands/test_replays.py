"""What a sync's report says of repairs, and waiting for the replay that a decision asked for; a stand-in executes."""

import json
from uuid import UUID

import pytest

from orchestration.commands.access import Access
from orchestration.commands.output import Output, to_json
from orchestration.commands.replay_wait import waited_for
from orchestration.commands.sync_report import describe_syncs, show_syncs
from orchestration.commands.sync_wait import Sync
from tests.orchestration.commands.drifted import Drifted, drifted

pytestmark = pytest.mark.servers
COUNTS = {"read": 7, "loaded": 5, "rejected": 2, "unchanged": 0, "deleted": 0, "held": 2, "replayed": 0}


@pytest.fixture
def people(access: Access, tenant_id: UUID) -> Drifted:
    return drifted(access, tenant_id)


def run_it(access: Access, people: Drifted, kind: str, counts: dict[str, int], error: str = "") -> UUID:
    """What a run of that kind tells the control plane."""
    with access.control_plane.tenant_session(people.tenant_id) as session:
        asked = session.sync_runs.request(people.connection_id, "ann", kind=kind)  # type: ignore[arg-type]
        session.sync_runs.start(asked.id, "dagster-run")
        session.sync_runs.record_stream(asked.id, "people", counts)
        if error:
            session.sync_runs.fail(asked.id, "boom", error)
        else:
            session.sync_runs.finish(asked.id, 7)
    with access.control_plane.tenant_session(people.tenant_id) as session:
        refresh = session.refreshes.request()
        session.refreshes.start(refresh.id, "dagster-run")
        session.tenants.mark_fresh()
        session.publications.publish(7, "/nowhere/7.ducklake", {"contacts": {"rows": 7}})
        session.refreshes.finish(refresh.id)
    return asked.id


def test_a_sync_reports_what_is_held_what_drifted_and_which_versions_are_new(access: Access, people: Drifted) -> None:
    with access.control_plane.tenant_session(people.tenant_id) as session:
        asked = session.sync_runs.request(people.connection_id, "ann")
        session.sync_runs.start(asked.id, "dagster-run")
    with access.control_plane.tenant_session(people.tenant_id) as session:
        session.sync_runs.record_stream(asked.id, "people", COUNTS)
        rules = session.mappings.list(people.connection_id)[0].rules
        saved = session.mappings.save(people.connection_id, "people", "contact", rules, "repaired", "policy")
        session.proposals.settle(people.proposal_id, "applied", "policy", applied_version=saved.version)
        session.sync_runs.finish(asked.id, 7)
    with access.control_plane.tenant_session(people.tenant_id) as session:
        sync = Sync(people.tenant_id, session.connections.get(people.connection_id), session.sync_runs.get(asked.id))
        owner = session.tenants.current()
    document = json.loads(to_json(describe_syncs(access.control_plane, owner, [sync])))
    (told,) = document["syncs"]
    assert document["ok"]
    stream = told["streams"]["people"]
    assert (told["held"], stream["held"], stream["replayed"], stream["new_mapping"]) == (2, 2, 0, True)
    (event,) = told["drift"]
    assert (event["names"], event["severity"], event["new"]) == ("phone -> mobile", "breaking", False)
    (repair,) = told["repairs"]
    assert (repair["status"], repair["mapping_version"], repair["names"]) == ("applied", 2, "phone -> mobile")
    lines = [part for part in show_syncs(describe_syncs(access.control_plane, owner, [sync])) if isinstance(part, str)]
    assert any("renamed phone -> mobile was repaired by itself, mapping version 2" in line for line in lines)
    assert any("2 records are held" in line for line in lines)


def test_waiting_for_a_replay_says_how_many_records_it_brought(access: Access, people: Drifted) -> None:
    counts = {"read": 0, "loaded": 0, "rejected": 0, "unchanged": 0, "deleted": 0, "held": 1, "replayed": 2}
    run_id = run_it(access, people, "replay", counts)
    seen = waited_for(access, Output(as_json=True), people.tenant_id, run_id, 30)
    assert seen == {"replay_status": "succeeded", "replayed": 2, "held": 1, "error": None}


def test_a_replay_that_failed_is_not_waited_for_further(access: Access, people: Drifted) -> None:
    run_id = run_it(access, people, "replay", {"replayed": 0}, error="The disk is full.")
    seen = waited_for(access, Output(as_json=True), people.tenant_id, run_id, 30)
    assert (seen["replay_status"], seen["error"]) == ("failed", "The disk is full.")
