"""The sweep over waiting notes, against a real control plane and a stand-in of Slack's webhooks."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import dagster as dg
import pytest

from connectors.outbound.policy import Outbound
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.notes_outbox import MOST_ATTEMPTS, OutboxNote
from orchestration.outcomes import write_back
from orchestration.partitions import SYNC_TAG
from orchestration.resources.failure_notes import note_failure
from orchestration.resources.signed_links import LinkSigner
from orchestration.resources.slack import Slack
from orchestration.resources.slack_notes import DECIDE, PAUSE_S, SlackNotes, parse_paused
from orchestration.sensors import notes_to_send
from tests.orchestration.control_plane.databases import Database, control_plane, database, migrated_template
from tests.orchestration.control_plane.tenant import Tenant, new_tenant, tenant
from tests.servers.slack import RETRY_AFTER_S, SlackStandIn

__all__ = ["control_plane", "database", "migrated_template", "tenant"]
pytestmark = pytest.mark.servers
SIGNER = LinkSigner(bytes(range(32)))
BUDGET_S = 20.0


@dataclass
class Waits:
    """Waits that are counted and not waited for."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        if seconds:
            self.seconds.append(seconds)


@pytest.fixture
def server() -> Iterator[SlackStandIn]:
    with SlackStandIn().running() as running:
        yield running


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def notes(control_plane: ControlPlane, server: SlackStandIn, waits: Waits) -> SlackNotes:
    slack = Slack(lambda: Outbound(allow=(server.allowed,)), timeout_s=2)
    return SlackNotes(control_plane, slack, SIGNER, "https://here.example/", sleep=waits)


def set_up(control_plane: ControlPlane, tenant: Tenant, url: object, kinds: dict[str, dict[str, object]]) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.secrets.put("slack", url)  # type: ignore[arg-type]
        session.repair_settings.set("ann", slack_secret="slack")
        for key, payload in kinds.items():
            session.notes_outbox.put(str(payload.get("note", "drift")), key, payload)


def outbox(control_plane: ControlPlane, tenant: Tenant) -> list[OutboxNote]:
    with control_plane.tenant_session(tenant.id) as session:
        return list(session.notes_outbox.list())


def test_a_note_is_sent_once_however_often_it_is_put_or_swept(
    control_plane: ControlPlane, tenant: Tenant, server: SlackStandIn, notes: SlackNotes
) -> None:
    for _ in range(2):
        set_up(control_plane, tenant, server.url, {"event 1": {"stream": "deals", "severity": "breaking"}})
        notes.send_due(BUDGET_S, {})
    assert len(server.accepted) == 1
    (note,) = outbox(control_plane, tenant)
    assert note.sent_at is not None
    assert note.error is None


def test_an_approval_carries_a_link_that_names_its_tenant_and_proposal(
    control_plane: ControlPlane, tenant: Tenant, server: SlackStandIn, notes: SlackNotes
) -> None:
    proposal = uuid4()
    set_up(control_plane, tenant, {"url": server.url}, {"p": {"note": "approval", "proposal_id": str(proposal)}})
    notes.send_due(BUDGET_S, {})
    link = server.accepted[0]["blocks"][-1]["text"]["text"]
    token = link.removeprefix("<https://here.example/approvals/link/").partition("|")[0]
    claim = SIGNER.read(token, DECIDE, datetime.now(UTC))
    assert (claim.tenant_id, claim.subject) == (tenant.id, proposal)


def test_without_a_public_url_the_command_is_named(
    control_plane: ControlPlane, tenant: Tenant, server: SlackStandIn
) -> None:
    slack = Slack(lambda: Outbound(allow=(server.allowed,)))
    proposal = uuid4()
    set_up(control_plane, tenant, server.url, {"p": {"note": "approval", "proposal_id": str(proposal)}})
    SlackNotes(control_plane, slack, SIGNER).send_due(BUDGET_S, {})
    assert f"autonomos approvals show --tenant acme {proposal}" in server.accepted[0]["blocks"][-1]["text"]["text"]


def test_one_tenant_gets_a_note_a_second_and_others_do_not_wait_for_it(
    control_plane: ControlPlane, tenant: Tenant, server: SlackStandIn, notes: SlackNotes, waits: Waits
) -> None:
    other = new_tenant(control_plane, "other")
    many: dict[str, dict[str, object]] = {f"event {number}": {"stream": "mine"} for number in range(3)}
    set_up(control_plane, tenant, server.url, many)
    set_up(control_plane, other, server.url, {"event": {"stream": "theirs"}})
    assert notes.send_due(BUDGET_S, {}).sent == 4
    first_two = [str(message) for message in server.accepted[:2]]
    assert any("mine" in message for message in first_two)
    assert any("theirs" in message for message in first_two)
    assert len(waits.seconds) >= 2
    assert all(0 < seconds <= PAUSE_S for seconds in waits.seconds)


def test_who_is_asked_to_wait_is_left_alone_until_then(
    control_plane: ControlPlane, tenant: Tenant, server: SlackStandIn, notes: SlackNotes
) -> None:
    server.answer_next(429)
    set_up(control_plane, tenant, server.url, {"1": {"stream": "deals"}, "2": {"stream": "deals"}})
    done = notes.send_due(BUDGET_S, {})
    assert (done.sent, done.failed, server.asked) == (0, 1, 1)
    paused = parse_paused(done.serialize(), time.time())
    assert paused[tenant.id] == pytest.approx(time.time() + RETRY_AFTER_S, abs=3)
    notes.send_due(BUDGET_S, paused)
    assert server.asked == 1
    assert parse_paused(done.serialize(), time.time() + RETRY_AFTER_S + 1) == {}
    waiting = [note for note in outbox(control_plane, tenant) if note.attempts]
    assert waiting[0].due_at is not None
    assert (waiting[0].due_at - datetime.now(UTC)).total_seconds() > RETRY_AFTER_S - 3


