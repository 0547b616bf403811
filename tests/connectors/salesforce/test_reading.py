"""Reading a stream: everything once, changes and deletes after it, from any place, over either transport."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from connectors.protocol import Batch, Swept
from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from tests.connectors.salesforce.conftest import COUNT, Connect, deals, stream_of, take, told

TRANSPORTS = pytest.mark.parametrize("bulk_from", [10_000, 1], ids=["rest", "bulk"])
MODES = pytest.mark.parametrize("mode", ["incremental", "full", "full_with_deletes"])


@TRANSPORTS
def test_every_value_arrives_exact_and_as_the_same_text_over_both_transports(connect: Connect, bulk_from: int) -> None:
    connector = connect(bulk_from_records=bulk_from)
    row = next(row for row in take(connector, stream_of(connector)).rows if row["Number__c"] == "42")
    assert row["Name"] == 'Deal, "42"\nsecond line'
    assert (row["Amount"], row["Ratio__c"]) == ("0.42", "420000000000000000000")
    assert (row["Won__c"], row["CloseDate"], row["Note__c"]) == ("true", "2026-01-15", "ä 42")
    assert row["SystemModstamp"].endswith(".000Z")
    assert next(row for row in take(connector, stream_of(connector)).rows if row["Number__c"] == "1")["Note__c"] is None


@TRANSPORTS
@MODES
def test_resuming_after_any_item_loses_and_repeats_nothing(connect: Connect, mode: str, bulk_from: int) -> None:
    connector = connect(bulk_from_records=bulk_from)
    stream = replace(stream_of(connector), mode=mode)
    total = len(take(connector, stream).items)
    assert total > 4
    for stop_after in range(1, total + 1):
        first = take(connector, stream, stop_after=stop_after)
        cursor = json.loads(json.dumps(first.cursor))
        if "since" in cursor:
            assert sorted(first.numbers) == list(range(COUNT))
            continue
        rest = take(connect(bulk_from_records=bulk_from), stream, cursor)
        assert sorted(first.numbers + rest.numbers) == list(range(COUNT))


@TRANSPORTS
def test_a_resumed_sweep_keeps_its_name(connect: Connect, bulk_from: int) -> None:
    connector = connect(bulk_from_records=bulk_from)
    stream = replace(stream_of(connector), mode="full_with_deletes")
    first = take(connector, stream, stop_after=2)
    rest = take(connector, stream, first.cursor)
    batches = [item for item in first.items + rest.items if isinstance(item, Batch)]
    end = rest.items[-1]
    assert isinstance(end, Swept)
    assert {batch.sweep for batch in batches} == {end.sweep}


def test_a_bulk_read_goes_on_with_its_job_and_makes_a_new_one_when_that_is_gone(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    connector = connect(bulk_from_records=1)
    stream = stream_of(connector)
    first = take(connector, stream, stop_after=2)
    assert sandbox.jobs.open_count == 1
    before = [request for request in sandbox.requests if request.method == "POST" and "jobs" in request.path]
    again = take(connect(bulk_from_records=1), stream, first.cursor)
    after = [request for request in sandbox.requests if request.method == "POST" and "jobs" in request.path]
    assert (len(before), len(after)) == (1, 1)
    assert sandbox.jobs.open_count == 0
    first = take(connector, stream, stop_after=2)
    sandbox.jobs.forget()
    anew = take(connect(bulk_from_records=1), stream, first.cursor)
    assert sorted(first.numbers + anew.numbers) == sorted(first.numbers + again.numbers) == list(range(COUNT))


@TRANSPORTS
def test_changes_and_deletes_come_after_the_cursor_and_nothing_else(
    connect: Connect, sandbox: SalesforceSandbox, bulk_from: int
) -> None:
    connector = connect(bulk_from_records=bulk_from)
    stream = stream_of(connector)
    first = take(connector, stream)
    assert take(connector, stream, first.cursor).kinds == ["Unchanged"]
    sandbox.upsert("Deal__c", [{"Number__c": 3, "Name": "new name"}, {"Number__c": 99, "Name": "new"}])
    sandbox.delete("Deal__c", ["4"])
    second = take(connector, stream, first.cursor)
    assert {(row["Number__c"], row["_deleted"]) for row in second.rows} == {("3", False), ("99", False), ("4", True)}


def test_the_look_back_window_is_read_again_at_a_new_read_only(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect(look_back_s=600)
    stream = stream_of(connector)
    first = take(connector, stream)
    late = datetime.now(UTC) - timedelta(seconds=300)
    sandbox.upsert("Deal__c", [{"Number__c": 7, "Name": "committed late", "SystemModstamp": late}])
    assert take(connector, stream, first.cursor).numbers == [7]
    assert take(connect(look_back_s=0), stream, first.cursor).kinds == ["Unchanged"]


def test_our_own_clock_does_not_matter(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.clock = lambda: datetime.now(UTC) + timedelta(days=3)
    connector = connect()
    stream = stream_of(connector)
    first = take(connector, stream)
    assert sorted(first.numbers) == list(range(COUNT))
    sandbox.upsert("Deal__c", [{"Number__c": 5, "Name": "in their future"}])
    assert take(connector, stream, first.cursor).numbers == [5]


def test_a_cursor_older_than_the_recycle_bin_sweeps_by_itself_and_says_so(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    connector = connect()
    stream = stream_of(connector)
    first = take(connector, stream)
    sandbox.delete("Deal__c", ["4"])
    sandbox.clock = lambda: datetime.now(UTC) + timedelta(days=16)
    second = take(connector, stream, first.cursor)
    assert second.kinds[-1] == "Swept"
    assert sorted(second.numbers) == [n for n in range(COUNT) if n != 4]
    assert told(connector, "history_lost")
    assert take(connector, stream, second.cursor).kinds == ["Unchanged"]


def test_a_record_changed_during_a_read_comes_with_the_next(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect()
    stream = stream_of(connector)
    first = take(connector, stream, stop_after=1)
    sandbox.clock = lambda: datetime.now(UTC) + timedelta(seconds=30)
    sandbox.upsert("Deal__c", [{"Number__c": 44, "Name": "changed meanwhile"}])
    rest = take(connector, stream, first.cursor)
    assert sorted(first.numbers + rest.numbers) == [n for n in range(COUNT) if n != 44]
    assert take(connector, stream, rest.cursor).numbers == [44]


def test_fewer_fields_are_asked_for_when_fewer_are_wanted(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect()
    stream = stream_of(connector)
    narrow = replace(stream, fields=tuple(one for one in stream.fields if one.name in ("Number__c", "Id")))
    assert set(take(connector, narrow).rows[0]) - {"_deleted"} == {"Id", "Number__c"}
    assert not [request for request in sandbox.requests if "Amount" in request.query]


def test_a_sample_is_one_small_query_and_no_bulk_job(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect(bulk_from_records=1)
    stream = stream_of(connector)
    before = len(sandbox.requests)
    [batch] = connector.read(stream, None, limit=7)
    assert isinstance(batch, Batch) and batch.arrow is not None
    assert batch.arrow.read_all().num_rows == 7
    [asked] = sandbox.requests[before:]
    assert "LIMIT+7" in asked.query


def test_an_object_of_a_thousand_fields_is_read_in_bulk_and_sampled_in_parts(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    names = [f"A_rather_long_name_of_a_field_{n}__c" for n in range(1000)]
    table = pa.table({"Number__c": pa.array(range(3))} | {name: ["x", "y", "z"] for name in names})
    sandbox.load("Wide__c", table, "Number__c")
    connector = connect()
    stream = stream_of(connector, "Wide__c")
    assert len(stream.fields) == 1006
    read = take(connector, stream)
    assert sorted(read.numbers) == [0, 1, 2]
    [batch] = connector.read(stream, None, limit=2)
    assert isinstance(batch, Batch) and batch.arrow is not None
    sampled = batch.arrow.read_all()
    assert sampled.num_rows == 2
    assert None not in sampled.column(names[-1]).to_pylist()
    assert [request for request in sandbox.requests if request.path.endswith("/jobs/query")]


def test_an_empty_object_gives_one_item_with_its_cursor(connect: Connect, sandbox: SalesforceSandbox) -> None:
    sandbox.delete("Deal__c", [str(n) for n in range(COUNT)])
    connector = connect()
    stream = stream_of(connector)
    read = take(connector, replace(stream, mode="full"))
    assert read.kinds == ["Unchanged"]
    assert "since" in (read.cursor or {})
    assert take(connector, replace(stream, mode="full_with_deletes")).kinds == ["Swept"]


def test_a_read_from_the_start_tells_what_was_deleted_too(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect()
    stream = stream_of(connector)
    before = take(connector, stream)
    sandbox.delete("Deal__c", ["0", "1"])
    anew = take(connector, stream)  # as for a stream that is read anew because it has a new field
    told_gone = [row for row in anew.rows if row["_deleted"]]
    assert len(told_gone) == 2
    assert {row["Id"] for row in anew.rows} == {row["Id"] for row in before.rows}


def test_an_unchanged_object_costs_one_request(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect()
    stream = stream_of(connector)
    first = take(connector, stream)
    before = len(sandbox.requests)
    take(connector, stream, first.cursor)
    assert len(sandbox.requests) - before == 1


def test_a_bulk_page_larger_than_a_batch_comes_in_pieces_and_resumes_inside_it(
    connect: Connect, sandbox: SalesforceSandbox
) -> None:
    text = 'a "quoted" line,\n' * 1000
    table = pa.table({"Number__c": pa.array(range(200)), "Body__c": [f"{n} {text}" for n in range(200)]})
    sandbox.load("Letter__c", table, "Number__c")
    limits = {"batch_records": 1000, "batch_mib": 1}
    connector = connect(bulk_from_records=1, limits=limits)
    stream = stream_of(connector, "Letter__c")
    whole = take(connector, stream)
    assert len(whole.items) > 2
    assert {row["Body__c"] for row in whole.rows} == {f"{n} {text}" for n in range(200)}
    for stop_after in range(1, len(whole.items)):
        first = take(connector, stream, stop_after=stop_after)
        assert (first.cursor or {})["skip"] > 0
        rest = take(connect(bulk_from_records=1, limits=limits), stream, first.cursor)
        assert sorted(first.numbers + rest.numbers) == list(range(200))


def test_other_fields_than_the_job_was_asked_for_make_a_new_job(connect: Connect, sandbox: SalesforceSandbox) -> None:
    connector = connect(bulk_from_records=1)
    stream = stream_of(connector)
    first = take(connector, stream, stop_after=2)
    fewer = replace(stream, fields=tuple(field for field in stream.fields if field.name != "Name"))
    rest = take(connector, fewer, first.cursor)
    assert sorted(first.numbers + rest.numbers) == list(range(COUNT))
    assert "Name" not in rest.rows[0]
    assert sandbox.jobs.open_count == 0


def test_several_streams_are_read_at_once_while_the_token_expires(connect: Connect, sandbox: SalesforceSandbox) -> None:
    names = [f"Object{number}__c" for number in range(6)]
    for name in names:
        sandbox.load(name, deals(), "Number__c")
    connector = connect()
    streams = [stream for stream in connector.discover() if stream.name in names]
    sandbox.misbehave(Fault("schema_change", after=8, change=sandbox.expire_tokens))
    with ThreadPoolExecutor(6) as pool:
        reads = list(pool.map(lambda stream: take(connector, stream), streams))
    assert [sorted(read.numbers) for read in reads] == [list(range(COUNT))] * 6
    assert sandbox.logins.issued == 2


@TRANSPORTS
def test_pages_are_put_together_up_to_a_batch_and_no_further(connect: Connect, bulk_from: int) -> None:
    connector = connect(bulk_from_records=bulk_from, limits={"batch_records": 25})
    sizes = [
        item.arrow.read_all().num_rows
        for item in connector.read(stream_of(connector), None)
        if isinstance(item, Batch) and item.arrow
    ]
    assert sum(sizes) == COUNT
    assert 20 <= sizes[0] <= 25
