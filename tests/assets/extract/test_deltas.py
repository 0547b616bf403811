"""Pages that add to one another: what is new, changed, deleted and rejected, and the same read twice."""

from pathlib import Path
from typing import Any

import pytest

from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.extract.raw_writes import REGISTERED_FROM
from connectors.protocol import Field
from orchestration.resources.lake_session import LakeSession
from tests.assets.extract.scripted import Syncs, delta, one, quiet, stream_of

pytestmark = pytest.mark.servers

PEOPLE = stream_of()
NO_KEY = "the primary key is empty"


@pytest.fixture
def syncs(session: LakeSession) -> Syncs:
    return Syncs(session)


def test_pages_add_to_one_another(syncs: Syncs) -> None:
    first = delta(PEOPLE, [("1", "Ada"), ("2", "Bob")], 1)
    counts = syncs.run(one(PEOPLE, first, delta(PEOPLE, [("3", "Cid")], 2)))
    assert counts == {"people": {"read": 3, "landed": 3}}
    counts = syncs.run(one(PEOPLE, delta(PEOPLE, [("2", "Bo"), ("3", "Cid")], 3)))
    assert counts == {"people": {"read": 2, "landed": 1, "unchanged": 1}}
    assert syncs.rows() == [("1", "Ada"), ("2", "Bo"), ("3", "Cid")]
    assert syncs.run(one(PEOPLE, quiet(PEOPLE, 3))) == {"people": {}}


def test_of_a_record_read_twice_in_a_page_the_last_counts_and_the_other_was_overtaken(syncs: Syncs) -> None:
    rows = [("1", "old"), ("2", "Bob"), ("1", "new")]
    assert syncs.run(one(PEOPLE, delta(PEOPLE, rows))) == {"people": {"read": 3, "landed": 2, "unchanged": 1}}
    assert syncs.rows() == [("1", "new"), ("2", "Bob")]
    assert syncs.rejects() == []


def test_a_deletion_buries_by_key_with_the_last_values_and_is_not_read(syncs: Syncs) -> None:
    syncs.run(one(PEOPLE, delta(PEOPLE, [("1", "Ada"), ("2", "Bob"), ("3", "Cid")])))
    rows = [("2", None), ("9", None), ("4", "Dot"), (None, None)]
    counts = syncs.run(one(PEOPLE, delta(PEOPLE, rows, 2, gone=[True, True, False, True])))
    assert counts == {"people": {"read": 1, "landed": 1, "deleted": 1}}
    assert syncs.rows() == [("1", "Ada"), ("3", "Cid"), ("4", "Dot")]
    assert syncs.rows("id, name, __hash", where="__deleted") == [("2", "Bob", 0)]
    assert syncs.rejects() == []
    again = syncs.run(one(PEOPLE, delta(PEOPLE, [("2", "Bob")], 3, gone=[False])))
    assert again == {"people": {"read": 1, "landed": 1}}
    assert ("2", "Bob") in syncs.rows()


@pytest.mark.parametrize("is_known", [True, False])
def test_the_last_row_of_a_key_wins_whether_it_says_changed_or_gone(syncs: Syncs, is_known: bool) -> None:
    if is_known:
        syncs.run(one(PEOPLE, delta(PEOPLE, [("1", "a"), ("2", "b")], 1)))
    rows = [("1", "new"), ("2", None), ("1", None), ("2", "back")]
    counts = syncs.run(one(PEOPLE, delta(PEOPLE, rows, 2, gone=[False, True, True, False])))
    expected = {"read": 2, "landed": 1, "unchanged": 1} | ({"deleted": 1} if is_known else {})
    assert counts == {"people": expected}
    assert syncs.rows() == [("2", "back")]
    assert syncs.rows("id, name", where="__deleted") == ([("1", "a")] if is_known else [])


def test_rejects_of_earlier_pages_stay_and_are_not_told_twice(syncs: Syncs) -> None:
    first, second = [("1", "Ada"), (None, "nobody")], [(" ", "none"), ("2", "Bob")]
    counts = syncs.run(one(PEOPLE, delta(PEOPLE, first, 1), delta(PEOPLE, second, 2)))
    assert counts == {"people": {"read": 4, "landed": 2, "rejected": 2}}
    counts = syncs.run(one(PEOPLE, delta(PEOPLE, first, 3)))
    assert counts == {"people": {"read": 2, "unchanged": 1, "rejected": 1}}
    assert syncs.rejects("raw->>'name', errors->>'$[0].reason'") == [("nobody", NO_KEY), ("none", NO_KEY)]