def test_what_is_never_taken_is_given_up_and_shown_as_failed(
    control_plane: ControlPlane, database: Database, tenant: Tenant, server: SlackStandIn, notes: SlackNotes
) -> None:
    set_up(control_plane, tenant, server.url, {"1": {"stream": "deals"}})
    server.answer_next(*[500] * (MOST_ATTEMPTS + 5))
    for _ in range(MOST_ATTEMPTS + 3):
        notes.send_due(BUDGET_S, {})
        with database.superuser() as connection:
            connection.exec_driver_sql("UPDATE notes_outbox SET due_at = now() WHERE due_at IS NOT NULL")
    assert server.asked == MOST_ATTEMPTS
    (note,) = outbox(control_plane, tenant)
    assert (note.due_at, note.sent_at) == (None, None)
    assert note.error == "Slack answered with status 500."


@pytest.mark.parametrize(
    ("secret", "words"),
    [("not a url", "no URL"), ({"token": "canary"}, "neither"), ("http://127.0.0.1:9/canary", "internal")],
)  # fmt: skip
def test_a_secret_that_is_no_webhook_is_said_and_not_shown(
    control_plane: ControlPlane, tenant: Tenant, notes: SlackNotes, secret: object, words: str
) -> None:
    set_up(control_plane, tenant, secret, {"1": {"stream": "deals"}})
    notes.send_due(BUDGET_S, {})
    (note,) = outbox(control_plane, tenant)
    assert words in str(note.error)
    assert "canary" not in str(note.error)


def test_a_tenant_without_slack_is_told_so(control_plane: ControlPlane, tenant: Tenant, notes: SlackNotes) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.notes_outbox.put("drift", "1", {"stream": "deals"})
    notes.send_due(BUDGET_S, {})
    assert outbox(control_plane, tenant)[0].error == "Slack is not set up for this tenant."


@pytest.mark.parametrize("text", [None, "", "[]", "17", '{"x": 1}', '{"00000000-0000-0000-0000-000000000001": null}'])
def test_a_cursor_that_cannot_be_read_pauses_nobody(text: str | None) -> None:
    assert parse_paused(text, 0.0) == {}


def fail(control_plane: ControlPlane, tenant: Tenant, code: str, retryable: bool) -> bool:
    with control_plane.tenant_session(tenant.id) as session:
        run_id: UUID = session.sync_runs.request(tenant.connection, "ann").id
        session.sync_runs.start(run_id, str(uuid4()))
        return note_failure(
            session, session.sync_runs.fail(run_id, code, "The login was refused.", "Renew it.", retryable)
        )


def test_a_failure_that_needs_a_person_is_told_once_an_incident(control_plane: ControlPlane, tenant: Tenant) -> None:
    told = [fail(control_plane, tenant, code, False) for code in ("credentials_expired", "credentials_expired", "gone")]
    assert told == [True, False, True]
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "ann")
        session.sync_runs.start(run.id, "dagster-run")
        session.sync_runs.finish(run.id, 1)
    assert fail(control_plane, tenant, "credentials_expired", False) is True


def test_a_failure_that_may_pass_is_told_once_it_has_opened_the_circuit(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    assert [fail(control_plane, tenant, "timeout", True) for _ in range(6)] == [False] * 4 + [True, False]
    (note,) = outbox(control_plane, tenant)
    assert note.payload["reasons"] == ["It failed 5 times in a row."]


def test_the_sensor_sends_and_remembers_who_asked_to_be_left_alone(
    control_plane: ControlPlane, tenant: Tenant, server: SlackStandIn, notes: SlackNotes
) -> None:
    set_up(control_plane, tenant, server.url, {"1": {"stream": "deals"}, "2": {"stream": "deals"}})
    server.answer_next(200, 429)
    first = notes_to_send(dg.build_sensor_context(), slack=notes)
    assert isinstance(first, dg.SensorResult)
    assert str(tenant.id) in str(first.cursor)
    second = notes_to_send(dg.build_sensor_context(cursor=first.cursor), slack=notes)
    assert isinstance(second, dg.SensorResult)
    assert (len(server.accepted), server.asked) == (1, 2)


def test_a_run_that_fails_for_good_leaves_a_note_and_one_that_is_reported_twice_leaves_one(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run_id = session.sync_runs.request(tenant.connection, "ann").id
    tags = {SYNC_TAG: str(run_id), "dagster/partition": f"{tenant.id}/{tenant.connection}"}

    @dg.op
    def refused() -> None:
        metadata = {"code": "credentials_expired", "message": "The login was refused.", "hint": "", "retryable": False}
        raise dg.Failure("The login was refused.", metadata=metadata, allow_retries=False)

    @dg.job
    def sync() -> None:
        refused()

    with dg.DagsterInstance.ephemeral() as instance:
        ran = sync.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        with control_plane.tenant_session(tenant.id) as session:
            session.sync_runs.start(run_id, ran.run_id)
        told = [write_back(control_plane, instance, ran.dagster_run) for _ in range(2)]
    assert told == [True, False]
    (note,) = outbox(control_plane, tenant)
    assert (note.kind, note.payload["summary"], note.payload["change"]) == (
        "failure", "The login was refused.", "credentials_expired",
    )  # fmt: skip
