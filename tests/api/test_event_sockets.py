"""Events over a WebSocket: the same frames, with a ticket, and codes that say why it was closed."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from orchestration.resources.events import Events
from tests.api.serving import ServedApi, ServedTenant, email

pytestmark = pytest.mark.servers


@pytest.fixture
def tenant(shared_api: ServedApi) -> ServedTenant:
    return shared_api.new_tenant()


@pytest.fixture
def events(redis_url: str) -> Iterator[Events]:
    with redis.Redis.from_url(redis_url) as client:
        yield Events(client)


@contextmanager
def socket(api: ServedApi, **params: str) -> Iterator[ClientConnection]:
    query = "&".join(f"{name}={value}" for name, value in params.items())
    address = api.base_url.replace("http", "ws", 1)
    with connect(f"{address}/api/v1/events/ws?{query}", proxy=None) as opened:
        yield opened


def ticket(tenant: ServedTenant) -> str:
    return str(tenant.client("viewer").post("/api/v1/events/ticket").json()["ticket"])


def closed_with(opened: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            opened.recv(timeout=10)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_the_same_events_are_heard_and_resumed(shared_api: ServedApi, tenant: ServedTenant, events: Events) -> None:
    with socket(shared_api, ticket=ticket(tenant), after="0-0", kinds="sync") as opened:
        events.tell(tenant.id, "sync.note", {"number": 1})
        events.tell(tenant.id, "drift.seen", {"number": 2})
        first = json.loads(opened.recv(timeout=10))
    assert (first["type"], first["kind"], first["data"]) == ("event", "sync.note", {"number": 1})
    events.tell(tenant.id, "sync.note", {"number": 3})
    with socket(shared_api, ticket=ticket(tenant), after=first["id"]) as opened:
        assert [json.loads(opened.recv(timeout=10))["data"]["number"] for _ in range(2)] == [2, 3]


def test_what_is_no_ticket_is_closed_with_4401(shared_api: ServedApi, tenant: ServedTenant) -> None:
    used = ticket(tenant)
    with socket(shared_api, ticket=used):
        pass
    for params in ({}, {"ticket": ""}, {"ticket": "x" * 500}, {"ticket": used}):
        with socket(shared_api, **params) as opened:
            assert closed_with(opened) == 4401, params


def test_a_tenant_without_the_feature_is_closed_with_4403(shared_api: ServedApi, tenant: ServedTenant) -> None:
    operator = tenant.client("owner", operator=True)
    flag = "/api/v1/admin/platform-flags/websocket-events"
    assert operator.put(flag, json={"percentage": 100}).status_code == 200
    assert operator.put(f"{flag}/tenants/{tenant.id}", json={"is_on": False}).status_code == 204
    try:
        with socket(shared_api, ticket=ticket(tenant)) as opened:
            assert closed_with(opened) == 4403
    finally:
        assert operator.delete(flag).status_code == 204


@pytest.mark.parametrize("params", [{"kinds": "nothing"}, {"after": "then"}, {"after": "1"}], ids=str)
def test_what_cannot_be_asked_for_is_closed_with_4400(
    shared_api: ServedApi, tenant: ServedTenant, params: dict[str, str]
) -> None:
    with socket(shared_api, ticket=ticket(tenant), **params) as opened:
        assert closed_with(opened) == 4400


def test_a_member_who_is_removed_is_closed_within_five_seconds(shared_api: ServedApi, tenant: ServedTenant) -> None:
    with socket(shared_api, ticket=ticket(tenant)) as opened:
        time.sleep(0.2)
        with tenant.session() as session:
            session.users.remove(session.users.by_email(email("viewer", tenant.name)).user_id)
        started = time.monotonic()
        last = json.loads(opened.recv(timeout=6))
        assert last == {"type": "closing", "reason": "unauthenticated"}
        assert closed_with(opened) == 4401
        assert time.monotonic() - started < 5


@pytest.mark.parametrize("message", ["x" * 2000, b"\x00" * 2000], ids=["text", "bytes"])
def test_who_talks_too_much_is_closed(shared_api: ServedApi, tenant: ServedTenant, message: str | bytes) -> None:
    with socket(shared_api, ticket=ticket(tenant)) as opened:
        opened.send("ping")
        opened.send(message)
        assert closed_with(opened) == 1008
