"""How often somebody may try a password: counted in Valkey, and in this process alone while Valkey is away.

An attempt is counted before the password is looked at, so that many at once do not slip through, and given back when it
was right. Counts are by account and address together, by account and by address: one address guesses at few accounts,
and nobody locks out the owner of an account for good.
"""

import logging
import math
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import redis

from api.problems import TooManyRequests
from api.security.bounded import Bounded

WINDOW_S: Final = 900
_ACCOUNT_FROM_EVERYWHERE: Final = 5  # times what one address may try
_ASKED_AGAIN_S: Final = 5.0
_log = logging.getLogger(__name__)
# One step, so that no counter is left without its end.
_COUNT: Final = """
local counted = {}
for at, key in ipairs(KEYS) do
    local count = redis.call('INCR', key)
    if count == 1 then redis.call('EXPIRE', key, ARGV[1]) end
    counted[#counted + 1] = count
    counted[#counted + 1] = redis.call('TTL', key)
end
return counted
"""


class TooManyAttempts(TooManyRequests):
    slug, status, title = "too-many-attempts", 429, "Too many attempts to log in"
    advice = "Wait for the seconds in Retry-After. Whoever runs the platform can tell where the attempts came from."


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a password; give it to `succeeded` when it was right."""

    keys: tuple[str, ...]


class Throttle:
    """Safe to share between threads."""

    def __init__(self, client: "redis.Redis", per_account: int, per_address: int) -> None:
        self._client = client
        self._limits = (per_account, per_account * _ACCOUNT_FROM_EVERYWHERE, per_address)
        self._here = _CountsHere()
        self._away_until = 0.0  # monotonic

    def begin(self, email: str, address: str) -> Attempt:
        """Count an attempt; TooManyAttempts(Retry-After) when there were too many."""
        account, place = _digest(email.strip().lower()), _digest(address)
        attempt = Attempt((f"login:both:{account}:{place}", f"login:account:{account}", f"login:address:{place}"))
        waits = [ttl for (count, ttl), most in zip(self._count(attempt), self._limits, strict=True) if count > most]
        if waits:
            raise TooManyAttempts(retry_after_s=math.ceil(max(waits)))
        return attempt

    def succeeded(self, attempt: Attempt) -> None:
        """The password was right: the attempt does not count, and the pair begins anew."""
        both, *others = attempt.keys
        self._here.give_back(attempt.keys)
        if time.monotonic() < self._away_until:
            return
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                pipeline.delete(both)
                for key in others:
                    pipeline.decr(key)
                    pipeline.expire(key, WINDOW_S, nx=True)  # one that ended in between would stay for good
                pipeline.execute()
        except redis.RedisError as error:
            self._is_away(error)

    def _count(self, attempt: Attempt) -> list[tuple[int, float]]:
        if time.monotonic() < self._away_until:
            return [self._here.count(key) for key in attempt.keys]
        try:
            counted = self._client.eval(_COUNT, len(attempt.keys), *attempt.keys, str(WINDOW_S))
        except redis.RedisError as error:
            self._is_away(error)
            return [self._here.count(key) for key in attempt.keys]
        return list(zip(counted[::2], counted[1::2], strict=True))

    def _is_away(self, error: redis.RedisError) -> None:
        """Nobody waits for it again in the next seconds."""
        self._away_until = time.monotonic() + _ASKED_AGAIN_S
        _log.warning("attempts to log in are counted in this process alone: %s", type(error).__name__)


class _CountsHere:
    """The same counts in memory."""

    def __init__(self) -> None:
        self._counts: Bounded[str, tuple[int, float]] = Bounded(50_000)
        self._turn = threading.Lock()

    def count(self, key: str) -> tuple[int, float]:
        """How many there are now, and how many seconds until they are forgotten."""
        now = time.monotonic()
        with self._turn:
            count, ends = self._counts.get(key) or (0, now + WINDOW_S)
            if ends <= now:
                count, ends = 0, now + WINDOW_S
            self._counts.put(key, (count + 1, ends))
        return count + 1, ends - now

    def give_back(self, keys: tuple[str, ...]) -> None:
        """Take one off each."""
        with self._turn:
            for key in keys:
                if kept := self._counts.get(key):
                    self._counts.put(key, (max(0, kept[0] - 1), kept[1]))


def _digest(text: str) -> str:
    """Addresses of people and machines are not for everybody who may read the store."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
