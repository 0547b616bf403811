"""Declares, extends, fills and retires a tenant's own entities in the caller's transaction.

What a declaration may say is checked here; records that landed are normalized by a replay, which the caller asks for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.rules import FieldRule, StreamMapping
from assets.mapping.rules_json import rules_from_json, rules_to_json
from assets.normalize.custom import (
    DeclarationInvalid,
    DeclaredField,
    check_declaration,
    check_fields,
    declared_entity,
    tenant_catalog,
)
from assets.normalize.drafting import FieldChoice, draft_entity, draft_rules
from assets.normalize.plan import unfilled_required
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.custom_entities import CustomEntityRecord
from orchestration.control_plane.errors import Conflict, NotFound
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.tenant_session import TenantSession


class StreamIsMapped(Conflict):
    """The stream's records are in another view, and nobody said that they may leave it."""

    def __init__(self, stream: str, entity: str) -> None:
        super().__init__(f"The stream {stream!r} is mapped onto {entity!r} already.")


@dataclass(frozen=True, slots=True)
class FoundStream:
    """A stream as it was last approved, and what it is mapped onto."""

    connection: ConnectionRecord
    name: str
    shape: ObservedStream
    mapping: StreamMapping | None


def find_stream(session: TenantSession, connection_id: UUID, stream: str) -> FoundStream:
    """The stream of a live connection. Raises NotFound, and DeclarationInvalid for one that was never read."""
    connection = session.connections.get(connection_id)
    baseline = session.schemas.baseline(connection.id, stream)
    if baseline is None:
        raise NotFound("stream", stream)
    shape = ObservedStream.from_json(baseline.fields[0])
    if not shape.fields:
        raise DeclarationInvalid(f"The stream {stream!r} was never read: it has no fields.", "Sync it first.")
    active = session.mappings.active(connection.id, stream)
    return FoundStream(connection, stream, shape, as_mapping(active) if active else None)


def declare_entity(
    session: TenantSession, name: str, view: str, stream: FoundStream, choices: Sequence[FieldChoice], by: str,
    *, replace: bool = False,
) -> CustomEntityRecord:  # fmt: skip
    """A new entity of the stream's fields, and the stream mapped onto it.

    Raises:
        DeclarationInvalid, StreamIsMapped, NameTaken: see there.
    """
    _refuse_to_move(stream, name, replace=replace)
    draft = draft_entity(name, stream.shape, choices)
    check_declaration(name, view, draft.fields, draft.key)
    made = session.custom_entities.declare(name, view, [field.to_json() for field in draft.fields], draft.key, by)
    _save_mapping(session, stream, name, draft.rules, f"entity {name} was declared from it", by)
    return made


def map_stream(
    session: TenantSession, record: CustomEntityRecord, stream: FoundStream, choices: Sequence[FieldChoice], by: str,
    *, replace: bool = False,
) -> MappingRecord:  # fmt: skip
    """A further stream mapped onto the entity, or more of its fields filled by one that is.

    Raises:
        DeclarationInvalid, StreamIsMapped: see there.
    """
    _refuse_to_move(stream, record.name, replace=replace)
    rules = draft_rules(declared_entity(record), stream.shape, choices, stream.mapping)
    empty = unfilled_required(StreamMapping(stream.name, record.name, 1, tuple(rules)), tenant_catalog([record]))
    if empty:
        raise DeclarationInvalid(f"Nothing fills {', '.join(empty)}, which every {record.name} needs.", "Add --field.")
    return _save_mapping(session, stream, record.name, rules, f"mapped onto entity {record.name}", by)


def add_fields(session: TenantSession, name: str, fields: Sequence[DeclaredField], by: str) -> CustomEntityRecord:
    """The entity with more fields, empty until a stream fills them. Raises DeclarationInvalid, NotFound, NameTaken."""
    check_fields(name, fields)
    return session.custom_entities.add_fields(name, [field.to_json() for field in fields], by)


def retire_entity(session: TenantSession, name: str, by: str) -> list[MappingRecord]:
    """End the entity: its view goes with the next publication, its streams are raw only. Raises NotFound."""
    session.custom_entities.retire(name, by)
    live = {connection.id for connection in session.connections.list()}
    reason = f"entity {name} was retired"
    unmapped = [
        session.mappings.save(mapping.connection_id, mapping.stream, None, [], reason, by)
        for mapping in session.mappings.list()
        if mapping.entity == name and mapping.connection_id in live
    ]
    for record in unmapped:
        _audit(session, record, by)
    return unmapped


def as_mapping(record: MappingRecord) -> StreamMapping:
    """A stored mapping in the vocabulary of the stages."""
    return StreamMapping(record.stream, record.entity, record.version, rules_from_json(record.rules))


def plural(name: str) -> str:
    """The view of an entity whose owner named none."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "z", "ch", "sh")) else f"{name}s"


def _refuse_to_move(stream: FoundStream, entity: str, *, replace: bool) -> None:
    current = stream.mapping.entity if stream.mapping else None
    if current is not None and current != entity and not replace:
        raise StreamIsMapped(stream.name, current)


def _save_mapping(
    session: TenantSession, stream: FoundStream, entity: str, rules: Sequence[FieldRule], reason: str, by: str
) -> MappingRecord:
    record = session.mappings.save(stream.connection.id, stream.name, entity, rules_to_json(rules), reason, by)
    _audit(session, record, by)
    return record


def _audit(session: TenantSession, record: MappingRecord, by: str) -> None:
    subject = {"stream": record.stream, "entity": record.entity, "version": record.version}
    session.audit.record("mapping.applied", f"connection:{record.connection_id}", subject, by)
