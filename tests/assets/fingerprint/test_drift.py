"""Properties of digests and differences, and what each kind of change is worth."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.fingerprint.drift import diff_schemas, diff_stream, is_breaking, settle
from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from connectors.protocol import SourceType

# A loaded machine is slow, not wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

types = st.sampled_from(get_args(SourceType))
fields = st.builds(
    ObservedField,
    name=st.text(min_size=1, max_size=8),
    type=types,
    declared=st.none() | types,
    nullable=st.none() | st.booleans(),
    sampled_rows=st.integers(0, 5),
)
streams = st.builds(
    ObservedStream,
    name=st.sampled_from(["deals", "people", "firms"]),
    fields=st.lists(fields, max_size=6, unique_by=lambda f: f.name.lower()).map(tuple),
)
schemas = st.lists(streams, max_size=3, unique_by=lambda s: s.name)


def field(name: str, type: SourceType, declared: bool = False, nullable: bool | None = True) -> ObservedField:
    return ObservedField(name, type, type if declared else None, nullable, 10)


def stream(*observed: ObservedField, **other: object) -> ObservedStream:
    return replace(ObservedStream("deals", observed), **other)  # type: ignore[arg-type]


@unhurried
@given(streams, st.randoms(use_true_random=False))
def test_the_order_of_columns_never_changes_the_digest(observed: ObservedStream, random: object) -> None:
    shuffled = list(observed.fields)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert replace(observed, fields=tuple(shuffled)).digest == observed.digest


@unhurried
@given(streams, st.integers(0, 10**6))
def test_encoding_and_sample_never_change_the_digest(observed: ObservedStream, rows: int) -> None:
    again = tuple(replace(f, declared=None, sampled_rows=rows, max_length=rows, distinct=rows) for f in observed.fields)
    assert replace(observed, fields=again, mode="append", primary_key=("x",)).digest == observed.digest


def test_a_name_written_in_two_unicode_forms_is_one_name() -> None:
    composed, decomposed = stream(field("Gr\u00f6\u00dfe", "text")), stream(field("Gro\u0308\u00dfe", "text"))
    assert composed.digest == decomposed.digest
    assert diff_stream(composed, decomposed) == ()


@unhurried
@given(streams, fields)
def test_another_shape_has_another_digest(observed: ObservedStream, extra: ObservedField) -> None:
    extra = replace(extra, name=extra.name + "\u2603 new")
    assert replace(observed, fields=(*observed.fields, extra)).digest != observed.digest


@unhurried
@given(schemas)
def test_nothing_differs_from_itself(schema: list[ObservedStream]) -> None:
    assert diff_schemas(schema, schema) == ()


@unhurried
@given(schemas, schemas)
def test_what_one_direction_adds_the_other_removes(a: list[ObservedStream], b: list[ObservedStream]) -> None:
    def events(changes: object, kinds: tuple[str, ...]) -> list[tuple[str, str | None]]:
        return [(c.stream, c.field) for c in changes if c.kind in kinds]  # type: ignore[attr-defined]

    there, back = diff_schemas(a, b), diff_schemas(b, a)
    assert events(there, ("added", "stream_added")) == events(back, ("removed", "stream_removed"))
    assert events(there, ("removed", "stream_removed")) == events(back, ("added", "stream_added"))


@unhurried
@given(streams)
def test_a_stream_survives_its_json(observed: ObservedStream) -> None:
    assert ObservedStream.from_json(observed.to_json()) == observed


@unhurried
@given(streams, st.data())
def test_an_empty_sample_is_never_drift(observed: ObservedStream, data: st.DataObject) -> None:
    empty = tuple(ObservedField(f.name, "unknown") for f in observed.fields)
    assert diff_stream(observed, replace(observed, fields=empty)) == ()
    assert settle(observed, replace(observed, fields=empty)).digest == observed.digest


@unhurried
@given(streams, streams)
def test_settling_without_drift_keeps_what_was_known(a: ObservedStream, b: ObservedStream) -> None:
    b = replace(b, name=a.name)
    known = all(f.type != "unknown" and f.nullable is not None for f in a.fields)
    if known and diff_stream(a, b) == ():
        assert settle(a, b).digest == a.digest
    assert diff_stream(settle(a, b), b) == () or b.mode != "snapshot"


@pytest.mark.parametrize(
    ("before", "after", "declared", "expected"),
    [
        ("text", "integer", False, None), ("decimal", "integer", False, None), ("timestamp", "date", False, None),
        ("text", "integer", True, ("narrowed", "info")), ("integer", "decimal", False, ("widened", "warning")),
        ("date", "timestamp", False, ("widened", "warning")), ("integer", "text", False, ("widened", "breaking")),
        ("date", "integer", False, ("incompatible", "breaking")),
        ("boolean", "integer", True, ("incompatible", "breaking")),
        ("unknown", "integer", False, None), ("integer", "unknown", False, None),
    ],
)  # fmt: skip
def test_retyping_is_drift_only_where_something_can_be_lost(
    before: SourceType, after: SourceType, declared: bool, expected: tuple[str, str] | None
) -> None:
    changes = diff_stream(stream(field("x", before, declared)), stream(field("x", after, declared)))
    assert [(c.retyping, c.severity) for c in changes if c.kind == "retyped"] == ([expected] if expected else [])


def test_a_column_that_starts_to_hold_nulls_is_a_warning_and_the_reverse_needs_a_declaration() -> None:
    required, optional = field("x", "text", nullable=False), field("x", "text", nullable=True)
    assert [c.severity for c in diff_stream(stream(required), stream(optional))] == ["warning"]
    assert diff_stream(stream(optional), stream(required)) == ()
    declared = [stream(replace(f, declared="text")) for f in (optional, required)]
    assert [c.severity for c in diff_stream(*declared)] == ["info"]


def test_a_partial_window_removes_nothing() -> None:
    full = stream(field("a", "text"), field("b", "integer"))
    delta = stream(field("a", "text"), partial=True)
    assert diff_stream(full, delta) == ()
    assert settle(full, delta).digest == full.digest
    assert [c.kind for c in diff_stream(full, replace(delta, partial=False))] == ["removed"]


def test_only_a_mapped_field_can_break() -> None:
    removed = diff_stream(stream(field("a", "text"), field("b", "text")), stream(field("b", "text")))[0]
    assert is_breaking(removed, {"a"}) and not is_breaking(removed, {"b"})
    gone = diff_schemas([stream(field("a", "text"))], [])[0]
    assert is_breaking(gone, {"a"}) and not is_breaking(gone, ())
    added = diff_stream(stream(), stream(field("a", "text")))[0]
    assert not is_breaking(added, {"a"})


def test_a_new_stream_is_one_event() -> None:
    changes = diff_schemas([], [stream(field("a", "text"), field("b", "text"))])
    assert [(c.kind, c.field) for c in changes] == [("stream_added", "")]


def test_an_append_stream_that_changed_its_type_holds_both() -> None:
    before, after = stream(field("x", "integer")), stream(field("x", "date"), mode="append")
    assert settle(before, after).fields[0].type == "text"
    assert settle(before, replace(after, mode="snapshot")).fields[0].type == "date"
