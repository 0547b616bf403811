"""Live events as the application holds them: the hub, the streams that are open, and tickets for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry

from api.draining import Draining
from api.live.cancelling import cancel
from api.live.hub import WAIT_MS, Hub
from api.live.open_streams import OpenStreams, Recheck
from api.live.tickets import Tickets
from orchestration.resources.settings import Settings

_CONNECT_S = 2
_MOST_CONNECTIONS = 32
_FREE_WITHIN_S = 5


@dataclass(frozen=True, slots=True)
class Live:
    """Reached as `held.live`."""

    hub: Hub
    streams: OpenStreams
    tickets: Tickets

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings, recheck: Recheck, draining: Draining) -> AsyncIterator[Self]:
        """Made, and closed afterwards. `recheck` says who an actor is by now."""
        patient = WAIT_MS / 1000 + 5
        async with AsyncExitStack() as held:
            # The reading tries again by itself, since it has to look for what was lost in between.
            waiting = await held.enter_async_context(_client(settings, patient, Retry(NoBackoff(), 0)))
            asking = await held.enter_async_context(_client(settings, 2, Retry(ExponentialBackoff(0.1, 0.02), 1)))
            hub = Hub(waiting, asking)
            live = cls(
                hub,
                OpenStreams(hub, recheck, settings.streams_per_tenant, settings.streams_per_process),
                Tickets(asking),
            )
            tasks = [asyncio.create_task(work) for work in (hub.read(), live.streams.look_after(), live._end(draining))]
            try:
                yield live
            finally:
                await cancel(tasks)

    async def _end(self, draining: Draining) -> None:
        await draining.wait()
        self.streams.end_all("shutting_down")


def _client(settings: Settings, timeout_s: float, retry: Retry) -> Redis:
    # Protocol 2: answers are lists, as the reading expects them, whatever the server prefers. When all streams come
    # back at once after a restart, they wait for a connection instead of being refused one.
    pool = BlockingConnectionPool.from_url(
        settings.redis_url, protocol=2, socket_timeout=timeout_s, socket_connect_timeout=_CONNECT_S, retry=retry,
        max_connections=_MOST_CONNECTIONS, timeout=_FREE_WITHIN_S,
    )  # fmt: skip
    return Redis.from_pool(pool)
