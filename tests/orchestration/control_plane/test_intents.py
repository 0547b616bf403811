"""Intents: which two are the same, that one that is connected stays so, and what the funnel counts of them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftChange
from orchestration.control_plane.errors import NotInState
from orchestration.control_plane.funnel import TERMINAL
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.onboarding_intents import IntentStatus, Standing
from orchestration.control_plane.safe_mode import RiskLevel
from orchestration.control_plane.tenant_session import TenantSession
from tests.orchestration.control_plane.tenant import Tenant, new_tenant

MONGO = "mongodb://ann:s3cret@Db.Example:27017,db2.example:27017/shop?authSource=admin"


def intent(kind: str = "mongodb", name: str = "shop", **told: Any) -> Intent:
    return Intent(name=name, kind=kind, **told)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (intent(config={"url": MONGO}), intent(config={"url": MONGO.replace("s3cret", "n3w")}, name="other name")),
        (intent(config={"url": MONGO}), intent(config={"url": MONGO, "collections": ["a"], "page_records": 5})),
        (intent(config={"url": MONGO}), intent(config={"url": "mongodb://db.example:27017,DB2.example:27017/shop"})),
        (intent("files", config={"path": "/x/"}), intent("files", config={"path": "/x"}, risk_level="high")),
        (intent(config={"url": MONGO}), intent(config={"url": MONGO}, credential_locator="secret://a", owner="ann")),
        (
            intent("supabase", config={"url": "https://p.supabase.co", "key": "a"}),
            intent("supabase", config={"url": "https://P.supabase.co/", "database_url": "postgres://u:p@h/d"}),
        ),
        (intent(resource_ids=("b", "a")), intent(resource_ids=("a", "b"))),
        (intent("salesforce", config={"domain": "login"}), intent("salesforce", config={"domain": "login"})),
    ],
)
def test_the_same_source_asked_for_again_is_the_same_intent(one: Intent, other: Intent) -> None:
    assert one.digest == other.digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (intent(config={"url": MONGO}), intent(config={"url": MONGO}, namespace="second")),
        (intent(config={"url": MONGO}), intent(config={"url": MONGO, "database": "other"})),
        (intent(config={"url": MONGO}), intent(config={"url": MONGO.replace("/shop", "/erp")})),
        (intent(config={"url": MONGO}), intent("supabase", config={"url": MONGO})),
        (intent(resource_ids=("a",)), intent(resource_ids=("b",))),
        # Everybody signs in there: without an address of its own two sources must not be taken for one.
        (intent("salesforce", config={"domain": "login"}), intent("salesforce", "b", config={"domain": "login"})),
        (intent(credential_locator="secret://a"), intent(credential_locator="secret://b")),
    ],
)
def test_another_source_is_another_intent(one: Intent, other: Intent) -> None:
    assert one.digest != other.digest


def test_an_intent_shows_nothing_of_its_configuration() -> None:
    assert "s3cret" not in repr(intent(config={"url": MONGO}))


@pytest.mark.parametrize(
    "told", [{"colour": 1}, {"risk_level": "none"}, {"scopes_mode": "write"}, {"name": ""}, {"evidence": "seen"}]
)
def test_what_is_no_intent_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Intent.model_validate({"name": "x", "kind": "files", **told})


def attempt(session: TenantSession, name: str, status: IntentStatus, code: str = "x") -> UUID:
    return session.intents.attempted(intent(name=name), {}, Standing(status, code, f"{name} waits")).id


@pytest.mark.servers
def test_a_repeat_is_counted_on_the_same_row_and_never_undoes_a_connection(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        first = attempt(session, "shop", "network_blocked")
        assert attempt(session, "shop", "awaiting_credentials") == first
        again = session.intents.get(first)
        assert (again.attempts, again.status) == (2, "awaiting_credentials")
        session.intents.connected(first, tenant.connection, intent(), None)
        attempt(session, "shop", "network_blocked")
        still = session.intents.get(first)
        assert (still.attempts, still.status, still.connection_id) == (3, "connected", tenant.connection)
        with pytest.raises(NotInState):
            session.intents.drop(first)
        session.connections.delete(tenant.connection)
        assert session.intents.list() == []
        session.intents.drop(attempt(session, "shop", "error"))
        assert session.intents.list() == []


@pytest.mark.servers
def test_without_anything_the_day_one_share_is_unknown(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        session.connections.delete(tenant.connection)
        attempt(session, "fax", "unsupported")
        funnel = session.funnel.counts()
    assert (funnel.eligible, funnel.unsupported, funnel.day_one, funnel.meets_objective) == (0, 1, None, None)


def connected(session: TenantSession, name: str, kind: str = "files", risk: RiskLevel = "low") -> UUID:
    return session.connections.create(name, kind, {}, risk_level=risk).id


def end(session: TenantSession, connection_id: UUID, code: str = "", retryable: bool = True) -> None:
    run = session.sync_runs.request(connection_id, "user ann")
    session.sync_runs.start(run.id, str(run.id))
    if code:
        session.sync_runs.fail(run.id, code, f"it said {code}", retryable=retryable)
    else:
        session.sync_runs.finish(run.id, 1)


@pytest.mark.servers
def test_every_eligible_source_is_in_exactly_one_state(control_plane: ControlPlane, tenant: Tenant) -> None:
    other = new_tenant(control_plane, "other")
    with control_plane.tenant_session(other.id) as session:
        attempt(session, "theirs", "error")
    with control_plane.tenant_session(tenant.id) as session:
        session.connections.delete(tenant.connection)
        for status in ("awaiting_credentials", "network_blocked", "unsupported", "error"):
            attempt(session, status, status)
        attempt(session, "expired", "awaiting_credentials", "credentials_expired")
        for name in ("good", "paused", "never", "failing", "expired later", "refused later", "broken", "drifted"):
            connected(session, name)
        held = connected(session, "held", "mongodb", "high")
        ids = {known.name: known.id for known in session.connections.list()}
        for name in ("good", "paused", "failing", "expired later", "drifted"):
            end(session, ids[name])
        end(session, held)
        end(session, ids["failing"], "timeout")
        end(session, ids["expired later"], "credentials_expired", retryable=False)
        end(session, ids["refused later"], "address_refused", retryable=False)
        end(session, ids["broken"], "stream_gone", retryable=False)
        session.drift.report(ids["drifted"], [DriftChange("s", "removed", "f", is_breaking=True)])
        session.drift.report(ids["good"], [DriftChange("s", "added", "f")])
        session.connections.set_status(ids["paused"], "paused")
        funnel = session.funnel.counts()
    assert {state: getattr(funnel, state) for state in TERMINAL} == {
        "active": 1, "awaiting_credentials": 3, "network_blocked": 2, "healing": 2, "waiting": 3, "error": 2,
    }  # fmt: skip
    assert funnel.eligible == 13 == sum(getattr(funnel, state) for state in TERMINAL)
    assert (funnel.unsupported, funnel.reachable) == (1, 10)
    assert funnel.day_one == pytest.approx(1 / 13) and funnel.meets_objective is False
    (first, *_) = funnel.blockers
    assert (first.state, first.code, first.count) == ("awaiting_credentials", "credentials_expired", 2)
    assert "theirs" not in repr(funnel)


@pytest.mark.servers
def test_nine_of_ten_active_meet_the_objective(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        end(session, tenant.connection)
        for number in range(8):
            end(session, connected(session, f"source {number}"))
        attempt(session, "last", "network_blocked")
        funnel = session.funnel.counts()
    assert (funnel.day_one, funnel.meets_objective) == (0.9, True)


@pytest.mark.servers
def test_the_story_of_a_sync_is_told_in_order_and_bounded(control_plane: ControlPlane, tenant: Tenant) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(tenant.connection, "user ann")
        session.sync_notes.add(run.id, "started", "It began.", "deals\0")
        session.sync_notes.add(run.id, "waiting", "x" * 5_000, level="warning")
        first, second = session.sync_notes.list(run.id)
        assert (first.stream, first.message, first.level) == ("deals�", "It began.", "info")
        assert (second.stream, len(second.message), second.level) == (None, 2_000, "warning")
        assert first.at <= second.at <= datetime.now(UTC)
        for _ in range(1_005):
            session.sync_notes.add(run.id, "waiting", "Again.")
        assert len(session.sync_notes.list(run.id)) == 1_000