def test_a_record_accepted_or_deleted_later_is_rejected_no_longer(syncs: Syncs) -> None:
    syncs.run(one(PEOPLE, delta(PEOPLE, [("1", "Ada"), ("2", "Bob"), (None, "x")])))
    for key in "123":
        syncs.session.execute(
            "INSERT INTO lake.canonical.rejected_records BY NAME "
            f"SELECT '{syncs.connection_id}' AS connection_id, 'people' AS stream, 'extract' AS stage, '' AS origin, "
            f"'{key}' AS record_id, md5_number_lower('{key}') AS record_key, '0000000000-a' AS batch_id"
        )
    syncs.run(one(PEOPLE, delta(PEOPLE, [("1", "Ada"), ("2", None)], 2, gone=[False, True])))
    assert syncs.rejects("record_id") == [("3",), (None,)]


def test_records_without_a_key_are_told_by_content_and_a_twin_is_the_same_record(syncs: Syncs) -> None:
    log = stream_of(fields=("day", "what"), primary_key=())
    rows = [("1", "in"), ("1", "in"), ("2", "out")]
    counts = syncs.run(one(log, delta(log, rows, 1), delta(log, [("2", "out"), ("3", "in")], 2)))
    assert counts == {"people": {"read": 5, "landed": 3, "unchanged": 2}}
    assert syncs.rows("day, what") == [("1", "in"), ("2", "out"), ("3", "in")]


def files_of(syncs: Syncs) -> list[str]:
    table = raw_table(syncs.connection_id, "people")
    found = syncs.session.rows(
        f"SELECT data_file FROM ducklake_list_files('lake', '{table}', schema => '{RAW_SCHEMA}')"
    )
    return [Path(name).parent.name for (name,) in found]


def numbered(start: int, count: int) -> list[tuple[str, str]]:
    return [(str(number), f"name {number}") for number in range(start, start + count)]


def test_a_page_of_new_records_becomes_a_file_of_the_table_and_any_other_is_written(syncs: Syncs) -> None:
    size = REGISTERED_FROM
    syncs.run(one(PEOPLE, delta(PEOPLE, numbered(0, size), 1), delta(PEOPLE, numbered(size, size), 2)))
    assert files_of(syncs) == ["staged", "staged"]
    counts = syncs.run(one(PEOPLE, delta(PEOPLE, numbered(2 * size - 1, size), 3)))  # one of them is known
    assert counts == {"people": {"read": size, "landed": size - 1, "unchanged": 1}}
    assert files_of(syncs).count("staged") == 2
    grown = stream_of(fields=("id", "name", "team"))
    more = [(*row, "x") for row in numbered(9 * size, size)]
    syncs.run(one(grown, delta(grown, more, 4), delta(grown, [(*row, "y") for row in numbered(8 * size, size)], 5)))
    assert files_of(syncs).count("staged") == 3  # the first with a new column is written, the next registered
    assert syncs.rows("count(*), count(DISTINCT __key), count(team)") == [(5 * size - 1, 5 * size - 1, 2 * size)]


def test_an_empty_page_moves_the_cursor_and_shows_the_fields(syncs: Syncs) -> None:
    assert syncs.run(one(PEOPLE, delta(PEOPLE, [], 7))) == {"people": {}}
    assert syncs.rows() == []
    connector = one(PEOPLE, quiet(PEOPLE, 7))
    syncs.run(connector)
    assert [cursor for _, cursor, _ in connector.asked] == [{"page": 7}]


def test_a_thousand_columns_and_a_value_of_five_megabytes_land(syncs: Syncs) -> None:
    wide = stream_of(fields=("id", *(f"column {number}" for number in range(999))))
    rows = [(str(key), *(f"{key}-{number}" for number in range(999))) for key in range(3)]
    big = ("3", "x" * 5_000_000, *(None for _ in range(998)))
    assert syncs.run(one(wide, delta(wide, [*rows, big]))) == {"people": {"read": 4, "landed": 4}}
    assert syncs.rows('length("column 0"), "column 998"', where="id IN ('1', '3')") == [(3, "1-998"), (5_000_000, None)]


@pytest.mark.parametrize("name", ["gone?", "__deleted_", "__gone"])
def test_a_field_may_have_any_name_beside_the_column_that_tells_of_deletions(syncs: Syncs, name: str) -> None:
    named = stream_of(fields=("id", Field("name", "text"), *([] if name == "gone?" else [name])))
    row: tuple[Any, ...] = ("1", "Ada") if name == "gone?" else ("1", "Ada", "x")
    assert syncs.run(one(named, delta(named, [row], gone=[False]))) == {"people": {"read": 1, "landed": 1}}
    assert syncs.rows() == [("1", "Ada")]
