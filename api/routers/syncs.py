"""Syncs and replays: asked for, followed, told of, taken back."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from api.cursors import number_place, time_and_id_place
from api.dependencies import CurrentActor, Id, Session, requires
from api.paging import CursorText, Limit, Page, write_cursor
from api.problems import Conflict, NotFound, problems
from api.schemas.syncs import SyncDetailOut, SyncNoteOut, SyncOut, SyncStatus
from api.tenant_sources import Sources, TenantSources
from api.unit_of_work import TenantRoute
from orchestration.control_plane.failure import RunKind
from orchestration.control_plane.sync_runs import SyncRunRecord

router = APIRouter(prefix="", route_class=TenantRoute)
Status = Annotated[SyncStatus | None, Query(description="Only syncs that stand there.")]
_WHERE = "/api/v1/aam/syncs/{}"


@router.post(
    "/connections/{connection_id}/sync",
    status_code=202,
    dependencies=[requires("tasks.write")],
    responses=problems(NotFound),
)
def sync_connection(
    connection_id: Id, session: Session, sources: Sources, request: Request, response: Response
) -> SyncDetailOut:
    """Ask for a sync now. One that is asked for already and waits is that one."""
    return _requested(connection_id, session, sources, request, response, "sync")


@router.post(
    "/connections/{connection_id}/replay",
    status_code=202,
    dependencies=[requires("tasks.write")],
    responses=problems(NotFound),
)
def replay_connection(
    connection_id: Id, session: Session, sources: Sources, request: Request, response: Response
) -> SyncDetailOut:
    """Ask for what is in the lake to be mapped anew, without asking the source."""
    return _requested(connection_id, session, sources, request, response, "replay")


@router.get(
    "/connections/{connection_id}/syncs", dependencies=[requires("connections.read")], responses=problems(NotFound)
)
def list_connection_syncs(
    connection_id: Id,
    session: Session,
    sources: Sources,
    limit: Limit = 50,
    cursor: CursorText = None,
    status: Status = None,
) -> Page[SyncOut]:
    """The syncs of a connection, newest first."""
    session.connections.get(connection_id)
    found = session.sync_runs.page(connection_id, status, time_and_id_place(cursor), limit + 1)
    return _page(found, limit, sources)


@router.get("/syncs", dependencies=[requires("connections.read")])
def list_syncs(
    session: Session,
    sources: Sources,
    limit: Limit = 50,
    cursor: CursorText = None,
    status: Status = None,
    kind: Annotated[RunKind | None, Query(description="A replay asks no source, a sync does.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Only syncs that ended then or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Only syncs that ended before.")] = None,
) -> Page[SyncOut]:
    """The tenant's syncs over all connections, newest first by when they were asked for.

    With `since` or `until`, only those whose `finished_at` is in that span: none that waits or runs.
    """
    place = time_and_id_place(cursor)
    found = session.sync_runs.page(None, status, place, limit + 1, kind=kind, since=since, until=until)
    return _page(found, limit, sources)


@router.get("/syncs/{sync_id}", dependencies=[requires("connections.read")], responses=problems(NotFound))
def get_sync(sync_id: Id, session: Session, sources: Sources) -> SyncDetailOut:
    """One sync with its streams. Of one that succeeded, read = loaded + rejected + unchanged."""
    return SyncDetailOut.of(session.sync_runs.get(sync_id), sources.told)


@router.get("/syncs/{sync_id}/notes", dependencies=[requires("connections.read")], responses=problems(NotFound))
def list_sync_notes(
    sync_id: Id, session: Session, sources: Sources, limit: Limit = 50, cursor: CursorText = None
) -> Page[SyncNoteOut]:
    """What was written down while the sync ran, in that order."""
    session.sync_runs.get(sync_id)
    found = session.sync_notes.page(sync_id, number_place(cursor), limit + 1)
    items = [SyncNoteOut.of(note, sources.told) for note in found[:limit]]
    return Page(items=items, next_cursor=write_cursor(items[-1].seq) if len(found) > limit else None)


@router.post("/syncs/{sync_id}/cancel", dependencies=[requires("tasks.write")], responses=problems(NotFound, Conflict))
def cancel_sync(sync_id: Id, session: Session, sources: Sources, actor: CurrentActor) -> SyncDetailOut:
    """Take back a sync that waits. One that has begun is stopped by canceling the task that asked for it."""
    run = session.sync_runs.get(sync_id)
    canceled = session.sync_runs.cancel(sync_id, is_begun=False)
    data = {"sync_id": str(sync_id), "kind": run.kind, "requested_by": run.requested_by}
    session.tell("sync.canceled", {"connection_id": run.connection_id, "sync_run_id": sync_id}, actor.name)
    session.audit.record("sync.canceled", f"connection:{run.connection_id}", data, actor.name)
    return SyncDetailOut.of(canceled, sources.told)


def _requested(
    connection_id: UUID, session: Session, sources: TenantSources, request: Request, response: Response, kind: RunKind
) -> SyncDetailOut:
    connection = session.connections.get(connection_id)
    run = session.sync_runs.request(connection_id, sources.actor.name, kind, trace_id=request.state.trace_id)
    data = {"name": connection.name, "sync_id": str(run.id)}
    session.audit.record(f"{kind}.requested", f"connection:{connection_id}", data, sources.actor.name)
    sources.nudge()
    response.headers["Location"] = _WHERE.format(run.id)
    return SyncDetailOut.of(run, sources.told)


def _page(found: Sequence[SyncRunRecord], limit: int, sources: TenantSources) -> Page[SyncOut]:
    shown = found[:limit]
    last = write_cursor(shown[-1].requested_at.isoformat(), str(shown[-1].id)) if len(found) > limit else None
    return Page(items=[SyncOut.of(run, sources.told) for run in shown], next_cursor=last)
