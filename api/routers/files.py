"""A tenant's own files: sent, listed, removed. They are the only ones that its connections over HTTP may read."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.cursors import text_place
from api.dependencies import CurrentActor, requires
from api.paging import CursorText, Limit, Page, write_cursor
from api.problems import Conflict, Invalid, NotFound, TooLarge, problems
from api.schemas.files import FileName, FileOut, NewFileName
from api.tenant_sources import MIB, Sources, TenantSources
from api.unit_of_work import TenantRoute
from orchestration.resources.tenant_files import Draft, FileRefused, NoRoom, StoredFile, file_name

router = APIRouter(prefix="/files", route_class=TenantRoute)
_WHERE = "/api/v1/aam/files/{}"
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The file's bytes as they are.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class NoRoomLeft(Conflict):
    slug, title = "no-room-left", "Your files together have reached their limit"
    advice = "Delete files that nobody reads any more, or ask the operator for more room."


@router.get("", dependencies=[requires("connections.read")])
def list_files(sources: Sources, limit: Limit = 50, cursor: CursorText = None) -> Page[FileOut]:
    """The tenant's files by name."""
    after = text_place(cursor)
    behind = [file for file in sources.files.list() if after is None or file.name > after]
    items = [FileOut.of(file) for file in behind[:limit]]
    return Page(items=items, next_cursor=write_cursor(items[-1].name) if len(behind) > limit else None)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("connections.write")],
    responses=problems(Invalid, TooLarge, NoRoomLeft)
    | {200: {"model": FileOut, "description": "It replaced a file of that name"}},
    openapi_extra=_BODY,
)
async def upload_file(name: NewFileName, request: Request, sources: Sources, response: Response) -> FileOut:
    """Send a file. It appears whole or not at all, and takes the place of one of the same name."""
    try:
        kept_as = file_name(name)
    except FileRefused as refused:
        raise Invalid(str(refused)) from None
    draft = await run_in_threadpool(_draft, sources)
    try:
        await _receive(request, draft, request.app.state.held.settings.upload_limit_mb * MIB)
        file, replaced = await run_in_threadpool(_keep, sources, draft, kept_as)
    finally:
        await run_in_threadpool(draft.drop)
    response.status_code = 200 if replaced else 201
    response.headers["Location"] = _WHERE.format(quote(file.name))
    return FileOut.of(file)


@router.delete("/{name}", status_code=204, dependencies=[requires("connections.write")], responses=problems(NotFound))
def delete_file(name: FileName, sources: Sources, actor: CurrentActor) -> None:
    """Remove a file. What a connection brought of it stays, until a sync that takes absence for deletion."""
    if not sources.files.delete(name):
        raise NotFound
    with sources.session() as session:
        session.audit.record("file.deleted", f"file:{name}", {}, actor.name)


async def _receive(request: Request, draft: Draft, most_bytes: int) -> None:
    """Write the body as it comes."""
    async for chunk in request.stream():
        if draft.size_bytes + len(chunk) > most_bytes:
            raise TooLarge(f"A file may have {most_bytes} bytes.")
        try:
            await run_in_threadpool(draft.write, chunk)
        except NoRoom:
            raise NoRoomLeft from None
    if not draft.size_bytes:
        raise Invalid("The file is empty.")


def _draft(sources: TenantSources) -> Draft:
    try:
        return sources.files.draft()
    except NoRoom:
        raise NoRoomLeft from None


def _keep(sources: TenantSources, draft: Draft, name: str) -> tuple[StoredFile, bool]:
    file, replaced = draft.keep(name)
    with sources.session() as session:
        data = {"size_bytes": file.size_bytes, "replaced": replaced}
        session.audit.record("file.uploaded", f"file:{name}", data, sources.actor.name)
    return file, replaced
