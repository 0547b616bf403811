"""The first mapping of a stream, proposed without asking anyone: its entity, its rules and all that was considered.

Nothing is applied here; `policy` does that. What the evidence does not carry stays unmapped and visible, since a wrong
mapping that nobody notices is worse than none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from assets.fingerprint.fingerprint import ObservedField, ObservedStream, normal_name
from assets.mapping.aliases import VendorMatch, recognise_vendor
from assets.mapping.assignment import FLOOR, assign
from assets.mapping.candidates import Candidate, Decision, FieldCandidates, decisions_of_people, rank_candidates
from assets.mapping.entity import EntityGuess, detect_entity
from assets.mapping.matched import add_matches
from assets.mapping.names import read_name
from assets.mapping.priors import Shared, add_priors
from assets.mapping.rules import FieldRule, Transform
from assets.normalize.model import ENTITIES, identity_fields

_DERIVED: Final = 0.97  # factor: the rule follows from another field's rule
_SPLIT: Final = 0.92  # factor: a whole name cut at its first space
_FIRST_NAME: Final = Transform("split", {"separator": " ", "index": 0})
_LAST_NAME: Final = Transform("split", {"separator": " ", "index": "rest"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could be mapped and why. `rules` hold each field's best place with its probability, applied or not.

    Field probabilities are conditional on the entity. `candidates` are ranked, best first; `unmapped` are the fields
    that no rule reads.
    """

    stream: str
    entity: str | None
    entity_probability: float
    rules: tuple[FieldRule, ...] = ()
    candidates: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    vendor: str | None = None
    evidence: tuple[str, ...] = ()


def propose_mapping(
    stream: ObservedStream,
    vendor_hint: str | None = None,
    memory: Sequence[Decision] = (),
    shared: Shared | None = None,
    entity: str | None = None,
) -> Proposal:
    """The best mapping the names, types and values of the stream's fields support.

    `vendor_hint` is anything that may name the source system, such as a connection's name or kind; `shared` is what
    other tenants that share made of fields of these names. `entity` is what a person says the records are.
    """
    vendor = recognise_vendor(stream, vendor_hint)
    guess = detect_entity(stream, vendor) if entity is None else EntityGuess(entity, 1.0, ("said by a person",))
    names = tuple(observed.name for observed in stream.fields)
    vendor_name = vendor.vendor if vendor else None
    if guess.entity is None:
        return Proposal(
            stream.name, None, guess.probability, unmapped=names, vendor=vendor_name, evidence=guess.evidence
        )
    fields = sorted(stream.fields, key=lambda observed: normal_name(observed.name))
    decided = decisions_of_people(memory, guess.entity)
    ranked = [_rank(observed, guess.entity, vendor, decided, stream) for observed in fields]
    ranked = add_priors(ranked, guess.entity, shared or {})
    ranked = add_matches(ranked, guess.entity, stream)
    rules = _rules(ranked, guess.entity, stream)
    read = {rule.source for rule in rules}
    return Proposal(
        stream.name, guess.entity, guess.probability, rules,
        {entry.field.name: entry.ranked for entry in ranked},
        tuple(name for name in names if name not in read), vendor_name, guess.evidence,
    )  # fmt: skip


def _rank(
    observed: ObservedField,
    entity: str,
    vendor: VendorMatch | None,
    decided: Mapping[str, Decision],
    stream: ObservedStream,
) -> FieldCandidates:
    return rank_candidates(observed, entity, vendor, decided, is_key=stream.primary_key == (observed.name,))


def _rules(ranked: Sequence[FieldCandidates], entity: str, stream: ObservedStream) -> tuple[FieldRule, ...]:
    settled = [candidate for entry in ranked if entry.settled for candidate in entry.ranked]
    settled = [candidate for candidate in settled if candidate.probability >= FLOOR]
    taken = {candidate.target for candidate in settled}
    open_ = [c for entry in ranked if not entry.settled for c in entry.ranked if c.target not in taken]
    certain = {(key, target) for key in stream.primary_key[:1] for target in identity_fields(entity)}
    chosen = assign(open_, certain if len(stream.primary_key) == 1 else ())
    rules = [_rule(candidate) for candidate in sorted([*settled, *chosen], key=_order)]
    rules += _derived(rules, entity, {entry.field.name: entry.field for entry in ranked})
    return tuple(rules)


def _order(candidate: Candidate) -> tuple[str, bool, int, str]:
    """Rules that share a target stand in the order in which their first non-null value wins: a person's first."""
    return candidate.target, candidate.origin != "person", candidate.rank, candidate.source


def _rule(candidate: Candidate) -> FieldRule:
    return FieldRule(
        candidate.source, candidate.target, candidate.transform, candidate.probability,
        "person" if candidate.origin == "person" else "policy", candidate.evidence,
    )  # fmt: skip


def _derived(rules: Sequence[FieldRule], entity: str, fields: Mapping[str, ObservedField]) -> list[FieldRule]:
    """Rules that follow from others: the moment of change, parts of a name, the currency an amount's name states."""
    by_target: dict[str, list[FieldRule]] = defaultdict(list)
    for rule in rules:
        by_target[rule.target].append(rule)
    more: list[FieldRule] = []
    if "_source_updated_at" not in by_target:
        more += [_follow(rule, "_source_updated_at", rule.transform, _DERIVED) for rule in by_target["updated_at"]]
    model = ENTITIES[entity].model_fields
    if "full_name" in model and not by_target["first_name"] and not by_target["last_name"]:
        for rule in by_target["full_name"]:
            # "Lovelace, Ada" must not be cut as if the given name stood first.
            if fields[rule.source].share("list_comma") < 0.2:
                more += [
                    _follow(rule, "first_name", _FIRST_NAME, _SPLIT),
                    _follow(rule, "last_name", _LAST_NAME, _SPLIT),
                ]
    if "currency" in model and not by_target["currency"]:
        more += _currency(rules, entity)
    return more


def _currency(rules: Sequence[FieldRule], entity: str) -> list[FieldRule]:
    """The currency that the amounts' own names state, if they all state the same one."""
    amounts = [rule for rule in rules if _is_amount(entity, rule.target)]
    stated = {read_name(rule.source).currency for rule in amounts}
    if len(stated) != 1 or None in stated:
        return []
    constant = Transform("constant", {"value": stated.pop()})
    return [_follow(amounts[0], "currency", constant, _DERIVED)]


def _is_amount(entity: str, target: str) -> bool:
    declared = ENTITIES[entity].model_fields.get(target)
    extra = declared.json_schema_extra if declared is not None else None
    return isinstance(extra, dict) and "currency_field" in extra


def _follow(rule: FieldRule, target: str, transform: Transform, factor: float) -> FieldRule:
    evidence = (f"follows from {rule.source} as {rule.target}", *rule.evidence)
    return FieldRule(rule.source, target, transform, round(rule.probability * factor, 4), rule.decided_by, evidence)
