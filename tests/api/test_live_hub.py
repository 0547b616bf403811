"""The hub over a Valkey of its own: killed and started again, emptied, slow readers, and who may listen no more."""

import asyncio
import random
import shutil
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis

from api.draining import Draining
from api.live.frames import Event, Notice
from api.live.live import Live
from api.live.places import BEGINNING, id_of
from api.live.subscriber import MOST_PENDING, Subscriber
from api.problems import TooManyStreams, Unauthenticated, Unavailable
from api.security.actor import Actor
from api.security.permissions import GRANTED
from orchestration.embedded.ports import free_port
from orchestration.embedded.valkey import Valkey, prepare_valkey
from orchestration.resources.events import Events, events_stream
from orchestration.resources.settings import Settings

pytestmark = pytest.mark.servers
ACTOR = Actor(UUID(int=1), "ann@acme.example", "viewer", GRANTED["viewer"])


@dataclass
class OwnValkey:
    """Killed as a machine would kill it: nothing is written at the end."""

    server: Valkey
    port: int
    process: "subprocess.Popen[bytes]"

    @classmethod
    def started(cls, home: Path) -> "OwnValkey":
        server, port = prepare_valkey(home, "test-redis-password"), free_port()
        return cls(server, port, _start(server, port))

    @property
    def url(self) -> str:
        return self.server.url(self.port)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        self.process = _start(self.server, self.port)


