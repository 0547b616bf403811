"""The story of a sync: counts and notes, from any thread, with an end to what a source may tell."""

import threading
from typing import Any
from uuid import UUID

import pytest
import redis

from connectors.errors import StreamGone
from connectors.protocol import Note
from orchestration.control_plane.database import ControlPlane
from orchestration.partitions import SYNC_TAG, ConnectionKey
from orchestration.resources.events import Events, events_stream
from orchestration.resources.syncs import MOST_NOTES, SyncLog, Syncs

pytestmark = pytest.mark.servers


@pytest.fixture
def log(control_plane: ControlPlane, broker: "redis.Redis") -> SyncLog:
    with control_plane.operator_session() as operator:
        tenant_id: UUID = operator.create_tenant("acme", "ann@acme.example", "a hash").id
    with control_plane.tenant_session(tenant_id) as session:
        key = ConnectionKey(tenant_id, session.connections.create("files", "files", {"path": "/"}).id)
    return Syncs(control_plane, Events(broker)).start(key, {}, "run-1")


def notes_of(control_plane: ControlPlane, log: SyncLog) -> list[tuple[str | None, str, str, str]]:
    with control_plane.tenant_session(log.key.tenant_id) as session:
        found = session.sync_notes.list(log.sync_run_id)
    return [(note.stream, note.code, note.message, note.level) for note in found]


def test_notes_are_kept_in_order_and_told(log: SyncLog, control_plane: ControlPlane, broker: "redis.Redis") -> None:
    log.note(Note("waiting", "Waiting for 2 s.", "people", "warning"))
    log.record_stream("people", {"read": 3}, Note("stream_read", "Read all.", "people"))
    assert notes_of(control_plane, log) == [
        ("people", "waiting", "Waiting for 2 s.", "warning"),
        ("people", "stream_read", "Read all.", "info"),
    ]
    assert log.current().streams == {"people": {"read": 3}}
    entries: Any = broker.xrange(events_stream(log.key.tenant_id))
    told = [entry[b"kind"] for _, entry in entries]
    assert told == [b"sync.started", b"sync.note", b"sync.stream", b"sync.note"]


def test_a_source_that_tells_without_end_fills_nothing(log: SyncLog, control_plane: ControlPlane) -> None:
    def tell() -> None:
        for number in range(MOST_NOTES // 2):
            log.note(Note("chatter", f"note {number}"))

    threads = [threading.Thread(target=tell) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = notes_of(control_plane, log)
    assert len(kept) == MOST_NOTES
    assert [code for _, code, _, _ in kept].count("notes_left_out") == 1


def test_a_note_that_cannot_be_stored_costs_only_the_note(log: SyncLog, control_plane: ControlPlane) -> None:
    lost = SyncLog(control_plane, Events(redis.Redis(port=1)), log.key, UUID(int=0))
    lost.note(Note("waiting", "Nobody knows this sync."))
    assert notes_of(control_plane, log) == []


def test_the_error_of_an_earlier_attempt_can_be_taken_back(log: SyncLog) -> None:
    log.stream_failed("people", StreamGone("It is gone.", stream="people"))
    assert log.current().streams["people"]["error"] == {"code": "stream_gone", "message": "It is gone.", "hint": ""}
    log.record_stream("people", {"read": 1, "error": None})
    assert log.finish(1).status == "succeeded"


def test_a_replay_begins_with_the_step_that_resumes_it(
    control_plane: ControlPlane, log: SyncLog, broker: "redis.Redis"
) -> None:
    key = log.key
    log.finish(1)
    with control_plane.tenant_session(key.tenant_id) as session:
        replay = session.sync_runs.request(key.connection_id, "ann", kind="replay")
    syncs, tags = Syncs(control_plane, Events(broker)), {SYNC_TAG: str(replay.id)}
    for _ in range(2):  # the steps of one run
        assert syncs.resume(key, tags, "run-2").sync_run_id == replay.id
        run = syncs.resume(key, tags, "run-2").current()
        assert (run.status, run.dagster_run_id, run.kind) == ("running", "run-2", "replay")
    assert syncs.resume(key, tags, "run-3").current().dagster_run_id == "run-3"  # lost with its worker, tried again
    assert syncs.resume(key, tags, "run-3").finish(2).status == "succeeded"
    entries: Any = broker.xrange(events_stream(key.tenant_id))
    assert [entry[b"kind"] for _, entry in entries].count(b"sync.started") == 3


def test_mapping_by_hand_from_behind_the_reading_on_is_a_replay(
    control_plane: ControlPlane, log: SyncLog, broker: "redis.Redis"
) -> None:
    log.finish(1)
    by_hand = Syncs(control_plane, Events(broker)).resume(log.key, {}, "run-2").current()
    assert (by_hand.kind, by_hand.status, by_hand.requested_by) == ("replay", "running", "dagster")
