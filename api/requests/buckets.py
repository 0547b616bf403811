"""How many requests may still come: the generic cell rate algorithm, in Valkey for all processes and here without it.

A bucket holds one minute's requests and fills evenly, so a minute's worth may come at once and then one each 60/N
seconds. What is kept is one number: the time at which the bucket would be full again.
"""

import math
from dataclasses import dataclass

# KEYS[1]: the bucket. ARGV: microseconds per request, requests it holds, requests wanted.
# Answers: granted, left, microseconds until it is full, microseconds until the next one.
TAKE = """
local now = redis.call('TIME')
local at = now[1] * 1000000 + now[2]
local each, holds, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or at), at)
local free = math.max(0, math.floor((each * holds - (full_at - at)) / each))
local granted = math.min(free, wanted)
full_at = full_at + granted * each
if granted > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - at) / 1000) + 1000)
end
local next_in = 0
if free - granted < 1 then next_in = math.max(0, full_at - at - each * (holds - 1)) end
return {granted, free - granted, math.ceil(full_at - at), math.ceil(next_in)}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a bucket gave, and how it stands."""

    granted: int
    left: int
    full_in_s: float
    next_in_s: float


class LocalBucket:
    """The same in this process alone, for as long as Valkey is away."""

    __slots__ = ("_each_s", "_full_at", "_holds")

    def __init__(self, per_minute: int) -> None:
        self._each_s = 60 / per_minute
        self._holds = per_minute
        self._full_at = 0.0

    def take(self, wanted: int, now: float) -> Taken:
        """Up to `wanted` requests, at a time of the monotonic clock."""
        full_at = max(self._full_at, now)
        free = max(0, math.floor((self._each_s * self._holds - (full_at - now)) / self._each_s + 1e-6))
        granted = min(free, wanted)
        self._full_at = full_at = full_at + granted * self._each_s
        next_in = max(0.0, full_at - now - self._each_s * (self._holds - 1)) if free - granted < 1 else 0.0
        return Taken(granted, free - granted, full_at - now, next_in)
