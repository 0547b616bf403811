"""What a batch does to the lake: what is new, changed, gone or rejected, and that it happens at once or not at all."""

from pathlib import Path

import pytest

from assets.extract.landing import Landing
from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.extract.state import load_states
from connectors.errors import SourceUnavailable, StreamError
from orchestration.resources.lake_session import LakeSession
from tests.assets.extract.batches import (
    ROWS,
    STREAM,
    batch_of,
    counts,
    land,
    landing_on,
    rejects_of,
    removed,
    rows_of,
    stream_of,
    table_of,
    tombstones_of,
    unchanged,
)

pytestmark = pytest.mark.servers


def staged_files(session: LakeSession) -> list[Path]:
    return sorted((Path(session.data_path) / "staged").glob("*.parquet"))


def files_of(landing: Landing) -> list[str]:
    table = raw_table(landing.connection_id, STREAM)
    return [
        name
        for (name,) in landing.session.rows(
            f"SELECT data_file FROM ducklake_list_files('lake', '{table}', schema => '{RAW_SCHEMA}')"
        )
    ]


def test_a_first_load_registers_the_staged_file_as_it_is(session: LakeSession) -> None:
    landing = landing_on(session)
    assert land(landing, ROWS) == counts(read=3, landed=3)
    assert rows_of(landing) == ROWS
    (registered,) = files_of(landing)
    assert staged_files(session) == [Path(registered)]


def test_a_second_identical_read_writes_nothing(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS)
    before = files_of(landing)
    assert land(landing, list(reversed(ROWS))) == counts(read=3, unchanged=3)
    assert (files_of(landing), staged_files(session)) == (before, [Path(name) for name in before])
    assert session.value(f"SELECT count(DISTINCT __batch_id) FROM {table_of(landing)}") == 1


def test_only_changed_and_new_rows_are_written(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS)
    assert land(landing, [("1", "Ada"), ("2", "Robert"), ("3", ""), ("4", "Dot")]) == counts(
        read=4, landed=3, unchanged=1
    )
    assert rows_of(landing) == [("1", "Ada"), ("2", "Robert"), ("3", ""), ("4", "Dot")]
    rewritten = rows_of(landing, "id", f"__batch_id = '{landing.state.batch_id}'")
    assert rewritten == [("2",), ("3",), ("4",)]


@pytest.mark.parametrize("is_first", [True, False])
def test_of_several_rows_with_one_key_the_last_counts(session: LakeSession, is_first: bool) -> None:
    landing = landing_on(session)
    if not is_first:
        land(landing, [("9", "Zoe")])
    rows = [("1", "old"), ("2", "Bob"), ("1", "older"), ("1 ", "last"), (" ", "nobody"), (None, "none")]
    assert land(landing, rows) == counts(read=6, landed=2, rejected=4)
    assert rows_of(landing)[:2] == [("1 ", "last"), ("2", "Bob")]
    assert rejects_of(landing, "record_id, errors->>'$[0].reason', raw->>'name', stage, origin") == [
        ("1", "another row further down has the same primary key; the last one is kept", "old", "extract", "a.csv"),
        ("1", "another row further down has the same primary key; the last one is kept", "older", "extract", "a.csv"),
        (None, "the primary key is empty", "nobody", "extract", "a.csv"),
        (None, "the primary key is empty", "none", "extract", "a.csv"),
    ]


def test_a_key_of_several_fields_needs_all_of_them(session: LakeSession) -> None:
    landing = landing_on(session)
    rows = [("1", "a"), ("1", "b"), ("1", ""), (None, "a")]
    assert land(landing, rows, key=("id", "name")) == counts(read=4, landed=2, rejected=2)
    assert rows_of(landing, "__record_id") == [("1\x1fa",), ("1\x1fb",)]


def test_equal_rows_without_a_key_are_records_of_their_own(session: LakeSession) -> None:
    landing = landing_on(session)
    rows = [("1", "Ada"), ("1", "Ada"), ("1", None), ("1", "")]
    assert land(landing, rows, key=()) == counts(read=4, landed=4)
    assert session.value(f"SELECT count(DISTINCT __key) FROM {table_of(landing)}") == 4
    assert land(landing, [*rows, ("1", "Ada")], key=()) == counts(read=5, landed=1, unchanged=4)
    first, *_ = sorted(record for (record,) in rows_of(landing, "__record_id", "name = 'Ada'"))
    assert rows_of(landing, "__record_id", "name = 'Ada'") == [(first,), (f"{first}#2",), (f"{first}#3",)]


