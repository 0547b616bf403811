"""Tickets for streams: browsers cannot send a header with EventSource or WebSocket, and a token must not be in a URL.

A ticket opens one stream, within half a minute, as the member or key that asked for it, and is good for nothing else.
"""

import hashlib
import secrets
from dataclasses import asdict
from typing import Any, Literal
from uuid import UUID

import orjson
from redis.asyncio import Redis

from api.problems import Unauthenticated
from api.security.actor import Actor

TTL_S = 30
LONGEST_TICKET = 100
Purpose = Literal["events"]

_PREFIX = "et_"
_TENANT = slice(len(_PREFIX), len(_PREFIX) + 32)
_IDS = ("tenant_id", "user_id", "session_id", "key_id")


class Tickets:
    """In Redis, by the hash of the ticket; whoever takes one out is the only one who can."""

    def __init__(self, client: "Redis", ttl_s: float = TTL_S) -> None:
        self._redis = client
        self.ttl_s = ttl_s

    async def issue(self, actor: Actor, purpose: Purpose) -> str:
        """A new ticket. Raises redis.RedisError while Redis is away."""
        ticket = f"{_PREFIX}{actor.tenant_id.hex}{secrets.token_urlsafe(32)}"
        stored = orjson.dumps({"purpose": purpose, **asdict(actor), "permissions": sorted(actor.permissions)})
        await self._redis.set(_key(actor.tenant_id, ticket), stored, px=int(self.ttl_s * 1000))
        return ticket

    async def redeem(self, ticket: str, purpose: Purpose) -> Actor:
        """Who asked for it, with what they might do then: ask again what they may do now.

        Raises:
            Unauthenticated: used, expired, for something else, or never issued.
            redis.RedisError: Redis is away.
        """
        try:
            tenant_id = UUID(hex=ticket[_TENANT])
        except ValueError:
            raise Unauthenticated(_NOT_VALID) from None
        stored: Any = await self._redis.getdel(_key(tenant_id, ticket))
        known = orjson.loads(stored) if stored else {}
        if known.pop("purpose", None) != purpose:
            raise Unauthenticated(_NOT_VALID)
        ids = {name: known[name] and UUID(known[name]) for name in _IDS}
        return Actor(**{**known, **ids, "permissions": frozenset(known["permissions"])})


_NOT_VALID = "The ticket is not valid: each opens one stream, within half a minute."


def _key(tenant_id: UUID, ticket: str) -> str:
    return f"t:{tenant_id}:tickets:{hashlib.sha256(ticket.encode()).hexdigest()}"
