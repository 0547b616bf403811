"""What a stand-in is told to do wrong, and what arrived at it.

Knows no protocol: each stand-in plays the fault its way.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "unauthorized", "forbidden", "rate_limited", "server_error", "slow", "cut_body", "repeat_page", "schema_change"
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour. Without a `stream` it meets every request, also those of no stream (such as a login)."""

    kind: FaultKind
    stream: str | None = None
    after: int = 0  # requests it would meet that pass first
    times: int = 1  # requests it meets then
    retry_after: str | None = None  # of rate_limited: seconds or an HTTP date, sent as it stands
    delay_s: float = 0  # of slow
    change: Callable[[], None] | None = None  # of schema_change: run before the request is answered


@dataclass(frozen=True, slots=True)
class Request:
    """One request that arrived. `path` is the URL's path or the command's name, `at` is monotonic seconds."""

    method: str
    path: str
    at: float
    query: str = ""
    stream: str | None = None


@dataclass(slots=True)
class _Planned:
    fault: Fault
    passed: int = 0
    done: int = 0


class Faults:
    """The misbehaviour planned for one stand-in. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[_Planned] = []
        self.played = 0  # so far, also of those since forgotten

    def plan(self, fault: Fault) -> None:
        """Add a fault after those already planned."""
        with self._lock:
            self._planned.append(_Planned(fault))

    def clear(self) -> None:
        """Forget every fault, also those half played."""
        with self._lock:
            self._planned.clear()

    def next(self, stream: str | None) -> Fault | None:
        """The fault this request meets. Every planned fault that concerns it counts it, one at most is played."""
        with self._lock:
            found: Fault | None = None
            for planned in self._planned:
                if planned.fault.stream not in (None, stream) or planned.done == planned.fault.times:
                    continue
                if planned.passed < planned.fault.after:
                    planned.passed += 1
                elif found is None:
                    planned.done += 1
                    self.played += 1
                    found = planned.fault
            return found
