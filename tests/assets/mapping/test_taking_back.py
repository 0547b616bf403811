"""Taking one repair back leaves the others; a stream under a new name inherits what holds now."""

from dataclasses import dataclass, field
from typing import Any

from assets.mapping.repairs.shadowing import ShadowResult, TargetFigures
from assets.mapping.repairs.successors import inherited, successor, successors
from assets.mapping.repairs.taking_back import landed, rules_without
from assets.mapping.repairs.watching import reference
from assets.mapping.rules import FieldRule

NAME, OLD_PHONE, NEW_PHONE = FieldRule("name", "name"), FieldRule("phone", "phone"), FieldRule("mobile", "phone")
TOWN = FieldRule("town", "billing_city")


@dataclass
class Event:
    kind: str
    evidence: dict[str, Any] = field(default_factory=dict)


def test_only_the_targets_of_the_repair_go_back() -> None:
    current = (NAME, NEW_PHONE, OLD_PHONE, TOWN)
    assert rules_without(current, (NAME, OLD_PHONE), ["phone"]) == (NAME, OLD_PHONE, TOWN)


def test_a_target_that_only_the_repair_filled_is_filled_no_more() -> None:
    assert rules_without((NAME, TOWN), (NAME,), ["billing_city"]) == (NAME,)


def test_a_target_that_the_repair_had_emptied_is_filled_again() -> None:
    assert rules_without((NAME,), (NAME, OLD_PHONE), ["phone"]) == (NAME, OLD_PHONE)


def test_a_renamed_stream_is_left_alone_and_inherits_the_rules_in_force() -> None:
    event = Event("stream_renamed", {"renamed_to": "clients"})
    assert successors([event, Event("removed", {"renamed_to": "no"})]) == {"clients"}
    assert successor(Event("stream_renamed")) is None
    spans = (FieldRule("a", "name", since=9), FieldRule("a", "phone", until=8))
    assert [(rule.target, rule.since, rule.decided_by) for rule in inherited(spans)] == [("name", 0, "person")]


def test_a_sync_that_landed_nothing_says_nothing_of_a_repair() -> None:
    counted = {"full": {"first_version": 7, "landed": 3}, "empty": {"first_version": 7, "landed": 0}}
    assert (landed(counted, "full"), landed(counted, "empty"), landed(counted, "other")) == (7, None, None)


def test_a_target_that_was_empty_before_is_compared_with_the_repair_as_it_was_tried() -> None:
    before = ShadowResult(100, 0, {"name": TargetFigures(100), "phone": TargetFigures(0)})
    tried = ShadowResult(50, 0, {"name": TargetFigures(10), "phone": TargetFigures(40)})
    made = reference({"before": before.to_json(), "tried": tried.to_json()})
    assert (made.rows, made.targets["name"].filled, made.targets["phone"].filled) == (100, 100, 80)
    assert reference({}).rows == 0
    assert reference({"tried": tried.to_json()}) == tried
