"""The streams that are open: how many there may be, who may still listen, and their end.

Looks after all of them once a second: a heartbeat where it is silent, an end where nobody reads, and whether each actor
may still listen, asked once an actor.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from api.live.frames import ClosingReason, Heartbeat
from api.live.hub import Hub
from api.live.places import Place
from api.live.subscriber import Subscriber
from api.problems import Problem, TooManyStreams, Unavailable
from api.security.actor import Actor

HEARTBEAT_S = 15.0
STUCK_S = 30.0  # nobody has read anything for so long
RECHECK_S = 3.0  # a change of role or a revoked key ends streams within five seconds
_UNKNOWN_FOR_S = 60.0  # how long a stream lives on while nobody can say whether it may
_LOOK_S = 0.5
_CHECKS_AT_ONCE = 16

Recheck = Callable[[Actor], Awaitable[Actor | None]]  # the actor as it is now; None when it is nobody any more

logger = logging.getLogger(__name__)


class OpenStreams:
    """Used on the event loop alone."""

    def __init__(self, hub: Hub, recheck: Recheck, per_tenant: int, per_process: int) -> None:
        self._hub = hub
        self._recheck = recheck
        self._per_tenant = per_tenant
        self._per_process = per_process
        self._open: set[Subscriber] = set()
        self._counts: Counter[UUID] = Counter()
        self._is_closing = False
        self._vouched: dict[Actor, float] = {}

    @property
    def clients(self) -> int:
        """How many are open."""
        return len(self._open)

    @asynccontextmanager
    async def opened(self, actor: Actor, after: Place | None, kinds: Sequence[str]) -> AsyncIterator[Subscriber]:
        """A stream of the actor's tenant, until the block ends.

        Raises:
            TooManyStreams, Unavailable: there are as many as there may be, or the process ends.
            redis.RedisError: Redis is away.
        """
        self._refuse_too_many(actor.tenant_id)
        subscriber = Subscriber(self._hub, actor, after, kinds)
        self._open.add(subscriber)
        self._counts[actor.tenant_id] += 1
        try:
            await subscriber.begin()
            yield subscriber
        finally:
            self._hub.leave(subscriber)
            self._open.discard(subscriber)
            self._counts[actor.tenant_id] -= 1
            if not self._counts[actor.tenant_id]:
                del self._counts[actor.tenant_id]

    def end_all(self, reason: ClosingReason = "shutting_down") -> None:
        """Say goodbye to all, and take no more."""
        self._is_closing = True
        for subscriber in self._open:
            subscriber.end(reason)

    async def look_after(self) -> None:
        """Until cancelled."""
        checked = time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_S)
            now = time.monotonic()
            for subscriber in tuple(self._open):
                _tend(subscriber, now)
            if now - checked >= RECHECK_S:
                checked = now
                await self.check_actors()

    async def check_actors(self) -> None:
        """End the streams of those who may not listen any more."""
        actors = {subscriber.actor for subscriber in self._open}
        self._vouched = {actor: at for actor, at in self._vouched.items() if actor in actors}
        room = asyncio.Semaphore(_CHECKS_AT_ONCE)

        async def check(actor: Actor) -> None:
            async with room:
                reason = await self._reason_to_end(actor)
            if reason is not None:
                self._end_those_of(actor, reason)

        await asyncio.gather(*map(check, actors))

    async def _reason_to_end(self, actor: Actor) -> ClosingReason | None:
        now = time.monotonic()
        try:
            current = await self._recheck(actor)
        except Problem:
            current = None
        except Exception as error:  # noqa: BLE001 - whatever keeps us from asking, streams end in time
            # Whoever knows is away: nobody can change a role meanwhile, and it is asked again in a moment.
            logger.warning("an open stream's actor was not checked: %s", type(error).__name__)
            since = self._vouched.setdefault(actor, now)
            return "unavailable" if now - since > _UNKNOWN_FOR_S else None
        self._vouched[actor] = now
        if current is None:
            return "unauthenticated"
        return None if current.may("events.read") else "forbidden"

    def _end_those_of(self, actor: Actor, reason: ClosingReason) -> None:
        for subscriber in tuple(self._open):
            if subscriber.actor == actor:
                subscriber.end(reason)

    def _refuse_too_many(self, tenant_id: UUID) -> None:
        if self._is_closing:
            raise Unavailable("This process is shutting down.")
        if len(self._open) >= self._per_process:
            raise Unavailable("There are as many open streams as this process takes.", retry_after_s=10)
        if self._counts[tenant_id] >= self._per_tenant:
            raise TooManyStreams("There are as many open streams of your organisation as there may be.")


def _tend(subscriber: Subscriber, now: float) -> None:
    if subscriber.sending_since is not None and now - subscriber.sending_since > STUCK_S:
        subscriber.abandon()
    elif now - subscriber.last_sent > HEARTBEAT_S:
        subscriber.notice(Heartbeat(subscriber.reached))
