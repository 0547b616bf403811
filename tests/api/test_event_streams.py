"""Events over SSE: in order and exactly once over every disconnect, gaps said, nobody else's ever."""

import random
import threading
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import pytest
import redis

from api.security.permissions import Role
from orchestration.resources.events import Events, events_stream
from tests.api.listening import listening
from tests.api.serving import ServedApi, ServedTenant

pytestmark = pytest.mark.servers


@pytest.fixture
def store(redis_url: str) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def events(store: "redis.Redis") -> Events:
    return Events(store)


@pytest.fixture
def tenant(shared_api: ServedApi) -> ServedTenant:
    return shared_api.new_tenant()


def told(events: Events, tenant_id: UUID, *numbers: int, kind: str = "sync.note") -> None:
    for number in numbers:
        events.tell(tenant_id, kind, {"number": number})


def test_what_happens_is_heard_with_what_is_known_of_it(
    shared_api: ServedApi, tenant: ServedTenant, events: Events
) -> None:
    with listening(shared_api.base_url, tenant.headers("viewer")) as listener:
        events.tell(tenant.id, "sync.started", {"kind": "sync"}, trace_id="0" * 32, actor="ann@acme.example")
        (frame,) = listener.take(1)
    assert frame.name == "message"
    assert frame.data.keys() == {"id", "kind", "at", "trace_id", "actor", "data"}
    assert (frame.data["id"], frame.data["kind"], frame.data["data"]) == (frame.id, "sync.started", {"kind": "sync"})
    assert (frame.data["trace_id"], frame.data["actor"]) == ("0" * 32, "ann@acme.example")


def test_every_event_is_heard_exactly_once_over_disconnects(
    shared_api: ServedApi, tenant: ServedTenant, events: Events
) -> None:
    total, heard, last_id = 600, [], "0-0"
    teller = threading.Thread(target=told, args=(events, tenant.id, *range(total)))
    teller.start()
    dice = random.Random(5)
    while len(heard) < total:
        with listening(shared_api.base_url, tenant.headers(), last_event_id=last_id) as listener:
            heard += listener.numbers(min(dice.randint(1, 120), total - len(heard)))
            last_id = listener.seen[-1].id
    teller.join()
    assert heard == list(range(total))


def test_a_stream_without_a_place_begins_with_what_comes(
    shared_api: ServedApi, tenant: ServedTenant, events: Events
) -> None:
    told(events, tenant.id, 1)
    with listening(shared_api.base_url, tenant.headers()) as listener:
        told(events, tenant.id, 2)
        assert listener.numbers(1) == [2]
    with listening(shared_api.base_url, tenant.headers(), after="0-0") as listener:
        assert listener.numbers(2) == [1, 2]


def test_what_was_trimmed_is_told_as_a_gap(
    shared_api: ServedApi, tenant: ServedTenant, events: Events, store: "redis.Redis"
) -> None:
    told(events, tenant.id, 0)
    ((first, _),) = store.xrange(events_stream(tenant.id))  # type: ignore[misc]
    told(events, tenant.id, *range(1, 6))
    store.xtrim(events_stream(tenant.id), maxlen=2, approximate=False)
    with listening(shared_api.base_url, tenant.headers(), last_event_id=first.decode()) as listener:
        gap, event, _ = listener.take(3)
    assert (gap.name, gap.data["from"], gap.data["reason"]) == ("gap", first.decode(), "not_kept")
    assert (gap.data["to"], event.data["data"]) == (event.id, {"number": 4})


@pytest.mark.parametrize("kept", [0, 1])
def test_a_store_that_lost_everything_is_told_as_a_gap(
    shared_api: ServedApi, tenant: ServedTenant, events: Events, store: "redis.Redis", kept: int
) -> None:
    told(events, tenant.id, *range(kept))
    ahead = f"{int(time.time() * 1000) + 60_000}-0"
    with listening(shared_api.base_url, tenant.headers(), last_event_id=ahead) as listener:
        (gap,) = listener.take(1)
        assert (gap.name, gap.data["from"], gap.data["reason"]) == ("gap", ahead, "lost")
        told(events, tenant.id, 7)
        assert listener.numbers(1) == [7]


