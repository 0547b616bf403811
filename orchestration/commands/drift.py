"""`autonomos drift list|show|accept`: how sources differ from what was approved, what that breaks, taking it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.members import AsOption
from orchestration.commands.output import ConnectionOption, JsonOption, Output, TenantOption, table, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchestration.control_plane.drift import DriftRecord
    from orchestration.control_plane.tenant_session import TenantSession

DriftId = Annotated[str, typer.Argument(help="Id of the drift event, from 'drift list'.")]


def list_drift(
    tenant: TenantOption,
    connection: ConnectionOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Resolved events too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what drifted and waits to be resolved, an event a line."""
    from orchestration.commands.access import find_connection, open_access
    from orchestration.commands.drift_words import event_line

    output = Output(as_json)
    with open_access(output, "drift list") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            chosen = find_connection(session, connection).id if connection else None
            found = session.drift.list(chosen) if everything else session.drift.open(chosen)
            events = _described(session, found)
    nothing = "Nothing drifted: every source has the shape last approved."
    output.result({"drift": events}, *([event_line(event) for event in events] or [nothing]))


def show(tenant: TenantOption, drift_id: DriftId, as_json: JsonOption = False) -> None:
    """Show one drift event: evidence, what it breaks, and rows before and after."""
    from assets.normalize.change_rows import event_samples
    from assets.normalize.custom import tenant_catalog
    from orchestration.commands.access import open_access, parse_id
    from orchestration.commands.proposal_words import show_samples
    from orchestration.commands.sample_rows import open_lake

    output = Output(as_json)
    with open_access(output, "drift show") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            event = session.drift.get(parse_id(drift_id, "drift"))
            (document,) = _described(session, [event])
            mapping = session.mappings.active(event.connection_id, event.stream)
            catalog = tenant_catalog(session.custom_entities.list())
        with open_lake(access, owner.id) as lake:
            document["samples"] = event_samples(lake, event, mapping, catalog)
    cells = [
        (key, value if isinstance(value, str) else to_json(value))
        for key, value in document.items()
        if key not in ("samples", "evidence")
    ]
    shown = table(f"Drift of {document['connection']!r}", ("what", "value"), cells)
    output.result(document, shown, *show_samples(document["samples"]))


def accept(
    tenant: TenantOption,
    drift_id: DriftId,
    note: Annotated[str | None, typer.Option("--note", help="Why, for whoever reads the history.")] = None,
    by: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accept a change as it is: the mapping stays, its records flow again, and nobody is asked about it any more."""
    from assets.mapping.repairs import deciding
    from orchestration.commands.access import open_access, parse_id
    from orchestration.commands.approvals_decide import describe
    from orchestration.commands.members import who_decides
    from orchestration.commands.replay_wait import wake

    output = Output(as_json)
    with open_access(output, "drift accept") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            event = session.drift.get(parse_id(drift_id, "drift"))
            decided = deciding.accept(session, event.id, who_decides(session, by), note)
        if decided.sync_run_id is not None:
            wake(access, owner.id)
    document = {"stream": event.stream, "accepted": [str(event.id)], **describe(decided)}
    said = f"Accepted: {event.kind} in stream {event.stream!r}; its baseline moved."
    output.result(document, f"{said} {decided.told}".strip())


def _described(session: "TenantSession", events: "Sequence[DriftRecord]") -> list[dict[str, Any]]:
    from assets.mapping.repairs.event_words import describe_event
    from assets.normalize.custom import tenant_catalog

    names = {known.id: known.name for known in session.connections.list()}
    mappings = {(mapping.connection_id, mapping.stream): mapping for mapping in session.mappings.list()}
    views = {entity.name: entity.view for entity in tenant_catalog(session.custom_entities.list()).values()}
    proposals = {one.drift_id: one for one in reversed(session.proposals.list(limit=1000)) if one.drift_id}
    return [
        describe_event(
            event,
            names.get(event.connection_id, "(deleted)"),
            mappings.get((event.connection_id, event.stream)),
            views,
            proposals.get(event.id),
        )
        for event in events
    ]
