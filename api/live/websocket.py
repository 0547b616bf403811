"""The same frames over a WebSocket, as JSON texts with a `type`: event, gap, ping, closing.

What the other side sends is not needed: a little of it is overlooked, much of it ends the stream. Close codes:
4400 parameters that cannot be used, 4401 no valid ticket or logged out, 4403 not allowed (any more), 4429 too many
streams, 1008 too much was sent to us, 1012 this process ends (come back), 1013 something is away (come back later).
"""

from collections.abc import Sequence

from starlette.websockets import WebSocket, WebSocketDisconnect

from api.live.frames import ClosingReason
from api.live.live import Live
from api.live.places import Place
from api.live.subscriber import Subscriber
from api.problem_answers import problem_of
from api.problems import Forbidden, Invalid, Problem, TooManyRequests, Unauthenticated
from api.security.actor import Actor

BAD_PARAMETERS, UNAUTHENTICATED, FORBIDDEN, TOO_MANY = 4400, 4401, 4403, 4429
CLOSE_CODES: dict[ClosingReason, int] = {
    "unauthenticated": UNAUTHENTICATED,
    "forbidden": FORBIDDEN,
    "shutting_down": 1012,
    "unavailable": 1013,
}
_TOO_MUCH = 1008
_MOST_MESSAGES, _LONGEST_MESSAGE = 1000, 1024


async def serve_socket(socket: WebSocket, live: Live, actor: Actor, after: Place | None, kinds: Sequence[str]) -> None:
    """Send on an accepted socket until either side has had enough, and close it with a code that says why."""
    async with live.streams.opened(actor, after, kinds) as subscriber:
        too_much = _Reading(socket)
        try:
            await subscriber.serve(_send_all(live, subscriber, socket), too_much.until_it_ends())
        except (WebSocketDisconnect, RuntimeError):  # it went away while we were sending
            return
    if too_much.is_too_much:
        await socket.close(_TOO_MUCH)
    elif subscriber.ended is not None:
        await socket.close(CLOSE_CODES[subscriber.ended], subscriber.ended)


def close_code(problem: Problem) -> int:
    """The code for what would be a problem over HTTP."""
    match problem:
        case Unauthenticated():
            return UNAUTHENTICATED
        case Forbidden():
            return FORBIDDEN
        case Invalid():
            return BAD_PARAMETERS
        case TooManyRequests():
            return TOO_MANY
    return 1013


async def refuse(socket: WebSocket, error: Exception) -> None:
    """Close with the code of the error, if it is a problem; raise it otherwise."""
    problem = problem_of(error)
    if problem is None:
        await socket.close(1011)
        raise error
    await socket.close(close_code(problem), problem.title)


async def _send_all(live: Live, subscriber: Subscriber, socket: WebSocket) -> None:
    while frames := await subscriber.take():
        for each in frames:
            await socket.send_text(each.text)
        live.hub.delivered += len(frames)
    words = subscriber.last_words()
    if words is not None:
        await socket.send_text(words.text)


class _Reading:
    """Reads what is sent to us, so that leaving is noticed."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self.is_too_much = False

    async def until_it_ends(self) -> None:
        for _ in range(_MOST_MESSAGES):
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if len(message.get("text") or message.get("bytes") or "") > _LONGEST_MESSAGE:
                break
        self.is_too_much = True
