"""Windows, sweeps and resuming: nothing lost at any point of stopping, nothing committed read again."""

import json
from dataclasses import replace

import pyarrow as pa
import pytest

from connectors.protocol import Batch, Swept, Unchanged
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox, Way
from tests.connectors.supabase.project import WAYS, Open, numbered, read

pytestmark = [pytest.mark.servers, pytest.mark.parametrize("way", WAYS)]
SMALL = {"batch_records": 10}


def test_a_full_pass_gives_every_record_once_in_bounded_batches(
    opened: Open, project: PostgrestSandbox, way: Way
) -> None:
    project.load("many", numbered(2345), "id")
    reader = opened(way, limits={"batch_records": 500})
    result = read(reader.connector, reader.stream("many"))
    assert sorted(map(int, result.ids())) == list(range(1, 2346))  # type: ignore[arg-type]
    assert len(result.items) >= 5
    assert all(isinstance(item, Batch) and item.delta and item.sweep is None for item in result.items)
    assert "count_differs" not in reader.codes()


@pytest.mark.parametrize("mode", ["incremental", "full", "full_with_deletes"])
def test_stopping_after_any_item_and_resuming_loses_and_repeats_nothing(
    opened: Open, project: PostgrestSandbox, way: Way, mode: str
) -> None:
    project.load("resumed", numbered(57), "id")
    reader = opened(way, limits=SMALL)
    stream = replace(reader.stream("resumed"), mode=mode)
    whole = read(reader.connector, stream)
    assert len(whole.items) > 4
    for stop_after in range(1, len(whole.items)):
        first = read(opened(way, limits=SMALL).connector, stream, stop_after=stop_after)
        cursor = json.loads(json.dumps(first.cursor))
        second = read(opened(way, limits=SMALL).connector, stream, cursor)
        assert sorted(map(int, first.ids() + second.ids())) == list(range(1, 58))  # type: ignore[arg-type]
        if mode == "full_with_deletes":
            sweeps = {item.sweep for item in first.items + second.items if isinstance(item, Batch | Swept)}
            assert len(sweeps) == 1
            assert isinstance(second.items[-1], Swept)