def _start(server: Valkey, port: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(server.argv(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not server.answers(port):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    return process


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    server = OwnValkey.started(tmp_path)
    yield server
    server.kill()


async def nobody_changed(actor: Actor) -> Actor | None:
    return actor


@asynccontextmanager
async def live_over(
    url: str, recheck: Callable[[Actor], Awaitable[Actor | None]] = nobody_changed, **limits: int
) -> AsyncIterator[Live]:
    async with Live.opened(Settings(redis_url=url, **limits), recheck, Draining()) as live:  # type: ignore[arg-type]
        yield live


async def numbers(subscriber: Subscriber, until: int) -> list[int]:
    """What is told up to that number."""
    heard: list[int] = []
    while not heard or heard[-1] != until:
        heard += [each.data["number"] for each in await subscriber.take() if isinstance(each, Event)]
    return heard


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 30))


def tell(url: str, tenant_id: UUID, *told: int) -> None:
    with redis.Redis.from_url(url) as client:
        for number in told:
            Events(client).tell(tenant_id, "sync.note", {"number": number})


def test_no_acknowledged_event_is_lost_when_valkey_is_killed(valkey: OwnValkey) -> None:
    acknowledged: list[int] = []
    total = 1500

    def keep_telling() -> None:
        with redis.Redis.from_url(valkey.url, socket_timeout=1) as client:
            for number in range(total):
                try:
                    Events(client).tell(ACTOR.tenant_id, "sync.note", {"number": number})
                except redis.RedisError:
                    time.sleep(0.02)
                else:
                    acknowledged.append(number)
            while total not in acknowledged:
                try:
                    Events(client).tell(ACTOR.tenant_id, "sync.note", {"number": total})
                except redis.RedisError:
                    time.sleep(0.02)
                else:
                    acknowledged.append(total)

    async def test() -> None:
        async with (
            live_over(valkey.url) as live,
            live.streams.opened(ACTOR, BEGINNING, ()) as first,
            live.streams.opened(ACTOR, None, ()) as second,
        ):
            listening = [asyncio.create_task(numbers(each, total)) for each in (first, second)]
            teller = threading.Thread(target=keep_telling)
            teller.start()
            await asyncio.to_thread(_restarted_amid, valkey, acknowledged)
            for heard in await asyncio.gather(*listening):
                # The teller's client tries again where it got no answer: such an event may have been written twice.
                assert [number for at, number in enumerate(heard) if number not in heard[:at]] == sorted(set(heard))
                assert set(acknowledged) <= set(heard)
            teller.join()

    run(test())
    assert len(acknowledged) > total / 2


def _restarted_amid(valkey: OwnValkey, acknowledged: list[int]) -> None:
    while len(acknowledged) < 200:
        time.sleep(0.005)
    valkey.kill()
    time.sleep(0.3)
    valkey.start()


def test_a_store_that_comes_back_empty_is_a_gap_and_ids_go_on(valkey: OwnValkey) -> None:
    ahead = int(time.time() * 1000) + 3_600_000  # as after a clock that was set back

    async def test() -> None:
        with redis.Redis.from_url(valkey.url) as client:
            client.xadd(events_stream(ACTOR.tenant_id), {"kind": "sync.note", "data": '{"number":1}'}, id=f"{ahead}-0")
        async with live_over(valkey.url) as live, live.streams.opened(ACTOR, BEGINNING, ()) as subscriber:
            assert await numbers(subscriber, 1) == [1]
            waiting = asyncio.create_task(_next(subscriber, 3))
            await asyncio.sleep(0.1)
            valkey.kill()
            while live.hub.is_reading:
                await asyncio.sleep(0.01)
            shutil.rmtree(valkey.server.data / "appendonlydir")
            valkey.start()
            while not live.hub.is_reading:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(tell, valkey.url, ACTOR.tenant_id, 2)
            gap, lost, event = await waiting
        assert isinstance(gap, Notice) and gap.about == {"from": f"{ahead}-0", "to": None, "reason": "lost"}
        assert isinstance(lost, Event) and (lost.kind, lost.data) == ("events.lost", {"after": f"{ahead}-0"})
        assert isinstance(event, Event) and event.data == {"number": 2}
        assert (ahead, 0) < lost.place < event.place

    run(test())


async def _next(subscriber: Subscriber, count: int) -> list[Any]:
    found: list[Any] = []
    while len(found) < count:
        found += await subscriber.take()
    return found


def test_who_is_too_slow_reads_by_itself_and_misses_nothing(redis_url: str) -> None:
    actor, total = replace(ACTOR, tenant_id=uuid4()), 3 * MOST_PENDING

    async def test() -> None:
        async with live_over(redis_url) as live, live.streams.opened(actor, None, ()) as slow:
            begun = asyncio.create_task(slow.take())
            await asyncio.to_thread(tell, redis_url, actor.tenant_id, 0)
            heard = [each.data["number"] for each in await begun if isinstance(each, Event)]
            await asyncio.to_thread(tell, redis_url, actor.tenant_id, *range(1, total))
            while not live.hub.fallen_behind:
                await asyncio.sleep(0.01)
            heard += await numbers(slow, total - 1)
            assert heard == list(range(total))
            assert live.hub.fallen_behind == 1 and live.hub.gaps == 0

    run(test())


def test_who_comes_and_goes_at_any_time_hears_everything_once(redis_url: str) -> None:
    tenants = [replace(ACTOR, tenant_id=uuid4()) for _ in range(4)]
    dice, total = random.Random(3), 300

    async def listen(live: Live, actor: Actor) -> list[int]:
        heard: list[int] = []
        place = BEGINNING
        while not heard or heard[-1] != total - 1:
            async with live.streams.opened(actor, place, ()) as subscriber:
                for _ in range(dice.randint(1, 5)):
                    events = [each for each in await subscriber.take() if isinstance(each, Event)]
                    heard += [each.data["number"] for each in events]
                    place = events[-1].place if events else place
                    if heard[-1] == total - 1:
                        break
            await asyncio.sleep(dice.random() / 100)
        return heard

    async def test() -> None:
        async with live_over(redis_url) as live:
            listening = [asyncio.create_task(listen(live, actor)) for actor in tenants * 3]
            telling = [asyncio.to_thread(tell, redis_url, actor.tenant_id, *range(total)) for actor in tenants]
            await asyncio.gather(*telling)
            assert [await each for each in listening] == [list(range(total))] * len(listening)
            assert live.streams.clients == 0 and live.hub.gaps == 0

    run(test())


def test_streams_end_when_their_actor_may_not_listen_any_more(redis_url: str) -> None:
    standing: dict[str, Actor | Exception | None] = {}

    async def recheck(actor: Actor) -> Actor | None:
        now = standing.get(actor.name, actor)
        if isinstance(now, Exception):
            raise now
        return now

    async def test() -> None:
        names = ("stays", "demoted", "gone", "logged out", "unknown")
        actors = {name: replace(ACTOR, name=name) for name in names}
        standing.update(
            {
                "demoted": replace(actors["demoted"], permissions=frozenset()),
                "gone": None,
                "logged out": Unauthenticated(),
                "unknown": OSError("away"),
            }
        )
        async with live_over(redis_url, recheck) as live:
            streams = {name: Subscriber(live.hub, actor, None) for name, actor in actors.items()}
            async with (
                live.streams.opened(actors["stays"], None, ()) as streams["stays"],
                live.streams.opened(actors["demoted"], None, ()) as streams["demoted"],
                live.streams.opened(actors["gone"], None, ()) as streams["gone"],
                live.streams.opened(actors["logged out"], None, ()) as streams["logged out"],
                live.streams.opened(actors["unknown"], None, ()) as streams["unknown"],
            ):
                await live.streams.check_actors()
                assert {name: stream.ended for name, stream in streams.items()} == {
                    "stays": None, "demoted": "forbidden", "gone": "unauthenticated",
                    "logged out": "unauthenticated", "unknown": None,
                }  # fmt: skip
                assert await streams["demoted"].take() == []
                words = streams["demoted"].last_words()
                assert words is not None and words.about == {"reason": "forbidden"}

    run(test())


def test_there_are_only_so_many_streams(redis_url: str) -> None:
    other = replace(ACTOR, tenant_id=uuid4())

    async def test() -> None:
        async with live_over(redis_url, streams_per_tenant=1, streams_per_process=2) as live:
            async with live.streams.opened(ACTOR, None, ()):
                with pytest.raises(TooManyStreams):
                    await live.streams.opened(ACTOR, None, ()).__aenter__()
                async with live.streams.opened(other, None, ()):
                    with pytest.raises(Unavailable):
                        await live.streams.opened(replace(ACTOR, tenant_id=uuid4()), None, ()).__aenter__()
            async with live.streams.opened(ACTOR, None, ()):
                assert live.streams.clients == 1

    run(test())


def test_streams_are_told_that_the_process_ends(redis_url: str) -> None:
    async def test() -> None:
        draining = Draining()
        async with (
            Live.opened(Settings(redis_url=redis_url), nobody_changed, draining) as live,
            live.streams.opened(ACTOR, None, ()) as subscriber,
        ):
            waiting = asyncio.create_task(subscriber.take())
            await asyncio.sleep(0)
            draining.begin()
            assert await waiting == []
            assert subscriber.ended == "shutting_down"
            with pytest.raises(Unavailable):
                await live.streams.opened(ACTOR, None, ()).__aenter__()

    run(test())


def test_silence_is_filled_and_tells_how_far_the_stream_is(redis_url: str) -> None:
    actor = replace(ACTOR, tenant_id=uuid4())

    async def test() -> None:
        async with live_over(redis_url) as live, live.streams.opened(actor, None, ("drift",)) as subscriber:
            waiting = asyncio.create_task(subscriber.take())
            await asyncio.sleep(0.05)
            await asyncio.to_thread(tell, redis_url, actor.tenant_id, 1)  # of no kind that it wants
            while subscriber.reached == BEGINNING:
                await asyncio.sleep(0.01)
            subscriber.last_sent -= 16
            (beat,) = await waiting
            assert beat.sse == f": here\nid: {id_of(subscriber.reached)}\n\n".encode()

    run(test())


def test_leaving_while_the_store_is_asked_ends_the_stream(redis_url: str) -> None:
    async def listen(live: Live) -> None:
        async with live.streams.opened(replace(ACTOR, tenant_id=uuid4()), BEGINNING, ()) as subscriber:

            async def send() -> None:
                await subscriber.take()

            await subscriber.serve(send(), asyncio.sleep(0))

    async def test() -> None:
        async with live_over(redis_url) as live:
            await asyncio.gather(*(listen(live) for _ in range(200)))
            assert live.streams.clients == 0

    run(test())
