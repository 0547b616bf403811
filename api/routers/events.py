"""What happens, as it happens: SSE, WebSocket, tickets, history."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, WebSocket
from starlette.concurrency import run_in_threadpool

from api.dependencies import CurrentActor, Held, requires
from api.features import WEBSOCKET_EVENTS, has_feature
from api.live.admittance import may_listen
from api.live.asked import kinds_asked, place_asked
from api.live.history import newest_first, oldest_first
from api.live.places import LONGEST_ID, Place, id_of, told_at
from api.live.sse import EventStream
from api.live.websocket import refuse, serve_socket
from api.paging import CursorText, Limit, read_cursor, write_cursor
from api.problems import Forbidden, TooManyStreams, problems
from api.schemas.events import (
    AfterText,
    EventGapOut,
    EventKindOut,
    EventOut,
    EventPageOut,
    EventPlaceOut,
    KindsText,
    TicketOut,
)
from api.security.actor import Actor
from api.unit_of_work import TenantRoute
from orchestration.resources.event_kinds import EVENT_KINDS

router = APIRouter(prefix="", route_class=TenantRoute)
LastEventId = Annotated[
    str | None, Header(max_length=LONGEST_ID, description="What `EventSource` sends when it comes back.")
]
_FRAMES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Frames, until the caller leaves",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'id: 1732300000000-0\ndata: {"id": "1732300000000-0", "kind": "sync.started", ...}\n\n',
            }
        },
    }
}


@router.post("/ticket", dependencies=[requires("events.read")])
async def create_event_ticket(actor: CurrentActor, held: Held) -> TicketOut:
    """A ticket that opens one stream within half a minute.

    For browsers: `EventSource` and `WebSocket` cannot send a header, and tokens do not belong in addresses.
    """
    tickets = held.live.tickets
    return TicketOut(ticket=await tickets.issue(actor, "events"), expires_in_s=int(tickets.ttl_s))


@router.get("/stream", status_code=200, response_class=EventStream, responses={**_FRAMES, **problems(TooManyStreams)})
async def stream_events(
    actor: Annotated[Actor, Depends(may_listen)],
    held: Held,
    kinds: KindsText = None,
    after: AfterText = None,
    last_event_id: LastEventId = None,
) -> EventStream:
    """Events of this tenant as they happen, over SSE.

    Each is a message whose data is an event of `GET /history`. `Last-Event-ID` or `after` goes on behind an event: none
    is left out and none comes twice. What cannot be told any more is told as `event: gap`. A comment every 15 seconds
    says that the stream lives; `event: closing` is the last frame, with the reason. A ticket works once: come back with
    another one and the last id.
    """
    return EventStream(held.live, actor, place_asked(last_event_id or after), kinds_asked(kinds))


@router.websocket("/ws")
async def event_socket(socket: WebSocket) -> None:
    """The same over a WebSocket, with a ticket; close codes are told in `api.live.websocket`."""
    held = socket.app.state.held
    await socket.accept()
    try:
        actor = await may_listen.of_socket(socket, held)
        if not await run_in_threadpool(has_feature, held, actor.tenant_id, WEBSOCKET_EVENTS):
            raise Forbidden
        after, kinds = socket.query_params.get("after"), socket.query_params.get("kinds")
        await serve_socket(socket, held.live, actor, place_asked(after), kinds_asked(kinds))
    except Exception as error:  # noqa: BLE001 - what is no problem is raised again
        await refuse(socket, error)


@router.get("/history", dependencies=[requires("events.read")])
async def list_events(
    actor: CurrentActor,
    held: Held,
    kinds: KindsText = None,
    after: AfterText = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> EventPageOut:
    """What happened, newest first; with `after` what followed it, oldest first.

    About as many events are kept as the operator set. What happened before is in the things themselves.
    """
    wanted, reader = kinds_asked(kinds), held.live.hub.reader
    place = _place_of(cursor)
    behind = place_asked(after)
    if behind is None:
        page = await newest_first(reader, actor.tenant_id, place, wanted, limit)
    else:
        page = await oldest_first(reader, actor.tenant_id, place or behind, wanted, limit)
    return EventPageOut(
        items=[EventOut(**{**event.shown, "data": event.data}) for event in page.events],
        next_cursor=write_cursor(id_of(page.further)) if page.further else None,
        kept_since=EventPlaceOut(id=id_of(page.kept_since), at=told_at(page.kept_since)) if page.kept_since else None,
        gap=EventGapOut.model_validate(page.gap.about) if page.gap else None,
    )


@router.get("/kinds", dependencies=[requires("events.read")])
def list_event_kinds() -> list[EventKindOut]:
    """Every kind of event there is, with what its data holds."""
    return [
        EventKindOut(kind=each.kind, description=each.description, fields=list(each.fields))
        for each in EVENT_KINDS.values()
    ]


def _place_of(cursor: str | None) -> Place | None:
    found = read_cursor(cursor, 1)
    return place_asked(str(found[0])) if found else None
