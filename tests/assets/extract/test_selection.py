"""What people may choose for a stream, and when a choice means reading everything again."""

from typing import Any

import pytest

from assets.extract.plan import plan_sync
from assets.extract.selection import StreamSettings, select, settings_for, unknown_names, visible
from assets.extract.state import StreamState
from connectors.errors import ConfigInvalid
from connectors.protocol import Field, Note, Stream
from orchestration.control_plane.safe_mode import SAFE_RECORDS
from tests.assets.extract.scripted import stream_of

PEOPLE = stream_of(fields=("id", "name", "email", Field("age", "integer"), "changed"), cursor_field="changed")


def names(stream: Stream) -> list[str]:
    return [field.name for field in stream.fields]


def test_without_settings_everything_is_taken() -> None:
    assert settings_for({}, "people") == StreamSettings()
    assert select(PEOPLE, StreamSettings()) == PEOPLE


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"columns": ["name"]}, ["id", "name", "changed"]),
        ({"drop": ["EMAIL", "age"]}, ["id", "name", "changed"]),
        ({"columns": ["name", "email"], "drop": ["email"]}, ["id", "name", "changed"]),
        ({"columns": []}, ["id", "changed"]),
    ],
)
def test_key_and_cursor_are_taken_with_the_chosen_columns(settings: dict[str, Any], expected: list[str]) -> None:
    assert names(select(PEOPLE, settings_for({"people": settings}, "people"))) == expected


def test_a_hashed_column_is_text() -> None:
    taken = select(PEOPLE, StreamSettings(hash=("age",)))
    assert [field.type for field in taken.fields if field.name == "age"] == ["text"]


def test_mode_and_cursor_field_are_chosen_among_those_there_are() -> None:
    taken = select(PEOPLE, StreamSettings(mode="full", cursor_field="age"))
    assert (taken.mode, taken.cursor_field) == ("full", "age")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"drop": ["ID"]}, "Column 'id' cannot be dropped: it is part of the primary key. Hash it instead."),
        ({"drop": ["changed"]}, "Column 'changed' cannot be dropped: it is the cursor field"),
        ({"mode": "append"}, "The stream cannot be read in mode 'append'. Choose one of: incremental, full, full_with"),
        ({"cursor_field": "nope"}, "The cursor field 'nope' is not a field of the stream"),
        ({"mode": "sometimes"}, "settings are wrong: mode: Input should be"),
        ({"colums": ["secret value"]}, "settings are wrong: colums: Extra inputs are not permitted"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_a_sentence(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        select(PEOPLE, settings_for({"people": settings}, "people"))
    assert message in str(raised.value)
    assert raised.value.stream == "people"
    assert "secret" not in str(raised.value)


def test_names_a_stream_lacks_are_told() -> None:
    settings = StreamSettings(columns=("name", "nmae"), drop=("phone",), hash=("Email", "phone"))
    assert unknown_names(PEOPLE, settings) == ("nmae", "phone")
    assert names(visible(PEOPLE, settings)) == ["id", "name", "changed"]


def planned(
    chosen: dict[str, Any], state: StreamState | None = None, stream: Stream = PEOPLE, **options: Any
) -> tuple[Any, list[str]]:
    """The only planned stream and the codes of what was told."""
    notes: list[Note] = []
    states = {} if state is None else {stream.name: state}
    plan = plan_sync([stream], states, {"people": chosen}, notes.append, **{"declares_types": True, **options})
    (made,) = plan.streams
    return made, [note.code for note in notes]


def after(chosen: dict[str, Any] | None = None, stream: Stream = PEOPLE) -> StreamState:
    """The state after a sync with these settings."""
    made, _ = planned(chosen or {}, stream=stream)
    return StreamState("people", 1, {"page": 9}, mode=made.stream.mode, asked=made.asked)


def test_the_same_choice_goes_on_from_the_cursor() -> None:
    choices: list[dict[str, Any]] = [
        {},
        {"drop": ["email"], "hash": ["name"], "columns": ["name", "age"], "mode": "full"},
    ]
    for chosen in choices:
        assert planned(chosen, after(chosen))[0].cursor == {"page": 9}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"drop": ["email"]}, {}),
        ({"columns": ["name"]}, {"columns": ["name", "email"]}),
        ({}, {"hash": ["email"]}),
        ({"hash": ["email"]}, {}),
        ({}, {"drop": ["email"]}),
        ({}, {"mode": "full_with_deletes"}),
        ({}, {"cursor_field": "age"}),
    ],
)
def test_a_change_of_columns_hashing_or_mode_reads_everything_again_and_says_so(
    before: dict[str, Any], now: dict[str, Any]
) -> None:
    made, told = planned(now, after(before))
    assert (made.cursor, told) == (None, ["reading_anew"])


def test_a_new_column_of_a_source_with_a_schema_is_read_for_all_records() -> None:
    grown = stream_of(fields=(*PEOPLE.fields, "team"), cursor_field="changed")
    assert planned({}, after(), grown)[0].cursor is None
    assert planned({}, after(), grown, declares_types=False)[0].cursor == {"page": 9}
    assert planned({}, after(stream=grown), PEOPLE)[0].cursor == {"page": 9}  # one that is gone costs nothing


def test_files_are_read_again_for_a_choice_but_not_for_a_column_more() -> None:
    grown = stream_of(fields=("id", "a", "b"), mode="snapshot")
    old = StreamState("people", 3, {"files": {}}, fields=[{"name": "id"}, {"name": "a"}])  # from before choices
    assert planned({}, old, grown)[0].cursor == {"files": {}}
    assert planned({"drop": ["a"]}, old, grown)[0].cursor is None


def test_a_stream_switched_off_is_told_and_neither_read_nor_gone() -> None:
    notes: list[Note] = []
    chosen = {"people": {"enabled": False}}
    state = StreamState("people", 1, {"page": 9}, mode="incremental")
    for discovered in ([PEOPLE], []):
        plan = plan_sync(discovered, {"people": state}, chosen, notes.append)
        assert (plan.streams, plan.absent) == ((), ())
    assert [note.code for note in notes] == ["stream_skipped"]


def test_a_sample_is_a_first_look_only_where_nothing_was_read_in_full() -> None:
    for state, expected in (
        (None, (None, True)),
        (StreamState("people", 1, None, mode="incremental", sampled_until=1), (None, True)),
        (after(), ({"page": 9}, False)),
    ):
        made, _ = planned({}, state, is_sample=True)
        assert (made.cursor, made.is_first_look, made.limit) == (*expected, SAFE_RECORDS)
