"""Calls to a source at the rate it bears: turns, back-off, Retry-After, and a breaker.

Knows nothing of any protocol: an attempt maps its library's errors to ConnectorErrors, and this decides from their
class whether to wait, to try again or to give up. Every wait is bounded by `limits.give_up_after_s`.
"""

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import tenacity

from connectors.errors import ConnectorError, RateLimited, Retryable, SourceUnavailable, Timeout
from connectors.limits import Limits
from connectors.protocol import Note

T = TypeVar("T")

BREAKER_FAILURES = 5
BREAKER_REST_S = 60.0  # after this one call may try whether the source is back
_TOLD_FROM_S = 1.0
_BACKOFF = tenacity.wait_exponential(multiplier=0.5, max=30) + tenacity.wait_random(0, 0.5)
_SECONDS = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?")


class Pacer:
    """The pace of one connector instance, shared by all its threads."""

    def __init__(
        self,
        limits: Limits,
        notes: Callable[[Note], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits
        self._notes = notes
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_turn = clock()
        self._paused_until = self._next_turn
        self._pace_told = False
        self._failures = 0
        self._open_until = 0.0
        self._last_failure: Retryable | None = None

    def call(self, attempt: Callable[[], T], stream: str | None = None) -> T:
        """What `attempt` returns, tried again while it raises Retryable and the time allows.

        Raises:
            Retryable: the last failure, when `give_up_after_s` is used up, the wait the source asks for is longer than
                what is left, or the breaker is open.
            ConnectorError: whatever else the attempt raises, at once.
        """
        started = self._clock()

        def one_attempt() -> T:
            self._refuse_while_open(stream)
            self._take_turn(started, stream)
            return self._judged(attempt)

        def too_late(state: tenacity.RetryCallState) -> bool:
            left = self._limits.give_up_after_s - (self._clock() - started)
            return state.upcoming_sleep > left or self._is_open()

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Retryable),
            wait=_wait,
            stop=too_late,
            sleep=self._sleep,
            before_sleep=lambda state: self._tell_retry(state, stream),
            reraise=True,
        )(one_attempt)

    def _take_turn(self, started: float, stream: str | None) -> None:
        """Wait for a turn: `requests_per_s` over all threads in the long run, after a rest one second's worth at once.

        The generic cell rate algorithm (ITU-T I.371): `_next_turn` is when the next call would be due at the even rate.
        """
        with self._lock:
            now = self._clock()
            # Our own pace is a matter of moments; what a source ordered another thread to wait can be hours.
            ordered_s = self._paused_until - now
            if ordered_s > max(0.0, self._limits.give_up_after_s - (now - started)):
                raise RateLimited("The source asked this connection to wait.", retry_after_s=ordered_s, stream=stream)
            even_s = 1.0 / self._limits.requests_per_s
            due = max(now, self._next_turn, self._paused_until)
            turn = max(now, due - max(0.0, 1.0 - even_s), self._paused_until)
            self._next_turn = due + even_s
            # Under a low rate every call waits: that is worth one note, not one a call.
            worth_telling = ordered_s > 0 or not self._pace_told
            self._pace_told = self._pace_told or turn - now > _TOLD_FROM_S
        if turn > now:
            if worth_telling:
                self._tell(turn - now, "the rate limit of this connection", stream)
            self._sleep(turn - now)

    def _judged(self, attempt: Callable[[], T]) -> T:
        try:
            result = attempt()
        except RateLimited as error:
            # The limit is the connection's, not the stream's: the other threads hold back as well.
            with self._lock:
                self._paused_until = max(self._paused_until, self._clock() + error.retry_after_s)
            raise
        except Retryable as error:
            self._count_failure(error)
            raise
        except ConnectorError:
            self._close_breaker()  # the source answered
            raise
        self._close_breaker()
        return result

    def _count_failure(self, error: Retryable) -> None:
        with self._lock:
            self._failures += 1
            self._last_failure = error
            if self._failures >= BREAKER_FAILURES:
                self._open_until = self._clock() + BREAKER_REST_S

    def _close_breaker(self) -> None:
        with self._lock:
            self._failures = 0
            self._last_failure = None

    def _is_open(self) -> bool:
        with self._lock:
            return self._failures >= BREAKER_FAILURES and self._clock() < self._open_until

    def _refuse_while_open(self, stream: str | None) -> None:
        with self._lock:
            if self._failures < BREAKER_FAILURES or self._last_failure is None:
                return
            if self._clock() < self._open_until:
                last = self._last_failure
                kind = Timeout if isinstance(last, Timeout) else SourceUnavailable
                raise kind(last.message, stream=stream, hint=last.hint, detail=last.detail)
            # This call tries for everybody; the others go on failing fast until it has an answer.
            self._open_until = self._clock() + BREAKER_REST_S

    def _tell_retry(self, state: tenacity.RetryCallState, stream: str | None) -> None:
        error = state.outcome.exception() if state.outcome else None
        why = error.message if isinstance(error, ConnectorError) else "the source did not answer"
        self._tell(state.upcoming_sleep, why.rstrip("."), stream)

    def _tell(self, wait_s: float, why: str, stream: str | None) -> None:
        if wait_s > _TOLD_FROM_S:
            self._notes(Note("waiting", f"Waiting {wait_s:.0f} s: {why}.", stream))


def _wait(state: tenacity.RetryCallState) -> float:
    """Exactly what the source asks for; else exponential with jitter."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimited) and error.retry_after_s > 0:
        return error.retry_after_s
    return _BACKOFF(state)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait, of either form of the header (RFC 9110 10.2.3); None when there is none or it is unreadable."""
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())
