"""Rules made of readings: new rows are read as they come, rows of before as they came, and nothing else is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from assets.mapping.repairs.composing import Reading, Unfit, compose, rederive
from assets.mapping.repairs.repair import RepairDraft, Surroundings, draft_repair, lower_bound
from assets.mapping.rules import FieldRule, StreamMapping, Transform

V = 40  # the commit with which the change came
CAST = Transform()
CENTS = Transform("scale", {"factor": "0.01"})


@dataclass
class Event:
    """A drift event as a repair sees it."""

    kind: str
    fields_before: tuple[str, ...]
    fields_after: tuple[str, ...]
    readings: tuple[tuple[str, str, Transform], ...] = ()
    probability: float | None = 0.95
    stream: str = "accounts"
    first_version: int | None = V
    pairs: int = 200
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def evidence(self) -> dict[str, Any]:
        readings = [
            {
                "old": old, "source": source, "transform": {"kind": how.kind, "args": dict(how.args)},
                "compared": self.pairs, "explained": self.pairs,
            }
            for old, source, how in self.readings
        ]  # fmt: skip
        return {"readings": readings, **self.more}


RULES = (
    FieldRule("id", "account_id"),
    FieldRule("name", "name"),
    FieldRule("phone", "phone"),
    FieldRule("revenue", "annual_revenue"),
    FieldRule("open", "created_at", Transform("date_format", {"format": "%d.%m.%Y"})),
)
MAPPING = StreamMapping("accounts", "account", 3, RULES)
AROUND = Surroundings(
    known=frozenset({"id", "name", "phone", "revenue", "open", "spare"}),
    key_fields=frozenset({"id"}),
    key_targets=frozenset({"account_id"}),
)


def drafted(event: Event, around: Surroundings = AROUND, mapping: StreamMapping = MAPPING) -> RepairDraft:
    draft = draft_repair(event, mapping, around)
    assert draft is not None
    return draft


def of(draft: RepairDraft, target: str) -> list[tuple[str, str, int, int | None]]:
    """The rules of a target: source, kind of transform, since, until."""
    return [(r.source, r.transform.kind, r.since, r.until) for r in draft.rules if r.target == target]


def test_a_renamed_field_is_read_first_and_its_old_name_second() -> None:
    draft = drafted(Event("renamed", ("phone",), ("mobile",), (("phone", "mobile", CAST),)))
    assert of(draft, "phone") == [("mobile", "cast", 0, None), ("phone", "cast", 0, None)]
    assert draft.probability == 0.95
    assert not draft.touches_key
    assert not draft.is_destructive
    assert [rule for rule in draft.rules if rule.target != "phone"] == [r for r in RULES if r.target != "phone"]


def test_a_rename_onto_a_field_that_was_there_reads_it_only_from_then_on() -> None:
    draft = drafted(Event("renamed", ("phone",), ("spare",), (("phone", "spare", CAST),)))
    assert of(draft, "phone") == [("spare", "cast", V, None), ("phone", "cast", 0, None)]
    assert not draft.is_destructive


def test_a_rename_onto_a_field_that_meant_something_else_is_destructive() -> None:
    draft = drafted(Event("renamed", ("phone",), ("name",), (("phone", "name", CAST),)))
    assert of(draft, "phone") == [("name", "cast", V, None), ("phone", "cast", 0, None)]
    assert of(draft, "name") == [("name", "cast", 0, V - 1)]
    assert draft.is_destructive


def test_another_unit_ends_the_old_reading_where_the_new_one_begins() -> None:
    draft = drafted(Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", CENTS),)))
    assert of(draft, "annual_revenue") == [("revenue", "scale", V, None), ("revenue", "cast", 0, V - 1)]


def test_two_units_after_each_other_leave_three_spans() -> None:
    first = drafted(Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", CENTS),)))
    again = Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", Transform("scale", {"factor": "100"})),))
    again.first_version = V + 10
    second = drafted(again, mapping=StreamMapping("accounts", "account", 4, first.rules))
    spans = [(r.transform.args.get("factor"), r.since, r.until) for r in second.rules if r.target == "annual_revenue"]
    assert spans == [("1", V + 10, None), ("0.01", V, V + 9), (None, 0, V - 1)]


def test_swapped_fields_are_crossed_from_then_on() -> None:
    readings = (("name", "phone", CAST), ("phone", "name", CAST))
    draft = drafted(Event("swapped", ("name", "phone"), ("name", "phone"), readings))
    assert of(draft, "name") == [("phone", "cast", V, None), ("name", "cast", 0, V - 1)]
    assert of(draft, "phone") == [("name", "cast", V, None), ("phone", "cast", 0, V - 1)]
    assert not draft.is_destructive


def test_a_renamed_key_touches_the_key() -> None:
    assert drafted(Event("renamed", ("id",), ("number",), (("id", "number", CAST),))).touches_key


def test_a_split_field_is_joined_again() -> None:
    joined = Transform("concat", {"fields": ["last"], "separator": " "})
    draft = drafted(Event("split", ("name",), ("first", "last"), (("name", "first", joined),)))
    assert of(draft, "name") == [("first", "concat", 0, None), ("name", "cast", 0, None)]
    assert draft.rules[1].sources() == ("first", "last")


def test_a_rename_of_one_part_is_followed_in_what_joins_it() -> None:
    rule = FieldRule("first", "name", Transform("concat", {"fields": ["last"], "separator": " "}))
    made = rederive([rule], [Reading("last", "surname", CAST)], V, {"first", "last"}, 0.9)
    assert made.rules[0].sources() == ("first", "surname")
    assert made.rules[0].since == V  # its other part was there before: rows of then are read by the old rule


def test_parts_merged_again_are_read_whole() -> None:
    rule = FieldRule("first", "name", Transform("concat", {"fields": ["last"], "separator": " "}))
    cut = [Transform("split", {"separator": " ", "index": index}) for index in (0, "rest")]
    readings = [Reading("first", "full", cut[0]), Reading("last", "full", cut[1])]
    made = rederive([rule], readings, V, {"first", "last"}, 0.9)
    assert [(r.source, r.transform.kind) for r in made.rules] == [("full", "cast"), ("first", "concat")]


def test_part_of_what_is_joined_in_another_unit_is_no_repair() -> None:
    rule = FieldRule("first", "name", Transform("concat", {"fields": ["last"], "separator": " "}))
    with pytest.raises(Unfit, match="only a part"):
        rederive([rule], [Reading("last", "last", CENTS)], V, {"first", "last"}, 0.9)


def test_a_new_way_of_writing_dates_takes_the_place_of_the_old_one() -> None:
    how = Transform("date_format", {"format": "%m/%d/%Y"})
    draft = drafted(Event("format", ("open",), ("open",), (("open", "open", how),)))
    assert [r.transform for r in draft.rules if r.target == "created_at"] == [how, RULES[4].transform]


def test_a_recode_comes_before_the_map_that_was_there() -> None:
    recode = Transform("enum_map", {"values": {"A": "active"}, "default": "reject"})
    old = Transform("enum_map", {"values": {"active": "Customer"}, "default": "keep"})
    chain = compose(recode, old)
    assert chain.kind == "chain"
    assert chain.args["steps"] == [
        {"kind": "enum_map", "args": dict(recode.args)},
        {"kind": "enum_map", "args": dict(old.args)},
    ]


def test_a_recode_of_true_and_false_keeps_which_is_which() -> None:
    recode = Transform("enum_map", {"values": {"J": "yes", "N": "no"}, "default": "reject"})
    made = compose(recode, Transform("boolean_map", {"true": ["Yes"], "false": ["No"]}))
    assert made == Transform("boolean_map", {"true": ["J"], "false": ["N"]})


def test_too_many_readings_after_each_other_are_for_a_person() -> None:
    how = Transform("chain", {"steps": [{"kind": "trim", "args": {}}] * 8})
    with pytest.raises(Unfit, match="more than 8"):
        compose(Transform("lower"), how)


def test_a_chain_that_a_list_would_follow_is_no_repair() -> None:
    with pytest.raises(Unfit, match="list"):
        compose(Transform("lower"), Transform("list", {"separator": ","}))


def test_a_changed_reading_without_a_known_commit_is_no_repair() -> None:
    event = Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", CENTS),), first_version=None)
    draft = drafted(event)
    assert draft.changes == ()
    assert draft.probability == 0.0


def test_few_pairs_make_a_changed_reading_less_sure() -> None:
    many = drafted(Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", CENTS),), pairs=200))
    few = drafted(Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", CENTS),), pairs=6))
    none = drafted(Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", CENTS),), pairs=0))
    assert many.probability > 0.9 > few.probability
    assert none.probability == 0.8
    assert lower_bound(0, 0) == 0.0


def test_what_had_too_little_to_compare_is_never_sure() -> None:
    event = Event("renamed", ("phone",), ("mobile",), (("phone", "mobile", CAST),), more={"too_little": True})
    assert drafted(event).probability == 0.3


def test_a_copy_of_a_field_is_never_mapped() -> None:
    around = Surroundings(addition=FieldRule("web", "website", probability=0.98))
    assert draft_repair(Event("added", (), ("web",), more={"copy_of": "name"}), MAPPING, around) is None
    assert drafted(Event("added", (), ("web",)), around).targets == ("website",)


def test_a_target_that_is_filled_gets_no_second_field_by_itself() -> None:
    around = Surroundings(addition=FieldRule("title", "name", probability=0.98))
    assert draft_repair(Event("added", (), ("title",)), MAPPING, around) is None


def test_a_field_that_is_gone_offers_to_leave_it_empty() -> None:
    draft = drafted(Event("removed", ("phone",), ()))
    assert draft.is_destructive
    assert [(c.old, c.source) for c in draft.candidates] == [("phone", None)]
    assert draft.rules == RULES


def test_drift_of_what_nothing_reads_is_no_repair() -> None:
    assert draft_repair(Event("renamed", ("fax",), ("telefax",), (("fax", "telefax", CAST),)), MAPPING, AROUND) is None


def test_the_same_repair_seen_from_another_commit_is_the_same_decision() -> None:
    event = Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", CENTS),))
    later = Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", CENTS),), first_version=V + 1)
    other = Event("unit", ("revenue",), ("revenue",), (("revenue", "revenue", Transform("scale", {"factor": "2"})),))
    assert drafted(event).content == drafted(later).content
    assert drafted(event).content != drafted(other).content
