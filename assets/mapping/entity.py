"""What the records of a stream are: its name, its fields and its vendor each have a say.

Probability is a score, not a measured frequency: it rises with the evidence for the best entity and falls with the
evidence for the second. Streams named after other objects (orders, tickets) are none of ours.
"""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Final

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.aliases import VendorMatch
from assets.mapping.fit import fit
from assets.mapping.names import match_name, read_name, word_list
from assets.normalize.model import ENTITIES, identity_fields, required_fields

_NAMED: Final = 3.0  # what the stream's name is worth, in fields found in no other entity
_COVERAGE: Final = 2.0  # what it is worth that every field fits
_STRONG: Final = 0.85  # name probability from which a field counts
_LINES: Final = frozenset({"line", "item"})  # invoice lines and cost items are cost reports as well


@dataclass(frozen=True, slots=True)
class EntityGuess:
    """The likeliest entity, None when there is none worth naming."""

    entity: str | None
    probability: float
    evidence: tuple[str, ...] = ()


def detect_entity(stream: ObservedStream, vendor: VendorMatch | None) -> EntityGuess:
    """The entity whose records the stream holds."""
    head = head_noun(stream.name)
    other = head in word_list("other_stream")
    guess = _from_fields(stream, None if other else word_list("stream").get(head or ""))
    if vendor is not None and vendor.entity is None:
        return EntityGuess(None, 0.0, vendor.evidence)
    if vendor is not None:
        guess = _with_vendor(guess, vendor)
    if other and not (guess.entity == "cost_report" and head in _LINES):
        return EntityGuess(None, 0.0, (f'named after another object, "{head}"',))
    return guess


def head_noun(name: str) -> str | None:
    """Last word of a stream's name that says what its records are."""
    plain = {**word_list("stream"), **word_list("other_stream")}
    words = [word for word in read_name(name).words if word in plain]
    return words[-1] if words else None


def _with_vendor(guess: EntityGuess, vendor: VendorMatch) -> EntityGuess:
    probability = vendor.vendor_probability * vendor.entity_probability
    if guess.entity in (None, vendor.entity) or guess.probability < 0.5:
        best = max(probability, guess.probability) if guess.entity == vendor.entity else probability
        return EntityGuess(vendor.entity, round(best, 4), (*vendor.evidence, *guess.evidence))
    if probability >= 0.9 or probability > guess.probability:
        doubt = 0.95 if probability >= 0.9 else 0.8
        return EntityGuess(vendor.entity, round(probability * doubt, 4), vendor.evidence)
    return EntityGuess(guess.entity, round(guess.probability * 0.8, 4), guess.evidence)


def _from_fields(stream: ObservedStream, named: str | None) -> EntityGuess:
    scores: dict[str, float] = {}
    matched = {entity: _targets(stream, entity) for entity in ENTITIES}
    found = {entity: targets for entity, (targets, _) in matched.items()}
    if named == "usage" and found["cost_report"] >= {"cost", "date"}:
        # Providers call their bills "usage"; what has a cost and a day is one.
        named = "cost_report"
    for entity, (_, covered) in matched.items():
        worth = sum(_distinctiveness(target) for target in found[entity])
        coverage = covered / max(len(stream.fields), 1)
        scores[entity] = worth + _COVERAGE * coverage + (_NAMED if entity == named else 0.0)
    ranked = sorted(scores, key=lambda entity: (-scores[entity], entity))
    best, rival = ranked[0], ranked[1]
    probability = (1 - math.exp(-scores[best] / 1.5)) * (1 - math.exp(-(scores[best] - scores[rival]) / 0.6))
    needed = set(required_fields(best)) - set(identity_fields(best))
    if len(found[best] - set(identity_fields(best))) < 2 or not needed <= found[best]:
        probability *= 0.5
    evidence = [f"{len(found[best])} fields are named as in {best}"]
    if named == best:
        evidence.append(f'the stream is named "{stream.name}"')
    return (
        EntityGuess(best, round(min(probability, 0.99), 4), tuple(evidence))
        if probability > 0.2
        else EntityGuess(None, 0.0)
    )


def _targets(stream: ObservedStream, entity: str) -> tuple[frozenset[str], int]:
    """Targets of the entity that some field fills by its name and values, and how many fields do."""
    targets: set[str] = set()
    covered = 0
    for field in stream.fields:
        match = next(iter(match_name(entity, field.name, by_spelling=False)), None)
        if match and match.probability >= _STRONG and fit(field, entity, match.target).factor >= 0.8:
            targets.add(match.target)
            covered += 1
    return frozenset(targets), covered


@cache
def _distinctiveness(target: str) -> float:
    owners = Counter(name for model in ENTITIES.values() for name in model.model_fields)
    return 1 / owners[target] if target in owners else 0.0
