"""Rules as JSON: nothing is lost on the way, and documents of before rules had spans are read as ever."""

import json

import pytest

from assets.mapping.rules import FieldRule, Transform
from assets.mapping.rules_json import rules_from_json, rules_to_json

RULES = (
    FieldRule("amount", "annual_revenue", Transform("scale", {"factor": "0.01"}), 0.9, "person", ("seen",), since=7),
    FieldRule("amount", "annual_revenue", until=6),
    FieldRule("first", "name", Transform("concat", {"fields": ["last"], "separator": " "})),
    FieldRule("x", "industry", Transform("chain", {"steps": [{"kind": "trim", "args": {}}, {"kind": "upper"}]})),
)


def test_a_round_trip_through_text_changes_nothing() -> None:
    assert rules_from_json(json.loads(json.dumps(rules_to_json(RULES)))) == RULES


def test_rules_without_a_span_read_every_row() -> None:
    documents = rules_to_json(RULES[:1])
    del documents[0]["since"], documents[0]["until"]
    (rule,) = rules_from_json(documents)
    assert (rule.since, rule.until) == (0, None)


def test_a_transform_that_does_not_exist_is_refused() -> None:
    documents = rules_to_json(RULES[:1])
    documents[0]["transform"]["kind"] = "eval"
    with pytest.raises(ValueError, match="eval"):
        rules_from_json(documents)


def test_sources_name_every_field_that_is_read() -> None:
    nested = Transform("chain", {"steps": [{"kind": "lower"}, {"kind": "concat", "args": {"fields": ["b", "a"]}}]})
    assert [rule.sources() for rule in (*RULES[1:3], FieldRule("a", "name", nested))] == [
        ("amount",),
        ("first", "last"),
        ("a", "b"),
    ]
    assert FieldRule("a", "name", Transform("concat", {"fields": "nonsense"})).sources() == ("a",)
