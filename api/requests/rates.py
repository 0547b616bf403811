"""How often a tenant, one of its members or keys, and a nameless address may ask.

Buckets are in Valkey, shared by all processes. A busy caller's requests are taken from there some tenth of a second's
worth at a time, so most of them cost no round trip; nobody else waits for one. With Valkey away each process counts for
itself: limits still hold, per process.
"""

import asyncio
import hashlib
import ipaddress
import logging
import math
import time
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import redis
from fastapi import Request

from api.problems import Problem, TooManyRequests
from api.requests.buckets import TAKE, LocalBucket, Taken
from api.security.actor import Actor
from orchestration.resources.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

_log = logging.getLogger(__name__)
_PATIENCE_S = 0.25
_AWAY_S = 1.0  # how long Valkey is not asked again after it failed to answer
_LEASES_A_SECOND = 10
_MOST_METERS = 20_000
_WINDOW_S = 60
# A tenant and its member or key; a tenant and None for all of them; None and an address.
_Key = tuple[UUID | None, UUID | str | None]


class _Meter:
    """What this process knows of one bucket."""

    __slots__ = (
        "_taken_since",
        "_used",
        "at",
        "key",
        "leased",
        "local",
        "lock",
        "per_minute",
        "refused_until",
        "standing",
    )

    def __init__(self, key: str, per_minute: int) -> None:
        self.key = key
        self.per_minute = per_minute
        self.leased = 0
        self.refused_until = 0.0
        self.standing = Taken(0, per_minute, 0.0, 0.0)
        self.at = time.monotonic()
        self.local: LocalBucket | None = None
        self.lock = asyncio.Lock()
        self._used = 0
        self._taken_since = self.at

    def use(self) -> bool:
        """One of the requests leased before, without asking anybody."""
        if self.leased == 0:
            return False
        self.leased -= 1
        self._used += 1
        return True

    def wanted(self, now: float) -> int:
        """How many to lease: what came in the last tenth of a second, and no more than the limit allows in one."""
        seconds = max(now - self._taken_since, 1e-3)
        recent = self._used / seconds / _LEASES_A_SECOND
        self._used, self._taken_since = 0, now
        return max(1, min(int(recent), self.per_minute // (60 * _LEASES_A_SECOND)))

    def settle(self, taken: Taken, now: float) -> None:
        """Note what a bucket gave."""
        self.leased, self.standing, self.at = taken.granted, taken, now
        self.refused_until = 0.0 if taken.granted else now + taken.next_in_s

    def left(self, now: float) -> int:
        """Requests left now: what was left and leased then, and what has flowed in since."""
        refilled = (now - self.at) * self.per_minute / _WINDOW_S
        return min(self.per_minute, self.standing.left + self.leased + int(refilled))

    def stands(self, policy: str, now: float) -> str:
        """Its item of the RateLimit header: requests left, seconds until all are back."""
        full_in_s = max(0, math.ceil(self.standing.full_in_s - (now - self.at)))
        return f'"{policy}";r={self.left(now)};t={full_in_s}'


class Rates:
    """The limits of one process; used on its event loop alone."""

    def __init__(self, client: "Redis | None", settings: Settings) -> None:
        self._client = client
        self._tenant, self._actor = settings.rate_limit_tenant, settings.rate_limit_actor
        self._address = settings.rate_limit_address
        self._meters: OrderedDict[_Key, _Meter] = OrderedDict()
        self._away_until = 0.0
        self._policy = f'"tenant";q={self._tenant};w={_WINDOW_S}, "actor";q={self._actor};w={_WINDOW_S}'.encode()
        self._address_policy = f'"address";q={self._address};w={_WINDOW_S}'.encode()

    async def admit(self, request: Request, actor: Actor) -> None:
        """Count one request of an authenticated caller.

        Raises:
            TooManyRequests: the caller, or all callers of the tenant together, asked too often.
        """
        tenant = self._meter((actor.tenant_id, None), self._tenant)
        own = self._meter((actor.tenant_id, actor.user_id or actor.key_id or actor.name), self._actor)
        # One's own first: who is refused alone does not use up what belongs to all.
        refused = None if await self._take(own) else (own, "You ask")
        if refused is None and not await self._take(tenant):
            refused = (tenant, "Your organisation asks")
        now = time.monotonic()
        stands = f"{tenant.stands('tenant', now)}, {own.stands('actor', now)}"
        request.state.rate_headers = ((b"ratelimit-policy", self._policy), (b"ratelimit", stands.encode()))
        if refused:
            raise _too_many(*refused, now)

    async def take_for_address(self, client: Any, state: dict[str, Any]) -> Problem | None:
        """Count one request of somebody who did not say who they are; why not to serve it, or None."""
        meter = self._meter((None, _address(client)), self._address)
        granted = await self._take(meter)
        now = time.monotonic()
        stands = meter.stands("address", now)
        state["rate_headers"] = ((b"ratelimit-policy", self._address_policy), (b"ratelimit", stands.encode()))
        return None if granted else _too_many(meter, "This address asks", now)

    def refusal_of_address(self, client: Any) -> Problem | None:
        """Why not to look at a proof from there: too many were refused already."""
        meter = self._meters.get((None, _address(client)))
        now = time.monotonic()
        return _too_many(meter, "This address asks", now) if meter and meter.refused_until > now else None

    async def _take(self, meter: _Meter) -> bool:
        if meter.use():
            return True
        if time.monotonic() < meter.refused_until:
            return False
        async with meter.lock:  # one asks, the others share what it gets
            while not meter.use():
                now = time.monotonic()
                if now < meter.refused_until:
                    return False
                meter.settle(await self._lease(meter, meter.wanted(now)), now)
                if meter.leased == 0:
                    return False
        return True

    async def _lease(self, meter: _Meter, wanted: int) -> Taken:
        now = time.monotonic()
        if self._client is not None and now >= self._away_until:
            each_us = max(1, round(60_000_000 / meter.per_minute))
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    granted, left, full_us, next_us = await self._client.eval(
                        TAKE, 1, meter.key, str(each_us), str(meter.per_minute), str(wanted)
                    )
            except (redis.RedisError, TimeoutError):
                if now > self._away_until + _AWAY_S:
                    _log.warning("Valkey does not answer: requests are counted in this process alone")
                self._away_until = time.monotonic() + _AWAY_S
            else:
                meter.local = None
                return Taken(granted, left, full_us / 1e6, next_us / 1e6)
        meter.local = meter.local or LocalBucket(meter.per_minute)
        return meter.local.take(wanted, time.monotonic())

    def _meter(self, key: _Key, per_minute: int) -> _Meter:
        meter = self._meters.get(key)
        if meter is None:
            meter = self._meters[key] = _Meter(_name(key), per_minute)
            if len(self._meters) > _MOST_METERS:
                self._meters.popitem(last=False)
        else:
            self._meters.move_to_end(key)
        return meter


def _too_many(meter: _Meter, who: str, now: float) -> TooManyRequests:
    wait_s = math.ceil(max(meter.refused_until - now, meter.standing.next_in_s, 0))
    return TooManyRequests(f"{who} more than {meter.per_minute} times a minute.", max(1, wait_s))


def _name(key: _Key) -> str:
    """What the bucket is called in Valkey."""
    tenant_id, who = key
    if tenant_id is None:
        return f"rate:address:{who}"
    if who is None:
        return f"t:{tenant_id}:rate:tenant"
    return f"t:{tenant_id}:rate:actor:{hashlib.sha256(str(who).encode()).hexdigest()[:32]}"


def _address(client: Any) -> str:
    return _caller(client[0] if client else "")


@lru_cache(maxsize=4096)
def _caller(host: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: that much belongs to one caller."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
