"""Fields that could take the place of one that is gone, as the matcher ranks them: for a person to choose from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.repairs.repair import DriftEvent, RepairCandidate, read_fields
from assets.mapping.rerank import FieldSketch, Ranking, rerank
from assets.mapping.rules import StreamMapping, Transform
from orchestration.resources.llm import Question

MOST: Final = 5


def replacements(
    event: DriftEvent, baseline: ObservedStream, shape: ObservedStream, mapping: StreamMapping
) -> tuple[RepairCandidate, ...]:
    """The best few of the fields that no rule reads, for the field that went; the surest first."""
    gone = [field for field in baseline.fields if field.name in event.fields_before]
    read = read_fields(mapping.rules)
    free = [field for field in shape.fields if field.name not in read and field.non_null]
    if not gone or not free:
        return ()
    # Scipy is loaded by those only who have something to match: it takes a worker 0.4 s.
    from assets.mapping.matching.columns import column_of
    from assets.mapping.matching.matcher import match

    # Without their table, columns are told by the names they have in the stream.
    sources = [replace(column_of(field, shape), table=None) for field in free]
    targets = [replace(column_of(field, baseline), table=None) for field in gone]
    found = match(sources, targets, top=MOST)
    ranked = sorted(found, key=lambda each: -each.probability)
    return tuple(_candidate(each.target, each.source, each.probability, each.evidence) for each in ranked[:MOST])


@dataclass(frozen=True, slots=True)
class _Choice:
    """A candidate as a language model sees it: the field that would be read instead."""

    target: str
    probability: float


def with_opinion(
    candidates: Sequence[RepairCandidate], shape: ObservedStream, ask: Callable[[Question], Ranking], apply_at: float
) -> tuple[RepairCandidate, ...]:
    """The candidates for one field in the order a language model would have them, where that is close to theirs."""
    if not candidates:
        return ()
    described = [FieldSketch(field.name, field.type, field.description) for field in shape.fields]
    choices = [_Choice(each.source, each.probability) for each in candidates if each.source is not None]
    ordered, note = rerank(ask, FieldSketch(candidates[0].old), described, choices, apply_at)
    by_source = {each.source: each for each in candidates}
    moved = [replace(by_source[choice.target], probability=choice.probability) for choice in ordered]
    if moved:
        moved[0] = replace(moved[0], evidence=(*moved[0].evidence, f"language model: {note}"))
    return (*moved, *(each for each in candidates if each.source is None))


def _candidate(old: str, source: str, probability: float, evidence: Sequence[str]) -> RepairCandidate:
    return RepairCandidate(old, source, Transform(), round(probability, 4), tuple(evidence))