def test_unreadable_lines_are_rejected_and_replaced_on_the_next_read(session: LakeSession) -> None:
    landing = landing_on(session)
    bad = [(2, "x;y;z", "too many fields"), (5, '"', "unterminated quote")]
    assert land(landing, ROWS, unreadable=bad) == counts(read=5, landed=3, rejected=2)
    columns = "line, raw, errors->>'$[0].reason', batch_id"
    first = landing.state.batch_id
    assert rejects_of(landing, columns) == [(*line, first) for line in bad]
    land(landing, [("9", "Zoe")], origin="b.csv", unreadable=[(1, "q", "other file")])
    assert land(landing, ROWS, unreadable=bad[:1]) == counts(read=4, unchanged=3, rejected=1)
    assert [line[:3] for line in rejects_of(landing, columns)] == [(1, "q", "other file"), bad[0]]


def test_absence_deletes_only_when_asked(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS)
    assert land(landing, ROWS[:1]) == counts(read=1, unchanged=1)
    assert (len(rows_of(landing)), tombstones_of(landing)) == (3, [])
    assert land(landing, ROWS[:1], deletes=True) == counts(read=1, unchanged=1, deleted=2)
    assert (rows_of(landing), tombstones_of(landing)) == (ROWS[:1], ["2", "3"])
    assert land(landing, ROWS[:1], deletes=True) == counts(read=1, unchanged=1)  # buried once
    assert land(landing, ROWS[:2], deletes=True) == counts(read=2, landed=1, unchanged=1)
    assert (rows_of(landing), tombstones_of(landing)) == (ROWS[:2], ["3"])


def test_a_tombstone_is_in_the_change_feed_with_its_last_values(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS, deletes=True)
    before = session.snapshot()
    land(landing, ROWS[1:], deletes=True)
    table = raw_table(landing.connection_id, STREAM)
    feed = session.insertions(RAW_SCHEMA, table, before, session.snapshot())
    found = session.rows(f"SELECT id, name, __deleted, __batch_id FROM ({feed})")
    assert found == [("1", "Ada", True, landing.state.batch_id)]


def test_a_removed_origin_takes_its_records_and_rejects_along(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS, deletes=True, unreadable=[(2, "x", "broken")])
    land(landing, [("9", "Zoe")], origin="b.csv", deletes=True)
    assert landing.remove(removed("a.csv")) == counts(deleted=3)
    assert (rows_of(landing), tombstones_of(landing)) == ([("9", "Zoe")], ["1", "2", "3"])
    assert rejects_of(landing) == []
    assert landing.state.cursor == load_states(session, landing.connection_id)[STREAM].cursor
    assert landing.state.origins == {"b.csv": 1}


def test_a_removed_origin_of_a_stream_without_deletes_leaves_its_records(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS)
    assert landing.remove(removed("a.csv", deletes=False)) == counts()
    assert (rows_of(landing), tombstones_of(landing)) == (ROWS, [])


@pytest.mark.parametrize("is_read_first", [True, False])
def test_a_renamed_file_keeps_its_records(session: LakeSession, is_read_first: bool) -> None:
    landing = landing_on(session)
    land(landing, ROWS, deletes=True)
    if is_read_first:
        land(landing, ROWS, origin="renamed.csv", deletes=True)
    landing.remove(removed("a.csv"))
    if not is_read_first:
        land(landing, ROWS, origin="renamed.csv", deletes=True)
    assert (rows_of(landing), tombstones_of(landing)) == (ROWS, [])
    assert rows_of(landing, "DISTINCT __origin") == [("renamed.csv",)]


def test_a_new_column_is_added_and_old_rows_read_null(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS)
    grown = [("1", "Ada", "x"), ("4", "Dot", None)]
    assert land(landing, grown, fields=("id", "name", "Team")) == counts(read=2, landed=2)
    assert rows_of(landing, '* EXCLUDE ("__key", __hash, __origin, __batch_id, __deleted, __updated_at)') == [
        ("1", "Ada", "1", "x"),
        ("2", "Bob", "2", None),
        ("3", None, "3", None),
        ("4", "Dot", "4", None),
    ]


def test_a_renamed_column_is_a_change_of_every_row(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS)
    assert land(landing, ROWS, fields=("id", "title")) == counts(read=3, landed=3)
    assert rows_of(landing, "id, name, title") == [("1", None, "Ada"), ("2", None, "Bob"), ("3", None, None)]


def test_the_order_and_case_of_columns_is_no_change(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS)
    assert land(landing, [(name, key) for key, name in ROWS], fields=("NAME", "Id"), key=("Id",)) == counts(
        read=3, unchanged=3
    )


@pytest.mark.parametrize("name", ["__key", "__HASH"])
def test_a_field_named_like_bookkeeping_says_so(session: LakeSession, name: str) -> None:
    landing = landing_on(session)
    with pytest.raises(StreamError, match=f"field '{name}' has a name that is reserved.*rename the field"):
        landing.land(batch_of([("1", "x")], fields=("id", name)))
    assert session.tables(RAW_SCHEMA) == frozenset()


