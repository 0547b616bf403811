"""What the features of a pair say, and that no column makes them anything but numbers between bounds."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.fingerprint.profile import ColumnProfile
from assets.fingerprint.sketches import Sketch, sketch_values
from assets.mapping.matching.columns import MatchColumn
from assets.mapping.matching.embedding import without_embeddings
from assets.mapping.matching.features import FEATURES, feature_planes, features
from assets.mapping.matching.similarity import edit_similarity
from assets.mapping.matching.values import type_group


def _plane(name: str, sources: list[MatchColumn], targets: list[MatchColumn]) -> list[list[float]]:
    with without_embeddings():
        planes = feature_planes(sources, targets)
    return [[round(float(value), 3) for value in row] for row in planes[name]]


def _seen(name: str, values: list[str | None]) -> MatchColumn:
    return MatchColumn(
        name, sketch=sketch_values({name: values})[name], profile=ColumnProfile(len(values), {"text": 1})
    )


columns = st.lists(
    st.builds(
        MatchColumn,
        st.text(min_size=1, max_size=12),
        st.sampled_from([None, "text", "bigint", "TIMESTAMP WITH TIME ZONE", "strange"]),
        st.none() | st.text(max_size=30),
        table=st.none() | st.text(string.ascii_letters, min_size=1, max_size=5),
        sketch=st.sampled_from([None, Sketch(), Sketch(rows=5, nulls=5), sketch_values({"x": ["1", "2", "2"]})["x"]]),
        profile=st.sampled_from([None, ColumnProfile(), ColumnProfile(3, {"integer": 3}, 1, 2, 1.0, 2.0)]),
        is_key=st.booleans(),
    ),
    min_size=0,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(sources=columns, targets=columns)
def test_any_columns_have_finite_features(sources: list[MatchColumn], targets: list[MatchColumn]) -> None:
    with without_embeddings():
        found = features(sources, targets)
    assert found.shape == (len(sources), len(targets), len(FEATURES))
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert (np.abs(found) <= 4).all()


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0), ("flaw", "lawn", 2), ("a", "b", 1)],
)
def test_edit_similarity_is_levenshtein_s(one: str, other: str, distance: int) -> None:
    expected = 1 - distance / max(len(one), len(other), 1)
    assert edit_similarity([one], [other])[0, 0] == pytest.approx(expected)


@given(st.lists(st.text("abc", max_size=6), min_size=1, max_size=4), st.lists(st.text("abc", max_size=6), min_size=1))
def test_edit_similarity_of_many_is_that_of_each(left: list[str], right: list[str]) -> None:
    together = edit_similarity(left, right)
    for row, one in enumerate(left):
        for column, other in enumerate(right):
            assert together[row, column] == pytest.approx(edit_similarity([one], [other])[0, 0])


def test_shared_values_are_seen_whatever_the_names() -> None:
    cities, tones = ["Berlin", "Paris", "Rome", "Oslo"], ["red", "blue", "green", "pink"]
    targets = [_seen("b", ["paris", "Oslo", "Rome", "Madrid"]), _seen("c", tones)]
    assert _plane("value_overlap", [_seen("a", cities)], targets) == [[0.6, 0.0]]
    assert _plane("value_contained", [_seen("a", cities)], targets) == [[0.75, 0.0]]


def test_a_unit_changes_the_range_and_not_the_shape() -> None:
    grams = [str(n * 1000) for n in range(5, 45)]
    kilos, others = [str(n) for n in range(5, 45)], [str(2**n) for n in range(5, 45)]
    targets = [_seen("kg", kilos), _seen("n", others)]
    shape = _plane("value_shape", [_seen("g", grams)], targets)[0]
    near = _plane("value_range", [_seen("g", grams)], targets)[0]
    assert shape[0] > 0.95 > shape[1]
    assert near[0] < 0.1


def test_an_all_null_column_has_no_values() -> None:
    empty = MatchColumn("a", sketch=Sketch(rows=10, nulls=10), profile=ColumnProfile(10, {}))
    assert _plane("has_values", [empty], [_seen("b", ["x"])]) == [[0.0]]


def test_the_table_that_fits_as_a_whole_is_the_nearer_one() -> None:
    targets = [MatchColumn(name, table="orders") for name in ("order_id", "shipped_at", "carrier")]
    targets += [MatchColumn(name, table="staff") for name in ("staff_id", "hired_at", "wage")]
    sources = [MatchColumn(name, table="shipments") for name in ("id", "shipped", "carrier_name", "order")]
    near = _plane("table_match", sources, targets)
    assert all(row[0] > 0 > row[3] for row in near)


@pytest.mark.parametrize(
    ("declared", "group"),
    [("VARCHAR(50)", "text"), ("bigint", "integer"), ("datetime2", "timestamp"), ("DECIMAL(18,2)", "decimal"),
     ("bit", "boolean"), ("VARCHAR[]", "list"), ("uuid", "identity"), ("", None), (None, None), ("date", "date")],
)  # fmt: skip
def test_types_of_any_system_fall_into_groups(declared: str | None, group: str | None) -> None:
    assert type_group(declared) == group
