"""Callers are told of the ends of their tasks: signed, more than once if need be, never at internal addresses."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from connectors.outbound.policy import Outbound
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.task_callbacks import MOST_ATTEMPTS, WAITS_S, CallbackRecord
from orchestration.control_plane.tasks import TaskWish
from orchestration.resources.callback_signing import SECRET_NAME, new_signing_secret
from orchestration.resources.callbacks import Callbacks, Sent
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant, new_tenant
from tests.servers.webhook_receiver import WebhookReceiver, webhook_receiver

pytestmark = pytest.mark.servers
SECRET = new_signing_secret()


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as running:
        yield running


@pytest.fixture
def callbacks(control_plane: ControlPlane, receiver: WebhookReceiver) -> Callbacks:
    return Callbacks(control_plane, lambda: Outbound(allow=(receiver.address,)), timeout_s=2)


def ended_task(control_plane: ControlPlane, tenant: Tenant, url: str, secret: object = SECRET) -> UUID:
    with control_plane.tenant_session(tenant.id) as session:
        if secret is not None:
            session.secrets.put(SECRET_NAME, secret)
        task = session.task_life.begin(TaskWish("refresh_views", callback_url=url), "ann")
        session.task_life.cancel(task.id, "ann")
    return task.id


def callback_of(control_plane: ControlPlane, tenant: Tenant, task_id: UUID) -> CallbackRecord:
    with control_plane.tenant_session(tenant.id) as session:
        (found,) = session.task_callbacks.of_task(task_id)
    return found


def make_due(database: Database) -> None:
    """Time passes."""
    with database.superuser() as connection:
        connection.execute(sa.text("UPDATE task_callbacks SET due_at = now() WHERE due_at IS NOT NULL"))


def test_a_callback_is_signed_and_says_how_the_task_ended_and_nothing_else(
    control_plane: ControlPlane, tenant: Tenant, callbacks: Callbacks, receiver: WebhookReceiver
) -> None:
    task_id = ended_task(control_plane, tenant, receiver.url)
    assert callbacks.send_due(5) == Sent(delivered=1)
    (received,) = receiver.received
    assert received.is_signed_with(SECRET) and not received.is_signed_with(new_signing_secret())
    assert received.payload["type"] == "task.canceled"
    assert received.payload["data"]["task_id"] == str(task_id)
    assert "acme" not in received.body.decode() and "ann" not in received.body.decode()
    delivered = callback_of(control_plane, tenant, task_id)
    assert (delivered.status, delivered.tries[0]["status_code"]) == ("delivered", 204)
    assert received.headers["webhook-id"] == f"msg_{delivered.id.hex}"
    assert callbacks.send_due(5) == Sent()


def test_what_was_not_taken_is_sent_again_under_the_same_id_ever_more_rarely(
    control_plane: ControlPlane, database: Database, tenant: Tenant, callbacks: Callbacks, receiver: WebhookReceiver
) -> None:
    receiver.answers = [500, 302, 204]
    task_id = ended_task(control_plane, tenant, receiver.url)
    for attempt in range(2):
        assert callbacks.send_due(5) == Sent(failed=1)
        waiting = callback_of(control_plane, tenant, task_id)
        assert waiting.due_at is not None
        wait = waiting.due_at - datetime.now(UTC)
        assert timedelta(seconds=WAITS_S[attempt] - 5) < wait <= timedelta(seconds=WAITS_S[attempt])
        assert callbacks.send_due(5) == Sent()
        make_due(database)
    assert callbacks.send_due(5) == Sent(delivered=1)
    assert [each["status_code"] for each in callback_of(control_plane, tenant, task_id).tries] == [500, 302, 204]
    assert len({received.headers["webhook-id"] for received in receiver.received}) == 1
    assert all(received.is_signed_with(SECRET) for received in receiver.received)


def test_a_receiver_that_is_gone_is_asked_once_and_one_that_never_answers_well_is_given_up(
    control_plane: ControlPlane, database: Database, tenant: Tenant, callbacks: Callbacks, receiver: WebhookReceiver
) -> None:
    receiver.answers = [410, 503]
    gone = ended_task(control_plane, tenant, receiver.url)
    callbacks.send_due(5)
    assert (callback_of(control_plane, tenant, gone).status, len(receiver.received)) == ("dead", 1)
    given_up = ended_task(control_plane, tenant, receiver.url)
    for _ in range(MOST_ATTEMPTS + 2):
        callbacks.send_due(5)
        make_due(database)
    dead = callback_of(control_plane, tenant, given_up)
    assert (dead.status, dead.due_at, len(dead.tries)) == ("dead", None, MOST_ATTEMPTS)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]", "0x7f.1", "10.0.0.1"])
def test_an_internal_address_is_never_reached(
    control_plane: ControlPlane, tenant: Tenant, receiver: WebhookReceiver, host: str
) -> None:
    task_id = ended_task(control_plane, tenant, f"http://{host}:{receiver.port}/hook")
    assert Callbacks(control_plane, Outbound, timeout_s=2).send_due(5) == Sent(failed=1)
    refused = callback_of(control_plane, tenant, task_id)
    assert (refused.status, receiver.received) == ("dead", [])


@pytest.mark.parametrize("secret", [None, "too plain", {"key": "x"}], ids=["none", "text", "object"])
def test_nothing_is_sent_unsigned(
    control_plane: ControlPlane, tenant: Tenant, callbacks: Callbacks, receiver: WebhookReceiver, secret: object
) -> None:
    task_id = ended_task(control_plane, tenant, receiver.url, secret)
    assert callbacks.send_due(5) == Sent(failed=1)
    waiting = callback_of(control_plane, tenant, task_id)
    assert (waiting.status, receiver.received) == ("pending", [])
    assert "too plain" not in str(waiting.tries)


def test_a_receiver_that_does_not_answer_keeps_nobody_elses_callbacks(
    control_plane: ControlPlane, tenant: Tenant, callbacks: Callbacks, receiver: WebhookReceiver
) -> None:
    other = new_tenant(control_plane, "globex")
    stuck = ended_task(control_plane, tenant, "http://127.0.0.1:9/hook")
    fine = ended_task(control_plane, other, receiver.url)
    assert callbacks.send_due(5) == Sent(delivered=1, failed=1)
    assert callback_of(control_plane, other, fine).status == "delivered"
    assert callback_of(control_plane, tenant, stuck).status == "dead"
