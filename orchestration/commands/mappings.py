"""`autonomos mappings list|history|rollback`: which source field fills which canonical field, and how that came.

A version is never changed: rolling back puts the rules of an earlier one in force as a new version.
"""

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.connections import OneConnection
from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.members import AsOption
from orchestration.commands.output import ConnectionOption, JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from uuid import UUID

    from assets.mapping.repairs.deciding import Decided
    from orchestration.control_plane.mappings import MappingRecord
    from orchestration.control_plane.schemas import FingerprintRecord
    from orchestration.control_plane.tenant_session import TenantSession

OneStream = Annotated[str, typer.Option("--stream", help="Name of the stream.")]


def list_mappings(tenant: TenantOption, connection: ConnectionOption = None, as_json: JsonOption = False) -> None:
    """List the mappings in force, with the fields that nothing is mapped from."""
    from assets.mapping.repairs.event_words import sources_of
    from orchestration.commands.access import find_connection, open_access

    output = Output(as_json)
    documents = []
    with open_access(output, "mappings list") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            names = {known.id: known.name for known in session.connections.list()}
            chosen = find_connection(session, connection).id if connection else None
            for mapping in session.mappings.list(chosen):
                shape = session.schemas.latest(mapping.connection_id, mapping.stream)
                mapped = {name for rule in mapping.rules for name in sources_of(rule)}
                fields = _fields_of(shape)
                documents.append(
                    {
                        "connection": names.get(mapping.connection_id, "(deleted)"),
                        "stream": mapping.stream,
                        "entity": mapping.entity,
                        "raw_only": mapping.entity is None,
                        "fields": len(fields),
                        "version": mapping.version,
                        "decided_by": mapping.decided_by,
                        "decided_at": mapping.decided_at,
                        "reason": mapping.reason,
                        "rules": mapping.rules,
                        "unmapped": [field for field in fields if field not in mapped],
                    }
                )
    shown = [_shown(document, owner.name) for document in documents] or ["No mapping yet: sync a connection first."]
    output.result({"mappings": documents}, *shown)


def history(tenant: TenantOption, connection: OneConnection, stream: OneStream, as_json: JsonOption = False) -> None:
    """Show every version of a stream's mapping: who, when, why, and what it changed."""
    from assets.mapping.repairs.proposal_words import rules_diff
    from orchestration.commands.access import find_connection, open_access

    output = Output(as_json)
    with open_access(output, "mappings history") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            versions = _versions(session, find_connection(session, connection).id, stream)
    documents = []
    for at, version in enumerate(versions):
        before = versions[at + 1].rules if at + 1 < len(versions) else []
        documents.append(
            {
                "version": version.version, "entity": version.entity, "in_force": version.is_active,
                "decided_by": version.decided_by, "decided_at": version.decided_at, "reason": version.reason,
                "diff": rules_diff(before, version.rules), "rules": version.rules,
            }
        )  # fmt: skip
    shown = [line for document in documents for line in _told(document)]
    output.result({"connection": connection, "stream": stream, "versions": documents}, *shown)


def rollback(
    tenant: TenantOption,
    connection: OneConnection,
    stream: OneStream,
    to: Annotated[int | None, typer.Option("--to", min=1, help="Version; the one before when left out.")] = None,
    note: Annotated[str | None, typer.Option("--note", help="Why, for whoever reads the history.")] = None,
    by: AsOption = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the views show it.")] = False,
    timeout_s: Annotated[int, typer.Option("--timeout", min=1, help="Seconds to wait at most.")] = 600,
    as_json: JsonOption = False,
) -> None:
    """Put the rules of an earlier version in force again; what a repair among them undid is open again."""
    from assets.mapping.repairs import deciding
    from orchestration.commands.access import find_connection, open_access
    from orchestration.commands.approvals_decide import carry_out

    def decide(session: "TenantSession", actor: str) -> "Decided":
        connection_id = find_connection(session, connection).id
        version = _earlier(_versions(session, connection_id, stream), stream, to)
        return deciding.rollback(session, connection_id, stream, version, actor, note)

    output = Output(as_json)
    with open_access(output, "mappings rollback", everything=wait) as access:
        carry_out(access, output, tenant, by, decide, timeout_s if wait else None)


def _versions(session: "TenantSession", connection_id: "UUID", stream: str) -> "list[MappingRecord]":
    """Newest first. Raises CommandFailed when the stream has none."""
    versions = list(session.mappings.history(connection_id, stream))
    if not versions:
        known = [mapping.stream for mapping in session.mappings.list(connection_id)]
        hint = did_you_mean(stream, known) or "Sync the connection first."
        raise CommandFailed(f"There is no mapping of stream {stream!r}.", code="unknown_stream", hint=hint)
    return versions


def _earlier(versions: "list[MappingRecord]", stream: str, to: int | None) -> int:
    """The version to go back to. Raises CommandFailed for one that is not there, or is in force."""
    current = next(version.version for version in versions if version.is_active)
    wanted = current - 1 if to is None else to
    known = sorted(version.version for version in versions if version.version != current)
    if wanted not in known:
        hint = f"Earlier ones: {', '.join(map(str, known))}." if known else "It is the first one."
        message = f"Stream {stream!r} has no other version {wanted}; version {current} is in force."
        raise CommandFailed(message, code="no_such_version", hint=hint)
    return wanted


def _told(document: Mapping[str, Any]) -> list[str]:
    """One version for people: who, when and why, then what it changed."""
    state = ", in force" if document["in_force"] else ""
    who = f"by {document['decided_by']} at {document['decided_at']:%Y-%m-%d %H:%M:%S}"
    head = f"Version {document['version']} -> {document['entity'] or 'raw only'}{state}, {who}: {document['reason']}"
    return [head, *(f"  {line}" for line in document["diff"])]


def _fields_of(shape: "FingerprintRecord | None") -> list[str]:
    """Names of the fields a stream was last seen with."""
    from assets.fingerprint.fingerprint import ObservedStream

    if shape is None:
        return []
    return [field.name for document in shape.fields for field in ObservedStream.from_json(document).fields]


def _shown(document: Mapping[str, Any], tenant: str) -> Any:
    stream = f"{document['connection']}/{document['stream']}"
    if document["raw_only"]:
        command = f"autonomos entity declare --tenant {shlex.quote(tenant)} --name NAME --from {shlex.quote(stream)}"
        kept = f"raw only, {document['fields']} fields kept; declare an entity with '{command}'"
        return f"{document['connection']} / {document['stream']}: {kept}\n"
    title = f"{document['connection']} / {document['stream']} -> {document['entity']} (version {document['version']})"
    cells: list[tuple[object, ...]] = [
        (rule["source"], rule["target"], rule["transform"]["kind"], f"{rule['probability']:.2f}", rule["decided_by"])
        for rule in document["rules"]
    ]
    cells += [(field, "(unmapped)", None, None, None) for field in document["unmapped"]]
    return table(title, ("source", "target", "read by", "probability", "decided by"), cells)
