"""One open stream: what it has still to send, how far it is, and how it comes back when it fell behind.

It reads what is kept page by page until it is as far as the hub, and is fed by the hub from there. One that is too slow
to be fed goes back to reading at its own pace: it costs a bounded queue, and misses nothing that is still kept.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol
from uuid import UUID

import redis

from api.live.cancelling import cancel
from api.live.frames import ClosingReason, Event, Frame, Heartbeat, Notice, closing
from api.live.places import BEGINNING, Place
from api.live.reading import PAGE, StreamReader
from api.security.actor import Actor

MOST_PENDING = 1000  # events that wait to be sent; of frames that all streams share, so this is a list of references
_AWAY_S = 0.5


class Feeding(Protocol):
    """What a stream needs of the hub."""

    reader: StreamReader
    gaps: int

    def feed(self, subscriber: "Subscriber") -> None:
        """Hand it events from where it is."""

    def fell_behind(self, subscriber: "Subscriber") -> None:
        """It reads by itself for a while."""


class Subscriber:
    """Used on the event loop alone: `take` by whoever sends, the rest by the hub."""

    def __init__(self, hub: Feeding, actor: Actor, after: Place | None, kinds: Sequence[str] = ()) -> None:
        self._hub = hub
        self.actor = actor
        self.reached = after or BEGINNING  # the newest event that was offered; it is pending, sent, or not wanted
        self.is_fed = False
        self.ended: ClosingReason | None = None
        self.sending_since: float | None = None
        self.last_sent = time.monotonic()
        self._sending: asyncio.Task[None] | None = None
        self._after = after
        self._taken = self.reached
        self._pending: list[Frame] = []
        self._wake: asyncio.Future[None] | None = None
        self._exact = frozenset(kinds)
        self._below = tuple(f"{kind}." for kind in kinds)

    @property
    def tenant_id(self) -> UUID:
        """Whose stream it is: the actor's, there is no way to name another."""
        return self.actor.tenant_id

    async def begin(self) -> None:
        """Find the place to go on from. Raises redis.RedisError while Redis is away."""
        place, missing = await self._hub.reader.resume(self.tenant_id, self._after)
        self._move(place)
        if missing is not None:
            self._hub.gaps += 1
            self.notice(missing)

    def offer(self, event: Event) -> None:
        """The hub's next event."""
        if event.place <= self.reached:
            return
        if self._wants(event):
            if len(self._pending) >= MOST_PENDING:
                self._fall_behind()
                return
            self._pending.append(event)
            self._stir()
        self.reached = event.place

    def notice(self, notice: Notice | Heartbeat) -> None:
        """Something of the stream itself."""
        self._pending.append(notice)
        self._stir()

    def end(self, reason: ClosingReason) -> None:
        """Send what waits, say why, and stop."""
        if self.ended is None:
            self.ended = reason
            self._stir()

    async def serve(self, sending: Coroutine[Any, Any, None], leaving: Coroutine[Any, Any, None]) -> None:
        """Send until it is over, or the other side has left, or was abandoned. Errors of sending are raised."""
        self._sending = asyncio.create_task(sending)
        left = asyncio.create_task(leaving)
        try:
            await asyncio.wait((self._sending, left), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel((self._sending, left))
        error = None if self._sending.cancelled() else self._sending.exception()
        if error is not None:
            raise error

    def abandon(self) -> None:
        """Nobody reads it: break it off, even in the middle of sending."""
        if self._sending is not None:
            self._sending.cancel()

    async def take(self) -> list[Frame]:
        """The next frames to send, in order; none when the stream is over. Returns when there is something."""
        self.sending_since = None
        while True:
            if self._pending:
                return self._handed_over()
            if self.ended is not None:
                return []
            if self.is_fed:
                await self._something()
            else:
                await self._read_on()

    def last_words(self) -> Notice | None:
        """The frame that says why it is over."""
        return None if self.ended is None else closing(self.ended)

    def _handed_over(self) -> list[Frame]:
        frames, self._pending = self._pending, []
        self._taken = next((each.place for each in reversed(frames) if each.place), self._taken)
        self.sending_since = self.last_sent = time.monotonic()
        return frames

    async def _something(self) -> None:
        self._wake = asyncio.get_running_loop().create_future()
        await self._wake
        self._wake = None

    def _stir(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _read_on(self) -> None:
        """One page of what is kept; after the last one the hub feeds."""
        try:
            events = await self._hub.reader.after(self.tenant_id, self.reached)
            for event in events:
                self.offer(event)
            if len(events) < PAGE:
                self._hub.feed(self)
        except redis.RedisError:
            await asyncio.sleep(_AWAY_S)

    def _fall_behind(self) -> None:
        """Forget what waits: it is read again from the last event that was handed over."""
        self._hub.fell_behind(self)
        self._pending = [each for each in self._pending if each.place is None]
        self._move(self._taken)

    def _move(self, place: Place) -> None:
        self.reached = self._taken = place

    def _wants(self, event: Event) -> bool:
        return not self._exact or event.kind in self._exact or event.kind.startswith(self._below)