NAMES = (
    *("row_id", "Begin_Snapshot", "ctid", "xmin", "file_row_number", "filename", "rowid", "snapshot_id", "reason"),
    *("twin", "changed", "name with spaces and 'quotes\"", "x" * 90, "Straße", "once", "__twin"),
)


@pytest.mark.parametrize("key", [("id",), ()])
def test_any_other_field_name_is_kept_through_every_path(session: LakeSession, key: tuple[str, ...]) -> None:
    fields = ("id", *NAMES)
    rows = [(number, *(number + letter for _ in NAMES)) for number, letter in ("1a", "1b", "2b", "2b")]
    landing = landing_on(session)
    assert land(landing, rows, fields=fields, key=key) == counts(read=4, landed=2 if key else 4, rejected=len(key) * 2)
    columns = [field.name for field in landing.state.as_stream().fields]
    assert [column.rstrip("_") for column in columns] == [name.rstrip("_") for name in fields]
    chosen = ", ".join(f'"{column.replace(chr(34), chr(34) * 2)}"' for column in columns)
    assert rows_of(landing, chosen) == sorted(set(rows[1:]) if key else rows)
    rows[1] = ("1", *("c" for _ in NAMES))
    assert land(landing, rows[1:], fields=fields, key=key).landed == 1


def test_a_key_whose_name_the_lake_keeps_for_itself_still_identifies(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS, fields=("row_id", "name"), key=("row_id",))
    assert land(landing, ROWS, fields=("row_id", "name"), key=("row_id",)) == counts(read=3, unchanged=3)
    assert landing.state.primary_key == ["row_id_"]


def moved() -> None:
    raise SourceUnavailable("the file shrank while it was read", stream=STREAM)


FAILURES: list[tuple[dict[str, object], type[Exception]]] = [
    ({"verify": moved}, SourceUnavailable),
    ({"scan": "SELECT id, error('torn') AS name FROM (VALUES ('7')) AS file(id)"}, StreamError),
    ({"scan": "SELECT * FROM read_csv('/nowhere/at/all.csv')"}, StreamError),
    ({"cursor": {"when": object()}}, TypeError),  # fails when everything but the cursor is written
]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_batch_that_fails_leaves_nothing_behind(session: LakeSession, is_first: bool) -> None:
    landing = landing_on(session)
    if not is_first:
        land(landing, ROWS)
    before = session.snapshot(), load_states(session, landing.connection_id), session.tables(RAW_SCHEMA)
    for options, error in FAILURES:
        with pytest.raises(error):
            landing.land(batch_of([("1", "changed"), ("8", "new")], unreadable=[(1, "x", "bad")], **options))  # type: ignore[arg-type]
        after = session.snapshot(), load_states(session, landing.connection_id), session.tables(RAW_SCHEMA)
        assert after == before, options
    if not is_first:
        assert (rows_of(landing), rejects_of(landing)) == (ROWS, [])
    assert land(landing, [("8", "new")]) == counts(read=1, landed=1)  # the same sync may go on


def test_what_was_staged_and_not_committed_is_an_orphan(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS)
    with pytest.raises(SourceUnavailable):
        landing.land(batch_of([("8", "new")], verify=moved))
    known = set(files_of(landing))
    (orphan,) = [file for file in staged_files(session) if str(file) not in known]
    session.rows("CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)")
    assert not orphan.exists()
    assert rows_of(landing) == ROWS


def test_skipping_an_origin_counts_what_it_held(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, [*ROWS, ("1", "again")], unreadable=[(4, "x", "bad")])
    before = session.snapshot()
    assert landing.skip(unchanged()) == counts(read=5, unchanged=5)
    assert session.snapshot() == before  # nothing to remember either
    assert landing.skip(unchanged(cursor={"touched": 1})) == counts(read=5, unchanged=5)
    assert landing_on(session, landing.connection_id).state.cursor == {"touched": 1}


def test_a_stream_that_vanished_stays_absent_until_it_is_back(session: LakeSession) -> None:
    landing = landing_on(session)
    land(landing, ROWS, deletes=True)
    landing.mark_absent()
    version = landing.state.version
    landing.mark_absent()
    assert (landing.state.present, landing.state.version) == (False, version)
    again = landing_on(session, landing.connection_id)
    assert again.state.as_stream() == stream_of(deletes=True)
    gone = removed("a.csv")
    assert again.remove(gone) == counts(deleted=3)
    assert not landing_on(session, landing.connection_id).state.present
    again.skip(unchanged(cursor=gone.cursor))
    assert landing_on(session, landing.connection_id).state.present
