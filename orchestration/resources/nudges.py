"""A word to the dispatcher that there is something to do, so that nobody waits for its next look.

Never the only sign: what is wanted stands in Postgres, and the dispatcher looks there every second anyway.
"""

from uuid import UUID

import redis

NUDGES = "nudges"
MOST_NUDGES = 10_000  # the list must not grow while no dispatcher listens


def nudge(client: "redis.Redis", tenant_id: UUID | str) -> bool:
    """Wake the dispatcher on behalf of a tenant. False when Redis is away: then it looks within a second by itself."""
    try:
        with client.pipeline() as pipeline:
            pipeline.rpush(NUDGES, str(tenant_id))
            pipeline.ltrim(NUDGES, -MOST_NUDGES, -1)
            pipeline.execute()
    except redis.RedisError:
        return False
    return True


def wait_for_nudges(client: "redis.Redis", timeout_s: float) -> frozenset[UUID]:
    """Tenants that nudged, waiting for the first one; empty when nobody did.

    Raises:
        redis.RedisError: Redis is away.
    """
    first = client.blpop([NUDGES], timeout=timeout_s)
    if first is None:
        return frozenset()
    more = client.lpop(NUDGES, MOST_NUDGES) or []
    return frozenset(tenant_id for text in (first[1], *more) if (tenant_id := _tenant(text)))


def _tenant(text: bytes) -> UUID | None:
    try:
        return UUID(text.decode())
    except ValueError:
        return None
