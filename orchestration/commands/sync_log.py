"""`autonomos sync-log`: what happened in a sync, stream by stream, in sentences."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import ConnectionOption, JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from rich.table import Table

    from orchestration.control_plane.sync_runs import SyncRunRecord
    from orchestration.control_plane.tenant_session import TenantSession


def sync_log(
    tenant: TenantOption,
    connection: ConnectionOption = None,
    sync: Annotated[str | None, typer.Option("--sync", help="Id of a sync; the newest when left out.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the story of the last sync: of one connection, of each of a tenant's, or of the sync that is named."""
    from orchestration.commands.access import open_access

    output = Output(as_json)
    with open_access(output, "sync-log") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            told = [_describe(session, name, run) for name, run in _chosen(session, connection, sync)]
    if not told:
        raise CommandFailed("There was no sync yet.", code="no_sync", hint="Start one with 'autonomos sync'.")
    shown = [part for document in told for part in _shown(document)]
    output.result({"tenant": owner.name, "syncs": told}, *shown)


def _chosen(session: "TenantSession", connection: str | None, sync: str | None) -> "list[tuple[str, SyncRunRecord]]":
    from orchestration.commands.access import find_connections

    if sync is not None:
        try:
            run = session.sync_runs.get(UUID(sync))
        except ValueError:
            hint = "Copy one from 'autonomos sync --json' or 'autonomos sync-log'."
            raise CommandFailed(f"{sync!r} is no id of a sync.", code="not_an_id", hint=hint) from None
        names = {known.id: known.name for known in session.connections.list()}
        return [(names.get(run.connection_id, "(deleted)"), run)]
    return [
        (record.name, run)
        for record in find_connections(session, connection)
        for run in session.sync_runs.list(record.id, limit=1)
    ]


def _describe(session: "TenantSession", connection: str, run: "SyncRunRecord") -> dict[str, Any]:
    notes = [
        {"at": note.at, "stream": note.stream, "level": note.level, "code": note.code, "message": note.message}
        for note in session.sync_notes.list(run.id)
    ]
    return {
        "connection": connection,
        "sync_id": run.id,
        "status": run.status,
        "is_sample": run.is_sample,
        "requested_by": run.requested_by,
        "requested_at": run.requested_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "streams": run.streams,
        "error": run.error_code
        and {"code": run.error_code, "message": run.error_message, "hint": run.error_hint, "retryable": run.retryable},
        "notes": notes,
    }


def _shown(document: dict[str, Any]) -> "list[Table | str]":
    """The story, stream after stream; what concerns the whole sync comes first."""
    notes = sorted(document["notes"], key=lambda note: note["stream"] or "")
    cells = [(note["stream"], note["at"], note["level"], note["message"]) for note in notes]
    for stream, counts in sorted(document["streams"].items()):
        if counts.get("error"):
            cells.append((stream, None, "error", f"{counts['error']['message']} {counts['error'].get('hint') or ''}"))
    what = "sample" if document["is_sample"] else "sync"
    asked = f"asked for by {document['requested_by']}"
    title = f"{document['connection']}: {what} {document['sync_id']}, {document['status']}, {asked}"
    shown: list[Table | str] = [table(title, ("stream", "at", "level", "what happened"), cells)]
    if document["error"]:
        shown.append(f"{document['error']['message']} {document['error']['hint'] or ''}".strip())
    return shown