def test_a_window_stopped_anywhere_goes_on_where_it_stopped(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("windowed", numbered(60), "id")
    # The Data API's clock has whole seconds: what is younger than one is read again by the next window.
    aged = "ALTER TABLE windowed DISABLE TRIGGER USER; UPDATE windowed SET updated_at = now() - interval '1 minute'"
    project.store.execute(aged)
    stream = opened(way).stream("windowed")
    start = read(opened(way, look_back_s=0).connector, stream)
    changed = "UPDATE windowed SET name = 'new', updated_at = now() - interval '5 seconds' WHERE id <= 45"
    project.store.execute(changed)
    expected = sorted(map(str, range(1, 46)))
    total = len(read(opened(way, look_back_s=0, limits=SMALL).connector, stream, start.cursor).items)
    assert total > 3
    for stop_after in range(1, total + 1):
        first = read(opened(way, look_back_s=0, limits=SMALL).connector, stream, start.cursor, stop_after=stop_after)
        second = read(opened(way, look_back_s=0, limits=SMALL).connector, stream, first.cursor)
        assert sorted(first.ids() + second.ids()) == expected  # type: ignore[type-var]


def test_only_what_changed_comes_after_the_cursor(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("changing", numbered(30), "id")
    reader = opened(way)
    stream = reader.stream("changing")
    first = read(reader.connector, stream)
    nothing = read(reader.connector, stream, first.cursor)
    assert nothing.rows == []
    project.upsert("changing", [{"id": 3, "name": "three"}, {"id": 31, "name": "more"}])
    project.delete("changing", ["5"])
    second = read(reader.connector, stream, nothing.cursor)
    assert set(second.ids()) == {"3", "31"}
    assert dict(zip(second.ids(), (row["name"] for row in second.rows), strict=True))["3"] == "three"


def test_an_unchanged_table_gives_unchanged_without_look_back(
    opened: Open, project: PostgrestSandbox, way: Way
) -> None:
    project.load("still", numbered(12), "id")
    reader = opened(way, look_back_s=0)
    stream = reader.stream("still")
    first = read(reader.connector, stream)
    second = read(reader.connector, stream, first.cursor)
    assert [type(item) for item in second.items] == [Unchanged]
    assert second.cursor == first.cursor


def test_what_is_committed_late_is_found_within_the_look_back(
    opened: Open, project: PostgrestSandbox, way: Way
) -> None:
    project.load("late", numbered(5), "id")
    reader = opened(way, look_back_s=600)
    stream = reader.stream("late")
    project.upsert("late", [{"id": 5, "name": "now"}])
    first = read(reader.connector, stream)
    project.store.execute("INSERT INTO late VALUES (6, 'slow clock', now() - interval '5 minutes')")
    assert "6" in read(reader.connector, stream, first.cursor).ids()


def test_a_record_from_the_future_hides_nothing(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("future", numbered(5), "id")
    project.store.execute("INSERT INTO future VALUES (6, 'fast clock', now() + interval '2 days')")
    reader = opened(way)
    stream = reader.stream("future")
    first = read(reader.connector, stream)
    assert "6" in first.ids()
    project.upsert("future", [{"id": 2, "name": "changed"}])
    assert "2" in read(reader.connector, stream, first.cursor).ids()


def test_a_record_without_the_cursor_field_is_read_all_the_same(
    opened: Open, project: PostgrestSandbox, way: Way
) -> None:
    project.load("undated", numbered(25), "id")
    project.store.execute("DROP TRIGGER stamp_change ON undated; ALTER TABLE undated ALTER updated_at DROP NOT NULL")
    project.store.execute("UPDATE undated SET updated_at = NULL WHERE id > 11")
    reader = opened(way, look_back_s=0, limits=SMALL)
    stream = reader.stream("undated")
    assert stream.cursor_field == "updated_at"
    first = read(reader.connector, stream)
    assert len(first.rows) == 25
    project.store.execute("INSERT INTO undated VALUES (26, 'undated too', NULL)")
    whole = read(reader.connector, stream, first.cursor)
    assert "26" in whole.ids()
    for stop_after in range(1, len(whole.items)):
        part = read(opened(way, look_back_s=0, limits=SMALL).connector, stream, first.cursor, stop_after=stop_after)
        rest = read(opened(way, look_back_s=0, limits=SMALL).connector, stream, part.cursor)
        assert sorted(part.ids() + rest.ids()) == sorted(whole.ids())  # type: ignore[type-var]


def test_a_table_set_back_in_time_is_read_anew_with_deletes(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("restored", numbered(20), "id")
    reader = opened(way)
    stream = reader.stream("restored")
    project.upsert("restored", [{"id": 20, "name": "newest"}])
    first = read(reader.connector, stream)
    project.load("restored", numbered(8), "id")
    second = read(reader.connector, stream, first.cursor)
    assert "history_moved_back" in reader.codes()
    assert sorted(map(int, second.ids())) == list(range(1, 9))  # type: ignore[arg-type]
    assert isinstance(second.items[-1], Swept)


def test_a_table_without_a_cursor_field_is_swept(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("plain", numbered(25), "id", stamped=False)
    reader = opened(way, limits=SMALL)
    stream = reader.stream("plain")
    assert (stream.mode, stream.cursor_field, stream.detects_deletes) == ("full_with_deletes", None, True)
    first = read(reader.connector, stream)
    project.delete("plain", ["7"])
    second = read(reader.connector, stream, first.cursor)
    assert len(first.rows) == 25
    assert len(second.rows) == 24
    assert first.items[-1] != second.items[-1]


def test_an_empty_table_gives_one_item(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("empty", numbered(0), "id")
    reader = opened(way)
    stream = reader.stream("empty")
    first = read(reader.connector, stream)
    assert [type(item) for item in first.items] == [Unchanged]
    project.upsert("empty", [{"id": 1, "name": "first"}])
    assert read(reader.connector, stream, first.cursor).ids() == ["1"]
    swept = read(reader.connector, replace(stream, mode="full_with_deletes"))
    assert isinstance(swept.items[-1], Swept)


def test_a_table_without_a_key_is_read_by_position_and_said_so(
    opened: Open, project: PostgrestSandbox, way: Way
) -> None:
    project.load("keyless", pa.table({"a": [n % 3 for n in range(130)], "b": [f"b{n}" for n in range(130)]}), None)
    reader = opened(way, limits={"batch_records": 40})
    stream = reader.stream("keyless")
    assert (stream.primary_key, stream.key_origin, stream.mode) == ((), "none", "full_with_deletes")
    whole = read(reader.connector, stream)
    assert sorted(row["b"] or "" for row in whole.rows) == sorted(f"b{n}" for n in range(130))
    assert "no_key" in reader.codes()
    first = read(reader.connector, stream, stop_after=2)
    rest = read(reader.connector, stream, first.cursor)
    assert len(first.rows) + len(rest.rows) == 130


def test_a_composite_key_of_several_types_pages_right(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.store.execute(
        "DROP TABLE IF EXISTS pairs; CREATE TABLE pairs (day timestamptz, code uuid, n numeric, "
        "PRIMARY KEY (day, n, code)); INSERT INTO pairs SELECT '2026-01-01'::timestamptz + (i / 10) * "
        "interval '1.000001 seconds', gen_random_uuid(), i * 1.5 FROM generate_series(1, 137) i"
    )
    project.store.grant("pairs")
    reader = opened(way, limits=SMALL)
    stream = reader.stream("pairs")
    assert stream.primary_key == (("day", "n", "code") if way == "database" else ("day", "code", "n"))
    rows = read(reader.connector, stream).rows
    assert len({row["n"] for row in rows}) == len(rows) == 137


def test_a_sample_is_one_small_request(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("sampled", numbered(500), "id")
    reader = opened(way)
    stream = reader.stream("sampled")
    project.requests.clear()
    for mode in stream.modes:
        sample = read(reader.connector, replace(stream, mode=mode), limit=20)
        assert len(sample.rows) == 20
        assert len(sample.items) == 1
    assert all("limit=20" in request.query for request in project.requests)
    assert len(project.requests) == (len(stream.modes) if way == "rest" else 0)


def test_a_chosen_cursor_field_is_used(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("versioned", pa.table({"id": list(range(30)), "revision": [1] * 30}), "id", stamped=False)
    reader = opened(way, cursor_fields={"versioned": "revision"})
    stream = reader.stream("versioned")
    assert (stream.cursor_field, stream.mode) == ("revision", "incremental")
    first = read(reader.connector, stream)
    project.store.execute("UPDATE versioned SET revision = 2 WHERE id IN (4, 5)")
    assert sorted(read(reader.connector, stream, first.cursor).ids()) == ["4", "5"]  # type: ignore[type-var]
