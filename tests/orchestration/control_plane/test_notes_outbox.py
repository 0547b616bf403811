"""Notes that wait to be sent: one a thing, taken by one sender, tried again, given up."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.notes_outbox import LEASE_S, MOST_ATTEMPTS
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

pytestmark = pytest.mark.servers


def later(**delta: float) -> datetime:
    return datetime.now(UTC) + timedelta(**delta)


def test_a_thing_is_told_once_however_often_it_is_put(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        assert session.notes_outbox.put("drift", "event 1", {"kind": "renamed"})
        assert not session.notes_outbox.put("drift", "event 1", {"kind": "other"})
        assert session.notes_outbox.put("rollback", "event 1", {})
        assert [(note.kind, note.payload) for note in session.notes_outbox.due(later(seconds=1))] == [
            ("drift", {"kind": "renamed"}), ("rollback", {}),
        ]  # fmt: skip


def test_a_note_that_was_taken_is_not_due_until_its_time_with_the_sender_is_over(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.notes_outbox.put("drift", "event 1", {})
        now = later(seconds=1)
        (taken,) = session.notes_outbox.due(now)
        assert session.notes_outbox.due(now) == []
        assert [note.id for note in session.notes_outbox.due(now + timedelta(seconds=LEASE_S))] == [taken.id]
        sent = session.notes_outbox.sent(taken.id)
        assert (sent.due_at, sent.attempts, sent.error) == (None, 1, None) and sent.sent_at is not None
        assert session.notes_outbox.due(later(days=9)) == []
        assert not session.notes_outbox.put("drift", "event 1", {})


def test_senders_at_once_take_different_notes(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        for number in range(30):
            session.notes_outbox.put("drift", str(number), {})
    taken: list[UUID] = []
    start = threading.Barrier(5)

    def take() -> None:
        start.wait()
        with control_plane.tenant_session(tenant.id) as session:
            taken.extend(note.id for note in session.notes_outbox.due(later(seconds=1), limit=10))

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) and len(taken) >= 10


def test_what_fails_is_tried_ever_more_rarely_and_given_up_at_last(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.notes_outbox.put("drift", "event 1", {})
        note = session.notes_outbox.list()[0]
        waits = []
        for _ in range(MOST_ATTEMPTS - 1):
            failed = session.notes_outbox.failed(note.id, "Slack answered 500.")
            assert failed.due_at is not None
            waits.append((failed.due_at - datetime.now(UTC)).total_seconds())
        assert waits == sorted(waits) and waits[0] > 25 and waits[-1] <= 3600
        asked = session.notes_outbox.put("drift", "event 2", {})
        other = next(each for each in session.notes_outbox.list() if each.key == "event 2")
        slow_down = session.notes_outbox.failed(other.id, "Too many.", retry_after_s=900)
        assert asked and slow_down.due_at is not None and slow_down.due_at > later(seconds=890)
        given_up = session.notes_outbox.failed(note.id, "Slack answered 500.")
        assert (given_up.due_at, given_up.attempts, given_up.error) == (None, MOST_ATTEMPTS, "Slack answered 500.")
        assert [each.id for each in session.notes_outbox.due(later(days=9))] == [other.id]


def test_the_sweep_finds_tenants_with_due_notes(control_plane: ControlPlane, tenant: Tenant) -> None:
    other = new_tenant(control_plane, "other")
    for owner in (tenant, other):
        with control_plane.tenant_session(owner.id) as session:
            session.notes_outbox.put("drift", "event 1", {})
    with control_plane.operator_session() as operator:
        assert operator.tenants_with_due_notes(later(seconds=1), 10) == [tenant.id, other.id]
        assert operator.tenants_with_due_notes(later(seconds=1), 1) == [tenant.id]
        assert operator.tenants_with_due_notes(later(days=-1), 10) == []
    with control_plane.tenant_session(other.id) as session:
        theirs = session.notes_outbox.list()[0]
    with control_plane.tenant_session(tenant.id) as session, pytest.raises(NotFound):
        session.notes_outbox.sent(theirs.id)
