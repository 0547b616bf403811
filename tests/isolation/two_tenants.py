"""Two tenants with rows in every table, and ways to act as any role for any tenant inside one transaction."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from assets.fingerprint.fingerprint import observe
from assets.mapping.rules import FieldRule
from assets.mapping.rules_json import rules_to_json
from connectors.protocol import Field, Stream
from orchestration.control_plane.columns import dump_json
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftChange
from orchestration.control_plane.idempotency_keys import StoredAnswer
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.onboarding_intents import Standing
from orchestration.control_plane.priors import contributor_of
from orchestration.control_plane.schedule import Schedule
from orchestration.control_plane.sealing import Sealer
from orchestration.control_plane.tasks import TaskWish
from orchestration.control_plane.tenant_session import TenantSession
from tests.orchestration.control_plane.databases import MASTER_KEY, Database

FLAGS = {"victim": "v-feature", "intruder": "i-feature"}  # of the platform: both hear of them, not of who has them
STREAM = "invoices"  # the same in both, so that a stream's name protects nobody
CALLS = {"victim": 1_000_000, "intruder": 1}  # of a language model: sums show whose they are
# Without a tenant: what they show and to whom is in `identity_checks`.
PLATFORM_TABLES = ("signing_keys", "feature_flags")
FINGERPRINT = "f" * 64  # of a request: the same in both, so that it protects nobody
KEPT_SCHEDULE = Schedule(interval_s=3_600)


@dataclass(frozen=True)
class Ids:
    """One tenant and one of each thing it owns."""

    tenant: UUID
    user: UUID
    email: str
    connection: UUID
    connection_name: str
    sync_run: UUID
    refresh: UUID
    superseded: UUID
    fingerprint: UUID
    drift: UUID
    entity: str
    secret: str
    intent: UUID
    digest: str
    connected_intent: UUID
    proposal: UUID
    hold: UUID
    watch: UUID
    note: UUID
    prior: str
    contract: UUID
    idempotency_key: str
    task: UUID
    given_up_task: UUID
    waiting_refresh: UUID
    callback: UUID
    login: UUID
    token_hash: str
    api_key: UUID
    key_prefix: str
    invitation: UUID
    invitation_hash: str


@dataclass(frozen=True)
class TwoTenants:
    """`intruder` is the tenant that tries, `victim` the one it must not reach."""

    database: Database
    intruder: Ids
    victim: Ids


def populate(database: Database) -> TwoTenants:
    """The victim first: where nothing protects it, an unordered query finds it first."""
    control_plane = database.control_plane()
    victim = _one_tenant(control_plane, "victim")
    intruder = _one_tenant(control_plane, "intruder")
    control_plane.dispose()
    return TwoTenants(database, intruder, victim)


def _one_tenant(control_plane: ControlPlane, name: str) -> Ids:
    with control_plane.operator_session() as operator:
        tenant = operator.create_tenant(name, f"{name}@example.com", "a hash").id
    with control_plane.identity_session() as platform:
        platform.flags.put(FLAGS[name], "", Decimal(0), True, "operator")
        platform.flags.override(FLAGS[name], tenant, True)
    with control_plane.tenant_session(tenant) as session:
        connection = session.connections.create(
            f"{name} crm", "files", {"path": f"/{name}"}, {"token": f"{name} token"}, schedule=KEPT_SCHEDULE
        )
        done = session.sync_runs.request(connection.id, f"user {name}")
        session.sync_runs.start(done.id, f"{name} dagster run")
        session.sync_runs.record_stream(done.id, STREAM, {"read": 1, "loaded": 1})
        session.sync_runs.request(connection.id, f"user {name}")
        session.sync_notes.add(done.id, "started", f"{name} began", STREAM)
        secret = session.secrets.put(f"{name}-secret", {"token": f"{name} named token"})
        held_up = Standing("network_blocked", f"{name}_code", f"{name} does not answer")
        waiting = session.intents.attempted(Intent(name=f"{name} erp", kind="files"), {}, held_up)
        wanted = Intent(name=f"{name} crm", kind="files", config={"path": f"/{name}"})
        asked = session.intents.attempted(wanted, {}, held_up)
        session.intents.connected(asked.id, connection.id, wanted, None)
        refresh = session.refreshes.request()
        session.refreshes.start(refresh.id, f"{name} dagster refresh")
        task, given_up, waiting_refresh, callback = _tasks(session, name)
        session.refreshes.request()
        session.tenants.mark_stale()
        superseded = session.publications.publish(1, f"/{name}/1", {})
        session.publications.publish(2, f"/{name}/2", {"accounts": {"rows": 1}})
        seen = observe(Stream(STREAM, (Field(f"{name} field", "text"),)), {})
        shape = session.schemas.record(connection.id, STREAM, f"{name} digest", [seen.to_json()], done.id)
        session.schemas.approve(shape.id, f"user {name}")
        (drift,) = session.drift.report(connection.id, [DriftChange(STREAM, "added", f"{name} field")])
        session.mappings.save(connection.id, STREAM, "account", [_rule(name)], "first", f"user {name}")
        declared = {"name": "note", "type": "text", "description": f"{name} note", "required": False}
        entity = session.custom_entities.declare(f"{name}_line", f"{name}_lines", [declared], [], f"user {name}")
        proposal, hold, watch, note, prior, contract = _repairs(session, connection.id, drift.id, name)
        session.idempotency_keys.claim(f"{name} request", FINGERPRINT, f"user {name}")
        session.idempotency_keys.store(
            f"{name} request", StoredAnswer(201, [("Location", f"/{name}")], f"{name} answer".encode())
        )
        session.audit.record("connection.created", f"{name} crm", {}, f"user {name}")
        if name == "victim":  # a longer history than the intruder's: whoever sees it continues it
            session.audit.record("connection.looked_at", f"{name} crm", {}, f"user {name}")
        user = session.users.list()[0]
        identity = _identity(session, user.user_id, name)
    return Ids(
        tenant, user.user_id, user.email, connection.id, connection.name, done.id, refresh.id,
        superseded.id, shape.id, drift.id, entity.name, secret.name, waiting.id, waiting.digest, asked.id,
        proposal, hold, watch, note, prior, contract, f"{name} request", task, given_up, waiting_refresh,
        callback, *identity,
    )  # fmt: skip


def _identity(session: TenantSession, user: UUID, name: str) -> tuple[UUID, str, UUID, str, UUID, str]:
    """What proves who is asking: a log-in with its token, an API key, an invitation."""
    token, secret, invited = (hashlib.sha256(f"{name} {kind}".encode()).hexdigest() for kind in ("rt", "ak", "inv"))
    login = session.logins.begin(user, token, f"{name} browser")
    key = session.api_keys.create(f"{name} key", secret[:10], secret, ["views.read"], user)
    invitation = session.invitations.create(f"new@{name}.example", "viewer", invited, f"user {name}")
    return login.id, token, key.id, key.prefix, invitation.id, invited


def _tasks(session: TenantSession, name: str) -> tuple[UUID, UUID, UUID, UUID]:
    """A task that waits with a run of its own, one that was given up and had a follow-up, and a callback."""
    url = f"https://{name}.example/hook"
    task = session.task_life.begin(TaskWish("refresh_views", callback_url=url), f"user {name}")
    given_up = session.task_life.begin(TaskWish("refresh_views"), f"user {name}")
    session.tasks.refused(TaskWish("refresh_views", parent_task_id=given_up.id), f"user {name}", "Refused", name)
    session.task_life.cancel(given_up.id, f"user {name}")
    session.task_callbacks.put(task.id, {"of": name})
    (callback,) = session.task_callbacks.of_task(task.id)
    (run,) = session.tasks.runs(task.id)
    return task.id, given_up.id, run.run_id, callback.id


def _repairs(
    session: TenantSession, connection: UUID, drift: UUID, name: str
) -> tuple[UUID, UUID, UUID, UUID, str, UUID]:
    """What the repair loop keeps: a waiting proposal with a vote and a rejected one, hold and watch, a note, settings,
    a prior, a contract."""
    person = f"user {name}"
    contract = session.contracts.set("freeze", person, connection, STREAM)
    assert contract is not None
    session.repair_settings.set(person, share_priors=True, slack_secret=f"{name}-secret")
    rule = _rule(name)
    of_drift: dict[str, Any] = {
        "kind": "renamed",
        "probability": 0.7,
        "base_version": 1,
        "rules": [rule],
        "drift_id": drift,
    }
    session.proposals.add(connection, STREAM, status="rejected", decided_by=person, **of_drift)
    proposal = session.proposals.add(connection, STREAM, status="open", expires_at=datetime.now(UTC), **of_drift)
    session.proposals.vote(proposal.id, person, "approve", {"rules": [rule]})
    hold = session.holds.place(connection, STREAM, drift, 3, [f"{name} field"], "filled", proposal.id)
    watch = session.watches.start(connection, STREAM, proposal.id, 2, 1, 3, {"of": name})
    session.llm_usage.add(f"{name} feature", "model", CALLS[name], 10, 10, None)
    session.notes_outbox.put("drift", f"{name} key", {"of": name})
    prior = session.priors.field_hash("files", f"{name} field")
    session.priors.contribute("files", [(prior, "account", "name")])
    return proposal.id, hold.id, watch.id, session.notes_outbox.list()[0].id, prior, contract.id


def _rule(name: str) -> dict[str, Any]:
    """A rule as the mapping stage writes it."""
    (rule,) = rules_to_json([FieldRule(f"{name} field", "name")])
    return rule


@contextmanager
def undone(database: Database) -> Iterator[sa.Connection]:
    """A superuser's transaction that leaves nothing behind."""
    engine = sa.create_engine(database.url(), poolclass=sa.NullPool, json_serializer=dump_json)
    with engine.connect() as connection, connection.begin() as transaction:
        try:
            yield connection
        finally:
            transaction.rollback()


