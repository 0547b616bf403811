"""Stores a source that answered: as a new connection, or as the connection that the same intent made before.

Runs inside one transaction, in which the intent's row is held: two processes at once make one connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orchestration.control_plane.connections import UNCHANGED, ConnectionRecord
from orchestration.control_plane.errors import NameTaken, NotFound
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.onboarding_intents import IntentRecord, Standing
from orchestration.control_plane.safe_mode import LOCAL_FILES, POLICY
from orchestration.control_plane.schedule import Schedule
from orchestration.control_plane.tenant_session import TenantSession

_CONNECTING = Standing("error", "connecting", "It is being connected.")  # seen by nobody: replaced before the commit


@dataclass(frozen=True, slots=True)
class Stored:
    """The connection of an intent; `changed` names what a repeated intent changed of it."""

    intent: IntentRecord
    connection: ConnectionRecord
    is_new: bool
    changed: tuple[str, ...] = ()


def refuse_taken_name(session: TenantSession, intent: Intent) -> None:
    """Raise NameTaken when a live connection to another source has the intent's name."""
    try:
        holder = session.connections.by_name(intent.name)
    except NotFound:
        return
    known = session.intents.find(intent.digest)
    own = known.connection_id if known else None
    if holder.id != (own or _without_intent(session, intent)):
        raise NameTaken(session.connections.kind, intent.name)


def store_source(
    session: TenantSession,
    intent: Intent,
    config: Mapping[str, Any],
    secrets: Mapping[str, Any],
    grants: Mapping[str, Any],
    actor: str,
    schedule: Schedule | None,
) -> Stored:
    """Make or update the connection, and say so in the history. Raises NameTaken."""
    record = session.intents.attempted(intent, config, _CONNECTING, grants)
    connection_id = record.connection_id or _without_intent(session, intent)
    changed: tuple[str, ...] = ()
    if connection_id is None:
        connection = _create(session, intent, config, secrets, grants, actor, schedule)
    else:
        connection, changed = _update(session, connection_id, intent, config, secrets, grants, actor, schedule)
    record = session.intents.connected(record.id, connection.id, intent, grants)
    return Stored(record, connection, connection_id is None, changed)


def _without_intent(session: TenantSession, intent: Intent) -> UUID | None:
    """A connection to the same source that was made before intents were, or beside them."""
    told = {known.connection_id for known in session.intents.list()}
    for connection in session.connections.list():
        if connection.id in told or connection.kind != intent.kind:
            continue
        as_intent = Intent(
            name=connection.name, kind=connection.kind, config=connection.config, namespace=connection.namespace,
            credential_locator=connection.credential_locator,
        )  # fmt: skip
        if as_intent.digest == intent.digest:
            return connection.id
    return None


def _create(
    session: TenantSession,
    intent: Intent,
    config: Mapping[str, Any],
    secrets: Mapping[str, Any],
    grants: Mapping[str, Any],
    actor: str,
    schedule: Schedule | None,
) -> ConnectionRecord:
    connection = session.connections.create(
        intent.name, intent.kind, config, secrets, schedule, risk_level=intent.risk_level,
        scopes_mode=intent.scopes_mode, namespace=intent.namespace, owner=intent.owner,
        credential_locator=intent.locator,
    )  # fmt: skip
    subject = f"connection:{connection.id}"
    session.audit.record("connection.created", subject, _told(intent, grants, connection.safe_mode), actor)
    if not connection.safe_mode:
        data = {"name": connection.name, "why": LOCAL_FILES}
        session.audit.record("connection.safe_mode_lifted", subject, data, POLICY)
    return connection


def _update(
    session: TenantSession,
    connection_id: UUID,
    intent: Intent,
    config: Mapping[str, Any],
    secrets: Mapping[str, Any],
    grants: Mapping[str, Any],
    actor: str,
    schedule: Schedule | None,
) -> tuple[ConnectionRecord, tuple[str, ...]]:
    before = session.connections.get(connection_id)
    given = intent.model_fields_set
    wanted: dict[str, Any] = {
        "config": dict(config), "scopes_mode": intent.scopes_mode,
        "risk_level": intent.risk_level if "risk_level" in given else before.risk_level,
        "owner": intent.owner if "owner" in given else before.owner,
        "schedule": schedule or before.schedule, "credential_locator": intent.credential_locator,
    }  # fmt: skip
    changed = [name for name, value in wanted.items() if getattr(before, name) != value]
    if session.connections.secrets(connection_id) != dict(secrets):
        changed.append("credentials")
    connection = session.connections.update(
        connection_id, config=wanted["config"], scopes_mode=wanted["scopes_mode"], risk_level=wanted["risk_level"],
        owner=wanted["owner"], schedule=schedule if "schedule" in changed else UNCHANGED,
        credential_locator=intent.locator, secrets=secrets if "credentials" in changed else None,
    )  # fmt: skip
    if connection.status in ("needs_person", "failing"):
        connection = session.connections.forgive(connection_id)  # the source has just answered
    data = {**_told(intent, grants, connection.safe_mode), "name": before.name, "changed": changed}
    session.audit.record("connection.updated", f"connection:{connection_id}", data, actor)
    return connection, tuple(changed)


def _told(intent: Intent, grants: Mapping[str, Any], safe_mode: bool) -> dict[str, Any]:
    """What the history keeps of an intent: nothing of its configuration."""
    return {
        "name": intent.name, "kind": intent.kind, "owner": intent.owner, "risk_level": intent.risk_level,
        "scopes_mode": intent.scopes_mode, "evidence": intent.evidence, "namespace": intent.namespace,
        "grants": dict(grants), "safe_mode": safe_mode,
    }  # fmt: skip
