"""Candidates from the matcher, for the fields that no decision, vendor's table or business name settles.

They are there to be asked about: none is applied without a person, however probable.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from assets.fingerprint.fingerprint import ObservedStream, normal_name
from assets.mapping.candidates import Candidate, FieldCandidates
from assets.mapping.fit import fit
from assets.normalize.model import ENTITIES

if TYPE_CHECKING:
    from assets.mapping.matching.columns import MatchColumn

ENOUGH: Final = 0.85  # a candidate this probable needs no other
# What a match is worth at most. Against the canonical model, whose fields have no values to compare, 22 of 612 matches
# above the error budget's threshold were wrong (`bench match`, three seeds): enough to ask, too many to apply.
ASKED_AT_MOST: Final = 0.84
MOST_FIELDS: Final = 150  # of one stream: of wider ones those whose names come nearest to any target's
_SHOWN_FROM: Final = 0.1
_MOST: Final = 5


def add_matches(ranked: Sequence[FieldCandidates], entity: str, stream: ObservedStream) -> list[FieldCandidates]:
    """The fields' candidates, with the matcher's added where nothing better is known. Entities of the model only."""
    open_ = {entry.field.name for entry in ranked if _is_open(entry)}
    if not open_ or entity not in ENTITIES:
        return list(ranked)
    # Numpy, scipy and the sentence model are loaded by those only who have something to match.
    from assets.mapping.matching.columns import columns_of_entity, columns_of_stream
    from assets.mapping.matching.embedding import without_embeddings
    from assets.mapping.matching.matcher import match
    from assets.mapping.matching.model import MatchModel

    model = MatchModel.load()
    # What is known or clearly named keeps its target: a match neither takes it nor casts doubt on it.
    taken = {c.target for entry in ranked for c in entry.ranked if entry.settled or c.probability >= ENOUGH}
    # All fields take part, since each is the others' rival and neighbour; only the open ones gain candidates.
    targets = [replace(column, table=None) for column in columns_of_entity(entity)]
    # In the order of names: how a source orders its fields must not change what they mean.
    columns = sorted(columns_of_stream(stream), key=lambda column: normal_name(column.name))
    sources = _nearest([replace(column, table=None) for column in columns], targets)
    found: dict[str, list[Candidate]] = {name: [] for name in open_}
    fields = {entry.field.name: entry.field for entry in ranked}
    # A very wide stream is not held up by the sentence model.
    with without_embeddings() if len(stream.fields) > MOST_FIELDS else nullcontext():
        matches = match(sources, targets, model, top=_MOST)
    for one in matches:
        if one.source not in open_ or one.target in taken or one.probability < _SHOWN_FROM:
            continue
        reading = fit(fields[one.source], entity, one.target)
        probability = min(one.probability * reading.factor, ASKED_AT_MOST)
        reasons = (*one.evidence, *((reading.evidence,) if reading.evidence else ()))
        found[one.source].append(
            Candidate(one.source, one.target, round(probability, 4), reading.transform, reasons, "matcher")
        )
    return [_merged(entry, found.get(entry.field.name, [])) for entry in ranked]


def _nearest(sources: "list[MatchColumn]", targets: "Sequence[MatchColumn]") -> "list[MatchColumn]":
    if len(sources) <= MOST_FIELDS:
        return sources
    from assets.mapping.matching.similarity import grams, weighted_cosine
    from assets.mapping.matching.words import words_of

    letters = [[grams("".join(words_of(column.name))) for column in side] for side in (sources, targets)]
    likeness = weighted_cosine(letters[0], letters[1]).max(axis=1)
    kept = sorted(sorted(range(len(sources)), key=lambda at: (-likeness[at], at))[:MOST_FIELDS])
    return [sources[at] for at in kept]


def _is_open(entry: FieldCandidates) -> bool:
    return not entry.settled and not any(candidate.probability >= ENOUGH for candidate in entry.ranked)


def _merged(entry: FieldCandidates, more: Sequence[Candidate]) -> FieldCandidates:
    """Of two candidates for one target the surer counts."""
    best: dict[str, Candidate] = {}
    for candidate in (*entry.ranked, *more):
        if candidate.target not in best or candidate.probability > best[candidate.target].probability:
            best[candidate.target] = candidate
    ranked = sorted(best.values(), key=lambda candidate: (-candidate.probability, candidate.target))[:_MOST]
    return replace(entry, ranked=tuple(ranked))
