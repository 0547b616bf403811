"""What every service connector keeps when its source changes: nothing lost or twice, deletes told, clocks forgiven."""

import json
from dataclasses import replace

import pytest

from connectors.protocol import Batch, Mode, Note
from tests.connectors.harnesses.harness import ServiceHarness, until
from tests.connectors.harnesses.reading import Reading, landed, read_stream
from tests.connectors.harnesses.sandboxed import RECORDS

NEWEST = RECORDS - 1  # the youngest of the records nobody changed: a look-back from the newest meets it


def values(readings: list[Reading], service: ServiceHarness) -> dict[str, str | None]:
    """What a runner would hold."""
    return {key: row[service.value] for key, row in landed(readings, service.key).items()}


def test_what_changed_comes_after_the_cursor_and_little_else(service: ServiceHarness) -> None:
    connector = service.connector()
    stream = service.in_mode(service.known(connector), "incremental")
    first = read_stream(connector, stream)
    changed = service.change()
    second = read_stream(connector, stream, first.cursor)
    assert changed <= set(second.keys(service.key)) <= changed | {service.key_of(NEWEST)}
    assert values([first, second], service) == service.held()


def test_changes_come_once_wherever_their_reading_is_cut(service: ServiceHarness) -> None:
    connector = service.connector()
    stream = service.in_mode(service.known(connector), "incremental")
    base = read_stream(connector, stream)
    changed = service.change()
    whole = read_stream(connector, stream, base.cursor)
    total = len(whole.items)
    assert total >= 3
    for stop_after in range(1, total):
        first = read_stream(connector, stream, base.cursor, stop_after=stop_after)
        again = service.connector()
        second = read_stream(again, stream, json.loads(json.dumps(first.cursor)))
        keys = first.keys(service.key) + second.keys(service.key)
        assert changed <= set(keys), stop_after
        assert len(keys) == len(set(keys)), stop_after
        assert values([base, first, second], service) == service.held()


@pytest.mark.parametrize("mode", ["incremental", "full_with_deletes"])
def test_deleted_records_are_gone_after_the_next_reading(service: ServiceHarness, mode: Mode) -> None:
    connector = service.connector()
    known = service.known(connector)
    stream = service.in_mode(known, mode)
    if mode == "incremental" and not known.detects_deletes:
        pytest.skip(f"{service.name} says that it does not see deletes in this mode")
    first = read_stream(connector, stream)
    service.remove([0, 30, NEWEST])
    second = read_stream(connector, stream, first.cursor)
    assert values([first, second], service) == service.held()
    assert len(service.held()) == RECORDS - 3


def test_a_source_that_lost_all_its_records_leaves_none(service: ServiceHarness) -> None:
    connector = service.connector()
    stream = service.in_mode(service.known(connector), "full_with_deletes")
    first = read_stream(connector, stream)
    service.remove(range(RECORDS))
    second = read_stream(connector, stream, first.cursor)
    assert second.items
    assert values([first, second], service) == {}


@pytest.mark.parametrize("mode", ["incremental", "full", "full_with_deletes"])
def test_a_change_during_a_reading_comes_now_or_at_the_next(service: ServiceHarness, mode: Mode) -> None:
    connector = service.connector()
    stream = service.in_mode(service.known(connector), mode)
    # One record that was read already, some that were not yet, and a new one.
    first = read_stream(connector, stream, between=lambda: service.put([0, 35, NEWEST, 70], "during"))
    assert {service.key_of(n) for n in range(RECORDS)} <= set(first.keys(service.key))
    second = read_stream(connector, stream, first.cursor)
    assert values([first, second], service) == service.held()


def test_a_change_during_an_incremental_reading_comes_now_or_at_the_next(service: ServiceHarness) -> None:
    connector = service.connector()
    stream = service.in_mode(service.known(connector), "incremental")
    first = read_stream(connector, stream)
    service.change()
    second = read_stream(connector, stream, first.cursor, between=lambda: service.put([5, 24, 40, 90], "during"))
    third = read_stream(connector, stream, second.cursor)
    assert values([first, second, third], service) == service.held()


def test_a_record_written_late_with_an_older_time_still_comes(service: ServiceHarness) -> None:
    connector = service.connector()
    stream = service.in_mode(service.known(connector), "incremental")
    first = read_stream(connector, stream)
    service.put([1], "on time")
    second = read_stream(connector, stream, first.cursor)
    assert service.put_late(80, "late", age_s=30)
    third = read_stream(connector, stream, second.cursor)
    assert service.key_of(80) in third.keys(service.key)
    assert values([first, second, third], service) == service.held()


def test_a_cursor_from_before_the_sources_history_is_read_anew_and_told(service: ServiceHarness) -> None:
    connector = service.connector()
    stream = service.in_mode(service.known(connector), "incremental")
    first = read_stream(connector, stream)
    service.remove([1, 2])
    service.put([3, 70], "after")
    code = service.outrun()
    if code is None:
        pytest.skip(f"{service.name} keeps no history")
    notes: list[Note] = []
    connector.notes = notes.append
    second = read_stream(connector, stream, first.cursor)
    assert values([first, second], service) == service.held()
    assert [note.stream for note in notes if note.code == code] == [stream.name]


def test_a_sample_asks_for_no_more_than_its_limit(service: ServiceHarness) -> None:
    connector = service.connector(batch_records=50_000)
    stream = service.known(connector)
    connector.close()
    again = service.connector(batch_records=50_000)
    service.asked_for()
    sample = read_stream(again, stream, limit=20)
    again.close()
    assert len(sample.items) == 1
    assert 0 < len(sample.rows) <= 20
    asked = service.asked_for()
    assert sum(asked) <= 21, asked


def test_only_the_fields_of_the_stream_are_read(service: ServiceHarness) -> None:
    connector = service.connector()
    stream = service.known(connector)
    kept = {service.key, stream.cursor_field} - {None}
    narrow = replace(stream, fields=tuple(field for field in stream.fields if field.name in kept))
    reading = read_stream(connector, narrow)
    assert sorted(reading.keys(service.key)) == sorted(service.held())
    assert {name for row in reading.rows for name in row} <= kept


def test_batches_keep_to_their_bound(service: ServiceHarness) -> None:
    connector = service.connector()
    batches = [item for item in read_stream(connector, service.known(connector)).items if isinstance(item, Batch)]
    assert len(batches) >= RECORDS // 10
    contents = read_stream(connector, service.known(connector)).contents
    assert max(len(rows) for rows in contents) <= 10


def test_closing_leaves_no_thread_and_no_connection(service: ServiceHarness) -> None:
    _use(service)  # what is started once for the process is running now
    threads, sockets = service.own_threads(), service.own_connections()
    _use(service)
    assert until(lambda: service.own_threads() <= threads), service.own_threads() - threads
    assert until(lambda: service.own_connections() <= sockets), service.own_connections() - sockets


def _use(service: ServiceHarness) -> None:
    connector = service.connector()
    connector.check()
    stream = service.known(connector)
    read_stream(connector, stream)
    read_stream(connector, stream, stop_after=1)
    connector.close()
