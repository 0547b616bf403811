"""What Salesforce's own documentation and its users tell of odd answers, and that each is taken as meant."""

from dataclasses import replace

import pyarrow as pa
import pytest

from connectors.errors import ConnectorError, SourceUnavailable, StreamGone, StreamMisbehaves, Timeout
from connectors.salesforce.failures import BulkRefused, FieldRefused, PagesLost, from_answer, from_job
from connectors.salesforce.objects import is_noise
from connectors.salesforce.soql import fits_url
from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from tests.connectors.salesforce.conftest import COUNT, Connect, deals, stream_of, take, told


def jobs_made(sandbox: SalesforceSandbox) -> int:
    return sum(request.method == "POST" and "jobs" in request.path for request in sandbox.requests)


def test_both_transports_write_a_number_alike(connect: Connect) -> None:
    rows = []
    for bulk_from in (10_000, 1):
        connector = connect(bulk_from_records=bulk_from)
        rows.append(sorted(take(connector, stream_of(connector)).rows, key=lambda row: int(row["Number__c"])))
    assert rows[0] == rows[1]
    assert [row["Amount"] for row in rows[0][:3]] == ["0", "0.01", "0.02"]
    assert rows[0][3]["Ratio__c"] == "30000000000000000000"


def test_custom_metadata_is_read_by_id_alone_and_goes_on_after_any_batch(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    sandbox.load("Rule__mdt", deals(), "Number__c")
    connector = connect()
    stream = stream_of(connector, "Rule__mdt")
    assert (stream.cursor_field, stream.mode) == (None, "full_with_deletes")
    first = take(connector, stream, stop_after=2)
    rest = take(connector, stream, first.cursor)
    assert sorted(first.numbers + rest.numbers) == list(range(COUNT))
    assert rest.kinds[-1] == "Swept"


@pytest.mark.parametrize(
    "name", ["Archive__b", "Announcement", "DealShare", "Deal__ChangeEvent", "ContentDocumentLink"]
)
def test_objects_that_answer_no_plain_query_are_left_out(name: str) -> None:
    assert is_noise(name)
    assert not is_noise("Deal__c")


def test_an_object_that_cannot_be_counted_is_read_in_small_pages(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.store.objects["Deal__c"].countable = False
    connector = connect(bulk_from_records=10)
    assert sorted(take(connector, stream_of(connector)).numbers) == list(range(COUNT))
    assert jobs_made(sandbox) == 0


def test_when_the_bulk_jobs_of_the_day_are_used_up_small_pages_do_it(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    sandbox.jobs.daily = 0
    connector = connect(bulk_from_records=1)
    assert sorted(take(connector, stream_of(connector)).numbers) == list(range(COUNT))
    assert told(connector, "bulk_refused")


def test_a_bulk_result_with_fewer_records_than_told_is_asked_for_anew(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    sandbox.jobs.loses = 5
    connector = connect(bulk_from_records=1)
    assert sorted(take(connector, stream_of(connector)).numbers) == list(range(COUNT))
    assert jobs_made(sandbox) == 2


def test_an_empty_bulk_result_has_no_head_and_needs_none(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect(bulk_from_records=1)
    stream = stream_of(connector)
    gone = [str(number) for number in range(COUNT)]
    sandbox.misbehave(Fault("schema_change", stream="Deal__c", after=1, change=lambda: sandbox.delete("Deal__c", gone)))
    assert take(connector, replace(stream, mode="full")).kinds == ["Unchanged"]
    assert jobs_made(sandbox) == 1


def test_a_job_made_with_another_version_of_the_api_is_made_anew(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect(bulk_from_records=1)
    stream = stream_of(connector)
    first = take(connector, stream, stop_after=2)
    rest = take(connect(bulk_from_records=1, api_version="61.0"), stream, first.cursor)
    assert sorted(first.numbers + rest.numbers) == list(range(COUNT))
    assert jobs_made(sandbox) == 2


def test_hidden_fields_of_wide_objects_are_asked_for_object_by_object(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    wide = pa.table({"K": [1]} | {f"Field{number}__c": ["x"] for number in range(790)})
    for name in ("A__c", "B__c", "C__c"):
        sandbox.load(name, wide, "K")
        sandbox.hide_fields(name, "Field789__c")
    connector = connect()
    connector.discover()
    assert {note.stream for note in told(connector, "fields_hidden")} == {"A__c", "B__c", "C__c"}
    assert not told(connector, "hidden_fields_unknown")


def test_more_hidden_fields_than_one_answer_holds_are_told(connect: Connect, sandbox: SalesforceSandbox) -> None:
    fields = [f"Field{number}__c" for number in range(2_000)]
    sandbox.load("A__c", pa.table({"K": [1]} | {name: ["x"] for name in fields}), "K")
    sandbox.hide_fields("A__c", *fields)
    connector = connect()
    connector.discover()
    assert told(connector, "hidden_fields_unknown")


def test_a_query_is_measured_as_it_is_sent() -> None:
    assert fits_url("SELECT " + ", ".join(["Id"] * 1_900) + " FROM Deal__c")
    short_names = "SELECT " + ", ".join(["Id"] * 2_500) + " FROM Deal__c"
    assert len(short_names) < 12_000
    assert not fits_url(short_names)


@pytest.mark.parametrize(
    ("status", "code", "message", "expected"),
    [
        (400, "API_ERROR", "Selecting compound data not supported in Bulk Query", BulkRefused),
        (400, "INVALIDENTITY", "Entity 'CaseStatus' is not supported by the Bulk API.", BulkRefused),
        (400, "LIMIT_EXCEEDED", "Max bulk v2 query jobs (10000) per 24 hrs has been reached", BulkRefused),
        (400, "API_ERROR", "Max bulk v2 query result size stored (1000000000) kb per 24 hrs has been", BulkRefused),
        (400, "API_ERROR", "ERROR at Row:1:Column:12 No such column 'Name' on entity 'Deal__c'.", FieldRefused),
        (400, "API_ERROR", "sObject type 'Deal__c' is not supported.", StreamGone),
        (409, "", "", PagesLost),
        (403, "TXN_SECURITY_METERING_ERROR", "We can't complete the action", SourceUnavailable),
        (406, "", "", SourceUnavailable),
        (420, "", "", SourceUnavailable),
        (400, "MALFORMED_QUERY", "Implementation restriction: a filter is required", StreamMisbehaves),
    ],
)
def test_errors_are_known_by_code_or_by_their_fixed_words(
    status: int, code: str, message: str, expected: type[ConnectorError]
) -> None:
    found = from_answer(status, [{"errorCode": code, "message": message}], {}, "Deal__c")
    assert type(found) is expected
    assert not message or message not in f"{found} {found.detail}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("InvalidBatch : Failed to process query: INVALID_FIELD: No such column 'Name'", FieldRefused),
        ("InvalidBatch : Failed to process query: FUNCTIONALITY_NOT_ENABLED: Selecting compound data", BulkRefused),
        ("QUERY_TIMEOUT: Your query request was running for too long.", Timeout),
        ("Unexpected exception encountered in query processing: 326566388-63578", StreamMisbehaves),
        ("", StreamMisbehaves),
    ],
)
def test_a_failed_job_is_understood_by_the_codes_in_its_words(words: str, expected: type[ConnectorError]) -> None:
    found = from_job(words, "Deal__c")
    assert type(found) is expected
    assert "326566388" not in found.detail


@pytest.mark.parametrize("bulk_from", [10_000, 1], ids=["rest", "bulk"])
def test_archived_activities_are_read_and_not_taken_for_deleted(
    connect: Connect, sandbox: SalesforceSandbox, bulk_from: int
) -> None:
    sandbox.load("Task", deals(12), "Number__c")
    sandbox.store.objects["Task"].archived.add(sandbox.records("Task").column("Id")[0].as_py())
    sandbox.delete("Task", ["11"])
    connector = connect(bulk_from_records=bulk_from)
    stream = stream_of(connector, "Task")
    first = take(connector, stream)
    assert sorted(first.numbers) == list(range(11))
    assert sorted(take(connector, replace(stream, mode="full_with_deletes")).numbers) == list(range(11))
    sandbox.delete("Task", ["5"])
    changed = {(row["Number__c"], row["_deleted"]) for row in take(connector, stream, first.cursor).rows}
    assert ("5", True) in changed
    assert ("0", True) not in changed
