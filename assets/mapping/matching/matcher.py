"""Ranked targets for every source column, with calibrated probabilities and the reasons for them.

Scores all pairs, makes one choice over the whole set, and only then says how probable each pair is. Applying a match is
`mapping.policy`'s decision; an optional second opinion may reorder, never lift a match over what is applied.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.mapping.aliases import alias_key
from assets.mapping.candidates import Decision
from assets.mapping.matching.bert import Matrix
from assets.mapping.matching.columns import MatchColumn
from assets.mapping.matching.decision import FAR, decision_features
from assets.mapping.matching.explaining import explain
from assets.mapping.matching.features import feature_planes
from assets.mapping.matching.model import MatchModel

TOP: Final = 20
MOST_PAIRS: Final = 4_500_000  # about 2,100 columns on either side: 2 GB of features
_SCORED_WHOLE: Final = 20_000  # pairs up to which each is scored; beyond, those that are near the best of something
_NEAR_ROW: Final = 40
_NEAR_COLUMN: Final = 15
_WITH_FEATURES: Final = 5  # ranks whose features are handed on: those of all would fill memory
_DECIDED: Final = 0.99
_REFUSED: Final = 0.01  # what is left of a pair that a person decided against
_APPLY_AT: Final = 0.85
_DOUBTFUL: Final = 0.5  # a best target less probable than this is in doubt
_DESCRIBED: Final = 0.5  # share of pairs with a description on both sides
_LOCATED: Final = 8.0  # what the nearness of two tables is worth in log-odds where the columns are in doubt


@dataclass(frozen=True, slots=True)
class Match:
    """One target of one source column, by qualified names; rank 1 is the best. Probabilities are calibrated.

    `features` of the five best only.
    """

    source: str
    target: str
    probability: float
    rank: int
    evidence: tuple[str, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)


Rerank = Callable[[str, list[Match]], list[Match]]


class TooManyColumns(ValueError):
    """More pairs of columns than are compared at once. Fields: sources, targets."""

    def __init__(self, sources: int, targets: int) -> None:
        super().__init__(f"{sources:,} x {targets:,} columns are more than are compared at once ({MOST_PAIRS:,} pairs)")
        self.sources, self.targets = sources, targets


def match(
    sources: Sequence[MatchColumn],
    targets: Sequence[MatchColumn],
    model: MatchModel | None = None,
    memory: Sequence[Decision] = (),
    top: int = TOP,
    rerank: Rerank | None = None,
    apply_at: float = _APPLY_AT,
) -> list[Match]:
    """The `top` best targets of every source column, in the order of the sources, best first.

    `memory`: what people decided before; it overrules. `rerank`: asked once per source about its best targets; its
    answer may lower a probability or change the order, but lifts nothing to `apply_at` or above.
    Raises TooManyColumns when there are more than MOST_PAIRS pairs.
    """
    if len(sources) * len(targets) > MOST_PAIRS:
        raise TooManyColumns(len(sources), len(targets))
    if not sources or not targets:
        return []
    fitted = model or MatchModel.load()
    planes = feature_planes(sources, targets)
    logits = score_pairs(planes, fitted)
    probabilities = fitted.probabilities(*decision_features(logits, sources, targets, planes))
    logits, probabilities = settle_doubts(logits, probabilities, planes)
    decided = _remember(probabilities, sources, targets, memory)
    found: list[Match] = []
    for row, source in enumerate(sources):
        order = np.lexsort((np.arange(len(targets)), -logits[row], -probabilities[row]))[:top]
        figures = np.stack([plane[row, order] for plane in planes.values()], axis=1).round(4).tolist()
        ranked = [
            _match(
                source, targets[at], float(probabilities[row, at]), rank,
                dict(zip(planes, figures[rank - 1], strict=True)), bool(decided[row, at]),
            )
            for rank, at in enumerate(order, start=1)
        ]  # fmt: skip
        found += _reordered(source.qualified, ranked, rerank, apply_at) if rerank else ranked
    return found


def score_pairs(planes: Mapping[str, Matrix], model: MatchModel) -> Matrix:
    """Log-odds of all pairs; FAR for those that no cheap score puts near the best of their row or column."""
    blend = planes["blend"]
    chosen = np.ones(blend.shape, dtype=bool)
    if blend.size > _SCORED_WHOLE:
        chosen = _near(blend) | _near(planes["located"]) | (planes["lexical_row_rank"] >= 0.1)
    logits = np.full(blend.shape, FAR, dtype=np.float32)
    logits[chosen] = model.score_planes(planes, chosen)
    # Pairs that were left out keep the order of the cheap score.
    return np.where(chosen, logits, FAR + np.clip(planes["located"], 0, 1))


def settle_doubts(logits: Matrix, probabilities: Matrix, planes: Mapping[str, Matrix]) -> tuple[Matrix, Matrix]:
    """Log-odds and probabilities with the nearness of the two columns' tables counted more, where little else tells.

    Between databases of several tables whose columns are described, a source whose best target is not even likely is
    ordered by log-odds plus `_LOCATED` times the nearness; its probabilities stay, in the new order. The weight was
    chosen by looking at one development set and makes no difference beyond chance on the generated ones.
    """
    doubtful = probabilities.max(axis=1) < _DOUBTFUL
    # In one table all are equally near.
    has_tables = "table_match" in planes and float(np.ptp(planes["table_match"])) > 0
    if not doubtful.any() or not has_tables or planes["has_text"].mean() < _DESCRIBED:
        return logits, probabilities
    scores, settled = logits.copy(), probabilities.copy()
    scores[doubtful] += _LOCATED * planes["located"][doubtful]
    order = np.argsort(-scores[doubtful], axis=1, kind="stable")
    falling = -np.sort(-probabilities[doubtful], axis=1)
    rows = settled[doubtful]
    np.put_along_axis(rows, order, falling, axis=1)
    settled[doubtful] = rows
    return scores, settled


def _near(score: Matrix) -> npt.NDArray[np.bool_]:
    """Pairs among the best of their row or of their column."""
    rows, columns = score.shape
    in_row = score >= np.partition(score, max(columns - _NEAR_ROW, 0), axis=1)[:, [max(columns - _NEAR_ROW, 0)]]
    in_column = score >= np.partition(score, max(rows - _NEAR_COLUMN, 0), axis=0)[[max(rows - _NEAR_COLUMN, 0)], :]
    return (in_row | in_column) & (score > 0)


def _remember(
    probabilities: Matrix, sources: Sequence[MatchColumn], targets: Sequence[MatchColumn], memory: Sequence[Decision]
) -> npt.NDArray[np.bool_]:
    """Put what people decided in place of what was reckoned; true where they chose the pair."""
    chosen = np.zeros(probabilities.shape, dtype=bool)
    past = {(d.entity, alias_key(d.source)): d.target for d in memory if d.decided_by == "person"}
    if not past:
        return chosen
    for row, source in enumerate(sources):
        for column, target in enumerate(targets):
            known = (target.table or "", alias_key(source.name))
            if known in past:
                chosen[row, column] = past[known] == target.name
                probabilities[row, column] = _DECIDED if chosen[row, column] else _REFUSED
    return chosen


def _match(
    source: MatchColumn, target: MatchColumn, probability: float, rank: int, figures: Mapping[str, float],
    is_decided: bool,
) -> Match:  # fmt: skip
    reasons = ("decided by a person before",) if is_decided else explain(source, target, figures)
    kept = figures if rank <= _WITH_FEATURES else {}
    return Match(source.qualified, target.qualified, round(probability, 4), rank, reasons, kept)


def _reordered(source: str, ranked: list[Match], rerank: Rerank, apply_at: float) -> list[Match]:
    """The second opinion's order: of the same targets only, and none of them lifted to where it would be applied."""
    before = {match.target: match for match in ranked}
    answered = {match.target: match for match in reversed(rerank(source, list(ranked))) if match.target in before}
    merged = [
        replace(old, probability=_bounded(old.probability, answered[name].probability, apply_at),
                evidence=answered[name].evidence)
        if name in answered else old
        for name, old in before.items()
    ]  # fmt: skip
    place = {name: at for at, name in enumerate(sorted(answered, key=lambda name: answered[name].rank))}
    merged.sort(key=lambda match: (-match.probability, place.get(match.target, len(before)), match.rank))
    return [replace(match, rank=rank) for rank, match in enumerate(merged, start=1)]


def _bounded(before: float, after: float, apply_at: float) -> float:
    kept = min(max(after, 0.0), 1.0)
    return kept if before >= apply_at or kept < apply_at else max(before, round(apply_at - 0.01, 4))
