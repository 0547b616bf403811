"""Onboarding: what is tried, what is refused, what is stored, and that the same intent is one connection."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar
from uuid import UUID

import pytest
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.errors import (
    AddressRefused,
    ConfigInvalid,
    ConnectorError,
    CredentialsExpired,
    PermissionMissing,
    RateLimited,
    SourceUnavailable,
    Timeout,
)
from connectors.protocol import Capabilities, Connector, Cursor, Grants, Item, Stream
from connectors.protocol import Field as StreamField
from connectors.registry import KINDS
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import NameTaken
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.onboarding_intents import IntentStatus
from orchestration.resources.onboarding import Onboarding, Outcome
from orchestration.resources.source_config import split_secrets, storable_config
from tests.orchestration.control_plane.databases import Database
from tests.orchestration.control_plane.tenant import Tenant

CANARY = "canary-51c0ffee"
GOOD = {"host": "crm.example", "token": CANARY}


class Inner(BaseModel):
    user: str = "ann"
    password: SecretStr = SecretStr("")


class ScriptedConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    token: SecretStr
    sign_in: Inner | None = None
    tables: tuple[str, ...] = ()
    learned: str | None = Field(None, description="what pin adds")


class Scripted(Connector[ScriptedConfig]):
    """A source that does what the test says."""

    kind = "scripted"
    config_model = ScriptedConfig
    capabilities = Capabilities(has_credentials=True)
    error: ClassVar[Exception | None] = None
    writes: ClassVar[tuple[str, ...]] = ()
    meet: ClassVar[threading.Barrier | None] = None
    tokens: ClassVar[list[str]] = []
    opened: ClassVar[int] = 0

    def check(self) -> None:
        type(self).opened += 1
        self.tokens.append(self.config.token.get_secret_value())
        if self.meet is not None:
            self.meet.wait(10)
        if self.error is not None:
            raise self.error

    def grants(self) -> Grants:
        return Grants(self.writes, "the source's own list of rights")

    def pin(self) -> ScriptedConfig:
        type(self).opened += 1
        return self.config.model_copy(update={"learned": "v2"})

    def discover(self) -> list[Stream]:
        return [Stream("deals", (StreamField("id", "text"),), ("id",), "declared")]

    def read(self, stream: Stream, cursor: Cursor | None, limit: int | None = None) -> Iterator[Item]:
        raise NotImplementedError

    def classify(self, error: Exception, stream: str) -> ConnectorError:
        raise NotImplementedError

    def close(self) -> None:
        type(self).opened -= 1


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> type[Scripted]:
    """The kind `scripted`, for the length of one test, with a script of its own."""
    fresh = type("Scripted", (Scripted,), {"tokens": [], "opened": 0})
    monkeypatch.setitem(KINDS, "scripted", fresh)
    return fresh


def connect(control_plane: ControlPlane, tenant: Tenant, config: dict[str, Any] | None = None, **told: Any) -> Outcome:
    wanted = {"name": "crm 2", "kind": "scripted", "config": GOOD if config is None else config, **told}
    return Onboarding(control_plane).connect(tenant.id, Intent.model_validate(wanted), "operator")


def actions(control_plane: ControlPlane, tenant: Tenant) -> list[str]:
    with control_plane.tenant_session(tenant.id) as session:
        assert session.audit.verify() > 0
        return [event.action for event in reversed(session.audit.list())][1:]


@pytest.mark.servers
def test_a_source_that_answers_is_stored_as_found_in_safe_mode_and_let_go_of(
    control_plane: ControlPlane, tenant: Tenant, script: type[Scripted]
) -> None:
    outcome = connect(control_plane, tenant, owner="ann", evidence={"ticket": "OPS-1"}, risk_level="medium")
    assert outcome.refusal is None and outcome.connection is not None and outcome.is_new
    connection = outcome.connection
    assert (connection.safe_mode, connection.owner, connection.risk_level) == (True, "ann", "medium")
    assert connection.config == {"host": "crm.example", "sign_in": None, "tables": [], "learned": "v2"}
    assert (outcome.intent.status, outcome.intent.connection_id) == ("connected", connection.id)
    assert outcome.intent.grants == {"writes": [], "evidence": "the source's own list of rights"}
    with control_plane.tenant_session(tenant.id) as session:
        assert session.connections.credentials(connection.id) == {"token": CANARY}
        created = session.audit.list(1)[0]
        assert (created.data["evidence"], created.data["owner"]) == ({"ticket": "OPS-1"}, "ann")
    assert script.opened == 0


@pytest.mark.servers
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AddressRefused("That address is internal."), "network_blocked"),
        (SourceUnavailable("It cannot be reached."), "network_blocked"),
        (Timeout("It did not answer."), "network_blocked"),
        (CredentialsExpired("The token is expired.", hint="Make another."), "awaiting_credentials"),
        (PermissionMissing("It may not read."), "awaiting_credentials"),
        (ConfigInvalid("There is no such table."), "error"),
        (RateLimited("Slow down.", retry_after_s=5), "error"),
        (RuntimeError(CANARY), "error"),
    ],
)
def test_every_failure_is_a_row_and_an_event_and_a_later_success_takes_its_place(
    control_plane: ControlPlane, tenant: Tenant, script: type[Scripted], error: Exception, status: IntentStatus
) -> None:
    script.error = error
    outcome = connect(control_plane, tenant)
    assert outcome.refusal is not None and outcome.connection is None
    assert (outcome.intent.status, outcome.refusal.status) == (status, status)
    assert CANARY not in repr(outcome)
    script.error = None
    after = connect(control_plane, tenant)
    assert (after.intent.id, after.intent.status, after.intent.attempts) == (outcome.intent.id, "connected", 2)
    assert actions(control_plane, tenant) == ["onboarding.refused", "connection.created"]
    assert script.opened == 0


@pytest.mark.servers
def test_credentials_that_may_write_are_refused_until_somebody_accepts_that(
    control_plane: ControlPlane, tenant: Tenant, script: type[Scripted]
) -> None:
    script.writes = ("Account", "Contact", *(f"Object{number}" for number in range(30)))
    refused = connect(control_plane, tenant)
    assert refused.refusal is not None and refused.connection is None
    assert (refused.refusal.status, refused.refusal.code) == ("awaiting_credentials", "writes_granted")
    assert "Account, Contact" in refused.refusal.reason and "and 24 more" in refused.refusal.reason
    assert "--scopes accept-write" in refused.refusal.hint
    accepted = connect(control_plane, tenant, scopes_mode="accept-write", owner="ann", evidence={"why": "no other key"})
    assert accepted.connection is not None and accepted.connection.scopes_mode == "accept_write"
    with control_plane.tenant_session(tenant.id) as session:
        told = session.audit.list(1)[0].data
    assert (told["scopes_mode"], told["owner"], told["evidence"]) == ("accept_write", "ann", {"why": "no other key"})
    assert told["grants"]["writes"][0] == "Account"


@pytest.mark.servers
def test_an_unknown_kind_is_unsupported_and_the_known_ones_are_named(
    control_plane: ControlPlane, tenant: Tenant
) -> None:
    outcome = connect(control_plane, tenant, {"token": CANARY}, kind="fax")
    assert outcome.refusal is not None
    assert (outcome.intent.status, outcome.intent.config) == ("unsupported", {})
    assert "files" in outcome.refusal.hint


@pytest.mark.servers
def test_two_processes_at_once_make_one_connection(
    control_plane: ControlPlane, tenant: Tenant, script: type[Scripted]
) -> None:
    script.meet = threading.Barrier(4)
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda _: connect(control_plane, tenant), range(4)))
    made = {outcome.connection.id for outcome in outcomes if outcome.connection}
    assert len(made) == 1
    assert sorted(outcome.is_new for outcome in outcomes) == [False, False, False, True]
    with control_plane.tenant_session(tenant.id) as session:
        assert [known.name for known in session.connections.list()] == ["crm", "crm 2"]
        assert session.intents.list()[0].attempts == 4


@pytest.mark.servers
def test_a_repeat_with_other_credentials_mends_the_connection_and_a_bad_one_leaves_it(
    control_plane: ControlPlane, tenant: Tenant, script: type[Scripted]
) -> None:
    first = connect(control_plane, tenant).connection
    assert first is not None
    with control_plane.tenant_session(tenant.id) as session:
        run = session.sync_runs.request(first.id, "user ann")
        session.sync_runs.fail(run.id, "credentials_expired", "expired", retryable=False)
    script.error = CredentialsExpired("No.")
    bad = connect(control_plane, tenant, {**GOOD, "token": "wrong"})
    assert bad.refusal is not None and bad.connection is not None and bad.intent.status == "connected"
    script.error = None
    mended = connect(control_plane, tenant, {**GOOD, "token": "rotated", "tables": ["deals"]})
    assert mended.connection is not None and mended.connection.id == first.id
    assert sorted(mended.changed) == ["config", "credentials"]
    assert (mended.connection.status, mended.connection.error) == ("active", None)
    with control_plane.tenant_session(tenant.id) as session:
        assert session.connections.credentials(first.id) == {"token": "rotated"}
    assert connect(control_plane, tenant, {**GOOD, "token": "rotated", "tables": ["deals"]}).changed == ()


@pytest.mark.servers
def test_a_name_stays_with_its_source(control_plane: ControlPlane, tenant: Tenant, script: type[Scripted]) -> None:
    connect(control_plane, tenant)
    for name in ("crm 2", "CRM", "crm"):
        with pytest.raises(NameTaken):
            connect(control_plane, tenant, {**GOOD, "host": "other.example"}, name=name)
    assert len(script.tokens) == 1


@pytest.mark.servers
def test_credentials_come_from_the_named_secret_and_stay_there(
    control_plane: ControlPlane, tenant: Tenant, script: type[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("crm-token", "from the environment")
    told: dict[str, Any] = {"config": {"host": "crm.example"}, "credential_locator": "secret://crm-token#token"}
    missing = connect(control_plane, tenant, **told)
    assert (missing.intent.status, missing.intent.code) == ("awaiting_credentials", "credentials_missing")
    assert script.tokens == []
    with control_plane.tenant_session(tenant.id) as session:
        session.secrets.put("crm-token", CANARY)
    outcome = connect(control_plane, tenant, **told)
    assert outcome.connection is not None and outcome.intent.id == missing.intent.id
    assert script.tokens == [CANARY]
    with control_plane.tenant_session(tenant.id) as session:
        assert session.connections.secrets(outcome.connection.id) == {}
        session.secrets.put("crm-token", "rotated")
        assert session.connections.credentials(outcome.connection.id) == {"token": "rotated"}
    Onboarding(control_plane).discover(tenant.id, outcome.connection.id)
    twice = connect(control_plane, tenant, **{**told, "config": GOOD})
    assert twice.refusal is not None and twice.refusal.code == "credentials_clash"


@pytest.mark.servers
def test_no_table_but_the_sealed_ones_ever_holds_a_credential(
    control_plane: ControlPlane, tenant: Tenant, script: type[Scripted], database: Database
) -> None:
    nested = {**GOOD, "sign_in": {"user": "ann", "password": CANARY}}
    script.error = CredentialsExpired("No.")
    connect(control_plane, tenant, nested)
    connect(control_plane, tenant, {**GOOD, "unknown": CANARY, "host": f"https://ann:{CANARY}@h.example/?k={CANARY}"})
    connect(control_plane, tenant, {"token": CANARY}, kind="fax")
    script.error = None
    connect(control_plane, tenant, nested)
    with database.superuser() as connection:
        names = connection.execute(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        searched = {name: _text_of(connection, name) for name in names}
    assert sum(map(len, searched.values())) > 1_000 and "connection_secrets" in searched
    assert [name for name, text in searched.items() if CANARY in text] == []
    with control_plane.tenant_session(tenant.id) as session:
        made: UUID = session.connections.by_name("crm 2").id
        assert session.connections.credentials(made)["sign_in"] == {"user": "ann", "password": CANARY}


def _text_of(connection: sa.Connection, table: str) -> str:
    return "\n".join(map(str, connection.execute(sa.text(f"SELECT t::text FROM {table} t")).scalars()))


@pytest.mark.servers
def test_a_connection_made_without_an_intent_is_found_by_what_it_is(
    control_plane: ControlPlane, tenant: Tenant, script: type[Scripted]
) -> None:
    with control_plane.tenant_session(tenant.id) as session:
        old = session.connections.create("older", "scripted", {"host": "crm.example"}, {"token": "x"})
    outcome = connect(control_plane, tenant)
    assert outcome.connection is not None and (outcome.connection.id, outcome.is_new) == (old.id, False)


def test_secrets_are_parted_from_the_configuration_wherever_they_are() -> None:
    config = ScriptedConfig(host="h", token=SecretStr("t0ken"), sign_in=Inner(password=SecretStr("p")))
    plain, secrets = split_secrets(config)
    assert secrets == {"token": "t0ken", "sign_in": {"user": "ann", "password": "p"}}
    assert plain == {"host": "h", "tables": [], "learned": None}


def test_an_untried_configuration_is_stored_without_anything_that_may_be_secret(script: type[Scripted]) -> None:
    given = {**GOOD, "sign_in": {"user": "ann"}, "colour": CANARY, "tables": [f"https://a:{CANARY}@h/x?y={CANARY}"]}
    assert storable_config("scripted", given) == {"host": "crm.example", "tables": ["https://h/x"]}
    assert storable_config("fax", given) == {}
