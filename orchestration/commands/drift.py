"""`autonomos drift list|show|accept`: how sources differ from the shape last approved, and moving that shape."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import ConnectionOption, JsonOption, Output, TenantOption, table, to_json

if TYPE_CHECKING:
    from orchestration.control_plane.drift import DriftRecord

DriftId = Annotated[str, typer.Argument(help="Id of the drift event, from 'drift list'.")]


def list_drift(
    tenant: TenantOption,
    connection: ConnectionOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Resolved events too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what drifted and waits to be resolved."""
    from orchestration.commands.access import find_connection, open_access

    output = Output(as_json)
    with open_access(output, "drift list") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            chosen = find_connection(session, connection).id if connection else None
            names = {known.id: known.name for known in session.connections.list()}
            found = session.drift.list(chosen) if everything else session.drift.open(chosen)
            events = [describe(event, names.get(event.connection_id, "(deleted)")) for event in found]
    columns = ("id", "connection", "stream", "kind", "field", "breaking", "status", "first_seen_at")
    cells = [[event[column] for column in columns] for event in events]
    shown = table("Drift", columns, cells) if events else "Nothing drifted: every source has the shape last approved."
    output.result({"drift": events}, shown)


def show(tenant: TenantOption, drift_id: DriftId, as_json: JsonOption = False) -> None:
    """Show one drift event with its evidence."""
    from orchestration.commands.access import open_access, parse_id

    output = Output(as_json)
    with open_access(output, "drift show") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            event = session.drift.get(parse_id(drift_id, "drift"))
            name = session.connections.get(event.connection_id).name
    document = describe(event, name)
    cells = [(key, value if isinstance(value, str) else to_json(value)) for key, value in document.items()]
    output.result(document, table(f"Drift of {name!r}", ("what", "value"), cells))


def accept(tenant: TenantOption, drift_id: DriftId, as_json: JsonOption = False) -> None:
    """Accept the source's new shape: its stream's baseline moves, and all open drift of the stream is resolved."""
    from orchestration.commands.access import OPERATOR, open_access, parse_id

    output = Output(as_json)
    with open_access(output, "drift accept") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            event = session.drift.get(parse_id(drift_id, "drift"))
            if event.status != "open":
                raise CommandFailed(f"That drift was resolved by {event.resolved_by} already.", code="not_open")
            observed = session.schemas.latest(event.connection_id, event.stream)
            if observed is not None:
                session.schemas.approve(observed.id, OPERATOR)
            # The baseline is one shape of the whole stream, so accepting it accepts every difference from the old one.
            same_stream = [other for other in session.drift.open(event.connection_id) if other.stream == event.stream]
            resolved = [session.drift.resolve(other.id, "accepted", OPERATOR) for other in same_stream]
            subject = f"connection {event.connection_id} stream {event.stream}"
            session.audit.record("drift.accepted", subject, {"events": [str(done.id) for done in resolved]}, OPERATOR)
    document = {"stream": event.stream, "accepted": [str(done.id) for done in resolved]}
    output.result(document, f"Accepted {len(resolved)} change(s) of stream {event.stream!r}; its baseline moved.")


def describe(event: "DriftRecord", connection: str) -> dict[str, Any]:
    """A drift event as it is shown and printed."""
    return {
        "id": str(event.id),
        "connection": connection,
        "stream": event.stream,
        "kind": event.kind,
        "field": event.field,
        "breaking": event.is_breaking,
        "before": event.before,
        "after": event.after,
        "evidence": event.evidence,
        "status": event.status,
        "resolution": event.resolution,
        "resolved_by": event.resolved_by,
        "first_seen_at": event.first_seen_at,
        "last_seen_at": event.last_seen_at,
    }
