"""`autonomos mappings list`: which source field fills which canonical field, by connection and stream."""

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.commands.output import ConnectionOption, JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from orchestration.control_plane.schemas import FingerprintRecord


def list_mappings(tenant: TenantOption, connection: ConnectionOption = None, as_json: JsonOption = False) -> None:
    """List the mappings in force, with the fields that nothing is mapped from."""
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
                mapped = {rule["source"] for rule in mapping.rules}
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
