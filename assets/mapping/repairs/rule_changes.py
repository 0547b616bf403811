"""What differs between two mappings of a stream, target by target and rule by rule."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from assets.mapping.rules import FieldRule
from assets.mapping.rules_json import rules_to_json


def changed_targets(before: Sequence[FieldRule], after: Sequence[FieldRule]) -> tuple[str, ...]:
    """Targets whose values may differ between two mappings."""
    named = dict.fromkeys(rule.target for rule in (*before, *after))
    return tuple(target for target in named if reading_of(target, before) != reading_of(target, after))


def rule_changes(
    before: Sequence[FieldRule], after: Sequence[FieldRule], targets: Sequence[str]
) -> list[dict[str, Any]]:
    """What differs, a rule beside the one whose place it takes."""
    changes: list[dict[str, Any]] = []
    for target in targets:
        sides = ([rule for rule in rules if rule.target == target] for rules in (before, after))
        for old, new in zip_longest(*sides):
            pair = {"before": old and rules_to_json([old])[0], "after": new and rules_to_json([new])[0]}
            changes.append({"target": target, **pair})
    return changes


def keep_unchanged(before: Sequence[FieldRule], after: Sequence[FieldRule]) -> tuple[FieldRule, ...]:
    """The rules of `after`; one that reads as a rule of `before` does is that rule, with who decided it and why."""
    return tuple(next((old for old in before if _reads_the_same(old, rule)), rule) for rule in after)


def reading_of(target: str, rules: Sequence[FieldRule]) -> list[tuple[object, ...]]:
    """What decides the values of a target; who decided and how sure it was may differ."""
    return [(r.source, r.transform, r.since, r.until) for r in rules if r.target == target]


def _reads_the_same(one: FieldRule, other: FieldRule) -> bool:
    return one.target == other.target and reading_of(one.target, [one]) == reading_of(other.target, [other])
