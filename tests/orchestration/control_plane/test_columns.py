"""Texts and JSON of sources reach Postgres in a form it can hold."""

import json

from hypothesis import given
from hypothesis import strategies as st

from orchestration.control_plane.columns import dump_json, storable_text

ANY_TEXT = st.text(st.characters())  # lone surrogates included
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
)


@given(ANY_TEXT)
def test_any_text_becomes_storable_and_plain_text_stays(text: str) -> None:
    stored = storable_text(text)
    assert "\0" not in stored
    stored.encode()
    if "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text):
        assert stored == text


@given(ANY_JSON)
def test_any_json_is_written_without_what_jsonb_refuses(value: object) -> None:
    written = dump_json(value)
    written.encode()
    assert "\0" not in json.dumps(json.loads(written), ensure_ascii=False).replace("\\u0000", "\0").replace("\\\0", "")


def test_equal_values_are_written_equally() -> None:
    assert dump_json({"b": 1, "a": [2]}) == dump_json({"a": [2], "b": 1}) == '{"a":[2],"b":1}'


def test_a_backslash_before_zeros_is_kept() -> None:
    assert json.loads(dump_json(["\\u0000"])) == ["\\u0000"]
