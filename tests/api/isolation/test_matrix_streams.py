"""Routes that stay open tell each role of its own tenant and of no other; no proof but one's own opens them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import orjson
import pytest
import redis
from fastapi.routing import iter_route_contexts
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from api.live.stream_routes import STREAM_ROUTES
from api.security.permissions import Role
from orchestration.resources.events import Events
from tests.api.isolation.standing import INTRUDER, VICTIM, Standing
from tests.api.isolation.test_matrix import standing
from tests.api.listening import listening
from tests.api.serving import ROLES

__all__ = ["standing"]
pytestmark = pytest.mark.servers
NO_TICKETS = ("", "not-a-ticket", "%00", "7d3c1f5e-2a4b-4c6d-8e9f-0a1b2c3d4e5f", "0" * 43)


@pytest.fixture
def events(redis_url: str) -> Iterator[Events]:
    with redis.Redis.from_url(redis_url) as client:
        yield Events(client)


def test_every_route_that_stays_open_is_known_here(standing: Standing) -> None:
    sockets = {
        str(route.path)
        for route in iter_route_contexts(standing.application.routes)
        if isinstance(route.original_route, WebSocketRoute)
    }
    document = standing.application.openapi()
    endless = {
        path
        for path, item in document["paths"].items()
        for described in item.values()
        if "text/event-stream" in described.get("responses", {}).get("200", {}).get("content", {})
    }
    assert sockets | endless == set(STREAM_ROUTES)


@pytest.mark.parametrize("role", ROLES)
def test_a_stream_tells_of_ones_own_tenant_alone(
    role: Role, standing: Standing, events: Events, measured: Callable[[str], None]
) -> None:
    theirs, own = standing.two.victim.tenant, standing.two.intruder.tenant
    heard = []
    for path, ways in STREAM_ROUTES.items():
        for way in ways:
            with opened(standing, path, way, role) as next_kind:
                for number in range(3):
                    events.tell(theirs, "sync.note", {"of": VICTIM, "number": number})
                events.tell(own, "sync.note", {"of": INTRUDER})
                heard.append((path, way, next_kind()))
    assert [frame for _, _, frame in heard] == [INTRUDER] * 3
    measured(f"API isolation: {len(heard)} streams opened as {role}, 0 events of another tenant")


@contextmanager
def opened(standing: Standing, path: str, way: str, role: Role) -> Iterator[Callable[[], str]]:
    """The stream, opened that way; gives whose the next event is."""
    ticket = standing.client(role).post("/api/v1/events/ticket").json()["ticket"]
    if path.endswith("/ws"):
        address = standing.api.base_url.replace("http", "ws", 1)
        with connect(f"{address}{path}?ticket={ticket}&after=0-0&kinds=sync.note", proxy=None) as socket:
            yield lambda: str(_event(socket.recv(timeout=10))["data"]["of"])
    elif way == "ticket":
        with listening(standing.api.base_url, ticket=ticket, after="0-0", kinds="sync.note") as listener:
            yield lambda: str(listener.take(1)[0].data["data"]["of"])
    else:
        with listening(
            standing.api.base_url, standing.api.headers(INTRUDER, role), after="0-0", kinds="sync.note"
        ) as listener:
            yield lambda: str(listener.take(1)[0].data["data"]["of"])


def _event(message: str | bytes) -> dict[str, dict[str, str]]:
    return dict(orjson.loads(message))


@pytest.mark.parametrize("ticket", NO_TICKETS)
def test_what_is_no_ticket_opens_nothing(ticket: str, standing: Standing) -> None:
    answer = httpx.get(f"{standing.api.base_url}/api/v1/events/stream?ticket={ticket}")
    unknown = httpx.get(f"{standing.api.base_url}/api/v1/events/stream?ticket={uuid4()}")
    assert (answer.status_code, answer.content) == (401, unknown.content)
    address = standing.api.base_url.replace("http", "ws", 1)
    with (
        pytest.raises(ConnectionClosed) as closed,
        connect(f"{address}/api/v1/events/ws?ticket={ticket}", proxy=None) as socket,
    ):
        socket.recv(timeout=10)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401
