"""Copies, change streams and polls: nothing lost, nothing under another record's key."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId

from connectors.errors import CredentialsExpired, StreamGone
from connectors.protocol import Swept, Unchanged
from connectors.sandbox.faults import Fault

MIXED = [1, 2.5, "1", "x", ObjectId("65a0000000000000000000ff"), "65a0000000000000000000ff", None, b"x", {"a": 1}, True]


def test_ids_of_all_types_are_read_once_from_any_stop(alone: Any, found: Any, take: Any) -> None:
    alone.server.load_documents("odd", [{"_id": value} for value in MIXED])
    stream = found(alone.connector(), "odd")
    expected = sorted(row["_id"] for row in take(alone.connector(), stream).rows)
    assert len(set(expected)) == len(MIXED)
    small = alone.connector({"batch_records": 3})
    whole = take(small, stream)
    for stop in range(1, len(whole.items)):
        resumed = take(alone.connector({"batch_records": 3}), stream, whole.items[stop - 1].cursor)
        before = 3 * stop
        assert len(resumed.rows) == max(0, len(MIXED) - before), stop
        assert isinstance(resumed.items[-1], Swept)
        assert resumed.items[-1].sweep == whole.items[-1].sweep


def test_a_deletion_names_its_record_as_the_copy_did(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("odd", [{"_id": 1}, {"_id": "1"}])
    connector = replicated.connector()
    stream = found(connector, "odd")
    first = take(connector, stream)
    replicated.server.store.remove("app", "odd", (3, b"1"))
    second = take(connector, stream, first.cursor)
    assert [(row["_id"], row["__deleted"]) for row in second.rows] == [('"1"', True)]
    assert {row["_id"] for row in first.rows} == {"1", '"1"'}


def test_the_last_change_of_a_record_wins(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("things", [{"_id": n, "v": 0} for n in range(5)])
    connector = replicated.connector()
    stream = found(connector, "things")
    first = take(connector, stream)
    for value in range(1, 4):
        replicated.server.upsert("things", [{"_id": 1, "v": value}, {"_id": 2, "v": value}])
    replicated.server.delete("things", ["2"])
    second = take(connector, stream, first.cursor)
    assert [(row["_id"], row["v"], row["__deleted"]) for row in second.rows] == [("1", "3", False), ("2", None, True)]
    assert isinstance(take(connector, stream, second.cursor).items[0], Unchanged)


def test_writes_during_the_copy_come_with_the_changes(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("things", [{"_id": n, "v": 0} for n in range(300)])
    connector = replicated.connector()
    stream = found(connector, "things")
    late = Fault(
        "schema_change", "things", after=3, change=lambda: replicated.server.upsert("things", [{"_id": 0, "v": 9}])
    )
    replicated.server.misbehave(late)
    first = take(connector, stream)
    second = take(connector, stream, first.cursor)
    newest = {row["_id"]: row["v"] for row in first.rows + second.rows}
    assert newest["0"] == "9"


def test_a_history_that_was_lost_is_made_up_by_a_sweep(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("things", [{"_id": n} for n in range(5)])
    connector = replicated.connector()
    stream = found(connector, "things")
    first = take(connector, stream)
    replicated.server.delete("things", ["3"])
    replicated.server.forget_history()
    second = take(connector, stream, first.cursor)
    assert {row["_id"] for row in second.rows} == {"0", "1", "2", "4"}
    assert isinstance(second.items[-1], Swept)
    assert "history_lost" in replicated.codes()


def test_a_collection_made_anew_is_read_anew_and_a_dropped_one_is_gone(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("things", [{"_id": 1}])
    connector = replicated.connector()
    stream = found(connector, "things")
    first = take(connector, stream)
    replicated.server.drop_stream("things")
    replicated.server.upsert("things", [{"_id": 7}])
    second = take(connector, stream, first.cursor)
    assert [row["_id"] for row in second.rows] == ["7"]
    replicated.server.drop_stream("things")
    with pytest.raises(StreamGone):
        take(connector, stream, second.cursor)


def test_a_poll_finds_late_writes_and_is_not_blinded_by_a_future_date(alone: Any, found: Any, take: Any) -> None:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    records = [{"_id": n, "updated_at": now - dt.timedelta(days=1)} for n in range(10)]
    alone.server.load_documents("things", [*records, {"_id": "f", "updated_at": now + dt.timedelta(days=3650)}])
    connector = alone.connector(look_back_s=60)
    stream = found(connector, "things")
    first = take(connector, stream)
    alone.server.upsert("things", [{"_id": 3, "updated_at": dt.datetime.now(dt.UTC), "v": "new"}])
    second = take(connector, stream, first.cursor)
    assert {row["_id"] for row in second.rows} == {"3", "f"}


def test_a_poll_resumes_within_records_of_one_moment(alone: Any, found: Any, take: Any) -> None:
    moment = dt.datetime(2026, 1, 1)
    alone.server.load_documents("things", [{"_id": n, "updated_at": moment} for n in (0, "s0")])
    connector = alone.connector({"batch_records": 4}, look_back_s=0)
    stream = found(connector, "things")
    first = take(connector, stream)
    later = moment + dt.timedelta(days=1)
    alone.server.upsert("things", [{"_id": n if n % 2 else f"s{n}", "updated_at": later} for n in range(1, 12)])
    whole = take(connector, stream, first.cursor)
    ids = sorted(row["_id"] for row in whole.rows)
    assert len(ids) == len(set(ids)) == 11
    for stop in range(1, len(whole.items)):
        resumed = take(alone.connector({"batch_records": 4}, look_back_s=0), stream, whole.items[stop - 1].cursor)
        assert len(resumed.rows) == max(0, 11 - 4 * stop), stop


def test_a_view_is_read_whole(alone: Any, found: Any, take: Any) -> None:
    alone.server.load_documents("things", [{"_id": n} for n in range(250)])
    alone.server.view("seen", "things")
    connector = alone.connector()
    stream = found(connector, "seen")
    assert (stream.mode, stream.key_origin) == ("full_with_deletes", "proposed")
    whole = take(connector, stream)
    assert len(whole.rows) == 250
    assert len(take(connector, stream, whole.items[0].cursor).rows) == 150


def test_a_password_that_was_changed_needs_a_person_at_once(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("things", [{"_id": n} for n in range(250)])
    connector = replicated.connector()
    stream = found(connector, "things")
    replicated.server.misbehave(Fault("unauthorized", "things", after=4, times=9))
    with pytest.raises(CredentialsExpired):
        take(connector, stream)


def test_a_sample_reads_no_more_than_asked_and_sweeps_nothing(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("things", [{"_id": uuid.uuid4().hex} for _ in range(500)])
    connector = replicated.connector()
    sample = take(connector, found(connector, "things"), limit=20)
    assert len(sample.rows) == 20
    assert not any(isinstance(item, Swept) for item in sample.items)


def test_full_keeps_what_is_absent(replicated: Any, found: Any, take: Any) -> None:
    replicated.server.load_documents("things", [{"_id": n} for n in range(250)])
    connector = replicated.connector()
    stream = replace(found(connector, "things"), mode="full")
    first = take(connector, stream)
    assert len(first.rows) == 250
    assert not any(isinstance(item, Swept) for item in first.items)
    assert len(take(connector, stream, first.cursor).rows) == 250
