"""Every mutation says truly what it did: its answers read the changed rows as the truth has them."""

from random import Random

import pytest

from orchestration.drift_play.mutation import NONE, Mutation, Setting
from orchestration.drift_play.mutations import MUTATIONS, mutate
from orchestration.drift_play.person import is_right, right_rules
from orchestration.drift_play.streams import WorldStream, build_stream, change_ordinarily

ENTITIES = ("account", "contact", "opportunity", "usage")


def made_stream(entity: str, seed: int, *, plain_text: bool = False, constants: bool = False) -> WorldStream:
    always = {"rating": "Standard", "fax": None} if constants else {}
    return build_stream(Random(seed), entity, seed, "snake", "id", 60, plain_text, always)


def rules_of(stream: WorldStream) -> list[dict[str, object]]:
    """The mapping of an unchanged stream: each column as it stands."""
    return [
        {"source": column.name, "target": column.facts[0], "transform": {"kind": "cast", "args": {}},
         "probability": 1.0, "decided_by": "policy", "evidence": [], "since": 0, "until": None}
        for column in stream.columns
    ]  # fmt: skip


def changed(kind: str, stream: WorldStream, seed: int) -> Mutation | None:
    mapped = [column.facts[0] for column in stream.columns]
    return MUTATIONS[kind][1](Setting(stream, mapped, Random(seed)))


def fitting() -> list[tuple[str, str, bool]]:
    """Every kind of change with every stream that has a column for it."""
    return [
        (kind, entity, plain)
        for kind in MUTATIONS
        for entity in ENTITIES
        for plain in (False, True)
        if changed(kind, made_stream(entity, 7, plain_text=plain, constants=entity == "account"), 3) is not None
    ]


def test_every_kind_of_change_fits_some_stream() -> None:
    assert {kind for kind, _, _ in fitting()} == MUTATIONS.keys()


@pytest.mark.parametrize(("kind", "entity", "plain_text"), fitting())
def test_the_answers_of_a_mutation_read_the_changed_rows_truly(kind: str, entity: str, plain_text: bool) -> None:
    stream = made_stream(entity, 7, plain_text=plain_text, constants=entity == "account")
    before = rules_of(stream)
    made = changed(kind, stream, 3)
    assert made is not None
    targets = [target for target in made.answers if target in stream.facts()]
    written = right_rules(before, made, targets, 5)
    if targets:
        assert written is not None
        as_stored = [
            {"source": rule.source, "target": rule.target, "until": rule.until,
             "transform": {"kind": rule.transform.kind, "args": dict(rule.transform.args)}}
            for rule in written
        ]  # fmt: skip
        assert is_right(stream, as_stored, targets)
    assert kind == "rename_stream" or all(expected.before or expected.after for expected in made.events)


@pytest.mark.parametrize("kind", ["rename_total", "unit", "enum", "split", "merge", "swap", "rename_to_taken"])
def test_the_mapping_of_before_is_wrong_after_a_change_that_matters(kind: str) -> None:
    found = 0
    for entity in ENTITIES:
        stream = made_stream(entity, 4)
        before = rules_of(stream)
        made = changed(kind, stream, 5)
        if made is not None:
            found += 1
            assert not is_right(stream, before, [target for target in made.answers if target not in stream.lost])
    assert found


def test_a_column_changed_twice_is_read_back_through_both_changes() -> None:
    stream = made_stream("account", 2)
    before = rules_of(stream)
    setting = Setting(stream, ["annual_revenue"], Random(1))
    assert MUTATIONS["unit"][1](setting) is not None
    renamed = MUTATIONS["rename_short"][1](setting)
    assert renamed is not None
    written = right_rules(before, renamed, ["annual_revenue"], 9)
    assert written is not None
    newest = next(rule for rule in written if rule.target == "annual_revenue")
    assert newest.transform.kind == "scale"
    assert newest.source == next(iter(renamed.pairs))[1]


def test_the_same_seed_plays_the_same_changes() -> None:
    def play(seed: int) -> list[tuple[str, list[str]]]:
        random, stream, told = Random(seed), made_stream("contact", 1), []
        for _ in range(5):
            change_ordinarily(stream, random, may_delete=True)
            mapped = [column.facts[0] for column in stream.columns if len(column.facts) == 1]
            known = [target for target in mapped if target in stream.facts()]
            made = mutate(Setting(stream, known, random), list(MUTATIONS))
            told.append((made.kind, sorted(made.fields)))
        return told

    assert play(11) == play(11)
    assert play(11) != play(12)
    assert any(kind != NONE for kind, _ in play(11))
