"""Pages, exports and single rows of the unified views, from the published snapshot."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.conditional import entity_tag
from api.dependencies import CurrentActor, Held, Session, requires
from api.problems import Invalid, NotFound, problems
from api.published.answers import answer_rows
from api.published.describing import describe_view, entity_of_view
from api.published.pages import AnsweredPage
from api.published.problems import QueryTimeout, QueryTooLarge, SnapshotGone
from api.schemas.views import RowsOut, RowsQuery, SnapshotOut, SnapshotsOut, ViewOut, ViewsOut
from api.security.proof import proof_of
from api.state import AppState
from api.unit_of_work import TenantRoute
from assets.normalize.custom import tenant_catalog

router = APIRouter(prefix="/views", route_class=TenantRoute)
snapshots = APIRouter(prefix="/snapshots", route_class=TenantRoute)
ViewName = Annotated[str, Path(description="Name of a view.", examples=["accounts"])]
# Only the caller may keep it, and asks each time whether it is still the newest.
_PRIVATE = "private, no-cache"


@router.get("", dependencies=[requires("views.read")])
def list_views(session: Session, held: Held) -> ViewsOut:
    """All views: what they hold, how fresh they are, and their columns."""
    with held.published.open_current(session.tenant_id) as snapshot:
        names = {str(known.id): known.name for known in session.connections.list()}
        catalog = tenant_catalog(session.custom_entities.list())
        return ViewsOut(items=[describe_view(one, snapshot, names) for one in catalog.values()])


@router.get("/{view}", dependencies=[requires("views.read")], responses=problems(NotFound))
def get_view(view: ViewName, session: Session, held: Held) -> ViewOut:
    """One view: what it holds, how fresh it is, and its columns with their meaning."""
    entity = entity_of_view(tenant_catalog(session.custom_entities.list()), view)
    if entity is None:
        raise NotFound
    with held.published.open_current(session.tenant_id) as snapshot:
        names = {str(known.id): known.name for known in session.connections.list()}
        return describe_view(entity, snapshot, names)


def _documented(model: type[RowsQuery]) -> list[dict[str, Any]]:
    """The model's fields as query parameters of the API document."""
    schema = model.model_json_schema()
    listed = []
    for name, field in schema["properties"].items():
        described = {key: value for key, value in field.items() if key not in ("title", "examples", "description")}
        parameter = {"name": name, "in": "query", "required": False, "schema": described}
        parameter["description"] = field.get("description", "")
        if "examples" in field:
            parameter["example"] = field["examples"][0]
        listed.append(parameter)
    return listed


class RowsRoute(TenantRoute):
    """A page that was answered before needs neither dependencies nor validation: only who asks, and its key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, behind a look at what is kept."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await _answered_before(request) or await handler(request)

        return handle


pages = APIRouter(prefix="/views", route_class=RowsRoute)


async def _answered_before(request: Request) -> Response | None:
    """The page, for a caller who may read it and is within its rates; None leaves everything to the endpoint."""
    held: AppState = request.app.state.held
    accept = request.headers.get("accept", "*/*")
    actor = await held.access.authenticator.actor(proof_of(request))
    if not actor.may("views.read") or not ("*/*" in accept or "application/json" in accept):
        return None
    is_known, publication = held.published.current.known(actor.tenant_id)
    if not is_known or publication is None:
        return None
    page = held.pages.get((actor.tenant_id, publication.id, request.path_params["view"], request.scope["query_string"]))
    if page is None:
        return None
    request.state.actor = actor
    await held.rates.admit(request, actor)
    held.metrics.looked_up("pages", hit=True)
    return _sent(page, request)


@pages.get(
    "/{view}/rows",
    dependencies=[requires("views.read")],
    response_model=RowsOut,
    responses=problems(NotFound, Invalid, SnapshotGone, QueryTimeout, QueryTooLarge)
    | {304: {"description": "The caller has it already."}},
    openapi_extra={"parameters": _documented(RowsQuery)},
)
async def list_rows(view: ViewName, request: Request, actor: CurrentActor, held: Held) -> Response:
    """A page of rows: filtered, searched, sorted, by keyset; all pages of a listing are of one snapshot.

    `ETag` names snapshot and query: sent back in If-None-Match it gives 304 for as long as nothing newer is published.
    """
    # Read by hand: what was asked is also the key under which the answer is kept.
    asked = request.scope["query_string"]
    publication = await run_in_threadpool(held.published.current.get, actor.tenant_id)
    if publication is None:
        raise NotFound
    key = (actor.tenant_id, publication.id, view, asked)
    page = held.pages.get(key)
    held.metrics.looked_up("pages", hit=page is not None)
    if page is None:
        query = _read_query(asked)
        snapshot_id, body = await run_in_threadpool(answer_rows, held.published, actor.tenant_id, view, query)
        page = AnsweredPage(body, entity_tag(snapshot_id, view, query.model_dump_json()))
        held.pages.keep(key, page)
    return _sent(page, request)


def _sent(page: AnsweredPage, request: Request) -> Response:
    headers = {"ETag": page.tag, "Cache-Control": _PRIVATE, "Vary": "Authorization"}
    if _has(request.headers.get("if-none-match"), page.tag):
        return Response(status_code=304, headers=headers)
    return Response(page.body, headers=headers, media_type="application/json")


def _has(if_none_match: str | None, tag: str) -> bool:
    if not if_none_match:
        return False
    tags = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return tag in tags or "*" in tags


def _read_query(asked: bytes) -> RowsQuery:
    """The query string as a RowsQuery. Raises RequestValidationError."""
    try:
        given = parse_qs(asked.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise Invalid("The query string has too many parts.") from None
    document = {
        name: values if name == "where" else values[-1]
        for name, values in given.items()
        if name in RowsQuery.model_fields
    }
    try:
        return RowsQuery.model_validate(document)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("query", *one["loc"])} for one in error.errors()]) from None


@snapshots.get("", dependencies=[requires("views.read")])
def list_snapshots(session: Session) -> SnapshotsOut:
    """Publications that can still be read, newest first; each is a value of `as_of`."""
    return SnapshotsOut(
        items=[
            SnapshotOut(
                snapshot_id=record.snapshot_id,
                published_at=record.published_at,
                current=record.superseded_at is None,
                views={name: int(said["rows"]) for name, said in record.views.items()},
            )
            for record in session.publications.list()
        ]
    )
