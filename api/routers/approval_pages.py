"""The page behind a link of a note, for people who are not logged in. It shows one repair and decides nothing."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from api.dependencies import Held
from api.problems import NotFound
from api.repairs.links import linked_approval
from api.repairs.page import HEADERS, invalid_page, repair_page
from orchestration.control_plane import errors

router = APIRouter(prefix="/approvals", include_in_schema=False)


@router.get("/link/{token:path}", response_class=HTMLResponse)
def show_approval_link(token: Annotated[str, Path()], held: Held) -> HTMLResponse:
    """The repair that the link opens as a page; one that opens nothing says so, whatever the reason."""
    try:
        return HTMLResponse(repair_page(linked_approval(held, token)), headers=dict(HEADERS))
    except (NotFound, errors.NotFound):
        return HTMLResponse(invalid_page(), status_code=404, headers=dict(HEADERS))
