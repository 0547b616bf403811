"""Properties of any mapping: order, one-to-one, JSON, and the cost of very wide streams."""

import math
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.mapping.assignment import assign
from assets.mapping.candidates import Candidate
from assets.mapping.names import match_name, read_name
from assets.mapping.policy import to_mapping
from assets.mapping.proposal import propose_mapping
from assets.mapping.rules import FieldRule, Transform
from assets.mapping.rules_json import rules_from_json, rules_to_json
from assets.normalize.model import BOOKKEEPING_TARGETS, ENTITIES

# A loaded machine is slow, not wrong.
unhurried = settings(deadline=None, max_examples=75, suppress_health_check=[HealthCheck.too_slow])

WORDS = (
    *(
        "id",
        "name",
        "company",
        "deal",
        "amount",
        "value",
        "stage",
        "email",
        "phone",
        "date",
        "close",
        "created",
        "usage",
    ),
    *(
        "updated",
        "status",
        "owner",
        "cost",
        "currency",
        "invoice",
        "score",
        "account",
        "contact",
        "city",
        "zip",
        "total",
    ),
    *("type", "region", "(EUR)", "%", "_", "-", "foo", "bar"),
)
words = st.sampled_from(WORDS)
names = st.lists(words, min_size=1, max_size=4).map(" ".join)
classes = st.sampled_from(
    [
        "text",
        "integer",
        "decimal",
        "date",
        "timestamp",
        "boolean",
        "email",
        "code3",
        "url",
        "zero_one",
        "slash_ambiguous",
    ]
)
fields = st.builds(
    lambda name, kinds: ObservedField(name, "text", sampled_rows=10, classes=dict.fromkeys(kinds, 5)),
    names | st.text(min_size=1, max_size=12),
    st.lists(classes, max_size=2),
)
streams = st.builds(
    lambda name, found: ObservedStream(name, tuple(found)),
    st.sampled_from(["accounts", "deals", "contacts", "invoices", "usage", "export", "health", "inventory"])
    | st.text(),
    st.lists(fields, min_size=1, max_size=14, unique_by=lambda field: field.name),
)
transforms = st.builds(
    Transform, st.just("enum_map"), st.dictionaries(st.text(), st.text() | st.integers() | st.none())
)
rules = st.builds(
    FieldRule, st.text(), st.text(), transforms, st.floats(0, 1), st.sampled_from(["policy", "person"]),
    st.lists(st.text()).map(tuple),
)  # fmt: skip


@unhurried
@given(streams, st.randoms(use_true_random=False))
def test_the_order_of_fields_never_changes_the_outcome(stream: ObservedStream, shuffler: random.Random) -> None:
    shuffled = list(stream.fields)
    shuffler.shuffle(shuffled)
    one, other = propose_mapping(stream), propose_mapping(ObservedStream(stream.name, tuple(shuffled)))
    assert (one.entity, one.entity_probability, one.rules) == (other.entity, other.entity_probability, other.rules)


@unhurried
@given(streams)
def test_every_rule_has_a_real_target_and_no_target_two_fields_unless_a_vendor_says_so(stream: ObservedStream) -> None:
    proposal = propose_mapping(stream)
    assert 0 <= proposal.entity_probability <= 1
    if proposal.entity is None:
        assert proposal.rules == ()
        return
    allowed = set(ENTITIES[proposal.entity].model_fields) | set(BOOKKEEPING_TARGETS)
    assert {rule.target for rule in proposal.rules} <= allowed
    assert all(0 <= rule.probability <= 1 for rule in proposal.rules)
    if proposal.vendor is None:
        targets = [rule.target for rule in proposal.rules]
        assert len(targets) == len(set(targets))
    read = {rule.source for rule in proposal.rules}
    assert read | set(proposal.unmapped) == {field.name for field in stream.fields}


@unhurried
@given(streams)
def test_the_policy_applies_nothing_below_its_limit(stream: ObservedStream) -> None:
    proposal = propose_mapping(stream)
    mapping = to_mapping(proposal)
    assert all(rule in proposal.rules for rule in mapping.rules)
    assert all(rule.probability >= 0.85 for rule in mapping.rules)
    assert mapping.entity is None or proposal.entity_probability >= 0.85


@unhurried
@given(st.lists(rules, max_size=5))
def test_rules_survive_their_json(found: list[FieldRule]) -> None:
    assert rules_from_json(rules_to_json(found)) == tuple(found)


def test_an_unknown_transform_is_refused() -> None:
    document = rules_to_json([FieldRule("a", "name")])[0] | {"transform": {"kind": "python", "args": {}}}
    with pytest.raises(ValueError, match="unknown transform 'python'"):
        rules_from_json([document])


def candidate(source: str, target: str, probability: float) -> Candidate:
    return Candidate(source, target, probability, Transform(), (), "name")


@unhurried
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")), st.floats(0.5, 0.99), min_size=1, max_size=20
    )
)
def test_assignment_is_one_to_one_and_no_worse_than_greedy(weights: dict[tuple[str, str], float]) -> None:
    chosen = assign([candidate(source, target, p) for (source, target), p in weights.items()])
    assert len({c.source for c in chosen}) == len(chosen) == len({c.target for c in chosen})
    greedy, sources, targets = 0.0, set(), set()
    for (source, target), p in sorted(weights.items(), key=lambda item: -item[1]):
        if source not in sources and target not in targets:
            greedy, sources, targets = greedy - math.log1p(-p), sources | {source}, targets | {target}
    best = sum(-math.log1p(-weights[c.source, c.target]) for c in chosen)
    assert best >= greedy - 1e-9


def test_a_field_gives_way_to_one_that_has_no_other_place() -> None:
    pairs = [candidate("a", "t", 0.95), candidate("a", "u", 0.9), candidate("b", "t", 0.93)]
    assert {(c.source, c.target) for c in assign(pairs)} == {("a", "u"), ("b", "t")}


def test_spelling_alone_is_never_enough() -> None:
    best = match_name("contact", "emial adress")[0]
    assert best.target == "email" and best.probability < 0.85


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("E-Mail", ("email",)), ("dealName", ("opportunity", "name")), ("Custom_Field__c", ("custom", "field")),
        ("No. of Employees", ("number", "employee")), ("post code", ("postal", "code")),
        ("CUSTOMER_ID", ("account", "id")),
        ("Größe", ("große",)), ("", ()),
    ],
)  # fmt: skip
def test_names_are_read_as_words(name: str, expected: tuple[str, ...]) -> None:
    assert read_name(name).words == expected


def test_two_thousand_columns_take_less_than_two_seconds() -> None:
    shuffler = random.Random(7)
    parts = ["amount", "name", "date", "status", "id", "customer", "total", "region", "city", "code", "flag", "owner"]
    columns = [f"{shuffler.choice(parts)} {shuffler.choice(parts)} {n}" for n in range(1995)]
    columns += ["deal name", "stage", "amount", "close date", "probability"]
    found = tuple(ObservedField(name, "text", sampled_rows=10, classes={"text": 5}) for name in columns)
    started = time.process_time()
    propose_mapping(ObservedStream("deals", found))
    assert time.process_time() - started < 2
