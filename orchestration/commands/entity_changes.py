"""What the `entity` commands do besides talking: find the stream, store, normalize what landed, publish.

Records that landed are normalized here from the raw table they lie in; no source is asked.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.rules import FieldRule, StreamMapping
from assets.mapping.rules_json import rules_from_json, rules_to_json
from assets.normalize.custom import DeclarationInvalid, tenant_catalog
from assets.normalize.delta import StreamNormalizer
from assets.normalize.outcome import NormalizedStream
from orchestration.commands.access import OPERATOR, Access, find_connection
from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.output import Output
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.custom_entities import CustomEntityRecord
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.lake import Lake
from orchestration.resources.nudges import nudge
from orchestration.resources.services import lake_location

FROM_THE_FIRST = 0  # counts are of every record that ever landed
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class FoundStream:
    """A stream as it was last approved, and what it is mapped onto."""

    connection: ConnectionRecord
    name: str
    shape: ObservedStream
    mapping: StreamMapping | None


def find_entity(session: TenantSession, name: str) -> CustomEntityRecord:
    """A declared entity by its name or its view's. Raises CommandFailed with the nearest name."""
    declared = session.custom_entities.list()
    for record in declared:
        if name in (record.name, record.view):
            return record
    hint = did_you_mean(name, [record.name for record in declared]) or "Declare it with 'autonomos entity declare'."
    raise CommandFailed(f"There is no custom entity named {name!r}.", code="unknown_entity", hint=hint)


def find_stream(session: TenantSession, text: str) -> FoundStream:
    """CONNECTION/STREAM, where both may hold slashes. Raises CommandFailed."""
    known = {connection.name.lower() for connection in session.connections.list()}
    cuts = [at for at, character in enumerate(text) if character == "/"]
    if not cuts:
        hint = "Name the connection and its stream: --from CONNECTION/STREAM."
        raise CommandFailed(f"{text!r} names no stream.", code="not_a_stream", hint=hint)
    cut = next((at for at in cuts if text[:at].lower() in known), cuts[0])
    connection = find_connection(session, text[:cut])
    stream = text[cut + 1 :]
    baseline = session.schemas.baseline(connection.id, stream)
    if baseline is None:
        seen = session.schemas.streams(connection.id)
        hint = did_you_mean(stream, seen) or f"Run 'autonomos sync' for {connection.name!r} first."
        message = f"The connection {connection.name!r} has brought no stream {stream!r}."
        raise CommandFailed(message, code="unknown_stream", hint=hint)
    shape = ObservedStream.from_json(baseline.fields[0])
    if not shape.fields:
        raise CommandFailed(f"The stream {stream!r} was never read: it has no fields.", code="empty_stream")
    active = session.mappings.active(connection.id, stream)
    return FoundStream(connection, stream, shape, as_mapping(active) if active else None)


def as_mapping(record: MappingRecord) -> StreamMapping:
    """A stored mapping in the vocabulary of the stages."""
    return StreamMapping(record.stream, record.entity, record.version, rules_from_json(record.rules))


def refuse_to_move(stream: FoundStream, entity: str, *, replace: bool) -> None:
    """Raises CommandFailed when the stream's records are in another view and nobody said that they may leave it."""
    current = stream.mapping.entity if stream.mapping else None
    if current not in (None, entity) and not replace:
        raise CommandFailed(
            f"The stream {stream.name!r} is mapped onto {current!r} already.", code="stream_is_mapped",
            hint="Add --replace to move it: its records then leave the view they are in.",
        )  # fmt: skip


def save_mapping(
    session: TenantSession, stream: FoundStream, entity: str | None, rules: Sequence[FieldRule], reason: str
) -> MappingRecord:
    """A new version of the stream's mapping, decided by a person."""
    record = session.mappings.save(stream.connection.id, stream.name, entity, rules_to_json(rules), reason, OPERATOR)
    _audit(session, record)
    return record


def unmap_all(session: TenantSession, entity: str) -> list[MappingRecord]:
    """Every live stream of the entity stays raw from now on."""
    live = {connection.id for connection in session.connections.list()}
    reason = f"entity {entity} was retired"
    unmapped = [
        session.mappings.save(mapping.connection_id, mapping.stream, None, [], reason, OPERATOR)
        for mapping in session.mappings.list()
        if mapping.entity == entity and mapping.connection_id in live
    ]
    for record in unmapped:
        _audit(session, record)
    return unmapped


def _audit(session: TenantSession, record: MappingRecord) -> None:
    subject = {"stream": record.stream, "entity": record.entity, "version": record.version}
    session.audit.record("mapping.applied", f"connection:{record.connection_id}", subject, OPERATOR)


def normalize_landed(access: Access, tenant_id: UUID, connection_id: UUID, stream: str) -> NormalizedStream:
    """Bring the stream's canonical rows to the mapping in force, from the raw records that landed.

    A sync that runs at the same moment does the same work or finds it done: both read and move the same progress.
    """
    with access.control_plane.tenant_session(tenant_id) as session:
        active = session.mappings.active(connection_id, stream)
        catalog = tenant_catalog(session.custom_entities.list())
        holds = session.holds.active(connection_id)
    if active is None:
        raise NotFound("mapping", stream)
    with Lake(lake_location(access.settings)).session(tenant_id) as lake:
        return StreamNormalizer(lake, connection_id, as_mapping(active), FROM_THE_FIRST, catalog, holds=holds).run()


def request_publication(access: Access, tenant_id: UUID) -> UUID:
    """Ask for a refresh of the views; the id of the one that will take in what was just committed."""
    with access.control_plane.tenant_session(tenant_id) as session:
        session.tenants.mark_stale()
        refresh_id = session.refreshes.request().id
    # Without Redis the dispatcher sees the row a second later by itself.
    with redis.Redis.from_url(access.settings.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
        nudge(client, tenant_id)
    return refresh_id


def wait_published(access: Access, output: Output, tenant_id: UUID, refresh_id: UUID, timeout_s: float) -> None:
    """Return when the refresh ended well. Raises CommandFailed when it fails or takes longer."""
    output.say("Waiting until the views are published.")
    deadline = time.monotonic() + timeout_s
    while True:
        with access.control_plane.tenant_session(tenant_id) as session:
            refresh = session.refreshes.get(refresh_id)
        if refresh.status == "succeeded":
            return
        if refresh.is_finished:
            message = f"The views could not be rebuilt: {refresh.error_message or 'no reason was given.'}"
            raise CommandFailed(message, code=refresh.error_code or "refresh_failed", hint=refresh.error_hint or "")
        if time.monotonic() > deadline:
            hint = "What was declared is stored; the views follow while the stack runs."
            raise CommandFailed(f"The views are not published after {timeout_s:.0f} s.", code="timeout", hint=hint)
        time.sleep(_POLL_S)


def as_command_error(invalid: DeclarationInvalid) -> CommandFailed:
    """A declaration that cannot be taken, as the command line says it."""
    return CommandFailed(str(invalid), code="declaration_invalid", hint=invalid.hint)


def describe_field(field: dict[str, Any], key: Sequence[str]) -> dict[str, Any]:
    """A declared field as it is printed."""
    return {**field, "required": bool(field["required"]) or field["name"] in key, "key": field["name"] in key}