@contextmanager
def acting_as(connection: sa.Connection, role: str, tenant: UUID | str | None) -> Iterator[sa.Connection]:
    """The same transaction as another role, with a tenant set or not; what it did is undone at the end."""
    savepoint = connection.begin_nested()
    try:
        connection.execute(sa.text(f"SET LOCAL ROLE {role}"))
        if tenant is not None:
            connection.execute(sa.text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": str(tenant)})
        yield connection
    finally:
        savepoint.rollback()


def owned_tables(connection: sa.Connection) -> list[str]:
    """Every table of tenants' by the catalog; Alembic's own is nobody's data."""
    names = sa.text(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND relname <> 'alembic_version' ORDER BY relname"
    )
    return [name for name in connection.execute(names).scalars() if name not in PLATFORM_TABLES]


def belongs(table: str, tenant: UUID) -> str:
    """The SQL condition for a tenant's rows. A table without tenant_id has to be named here, or this fails for it."""
    special = {
        "tenants": f"id = '{tenant}'",
        "users": f"id IN (SELECT user_id FROM memberships WHERE tenant_id = '{tenant}')",
        "field_priors": f"contributor = '{contributor_of(tenant, Sealer(MASTER_KEY))}'",
    }
    return special.get(table, f"tenant_id = '{tenant}'")


def rows_of(connection: sa.Connection, table: str, condition: str = "true", columns: str = "*") -> list[dict[str, Any]]:
    """Rows as JSON, in a fixed order."""
    rows = f"SELECT {columns} FROM {table} WHERE {condition}"
    found = connection.execute(sa.text(f"SELECT to_jsonb(t)::text FROM ({rows}) t")).scalars()
    return [json.loads(row) for row in sorted(found)]


def everything_of(connection: sa.Connection, tenant: UUID) -> dict[str, list[dict[str, Any]]]:
    """All rows of a tenant by table; needs the superuser."""
    return {table: rows_of(connection, table, belongs(table, tenant)) for table in owned_tables(connection)}


def soon() -> timedelta:
    """Longer than any schedule of these tenants."""
    return timedelta(days=1)
