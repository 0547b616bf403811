"""For every repository method, how one tenant would use it to reach another. A method missing here fails a test."""

from collections.abc import Callable
from datetime import UTC, datetime

from orchestration.control_plane.drift import DriftChange
from orchestration.control_plane.errors import AuditChainBroken
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.locators import Locator
from orchestration.control_plane.onboarding_intents import Standing
from orchestration.control_plane.tenant_session import TenantSession
from tests.isolation.two_tenants import CALLS, STREAM, Ids, soon

STOLEN = Intent(name="stolen", kind="files", owner="intruder")

Attempt = Callable[[TenantSession, Ids], object]

# The victim's ids, put into a session of the intruder's.
ATTEMPTS: dict[str, Attempt] = {
    "tenants.current": lambda s, v: s.tenants.current(),
    "tenants.mark_stale": lambda s, v: (s.tenants.mark_fresh(), s.tenants.mark_stale()),
    "tenants.mark_fresh": lambda s, v: s.tenants.mark_fresh(),
    "users.list": lambda s, v: s.users.list(),
    "users.get": lambda s, v: s.users.get(v.user),
    "users.by_email": lambda s, v: s.users.by_email(v.email),
    "users.password_hash": lambda s, v: (v.user, s.users.password_hash(v.user)),
    "users.set_role": lambda s, v: s.users.set_role(v.user, "owner"),
    "users.remove": lambda s, v: s.users.remove(v.user),
    "connections.get": lambda s, v: s.connections.get(v.connection),
    "connections.by_name": lambda s, v: s.connections.by_name(v.connection_name),
    "connections.list": lambda s, v: s.connections.list(),
    "connections.update": lambda s, v: s.connections.update(v.connection, owner="stolen"),
    "connections.set_status": lambda s, v: s.connections.set_status(v.connection, "paused"),
    "connections.delete": lambda s, v: s.connections.delete(v.connection),
    "connections.lift": lambda s, v: s.connections.lift(v.connection, "stolen"),
    "connections.hold": lambda s, v: s.connections.hold(v.connection),
    "connections.forgive": lambda s, v: s.connections.forgive(v.connection),
    "secrets.names": lambda s, v: s.secrets.names(),
    "secrets.list": lambda s, v: s.secrets.list(),
    "secrets.delete": lambda s, v: s.secrets.delete(v.secret),
    "intents.find": lambda s, v: s.intents.find(v.digest),
    "intents.get": lambda s, v: s.intents.get(v.intent),
    "intents.list": lambda s, v: s.intents.list(),
    "intents.connected": lambda s, v: s.intents.connected(v.connected_intent, v.connection, STOLEN, None),
    "intents.drop": lambda s, v: s.intents.drop(v.intent),
    "funnel.counts": lambda s, v: s.funnel.counts(),
    "sync_notes.list": lambda s, v: s.sync_notes.list(v.sync_run),
    "sync_runs.get": lambda s, v: s.sync_runs.get(v.sync_run),
    "sync_runs.list": lambda s, v: s.sync_runs.list(),
    "sync_runs.start": lambda s, v: s.sync_runs.start(v.sync_run, "stolen"),
    "sync_runs.record_stream": lambda s, v: s.sync_runs.record_stream(v.sync_run, STREAM, {"read": 9}),
    "sync_runs.finish": lambda s, v: s.sync_runs.finish(v.sync_run, 9),
    "sync_runs.fail": lambda s, v: s.sync_runs.fail(v.sync_run, "X", "stolen"),
    "sync_runs.cancel": lambda s, v: s.sync_runs.cancel(v.sync_run),
    "refreshes.get": lambda s, v: s.refreshes.get(v.refresh),
    "refreshes.latest": lambda s, v: s.refreshes.latest(),
    "refreshes.start": lambda s, v: s.refreshes.start(v.refresh, "stolen"),
    "refreshes.finish": lambda s, v: s.refreshes.finish(v.refresh, {}),
    "refreshes.fail": lambda s, v: s.refreshes.fail(v.refresh, "X", "stolen"),
    "publications.current": lambda s, v: s.publications.current(),
    "publications.publish": lambda s, v: s.publications.publish(9, "/stolen", {}),
    "publications.superseded": lambda s, v: s.publications.superseded(datetime.now(UTC) + soon()),
    "publications.forget": lambda s, v: s.publications.forget(v.superseded),
    "schemas.record": lambda s, v: s.schemas.record(v.connection, STREAM, "victim digest", []),
    "schemas.baseline": lambda s, v: s.schemas.baseline(v.connection, STREAM),
    "schemas.baselines": lambda s, v: s.schemas.baselines(v.connection),
    "schemas.latest": lambda s, v: s.schemas.latest(v.connection, STREAM),
    "schemas.streams": lambda s, v: [(v.connection, name) for name in s.schemas.streams(v.connection)],
    "schemas.approve": lambda s, v: s.schemas.approve(v.fingerprint, "stolen"),
    "drift.open": lambda s, v: s.drift.open(),
    "drift.list": lambda s, v: s.drift.list(v.connection),
    "drift.get": lambda s, v: s.drift.get(v.drift),
    "drift.resolve": lambda s, v: s.drift.resolve(v.drift, "stolen", "intruder"),
    "drift.reopen": lambda s, v: s.drift.reopen(v.drift, "stolen", "intruder"),
    "contracts.set": lambda s, v: s.contracts.set(None, "intruder", v.connection, STREAM),
    "contracts.list": lambda s, v: s.contracts.list(v.connection),
    "contracts.effective": lambda s, v: s.contracts.effective(v.connection, STREAM, "renamed") and "victim",
    "contracts.all_effective": lambda s, v: s.contracts.all_effective(v.connection)(STREAM, "unit") and "victim",
    "repair_settings.get": lambda s, v: s.repair_settings.get(),
    "repair_settings.set": lambda s, v: s.repair_settings.set("intruder", two_person=True),
    "proposals.get": lambda s, v: s.proposals.get(v.proposal),
    "proposals.list": lambda s, v: s.proposals.list(),
    "proposals.open_for": lambda s, v: s.proposals.open_for(v.drift),
    "proposals.refresh": lambda s, v: s.proposals.refresh(v.proposal, probability=1.0),
    "proposals.settle": lambda s, v: s.proposals.settle(v.proposal, "approved", "intruder"),
    "proposals.escalate": lambda s, v: s.proposals.escalate(v.proposal, datetime.now(UTC)),
    "proposals.votes": lambda s, v: s.proposals.votes(v.proposal),
    "holds.active": lambda s, v: s.holds.active(v.connection),
    "holds.get": lambda s, v: s.holds.get(v.hold),
    "holds.lift": lambda s, v: s.holds.lift(v.hold, "intruder"),
    "holds.lift_of": lambda s, v: s.holds.lift_of(v.drift, "intruder"),
    "watches.watching": lambda s, v: s.watches.watching(v.connection),
    "watches.get": lambda s, v: s.watches.get(v.watch),
    "watches.seen": lambda s, v: s.watches.seen(v.watch),
    "watches.end": lambda s, v: s.watches.end(v.watch, "regressed"),
    "priors.withdraw": lambda s, v: s.priors.withdraw(),
    "llm_usage.month": lambda s, v: s.llm_usage.month(datetime.now(UTC)).calls >= CALLS["victim"] and "victim",
    "notes_outbox.due": lambda s, v: s.notes_outbox.due(datetime.now(UTC) + soon()),
    "notes_outbox.sent": lambda s, v: s.notes_outbox.sent(v.note),
    "notes_outbox.failed": lambda s, v: s.notes_outbox.failed(v.note, "stolen"),
    "notes_outbox.list": lambda s, v: s.notes_outbox.list(),
    "mappings.version": lambda s, v: s.mappings.version(v.connection, STREAM, 1),
    "mappings.active": lambda s, v: s.mappings.active(v.connection, STREAM),
    "mappings.history": lambda s, v: s.mappings.history(v.connection, STREAM),
    "mappings.list": lambda s, v: s.mappings.list(v.connection),
    "mappings.memory": lambda s, v: s.mappings.memory(),
    "custom_entities.get": lambda s, v: s.custom_entities.get(v.entity),
    "custom_entities.list": lambda s, v: s.custom_entities.list(retired=True),
    "custom_entities.add_fields": lambda s, v: s.custom_entities.add_fields(v.entity, [{"name": "stolen"}], "intruder"),
    "custom_entities.retire": lambda s, v: s.custom_entities.retire(v.entity, "intruder"),
    "audit.list": lambda s, v: s.audit.list(),
    "audit.record": lambda s, v: s.audit.record("x", "y", {}, "intruder"),
    "audit.verify": lambda s, v: _verify(s),
}  # fmt: skip

