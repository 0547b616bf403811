"""Views as files: all rows that the filters leave, streamed from one snapshot."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from api.dependencies import CurrentActor, Held, Session, requires
from api.problems import Invalid, NotFound, problems
from api.published.answers import read_as_of
from api.published.export import MEDIA_TYPES, export_rows
from api.published.listing import Asked, Listing
from api.published.problems import QueryTimeout, QueryTooLarge
from api.schemas.views import ExportFormat, RowsQuery
from api.unit_of_work import TenantRoute

router = APIRouter(prefix="/views/{view}/export", route_class=TenantRoute)
_FIELDS = RowsQuery.model_fields


def _shape(media: str) -> dict[str, object]:
    if media == "application/json":
        return {"type": "array", "items": {"type": "object"}}
    return {"type": "string", "format": "binary"}


_Filter = Annotated[str, Query(min_length=1, max_length=4000)]


@router.get(
    "",
    dependencies=[requires("views.export")],
    response_class=StreamingResponse,
    responses=problems(NotFound, Invalid, QueryTimeout, QueryTooLarge)
    | {
        200: {
            "description": "The file.",
            "content": {media: {"schema": _shape(media)} for media in MEDIA_TYPES.values()},
        }
    },
)
def export_view(
    view: Annotated[str, Path(description="Name of a view.", examples=["accounts"])],
    session: Session,
    actor: CurrentActor,
    held: Held,
    format: Annotated[ExportFormat, Query(description="The kind of file.")] = "csv",
    columns: Annotated[str, Query(max_length=8000, description=_FIELDS["columns"].description)] = "",
    where: Annotated[list[_Filter] | None, Query(max_length=20, description=_FIELDS["where"].description)] = None,
    q: Annotated[str, Query(max_length=200, description=_FIELDS["q"].description)] = "",
    sort: Annotated[str, Query(max_length=1000, description="Columns between commas; in no order when left out.")] = "",
    as_of: Annotated[str | None, Query(max_length=40, description=_FIELDS["as_of"].description)] = None,
    raw: Annotated[bool, Query(description="CSV without the guard against formulas in spreadsheets.")] = False,
) -> StreamingResponse:
    """All rows that the filters leave, as a file. Who exported what is in the history."""
    with ExitStack() as opening:
        snapshot = opening.enter_context(held.published.open(session.tenant_id, read_as_of(as_of)))
        asked = Asked(tuple(where or ()), q, sort, columns)
        listing = Listing.of(snapshot, view, asked, in_order=False)
        pieces = export_rows(snapshot, listing, format, raw=raw)
        what: dict[str, object] = {"format": format, "snapshot_id": snapshot.snapshot_id, "raw": raw}
        what |= {"columns": list(listing.columns), "where": list(asked.where), "q": q}
        session.audit.record("view.exported", f"view:{view}", what, actor.name)
        open_until_sent = opening.pop_all()
    name = f"{view}-{snapshot.snapshot_id}.{format}"
    return StreamingResponse(
        _closing(pieces, open_until_sent),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def _closing(pieces: Iterator[bytes], opened: ExitStack) -> Iterator[bytes]:
    with opened:
        yield from pieces