def test_a_filter_lets_through_kinds_and_things(shared_api: ServedApi, tenant: ServedTenant, events: Events) -> None:
    kinds = ("sync.started", "drift.seen", "sync.note", "drift.resolved", "views.published")
    with listening(shared_api.base_url, tenant.headers(), kinds="sync,drift.resolved") as listener:
        for number, kind in enumerate(kinds):
            told(events, tenant.id, number, kind=kind)
        assert listener.numbers(3) == [0, 2, 3]


@pytest.mark.parametrize(
    "params",
    [{"kinds": "syn"}, {"kinds": "sync.unheard"}, {"after": "yesterday"}, {"after": "1-2-3"}, {"after": "٣-0"}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked_for_is_refused(
    shared_api: ServedApi, tenant: ServedTenant, params: dict[str, str]
) -> None:
    for path in ("stream", "history"):
        answer = tenant.client("viewer").get(f"/api/v1/events/{path}", params=params)
        assert answer.status_code == 422, answer.text


def test_who_does_not_say_who_they_are_hears_nothing(shared_api: ServedApi) -> None:
    with shared_api.anonymous() as client:
        for path in ("stream", "history", "kinds"):
            assert client.get(f"/api/v1/events/{path}").status_code == 401
        assert client.post("/api/v1/events/ticket").status_code == 401


def test_no_tenant_ever_hears_another(shared_api: ServedApi, events: Events) -> None:
    tenants, dice = [shared_api.new_tenant() for _ in range(5)], random.Random(11)
    heard: dict[UUID, list[tuple[str, int]]] = {tenant.id: [] for tenant in tenants}
    sent: dict[UUID, list[tuple[str, int]]] = {tenant.id: [] for tenant in tenants}
    ready = threading.Barrier(len(tenants) + 1)

    def listen(tenant: ServedTenant) -> None:
        with listening(shared_api.base_url, tenant.headers("viewer")) as listener:
            ready.wait()
            for frame in listener.frames():
                heard[tenant.id].append((frame.data["data"]["of"], frame.data["data"]["number"]))
                if frame.data["data"]["number"] == -1:
                    return

    threads = [threading.Thread(target=listen, args=(tenant,)) for tenant in tenants]
    for thread in threads:
        thread.start()
    ready.wait()
    for number in [*range(400), *[-1] * len(tenants)]:
        chosen = dice.choice(tenants) if number >= 0 else tenants.pop()
        events.tell(chosen.id, "sync.note", {"of": str(chosen.id), "number": number})
        sent[chosen.id].append((str(chosen.id), number))
    for thread in threads:
        thread.join(20)
    assert heard == sent


def test_a_slow_listener_misses_nothing_and_costs_no_memory(
    shared_api: ServedApi, tenant: ServedTenant, store: "redis.Redis", events: Events
) -> None:
    total, long = 4000, "x" * 2000
    with listening(shared_api.base_url, tenant.headers(), timeout_s=30) as listener:
        for start in range(0, total, 500):
            with store.pipeline(transaction=False) as pipeline:
                for number in range(start, start + 500):
                    Events(pipeline).tell(tenant.id, "sync.note", {"number": number, "message": long})  # type: ignore[arg-type]
                pipeline.execute()
        time.sleep(0.5)  # by now its sockets are full, and so is the queue it may have
        assert listener.numbers(total) == list(range(total))


@pytest.mark.parametrize("role", ["viewer", "owner"])
def test_a_ticket_opens_one_stream_as_whoever_asked_for_it(
    shared_api: ServedApi, tenant: ServedTenant, events: Events, role: Role
) -> None:
    ticket = tenant.client(role).post("/api/v1/events/ticket").json()["ticket"]
    with listening(shared_api.base_url, ticket=ticket) as listener:
        told(events, tenant.id, 1)
        assert listener.numbers(1) == [1]
    with shared_api.anonymous() as client:
        again = client.get("/api/v1/events/stream", params={"ticket": ticket})
    assert (again.status_code, again.headers["content-type"]) == (401, "application/problem+json")


def test_a_ticket_is_dead_after_its_time(shared_api: ServedApi, tenant: ServedTenant, store: "redis.Redis") -> None:
    answer = tenant.client().post("/api/v1/events/ticket").json()
    (key,) = store.keys(f"t:{tenant.id}:tickets:*")  # type: ignore[misc]
    assert answer["ticket"] not in key.decode()
    assert 25_000 < store.pttl(key) <= answer["expires_in_s"] * 1000 == 30_000  # type: ignore[operator]
    store.pexpire(key, 1)
    time.sleep(0.01)
    assert refusal(shared_api, answer["ticket"]) == 401


def test_nobody_makes_a_ticket_for_another_tenant(shared_api: ServedApi, tenant: ServedTenant) -> None:
    ticket = tenant.client().post("/api/v1/events/ticket").json()["ticket"]
    other = shared_api.new_tenant()
    for forged in (
        ticket.replace(tenant.id.hex, other.id.hex), ticket.replace(tenant.id.hex, uuid4().hex),
        ticket[:-1], "et_", "x" * 90, "\x00", tenant.headers()["Authorization"][7:][:100],
    ):  # fmt: skip
        assert refusal(shared_api, forged) == 401, forged


def refusal(shared_api: ServedApi, ticket: str) -> int:
    with (
        shared_api.anonymous() as client,
        client.stream("GET", "/api/v1/events/stream", params={"ticket": ticket}) as answer,
    ):
        return answer.status_code


def test_a_ticket_that_many_use_at_once_lets_one_in(shared_api: ServedApi, tenant: ServedTenant) -> None:
    ticket = tenant.client().post("/api/v1/events/ticket").json()["ticket"]
    together, statuses = threading.Barrier(8), list[int]()

    def use() -> None:
        together.wait()
        statuses.append(refusal(shared_api, ticket))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(statuses) == [200, *[401] * 7]


def test_history_is_read_in_pages_from_either_end(shared_api: ServedApi, tenant: ServedTenant, events: Events) -> None:
    told(events, tenant.id, *range(7))
    told(events, tenant.id, 7, kind="drift.seen")
    client = tenant.client("viewer")

    def pages(**params: str) -> list[list[int]]:
        found, cursor = [], {}
        while True:
            page = client.get("/api/v1/events/history", params={"limit": "3", **params, **cursor}).json()
            found.append([item["data"]["number"] for item in page["items"]])
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    assert pages() == [[7, 6, 5], [4, 3, 2], [1, 0]]
    assert [number for page in pages(after="0-0") for number in page] == list(range(8))
    assert [number for page in pages(kinds="sync") for number in page] == [6, 5, 4, 3, 2, 1, 0]
    page = client.get("/api/v1/events/history", params={"after": "1-0", "limit": "1"}).json()
    assert page["gap"] == {"from": "1-0", "to": page["kept_since"]["id"], "reason": "not_kept"}
    assert shared_api.new_tenant().client().get("/api/v1/events/history").json() == {
        "items": [], "next_cursor": None, "kept_since": None, "gap": None,
    }  # fmt: skip


def test_the_kinds_are_listed(tenant: ServedTenant) -> None:
    kinds = tenant.client("viewer").get("/api/v1/events/kinds").json()
    assert {"sync.started", "approval.opened", "stage.finished"} <= {each["kind"] for each in kinds}


def test_the_end_of_a_listener_is_noticed(shared_api: ServedApi, tenant: ServedTenant) -> None:
    with pytest.raises(httpx.ReadTimeout), listening(shared_api.base_url, tenant.headers(), timeout_s=0.2) as listener:
        listener.take(1)
