"""The one reader of a process over the streams of all tenants that somebody listens to, and what it feeds.

It waits in one XREAD for all of them, encodes each event once and hands it to every open stream of its tenant. A stream
that begins in between wakes it through a stream of its own. After a restart of Redis it goes on from where it was.
"""

import asyncio
import logging
from collections import deque
from typing import Any
from uuid import UUID, uuid4

import redis
from redis.asyncio import Redis

from api.live.frames import Event
from api.live.places import BEGINNING, Place, id_of, place_of
from api.live.reading import StreamReader, events_of
from api.live.subscriber import Subscriber
from orchestration.resources.events import entry_fields, events_stream

WAIT_MS = 5_000
MOST_AT_ONCE = 1_000
_RECENT = 64  # events kept of a stream, so that who has just read up to here needs not read again
_SOONEST_S, _LATEST_S = 0.05, 1.0
_WAKE_TTL_S = 60

logger = logging.getLogger(__name__)


class Feed:
    """One tenant's stream: how far it was read, and who is fed."""

    def __init__(self, tenant_id: UUID, place: Place) -> None:
        self.tenant_id = tenant_id
        self.place = place
        self.fed: set[Subscriber] = set()
        self._recent: deque[Event] = deque(maxlen=_RECENT)
        self._recent_after = place

    def read(self, events: list[Event]) -> None:
        """Hand events on."""
        for event in events:
            if len(self._recent) == _RECENT:
                self._recent_after = self._recent[0].place
            self._recent.append(event)
            for subscriber in tuple(self.fed):
                subscriber.offer(event)
        self.place = events[-1].place

    def take_in(self, subscriber: Subscriber) -> bool:
        """Feed it from here on, if nothing between it and here is missing."""
        if subscriber.reached < self._recent_after:
            return False
        for event in self._recent:
            subscriber.offer(event)
        self.fed.add(subscriber)
        return True


class Hub:
    """Opened once a process; used on its event loop alone."""

    def __init__(self, waiting: "Redis", asking: "Redis") -> None:
        """`waiting` is the client of the one long read, `asking` that of everything short."""
        self.reader = StreamReader(asking)
        self.delivered = 0  # events that were sent, over all streams
        self.gaps = 0  # told to a stream
        self.fallen_behind = 0
        self.is_reading = False
        self._waiting = waiting
        self._asking = asking
        self._feeds: dict[UUID, Feed] = {}
        self._wake_key = f"hub:{uuid4()}:wake"
        self._woken: Place = BEGINNING
        self._rousing: set[asyncio.Task[None]] = set()

    def feed(self, subscriber: Subscriber) -> None:
        """Feed it from where it is, which is as far as its tenant's stream went a moment ago."""
        feed = self._feeds.get(subscriber.tenant_id)
        if feed is None:
            feed = self._feeds[subscriber.tenant_id] = Feed(subscriber.tenant_id, subscriber.reached)
            rousing = asyncio.create_task(self._rouse())
            self._rousing.add(rousing)
            rousing.add_done_callback(self._rousing.discard)
        subscriber.is_fed = feed.take_in(subscriber)

    def fell_behind(self, subscriber: Subscriber) -> None:
        """It reads by itself for a while."""
        self.fallen_behind += 1
        self.leave(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        """Feed it no more; a stream nobody listens to is not read."""
        subscriber.is_fed = False
        feed = self._feeds.get(subscriber.tenant_id)
        if feed is not None:
            feed.fed.discard(subscriber)
            if not feed.fed:
                del self._feeds[subscriber.tenant_id]

    async def read(self) -> None:
        """Read and feed until cancelled; through restarts of Redis."""
        wait_s = _SOONEST_S
        while True:
            try:
                if not self.is_reading:
                    await self._verify()
                    self.is_reading = True
                await self._read_once()
                wait_s = _SOONEST_S
            except (redis.RedisError, OSError) as error:
                if self.is_reading:
                    logger.warning("live events are not read, trying again: %s", type(error).__name__)
                self.is_reading = False
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, _LATEST_S)

    async def _read_once(self) -> None:
        feeds = {events_stream(tenant_id).encode(): feed for tenant_id, feed in self._feeds.items()}
        wanted: dict[Any, Any] = {key: id_of(feed.place) for key, feed in feeds.items()}
        wanted[self._wake_key] = id_of(self._woken)
        answer: Any = await self._waiting.xread(wanted, count=MOST_AT_ONCE, block=WAIT_MS)
        for key, entries in answer:
            feed = feeds.get(key)
            if feed is None:
                self._woken = place_of(entries[-1][0])
            elif feed is self._feeds.get(feed.tenant_id):  # else everybody left, and others came meanwhile
                feed.read(events_of(entries))

    async def _rouse(self) -> None:
        """Have the reading begin anew, with the streams that are wanted now."""
        try:
            async with self._asking.pipeline(transaction=False) as pipeline:
                pipeline.xadd(self._wake_key, {"x": ""}, maxlen=1, approximate=False)
                pipeline.expire(self._wake_key, _WAKE_TTL_S)
                await pipeline.execute()
        except redis.RedisError as error:
            logger.warning("the reader of live events was not woken: %s", type(error).__name__)

    async def _verify(self) -> None:
        """After an interruption: what was lost is told as a gap, and ids go on from where readers are."""
        for feed in tuple(self._feeds.values()):
            _, missing = await self.reader.resume(feed.tenant_id, feed.place)
            if missing is None:
                continue
            self.gaps += len(feed.fed)
            for subscriber in tuple(feed.fed):
                subscriber.notice(missing)
            if missing.about["reason"] == "lost":
                await self._mark_loss(feed)

    async def _mark_loss(self, feed: Feed) -> None:
        """The store begins anew: an entry right behind the last place makes all later ids greater than it."""
        marker = (feed.place[0], feed.place[1] + 1)
        try:
            lost = entry_fields("events.lost", {"after": id_of(feed.place)})
            await self._asking.xadd(events_stream(feed.tenant_id), lost, id=id_of(marker))
        except redis.ResponseError:
            return  # ids are greater already: another process was first, or time has passed
