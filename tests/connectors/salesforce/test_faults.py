"""What goes wrong at the service in the middle of things: the error it becomes, in bounded time, with nothing lost."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.errors import (
    ConnectorError,
    CredentialsExpired,
    LimitReached,
    PermissionMissing,
    RateLimited,
    SourceUnavailable,
    StreamForbidden,
    StreamGone,
    StreamMisbehaves,
    Timeout,
)
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from tests.connectors.salesforce.conftest import COUNT, Connect, stream_of, take, told

TRANSPORTS = pytest.mark.parametrize("bulk_from", [10_000, 1], ids=["rest", "bulk"])


@TRANSPORTS
@pytest.mark.parametrize("kind", ["server_error", "cut_body", "unauthorized"])
def test_a_passing_fault_is_overcome_without_loss_or_repeat(
    connect: Connect, sandbox: SalesforceSandbox, kind: FaultKind, bulk_from: int
) -> None:
    connector = connect(bulk_from_records=bulk_from)
    stream = stream_of(connector)
    sandbox.misbehave(Fault(kind, stream="Deal__c", after=3))
    assert sorted(take(connector, stream).numbers) == list(range(COUNT))


@TRANSPORTS
def test_expired_tokens_are_renewed_in_the_middle_of_a_read(
    connect: Connect, sandbox: SalesforceSandbox, bulk_from: int
) -> None:
    connector = connect(bulk_from_records=bulk_from)
    stream = stream_of(connector)
    sandbox.misbehave(Fault("schema_change", stream="Deal__c", after=3, change=sandbox.expire_tokens))
    assert sorted(take(connector, stream).numbers) == list(range(COUNT))
    assert sandbox.logins.issued == 2


@TRANSPORTS
def test_a_revoked_login_needs_a_person_and_is_not_tried_again(
    connect: Connect, sandbox: SalesforceSandbox, bulk_from: int
) -> None:
    connector = connect(bulk_from_records=bulk_from)
    stream = stream_of(connector)
    first = take(connector, stream, stop_after=1)
    sandbox.revoke_login()
    before = len(sandbox.requests)
    with pytest.raises(CredentialsExpired) as caught:
        take(connector, stream, first.cursor)
    assert caught.value.hint
    logins = [request for request in sandbox.requests[before:] if request.path.endswith("/token")]
    assert 1 <= len(logins) <= 2  # a page of the first read may still be on its way


def test_a_token_refused_twice_is_an_expired_credential(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect()
    stream = stream_of(connector)
    sandbox.misbehave(Fault("unauthorized", times=2))
    with pytest.raises(CredentialsExpired):
        take(connector, stream)


@pytest.mark.parametrize("as_date", [False, True])
def test_429_is_honoured_in_both_forms(connect: Connect, sandbox: SalesforceSandbox, as_date: bool) -> None:
    connector = connect()
    stream = stream_of(connector)
    asked = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True) if as_date else "1"
    sandbox.misbehave(Fault("rate_limited", stream="Deal__c", after=1, retry_after=asked))
    started = time.monotonic()
    assert sorted(take(connector, stream).numbers) == list(range(COUNT))
    assert 0.9 <= time.monotonic() - started <= 3.2


def test_a_wait_longer_than_allowed_is_told_at_once(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect()
    stream = stream_of(connector)
    sandbox.misbehave(Fault("rate_limited", stream="Deal__c", retry_after="3600"))
    started = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        take(connector, stream)
    assert caught.value.retry_after_s == 3600
    assert time.monotonic() - started < 2


def test_a_service_that_stays_broken_is_given_up_in_bounded_time(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect(limits={"give_up_after_s": 1})
    stream = stream_of(connector)
    sandbox.misbehave(Fault("server_error", times=1000))
    started = time.monotonic()
    with pytest.raises(SourceUnavailable):
        take(connector, stream)
    assert time.monotonic() - started < 4


def test_a_service_that_does_not_answer_is_a_timeout(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect(limits={"timeout_s": 0.2, "give_up_after_s": 0.3})
    stream = stream_of(connector)
    sandbox.misbehave(Fault("slow", stream="Deal__c", after=1, times=10, delay_s=2))
    with pytest.raises(Timeout):
        take(connector, stream)


@TRANSPORTS
def test_the_same_page_for_ever_is_an_error_after_which_nothing_is_lost(
    connect: Connect, sandbox: SalesforceSandbox, bulk_from: int
) -> None:
    connector = connect(bulk_from_records=bulk_from)
    stream = stream_of(connector)
    sandbox.misbehave(Fault("repeat_page", stream="Deal__c", after=3 if bulk_from > 1 else 4, times=10_000))
    rows, cursor = [], None
    with pytest.raises(StreamMisbehaves):
        for item in connector.read(stream, None):
            rows += item.arrow.read_all().to_pylist()  # type: ignore[union-attr]
            cursor = item.cursor
    sandbox.behave()
    rest = take(connector, stream, cursor)
    numbers = [int(row["Number__c"]) for row in rows] + rest.numbers
    assert len(rows) < COUNT
    assert sorted(numbers) == list(range(COUNT))


@TRANSPORTS
def test_a_forbidden_object_concerns_only_itself(connect: Connect, sandbox: SalesforceSandbox, bulk_from: int) -> None:
    connector = connect(bulk_from_records=bulk_from)
    stream = stream_of(connector)
    sandbox.misbehave(Fault("forbidden", stream="Deal__c", times=100))
    with pytest.raises(StreamForbidden):
        take(connector, stream)


def test_a_login_without_any_access_is_a_missing_permission(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.misbehave(Fault("forbidden", after=1))
    with pytest.raises(PermissionMissing):
        connect().check()


@TRANSPORTS
def test_an_object_dropped_or_taken_away_is_gone(connect: Connect, sandbox: SalesforceSandbox, bulk_from: int) -> None:
    connector = connect(bulk_from_records=bulk_from)
    stream = stream_of(connector)
    sandbox.forbid("Deal__c")
    with pytest.raises(StreamGone):
        take(connector, stream)
    sandbox.drop_stream("Deal__c")
    with pytest.raises(StreamGone):
        take(connector, stream)


@pytest.mark.parametrize("how", ["hide", "drop", "rename"])
def test_a_field_that_vanishes_between_two_pages_is_left_out_and_told(
    connect: Connect, sandbox: SalesforceSandbox, how: str
) -> None:
    changes = {
        "hide": lambda: sandbox.hide_fields("Deal__c", "Name"),
        "drop": lambda: sandbox.drop_field("Deal__c", "Name"),
        "rename": lambda: sandbox.rename_field("Deal__c", "Name", "Title__c"),
    }
    connector = connect()
    stream = stream_of(connector)
    sandbox.misbehave(Fault("schema_change", stream="Deal__c", after=3, change=changes[how]))
    read = take(connector, stream)
    assert sorted(read.numbers) == list(range(COUNT))
    assert "Name" not in read.rows[-1]
    [note] = told(connector, "field_not_visible")
    assert "Name" in note.message


def test_the_org_is_left_its_share_of_requests(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect()
    stream = stream_of(connector)
    sandbox.daily_api_requests = 1000
    sandbox.api_requests_used = 796
    with pytest.raises(LimitReached, match=r"800 of its 1,000") as caught:
        take(connector, stream)
    assert caught.value.hint
    assert sandbox.api_requests_used == 800


def test_a_spent_quota_needs_a_person(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.api_requests_used = sandbox.daily_api_requests
    with pytest.raises(LimitReached):
        connect().check()


def test_a_bulk_job_that_never_ends_is_given_up_and_aborted(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.jobs.polls = 10_000
    connector = connect(bulk_from_records=1, limits={"bulk_wait_s": 0.3})
    stream = stream_of(connector)
    with pytest.raises(Timeout):
        take(connector, stream)
    assert sandbox.jobs.open_count == 0


def test_errors_of_libraries_are_classified_without_their_text(connect: Connect) -> None:
    connector = connect()
    for error in (OSError(28, "full of secret-42"), RuntimeError("secret-42"), ConnectorError("known", hint="do")):
        found = connector.classify(error, "Deal__c")
        assert "secret-42" not in f"{found} {found!r} {found.detail}"
        assert found.stream == "Deal__c"
        assert found.hint