# Protected a second time: composite foreign keys refuse rows that point at another tenant's, and a seal does not open
# for another tenant. These hold even where no policy is in force, so only that they do no harm can be tried.
PROTECTED_TWICE: dict[str, Attempt] = {
    "users.add": lambda s, v: s.users.add(v.email, "a hash", "owner"),
    "connections.create": lambda s, v: s.connections.create(v.connection_name.upper(), "files", {}),
    "connections.secrets": lambda s, v: (v.connection, s.connections.secrets(v.connection)),
    "connections.credentials": lambda s, v: (v.connection, s.connections.credentials(v.connection)),
    "secrets.put": lambda s, v: s.secrets.put(v.secret, "stolen").version,
    "secrets.open": lambda s, v: (v.secret, s.secrets.open(v.secret)),
    "secrets.resolve": lambda s, v: (v.secret, s.secrets.resolve(Locator(v.secret))),
    "intents.attempted": lambda s, v: s.intents.attempted(STOLEN, {}, Standing("error", "x", "y")).status,
    "sync_notes.add": lambda s, v: s.sync_notes.add(v.sync_run, "x", "stolen"),
    "sync_runs.request": lambda s, v: s.sync_runs.request(v.connection, "intruder"),
    "refreshes.request": lambda s, v: s.refreshes.request(),
    "drift.report": lambda s, v: s.drift.report(v.connection, [DriftChange(STREAM, "added", "stolen")]),
    "proposals.add": lambda s, v: _proposal(s, v),
    "proposals.vote": lambda s, v: s.proposals.vote(v.proposal, "intruder", "approve"),
    "holds.place": lambda s, v: s.holds.place(v.connection, STREAM, v.drift, 0, ["stolen"], "all"),
    "watches.start": lambda s, v: s.watches.start(v.connection, STREAM, v.proposal, 2, 1, 3, {}),
    "priors.field_hash": lambda s, v: s.priors.field_hash("files", "stolen"),
    "priors.contribute": lambda s, v: s.priors.contribute("files", [(v.prior, "account", "name")]),
    "priors.look_up": lambda s, v: s.priors.look_up("files", [v.prior]),
    "llm_usage.add": lambda s, v: s.llm_usage.add("stolen", "model", 1, 1, 1, None),
    "notes_outbox.put": lambda s, v: s.notes_outbox.put("drift", "stolen", {}),
    "custom_entities.declare": lambda s, v: s.custom_entities.declare("stolen", "stolen", [], [], "intruder"),
    "mappings.take_turns": lambda s, v: (v.connection, s.mappings.take_turns(v.connection)),
    "mappings.save": lambda s, v: s.mappings.save(v.connection, STREAM, "account", [], "stolen", "intruder"),
}


def _proposal(session: TenantSession, victim: Ids) -> object:
    return session.proposals.add(
        victim.connection, STREAM, kind="renamed", status="open", probability=0.9, base_version=1, rules=[],
        drift_id=victim.drift,
    )  # fmt: skip


def _verify(session: TenantSession) -> str:
    """A chain that mixes two tenants' events does not hold."""
    try:
        return f"{session.audit.verify()} events"
    except AuditChainBroken:
        return "the victim's events are in the chain"
