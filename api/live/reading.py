"""Reads tenants' streams: pages of what was told, and whether anything between two places is missing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from api.live.frames import Event, Notice, gap
from api.live.places import BEGINNING, Place, id_of, place_of
from orchestration.resources.events import events_stream

PAGE = 500


def events_of(entries: Sequence[tuple[bytes, Any]]) -> list[Event]:
    """Entries as Redis gives them, as events."""
    return [Event(place_of(entry_id), fields) for entry_id, fields in entries]


class StreamReader:
    """Over one client; raises redis.RedisError while Redis is away."""

    def __init__(self, client: "Redis") -> None:
        self._redis = client

    async def after(self, tenant_id: UUID, place: Place, count: int = PAGE) -> list[Event]:
        """What was told behind a place, oldest first."""
        found: Any = await self._redis.xrange(events_stream(tenant_id), min=f"({id_of(place)}", count=count)
        return events_of(found)

    async def before(self, tenant_id: UUID, place: Place | None, count: int = PAGE) -> list[Event]:
        """What was told before a place, newest first; from the newest on without one."""
        newest = "+" if place is None else f"({id_of(place)}"
        found: Any = await self._redis.xrevrange(events_stream(tenant_id), max=newest, count=count)
        return events_of(found)

    async def ends(self, tenant_id: UUID) -> tuple[Place, Place] | None:
        """Oldest and newest place that are kept; None when nothing is."""
        key = events_stream(tenant_id)
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.xrange(key, count=1)
            pipeline.xrevrange(key, count=1)
            found: Any = await pipeline.execute()
        oldest, newest = found
        return (place_of(oldest[0][0]), place_of(newest[0][0])) if oldest else None

    async def resume(self, tenant_id: UUID, place: Place | None) -> tuple[Place, Notice | None]:
        """Where a reader goes on who has seen that place, and the gap to tell of; at the newest without a place.

        What followed a place that is older than all that is kept was trimmed or lost; a place behind the newest is of
        a store that is no more. From the beginning on there is no gap: who asks for that asks for what is kept.
        """
        ends = await self.ends(tenant_id)
        if place is None:
            return (ends[1] if ends else BEGINNING), None
        if place == BEGINNING:
            return place, None
        if ends is None:
            return BEGINNING, gap(place, None, "lost")
        oldest, newest = ends
        if place > newest:
            return newest, gap(place, newest, "lost")
        return place, gap(place, oldest, "not_kept") if place < oldest else None
