"""Calls keep the rate, wait as told, give up in time, and stop pressing a source that is down."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from connectors.errors import CredentialsExpired, RateLimited, SourceUnavailable, StreamForbidden, Timeout
from connectors.limits import Limits
from connectors.pacing import BREAKER_FAILURES, BREAKER_REST_S, Pacer, parse_retry_after
from connectors.protocol import Note

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Source:
    """Fails as told, in order, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notes() -> list[Note]:
    return []


@pytest.fixture
def pacer(clock: Clock, notes: list[Note]) -> Callable[..., Pacer]:
    def make(**limits: float) -> Pacer:
        caps = Limits.model_validate({"requests_per_s": 1_000.0} | limits)
        return Pacer(caps, notes.append, clock=clock, sleep=clock.sleep)

    return make


def test_an_answer_is_passed_on_without_waiting(pacer: Callable[..., Pacer], clock: Clock, notes: list[Note]) -> None:
    assert pacer().call(Source()) == "answer"
    assert (clock.slept, notes) == ([], [])


def test_a_failure_is_tried_again_after_a_growing_wait(pacer: Callable[..., Pacer], clock: Clock) -> None:
    source = Source(*[SourceUnavailable("down")] * 4)
    assert pacer().call(source, "deals") == "answer"
    assert source.calls == 5
    for wait, (least, most) in zip(clock.slept, [(0.5, 1.0), (1.0, 1.5), (2.0, 2.5), (4.0, 4.5)], strict=True):
        assert least <= wait <= most


def test_retry_after_is_kept_exactly_and_told(pacer: Callable[..., Pacer], clock: Clock, notes: list[Note]) -> None:
    assert pacer().call(Source(RateLimited("Too many requests.", retry_after_s=7)), "deals") == "answer"
    assert clock.slept == [7]
    assert notes == [Note("waiting", "Waiting 7 s: Too many requests.", "deals")]


def test_a_retry_after_of_zero_does_not_spin(pacer: Callable[..., Pacer], clock: Clock) -> None:
    assert pacer().call(Source(*[RateLimited("slow down", retry_after_s=0)] * 3)) == "answer"
    assert min(clock.slept) >= 0.5


def test_a_wait_longer_than_what_is_left_is_not_begun(pacer: Callable[..., Pacer], clock: Clock) -> None:
    paced = pacer(give_up_after_s=100)
    with pytest.raises(RateLimited) as caught:
        paced.call(Source(RateLimited("come back tomorrow", retry_after_s=86_400)))
    assert (caught.value.retry_after_s, clock.slept) == (86_400, [])
    with pytest.raises(RateLimited) as other:
        paced.call(Source(), "another stream")
    assert (other.value.retry_after_s, other.value.stream) == (86_400, "another stream")


def test_waiting_ends_when_the_time_to_give_up_is_used_up(pacer: Callable[..., Pacer], clock: Clock) -> None:
    source = Source(*[RateLimited("slow down", retry_after_s=40)] * 10)
    with pytest.raises(RateLimited):
        pacer(give_up_after_s=100).call(source)
    assert (sum(clock.slept), source.calls) == (80, 3)


@pytest.mark.parametrize("error", [CredentialsExpired("expired"), StreamForbidden("no"), ZeroDivisionError()])
def test_what_waiting_cannot_mend_is_raised_at_once(
    pacer: Callable[..., Pacer], clock: Clock, error: Exception
) -> None:
    source = Source(error)
    with pytest.raises(type(error)):
        pacer().call(source)
    assert (source.calls, clock.slept) == (1, [])


def test_the_breaker_opens_over_all_streams_and_lets_one_try_later(pacer: Callable[..., Pacer], clock: Clock) -> None:
    paced = pacer(give_up_after_s=0)
    for n in range(BREAKER_FAILURES):
        with pytest.raises(Timeout):
            paced.call(Source(Timeout("no answer")), f"stream {n}")
    healthy = Source()
    with pytest.raises(Timeout, match="no answer") as caught:
        paced.call(healthy, "deals")
    assert (healthy.calls, caught.value.stream) == (0, "deals")
    clock.now += BREAKER_REST_S
    assert [paced.call(healthy), paced.call(healthy)] == ["answer", "answer"]


