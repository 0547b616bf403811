"""Joined fields and chains of steps: what they give, what they refuse, and that spans choose among rules."""

from decimal import Decimal
from typing import Any

import duckdb
import pytest

from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.normalize.compile import CompiledMapping, compile_mapping
from assets.normalize.text_steps import MOST_FIELDS, MOST_STEPS, reader_of
from assets.normalize.transforms import MappingInvalid

CONNECTION = "11111111-2222-3333-4444-555555555555"
MONEY = "DECIMAL(38,9)"
Step = dict[str, object]


def step(kind: str, **args: object) -> Step:
    return {"kind": kind, "args": args}


def chain(*steps: Step) -> Transform:
    return Transform("chain", {"steps": list(steps)})


def concat(*fields: str, separator: str = " ") -> Transform:
    return Transform("concat", {"fields": list(fields), "separator": separator})


def compiled_of(*rules: FieldRule, fields: tuple[str, ...] = ("a", "b", "c")) -> CompiledMapping:
    return compile_mapping(StreamMapping("people", "account", 1, rules), fields, CONNECTION)


def value(compiled: CompiledMapping, column: str, commit: int = 1, **texts: str | None) -> object:
    """What a row of these texts becomes; "rejected" when it fails."""
    given = {name: texts.get(name) for name in compiled.plan.source_fields}
    listed = ", ".join(f"{'NULL' if text is None else repr(text)}::VARCHAR AS {name}" for name, text in given.items())
    meta = "'1' AS __record_id, 1::UBIGINT AS __key, false AS __deleted, NULL::TIMESTAMPTZ AS __updated_at"
    relation = f"(SELECT {listed}, {meta}, '{commit:010d}-x' AS __batch_id)"
    with duckdb.connect() as connection:
        found = connection.execute(compiled.canonical_select(relation, {column})).fetchall()
    return found[0][0] if found else "rejected"


def test_fields_are_joined_without_the_blank_ones() -> None:
    compiled = compiled_of(FieldRule("a", "name", concat("b", "c", separator=", ")))
    assert value(compiled, "name", a=" x ", b="y", c="z") == "x, y, z"
    assert value(compiled, "name", a=None, b="  ", c="z") == "z"
    assert value(compiled, "name", a=None, b=" ") is None


def test_a_joined_field_is_mapped_and_stands_in_the_lineage() -> None:
    compiled = compiled_of(FieldRule("a", "name", chain(step("lower"), step("concat", fields=["c"], separator=" "))))
    assert compiled.lineage()["name"] == ("a", "c")
    assert compiled.plan.unmapped() == ("b",)
    assert FieldRule("a", "name", concat("c", "a")).sources() == ("a", "c")


def test_a_joined_field_that_the_source_dropped_is_left_out() -> None:
    compiled = compiled_of(FieldRule("gone", "name", concat("b", "gone too")))
    assert value(compiled, "name", b="y") == "y"


def test_a_chain_ends_in_the_targets_own_type() -> None:
    amount = chain(
        step("split", separator=" ", index=0),
        step("number_format", decimal=",", group="."),
        step("scale", factor="0.01"),
        step("cast"),
    )
    compiled = compiled_of(FieldRule("a", "annual_revenue", amount))
    assert value(compiled, "annual_revenue", a="1.250,50 EUR") == Decimal("12.505")
    assert value(compiled, "annual_revenue", a="about 5") == "rejected"
    day = chain(step("concat", fields=["b"], separator="T"), step("date_format", format="%d.%m.%YT%H:%M"))
    moment = compiled_of(FieldRule("a", "created_at", day))
    assert str(value(moment, "created_at", a="02.03.2026", b="10:30")).startswith("2026-03-02")


def test_a_long_chain_does_not_multiply_its_text() -> None:
    steps = [step("number_format", decimal=",", group=".")] * MOST_STEPS
    assert len(reader_of(chain(*steps), MONEY).prepare('"a"')) < 5_000


def test_a_rule_reads_only_rows_of_its_span() -> None:
    compiled = compiled_of(
        FieldRule("a", "annual_revenue", Transform("scale", {"factor": "100"}), since=5),
        FieldRule("a", "annual_revenue", until=4),
        FieldRule("b", "name", Transform("constant", {"value": "late"}), since=5),
    )
    revenues = [value(compiled, "annual_revenue", commit, a="2") for commit in (1, 4, 5, 60)]
    assert revenues == [2, 2, 200, 200]
    assert [value(compiled, "name", commit) for commit in (4, 5)] == [None, "late"]


def test_a_text_that_no_rule_of_its_span_reads_fails_nothing() -> None:
    compiled = compiled_of(FieldRule("a", "annual_revenue", since=5))
    assert (value(compiled, "annual_revenue", 4, a="bad"), value(compiled, "annual_revenue", 5, a="bad")) == (
        None,
        "rejected",
    )


def test_a_field_that_only_changed_its_capitals_is_the_same_column() -> None:
    compiled = compiled_of(FieldRule("Name", "name", concat("B")), fields=("NAME", "b"))
    assert value(compiled, "name", NAME="Ada", b="L") == "Ada L"
    assert compiled.plan.unmapped() == ()


REFUSED: dict[str, tuple[Transform, str]] = {
    "no steps": (chain(), "VARCHAR"),
    "too many steps": (chain(*[step("trim")] * (MOST_STEPS + 1)), "VARCHAR"),
    "steps are no list": (Transform("chain", {"steps": "trim"}), "VARCHAR"),
    "a step is a text": (Transform("chain", {"steps": ["trim"]}), "VARCHAR"),
    "args are no object": (Transform("chain", {"steps": [{"kind": "trim", "args": 1}]}), "VARCHAR"),
    "a chain within": (chain(step("chain", steps=[step("trim")])), "VARCHAR"),
    "a constant": (chain(step("trim"), step("constant", value="x")), "VARCHAR"),
    "an unknown step": (chain(step("eval", code="1")), "VARCHAR"),
    "typed in the middle": (chain(step("scale", factor="2"), step("split", separator=" ")), MONEY),
    "typed twice": (chain(step("scale", factor="2"), step("scale", factor="2")), MONEY),
    "typed for a text": (chain(step("trim"), step("scale", factor="2")), "VARCHAR"),
    "numbers written for a text": (chain(step("number_format", decimal=","), step("lower")), "VARCHAR"),
    "a rejecting enum before the end": (
        chain(step("enum_map", values={"a": "b"}, default="reject"), step("cast")),
        "VARCHAR",
    ),
    "no fields": (concat(), "VARCHAR"),
    "too many fields": (concat(*map(str, range(MOST_FIELDS + 1))), "VARCHAR"),
    "too many fields in all": (
        chain(*[step("concat", fields=list("abcdefghi"), separator="")] * 2, step("cast")),
        "VARCHAR",
    ),
    "a field is no name": (Transform("concat", {"fields": [1]}), "VARCHAR"),
    "a NUL in a name": (concat("a\0b"), "VARCHAR"),
    "a separator of any length": (concat("b", separator="x" * 100), "VARCHAR"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_unsafe_or_does_not_fit_is_refused(name: str) -> None:
    transform, duckdb_type = REFUSED[name]
    with pytest.raises(MappingInvalid):
        reader_of(transform, duckdb_type)


@pytest.mark.parametrize("span", [{"since": -1}, {"until": -1}, {"since": "1"}, {"since": True}], ids=str)
def test_a_span_is_of_commit_versions(span: dict[str, Any]) -> None:
    with pytest.raises(MappingInvalid):
        compiled_of(FieldRule("a", "name", **span))
