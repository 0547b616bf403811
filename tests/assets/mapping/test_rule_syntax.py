"""Rules written as a line: each step, the round trip with stored rules, and what is said of a line that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.mapping.rule_syntax import RuleUnreadable, format_rule, parse_rule, span_of
from assets.mapping.rules import FieldRule, Transform
from assets.mapping.rules_json import rules_to_json

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"]), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("cast", Transform()),
        ("trim", Transform("trim")),
        ("scale:0.01", Transform("scale", {"factor": "0.01"})),
        ("split:' ':0", Transform("split", {"separator": " ", "index": 0})),
        ("split:', ':rest", Transform("split", {"separator": ", ", "index": "rest"})),
        ("split:|:1", None),
        ("split:'|':1", Transform("split", {"separator": "|", "index": 1})),
        ("concat:last,' '", Transform("concat", {"fields": ["last"], "separator": " "})),
        ("concat:middle, last", Transform("concat", {"fields": ["middle", "last"], "separator": " "})),
        ("date_format:%d.%m.%Y %H:%M", Transform("date_format", {"format": "%d.%m.%Y %H:%M"})),
        (
            "date_format:'%H:%M':Europe/Berlin",
            Transform("date_format", {"format": "%H:%M", "zone": "Europe/Berlin"}),
        ),
        ("number_format:',':'.'", Transform("number_format", {"decimal": ",", "group": "."})),
        ("number_format:,", Transform("number_format", {"decimal": ",", "group": ""})),
        ("epoch:ms", Transform("epoch", {"unit": "ms"})),
        ("enum:a=b,c=d", Transform("enum_map", {"values": {"a": "b", "c": "d"}, "default": "keep"})),
        (
            "enum:'a=1'=b, *=null",
            Transform("enum_map", {"values": {"a=1": "b"}, "default": "null"}),
        ),
        ("boolean:yes,y/no", Transform("boolean_map", {"true": ["yes", "y"], "false": ["no"]})),
        ("list:;", Transform("list", {"separator": ";"})),
        ("constant:EUR", Transform("constant", {"value": "EUR"})),
    ],
)
def test_a_step_is_read(step: str, expected: Transform | None) -> None:
    if expected is None:
        with pytest.raises(RuleUnreadable):
            parse_rule(f"from -> to | {step}")
        return
    rule = parse_rule(f"from -> to | {step}")
    assert (rule.source, rule.target, rule.transform) == ("from", "to", expected)
    assert (rule.decided_by, rule.probability) == ("person", 1.0)


def test_several_steps_are_a_chain_in_their_order() -> None:
    rule = parse_rule("Stage Name -> stage | trim | lower | enum:won=closed | cast")
    assert rule.source == "Stage Name"
    assert rule.transform.kind == "chain"
    assert [step["kind"] for step in rule.transform.args["steps"]] == ["trim", "lower", "enum_map"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "line",
    ["", "amount", "amount ->", "-> amount", "a -> b -> c", "a -> b | shout", "a -> b | scale", "a -> b | trim:1",
     "a -> b | split:' '", "a -> b | split:' ':first", "a -> b | enum:a", "a -> b | constant:'open"],
)  # fmt: skip
def test_a_line_that_is_no_rule_says_why(line: str) -> None:
    with pytest.raises(RuleUnreadable, match=r"\w+"):
        parse_rule(line)


simple = st.one_of(
    st.just(Transform()),
    st.sampled_from([Transform("trim"), Transform("lower"), Transform("upper")]),
    st.builds(lambda unit: Transform("epoch", {"unit": unit}), st.sampled_from(["s", "ms", "us"])),
    st.builds(lambda s, i: Transform("split", {"separator": s, "index": i}), TEXTS, st.integers(-3, 3)),
    st.builds(lambda f, s: Transform("concat", {"fields": f, "separator": s}), st.lists(NAMES, min_size=1), TEXTS),
    st.builds(
        lambda v, d: Transform("enum_map", {"values": v, "default": d}),
        st.dictionaries(TEXTS, TEXTS),
        st.sampled_from(["keep", "null", "reject"]),
    ),
    st.builds(lambda f: Transform("date_format", {"format": f}), TEXTS),
    st.builds(lambda v: Transform("constant", {"value": v}), TEXTS),
)


@given(source=NAMES, target=NAMES, transform=simple)
def test_what_is_written_is_read_back(source: str, target: str, transform: Transform) -> None:
    (stored,) = rules_to_json([FieldRule(source, target, transform)])
    read = parse_rule(format_rule(stored))
    assert (read.source, read.target, read.transform) == (source, target, transform)


def test_a_span_is_said_only_where_there_is_one() -> None:
    assert span_of({"since": 0, "until": None}) == ""
    assert span_of({"since": 7, "until": None}) == "from commit 7"
    assert span_of({"since": 3, "until": 6}) == "from commit 3 up to commit 6"
