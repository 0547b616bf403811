"""What every service connector keeps when its source misbehaves: a named error in bounded time, or nothing lost.

Faults begin after the first item, in the middle of a reading.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors.errors import (
    ConnectorError,
    CredentialsExpired,
    SourceUnavailable,
    StreamForbidden,
    StreamGone,
    StreamMisbehaves,
    Timeout,
)
from connectors.sandbox.faults import FaultKind
from tests.connectors.harnesses.harness import ServiceHarness
from tests.connectors.harnesses.mongodb import MongoPollingHarness
from tests.connectors.harnesses.reading import Reading, landed, read_stream, take
from tests.connectors.harnesses.roster import SERVICES, parameters, running

FOR_EVER = 1_000_000
SHORT: dict[str, Any] = {"give_up_after_s": 1, "timeout_s": 1}


@pytest.fixture(params=parameters(tuple(one for one in SERVICES if one is not MongoPollingHarness)))
def service(request: pytest.FixtureRequest) -> Iterator[ServiceHarness]:
    """Each service; once where two harnesses differ in nothing but how changes are found."""
    for one in running(request):
        assert isinstance(one, ServiceHarness)
        yield one


def played(service: ServiceHarness, kind: FaultKind, **how: Any) -> Callable[[], None]:
    """To be called when the fault shall begin; skips the test where the source knows no such fault."""
    if kind not in service.plays:
        pytest.skip(f"{kind}: {service.unplayed}")
    return lambda: service.play(kind, **how)


def read_through(service: ServiceHarness, fault: Callable[[], None]) -> Reading:
    """A full read of the stream in which the fault begins after the first item."""
    connector = service.connector()
    return read_stream(connector, service.known(connector), between=fault)


def failed(service: ServiceHarness, fault: Callable[[], None], **limits: Any) -> tuple[ConnectorError, float, int]:
    """The error such a reading ends with, its time from the fault on, and the requests it made since."""
    connector = service.connector(**limits)
    stream = service.known(connector)
    began: list[tuple[float, int]] = []

    def begin() -> None:
        fault()
        began.append((time.monotonic(), len(service.arrivals())))

    with pytest.raises(ConnectorError) as caught:
        read_stream(connector, stream, between=begin)
    elapsed, requests = time.monotonic() - began[0][0], len(service.arrivals()) - began[0][1]
    service.behave()
    assert caught.value.stream in (None, stream.name)
    assert caught.value.hint
    return caught.value, elapsed, requests


def test_credentials_refused_in_the_middle_are_expired_and_not_tried_again(service: ServiceHarness) -> None:
    error, elapsed, requests = failed(service, played(service, "unauthorized", times=FOR_EVER))
    assert type(error) is CredentialsExpired
    assert elapsed < 5
    assert requests <= 3  # one more after a renewed login


def test_a_stream_taken_from_the_login_is_forbidden(service: ServiceHarness) -> None:
    error, elapsed, requests = failed(service, played(service, "forbidden", times=FOR_EVER))
    assert type(error) is StreamForbidden
    assert error.stream == service.stream
    assert elapsed < 5
    assert requests <= 3


@pytest.mark.parametrize("begun", [False, True])
def test_a_stream_that_vanished_is_gone(service: ServiceHarness, begun: bool) -> None:
    connector = service.connector()
    stream = service.known(connector)
    keys = service.held()
    if not begun:
        service.drop()
    reading = Reading()
    try:
        read_stream(connector, stream, between=service.drop, reading=reading)
    except StreamGone as error:
        assert error.stream == service.stream
        assert error.hint
    else:
        # A result that was made before may be handed out to its end.
        assert begun
        assert service.results_outlive_streams
        assert sorted(reading.keys(service.key)) == sorted(keys)


@pytest.mark.parametrize("kind", ["server_error", "cut_body"])
def test_failures_that_pass_cost_nothing_but_time(service: ServiceHarness, kind: FaultKind) -> None:
    reading = read_through(service, played(service, kind, times=2 if kind == "server_error" else 1))
    assert sorted(reading.keys(service.key)) == sorted(service.held())


@pytest.mark.parametrize("kind", ["server_error", "cut_body"])
def test_failures_that_stay_end_the_reading_in_bounded_time(service: ServiceHarness, kind: FaultKind) -> None:
    error, elapsed, requests = failed(service, played(service, kind, times=FOR_EVER), **SHORT)
    assert type(error) is SourceUnavailable
    assert elapsed < 5
    assert requests <= 10


def test_an_answer_that_does_not_come_is_a_timeout(service: ServiceHarness) -> None:
    error, elapsed, _ = failed(service, played(service, "slow", times=FOR_EVER, delay_s=30), **SHORT)
    assert type(error) is Timeout
    assert elapsed < 8


def test_after_a_failure_the_reading_goes_on_from_its_last_cursor(service: ServiceHarness) -> None:
    connector = service.connector(**SHORT)
    stream = service.known(connector)
    reading = Reading()
    fault = played(service, "server_error", times=FOR_EVER)
    with pytest.raises(ConnectorError):
        for item in connector.read(stream, None):
            take(item, reading)
            if len(reading.items) == 2:
                fault()
    service.behave()
    rest = read_stream(service.connector(), stream, reading.cursor)
    assert sorted(reading.keys(service.key) + rest.keys(service.key)) == sorted(service.held())


def test_the_same_page_for_ever_is_noticed(service: ServiceHarness) -> None:
    error, elapsed, requests = failed(service, played(service, "repeat_page", times=FOR_EVER))
    assert type(error) is StreamMisbehaves
    assert elapsed < 5
    assert requests <= 10


def test_a_field_renamed_between_two_pages_loses_no_record(service: ServiceHarness) -> None:
    connector = service.connector()
    stream = service.known(connector)
    keys = sorted(service.held())
    first = read_stream(connector, stream, between=lambda: service.rename_value("title"))
    assert sorted(set(first.keys(service.key))) == keys
    again = service.connector()
    stream = service.known(again)
    rows = landed([read_stream(again, stream)], service.key)
    assert {key: row["title"] for key, row in rows.items()} == {service.key_of(n): f"name {n}" for n in range(60)}


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_rate_limit_is_kept_to_the_second(
    service: ServiceHarness, form: str, measured: Callable[[str], None]
) -> None:
    asked: list[float] = []

    def limit() -> None:
        before = len(service.arrivals())
        if form == "seconds":
            played(service, "rate_limited", retry_after="2")()
            asked[:] = [before, 2.0]
            return
        when = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
        played(service, "rate_limited", retry_after=format_datetime(when, usegmt=True))()
        asked[:] = [before, time.monotonic() + (when - datetime.now(UTC)).total_seconds()]

    played(service, "rate_limited")
    reading = read_through(service, limit)
    refused, again = service.arrivals()[int(asked[0]) : int(asked[0]) + 2]
    moment = refused + asked[1] if form == "seconds" else asked[1]
    late = again - moment
    measured(f"{service.name}: Retry-After as {form}: the next request came {late:+.3f} s after the moment asked for")
    assert -0.02 <= late <= 1
    assert sorted(reading.keys(service.key)) == sorted(service.held())


def test_a_wait_longer_than_there_is_time_for_is_handed_to_the_runner(service: ServiceHarness) -> None:
    error, elapsed, requests = failed(service, played(service, "rate_limited", times=FOR_EVER, retry_after="900"))
    assert error.code == "rate_limited"
    assert 890 <= error.retry_after_s <= 900  # type: ignore[attr-defined]
    assert elapsed < 2
    assert requests == 1
