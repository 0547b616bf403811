"""Targets for one field, ranked with probability and evidence.

Probability is an honest score, not yet a fitted calibration: the prior of the kind of evidence (a vendor's documented
name 0.98, the canonical name 0.97, a common business name as `vocabulary/phrases.csv` says, spelling alone at most
0.80), times a factor for how well the sampled texts read as the target. A person's earlier decision is 0.99.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from assets.fingerprint.fingerprint import ObservedField
from assets.mapping.aliases import VendorMatch, alias_key
from assets.mapping.fit import Fit, fit, readable
from assets.mapping.names import match_name
from assets.mapping.rules import Transform
from assets.normalize.model import identity_fields

_ALIAS: Final = 0.98
_DECIDED: Final = 0.99
_LABEL: Final = 0.99  # factor: the name came from the field's label, not its own name
_KEY: Final = 0.93  # the only primary key is the record's identity


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided before about a field of this tenant; `target` None means "leave it unmapped".

    Only a person's decision counts: the policy's own past ones would confirm themselves.
    """

    entity: str
    source: str
    target: str | None
    decided_by: Literal["policy", "person"] = "person"
    transform: Transform | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Decision":
        stored = document.get("transform")
        transform = Transform(stored["kind"], stored.get("args") or {}) if stored else None
        decided_by = document.get("decided_by", "policy")
        return cls(document["entity"], document["source"], document.get("target"), decided_by, transform)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A target the field may fill. `rank` is the place of an alias among those of its target."""

    source: str
    target: str
    probability: float
    transform: Transform
    evidence: tuple[str, ...]
    origin: Literal["person", "alias", "key", "name", "matcher", "prior"]
    rank: int = 0


@dataclass(frozen=True, slots=True)
class FieldCandidates:
    """All candidates of a field. `settled`: its meaning is known (decided, or documented), so names are not asked."""

    field: ObservedField
    ranked: tuple[Candidate, ...]
    settled: bool = False


def decisions_of_people(memory: Sequence[Decision], entity: str) -> dict[str, Decision]:
    """What people last decided about the entity's fields, by the `alias_key` of the field."""
    return {alias_key(past.source): past for past in memory if past.decided_by == "person" and past.entity == entity}


def rank_candidates(
    field: ObservedField, entity: str, vendor: VendorMatch | None, decided: Mapping[str, Decision], is_key: bool
) -> FieldCandidates:
    """Targets of the entity for one field: decisions first, then the vendor's table, else the names."""
    past = decided.get(alias_key(field.name))
    if past is not None:
        return _from_person(field, entity, past)
    aliases = _from_aliases(field, entity, vendor)
    if aliases is not None:
        return aliases
    found = {candidate.target: candidate for candidate in _from_names(field, entity)}
    if is_key:
        key = _from_key(field, entity)
        if key.probability > (found[key.target].probability if key.target in found else 0.0):
            found[key.target] = key
    return FieldCandidates(field, _ranked(found.values()))


def _from_person(field: ObservedField, entity: str, past: Decision) -> FieldCandidates:
    if past.target is None:
        return FieldCandidates(field, (), settled=True)
    reading = (
        readable(field, past.transform, entity, past.target) if past.transform else fit(field, entity, past.target)
    )
    evidence = ("decided by a person before",)
    return FieldCandidates(
        field, (_candidate(field, past.target, _DECIDED, reading, evidence, "person"),), settled=True
    )


def _from_aliases(field: ObservedField, entity: str, vendor: VendorMatch | None) -> FieldCandidates | None:
    rows = vendor.aliases(field.name) if vendor is not None and vendor.entity == entity else ()
    if vendor is None or not rows:
        return None
    candidates = []
    for row in rows:
        if row.target is not None:
            reading = readable(field, row.transform or Transform(), entity, row.target)
            evidence = (f"{row.vendor} names it so: {row.source}",)
            prior = _ALIAS * vendor.vendor_probability
            candidates.append(_candidate(field, row.target, prior, reading, evidence, "alias", row.position))
    return FieldCandidates(field, tuple(_name_or_id(field, candidates)), settled=True)


def _name_or_id(field: ObservedField, candidates: list[Candidate]) -> list[Candidate]:
    """Of a documented pair like vendor and vendor_id, the one that the values are: numbers are the id."""
    targets = {candidate.target for candidate in candidates}
    numbers = field.share("integer", "zero_one", "compact_date", "epoch_s") > 0.5
    dropped = {t if numbers else f"{t}_id" for t in targets if f"{t}_id" in targets}
    return [candidate for candidate in candidates if candidate.target not in dropped]


def _from_names(field: ObservedField, entity: str) -> list[Candidate]:
    candidates = []
    names = [(field.name, 1.0)] + ([(field.label, _LABEL)] if field.label and field.label != field.name else [])
    for name, factor in names:
        for match in match_name(entity, name):
            reading = fit(field, entity, match.target)
            prior = match.probability * factor
            candidates.append(_candidate(field, match.target, prior, reading, (match.evidence,), "name"))
    return sorted(candidates, key=lambda candidate: candidate.probability)


def _from_key(field: ObservedField, entity: str) -> Candidate:
    target = identity_fields(entity)[0]
    return _candidate(field, target, _KEY, fit(field, entity, target), ("the stream's primary key",), "key")


def _candidate(
    field: ObservedField, target: str, prior: float, reading: Fit, evidence: tuple[str, ...],
    origin: Literal["person", "alias", "key", "name"], rank: int = 0,
) -> Candidate:  # fmt: skip
    reasons = (*evidence, *((reading.evidence,) if reading.evidence else ()))
    return Candidate(field.name, target, round(prior * reading.factor, 4), reading.transform, reasons, origin, rank)


def _ranked(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates, key=lambda candidate: (-candidate.probability, candidate.target)))[:5]