def test_a_source_still_down_after_its_rest_gets_no_second_call(pacer: Callable[..., Pacer], clock: Clock) -> None:
    paced = pacer()
    with pytest.raises(SourceUnavailable):
        paced.call(Source(*[SourceUnavailable("down")] * 99))
    clock.now += BREAKER_REST_S
    down = Source(*[SourceUnavailable("still down")] * 99)
    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="still down"):
            paced.call(down)
    assert down.calls == 1


def test_an_answer_in_between_keeps_the_breaker_closed(pacer: Callable[..., Pacer]) -> None:
    paced = pacer(give_up_after_s=3_600)
    for _ in range(3):
        assert paced.call(Source(*[SourceUnavailable("down")] * (BREAKER_FAILURES - 1))) == "answer"


def test_a_source_that_limits_is_not_down(pacer: Callable[..., Pacer]) -> None:
    failures = [RateLimited("slow down", retry_after_s=1)] * (BREAKER_FAILURES * 3)
    assert pacer().call(Source(*failures)) == "answer"


def test_a_low_rate_is_kept_and_told_once(pacer: Callable[..., Pacer], clock: Clock, notes: list[Note]) -> None:
    paced = pacer(requests_per_s=0.1)
    for _ in range(5):
        paced.call(Source(), "deals")
    assert clock.slept == pytest.approx([10] * 4)
    assert notes == [Note("waiting", "Waiting 10 s: the rate limit of this connection.", "deals")]


def test_the_rate_holds_over_all_threads() -> None:
    paced = Pacer(Limits(requests_per_s=50), lambda note: None)
    times: list[float] = []
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(paced.call, lambda: times.append(time.monotonic())) for _ in range(70)]:
            future.result()
    times.sort()
    # After a rest one second's worth at once, then evenly.
    assert times[49] - times[0] < 0.5
    assert times[-1] - times[0] >= 20 / 50 - 0.02


def test_threads_hold_back_together_when_one_is_told_to_wait() -> None:
    paced = Pacer(Limits(requests_per_s=1_000), lambda note: None)
    told = threading.Event()
    limited = Source(RateLimited("slow down", retry_after_s=0.3))

    def first() -> str:
        try:
            return limited()
        finally:
            told.set()

    with ThreadPoolExecutor(2) as pool:
        started = time.monotonic()
        one = pool.submit(paced.call, first)
        assert told.wait(5)
        two = pool.submit(lambda: (paced.call(lambda: time.monotonic()), one.result())[0])
        assert two.result() - started >= 0.29


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_real_429_is_honoured_within_a_second(form: str) -> None:
    asked: list[float] = []

    class Limiting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(time.time())
            if len(asked) == 1:
                due = datetime.now(UTC) + timedelta(seconds=2)
                self.send_response(429)
                self.send_header("Retry-After", "1" if form == "seconds" else format_datetime(due, usegmt=True))
            else:
                self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Limiting)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    due: list[float] = []

    def attempt() -> int:
        answer = requests.get(f"http://127.0.0.1:{server.server_port}/", timeout=5)
        if answer.status_code == 429:
            wait = parse_retry_after(answer.headers["Retry-After"], datetime.now(UTC))
            assert wait is not None
            due.append(time.time() + wait)
            raise RateLimited("Too many requests.", retry_after_s=wait)
        return answer.status_code

    try:
        assert Pacer(Limits(), lambda note: None).call(attempt) == 200
    finally:
        server.shutdown()
        server.server_close()
    assert 0 <= asked[1] - due[0] < 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("Fri, 02 Jan 2026 03:04:35 GMT", 30.0),
        ("Friday, 02-Jan-26 03:05:05 GMT", 60.0),
        ("Fri Jan  2 03:04:15 2026", 10.0),
        ("Fri, 02 Jan 2026 03:04:35 -0000", 30.0),
        ("Fri, 02 Jan 2026 04:04:35 +0100", 30.0),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("9" * 400, None),
        ("Fri, 99 Jan 2026 03:04:35 GMT", None),
        ("Fri, 02 Jan 99999 03:04:35 GMT", None),
        ("١٢", None),
    ],
)
def test_both_forms_of_retry_after_are_read(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds
