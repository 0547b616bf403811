"""Two tenants with rows in every table, and ways to act as any role for any tenant inside one transaction."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.columns import dump_json
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftChange
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.onboarding_intents import Standing
from orchestration.control_plane.priors import contributor_of
from orchestration.control_plane.schedule import Schedule
from orchestration.control_plane.sealing import Sealer
from orchestration.control_plane.tenant_session import TenantSession
from tests.orchestration.control_plane.databases import MASTER_KEY, Database

STREAM = "invoices"  # the same in both, so that a stream's name protects nobody
CALLS = {"victim": 1_000_000, "intruder": 1}  # of a language model: sums show whose they are
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
        session.refreshes.request()
        session.tenants.mark_stale()
        superseded = session.publications.publish(1, f"/{name}/1", {})
        session.publications.publish(2, f"/{name}/2", {"accounts": {"rows": 1}})
        shape = session.schemas.record(connection.id, STREAM, f"{name} digest", [{"name": f"{name} field"}], done.id)
        session.schemas.approve(shape.id, f"user {name}")
        (drift,) = session.drift.report(connection.id, [DriftChange(STREAM, "added", f"{name} field")])
        rule = {"source": f"{name} field", "target": "name"}
        session.mappings.save(connection.id, STREAM, "account", [rule], "first", f"user {name}")
        declared = {"name": "note", "type": "text", "description": f"{name} note", "required": False}
        entity = session.custom_entities.declare(f"{name}_line", f"{name}_lines", [declared], [], f"user {name}")
        proposal, hold, watch, note, prior = _repairs(session, connection.id, drift.id, name)
        session.audit.record("connection.created", f"{name} crm", {}, f"user {name}")
        if name == "victim":  # a longer history than the intruder's: whoever sees it continues it
            session.audit.record("connection.looked_at", f"{name} crm", {}, f"user {name}")
        user = session.users.list()[0]
    return Ids(
        tenant, user.user_id, user.email, connection.id, connection.name, done.id, refresh.id,
        superseded.id, shape.id, drift.id, entity.name, secret.name, waiting.id, waiting.digest, asked.id,
        proposal, hold, watch, note, prior,
    )  # fmt: skip


def _repairs(session: TenantSession, connection: UUID, drift: UUID, name: str) -> tuple[UUID, UUID, UUID, UUID, str]:
    """What the repair loop keeps: a waiting proposal with a vote, its hold and watch, a note, settings, a prior."""
    person = f"user {name}"
    session.contracts.set("freeze", person, connection, STREAM)
    session.repair_settings.set(person, share_priors=True, slack_secret=f"{name}-secret")
    rule = {"source": f"{name} field", "target": "name"}
    proposal = session.proposals.add(
        connection, STREAM, kind="renamed", status="open", probability=0.7, base_version=1, rules=[rule],
        drift_id=drift, expires_at=datetime.now(UTC),
    )  # fmt: skip
    session.proposals.vote(proposal.id, person, "approve", {"rules": [rule]})
    hold = session.holds.place(connection, STREAM, drift, 3, [f"{name} field"], "filled", proposal.id)
    watch = session.watches.start(connection, STREAM, proposal.id, 2, 1, 3, {"of": name})
    session.llm_usage.add(f"{name} feature", "model", CALLS[name], 10, 10, None)
    session.notes_outbox.put("drift", f"{name} key", {"of": name})
    prior = session.priors.field_hash("files", f"{name} field")
    session.priors.contribute("files", [(prior, "account", "name")])
    return proposal.id, hold.id, watch.id, session.notes_outbox.list()[0].id, prior


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
    """Every table of ours by the catalog; Alembic's own is nobody's data."""
    names = sa.text(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " AND relname <> 'alembic_version' ORDER BY relname"
    )
    return list(connection.execute(names).scalars())


def belongs(table: str, tenant: UUID) -> str:
    """The SQL condition for a tenant's rows. A table without tenant_id has to be named here, or this fails for it."""
    special = {
        "tenants": f"id = '{tenant}'",
        "users": f"id IN (SELECT user_id FROM memberships WHERE tenant_id = '{tenant}')",
        "field_priors": f"contributor = '{contributor_of(tenant, Sealer(MASTER_KEY))}'",
    }
    return special.get(table, f"tenant_id = '{tenant}'")


def rows_of(connection: sa.Connection, table: str, condition: str = "true") -> list[dict[str, Any]]:
    """Rows as JSON, in a fixed order."""
    found = connection.execute(sa.text(f"SELECT to_jsonb(t)::text FROM {table} t WHERE {condition}")).scalars()
    return [json.loads(row) for row in sorted(found)]


def everything_of(connection: sa.Connection, tenant: UUID) -> dict[str, list[dict[str, Any]]]:
    """All rows of a tenant by table; needs the superuser."""
    return {table: rows_of(connection, table, belongs(table, tenant)) for table in owned_tables(connection)}


def soon() -> timedelta:
    """Longer than any schedule of these tenants."""
    return timedelta(days=1)
