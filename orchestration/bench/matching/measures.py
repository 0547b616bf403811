"""The figures of a matcher. Pure arithmetic over ranks, probabilities and what was right.

A true pair is (source, target) of the ground truth. Sources without a counterpart count in precision and calibration,
where claiming one for them is wrong, and not in ranks.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of a reliability curve: the range of its probabilities, and how often they were right."""

    low: float
    high: float
    count: int
    mean_probability: float
    share_right: float

    def as_json(self) -> dict[str, float]:
        """The bin, rounded to what can be told apart."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Applied:
    """What would be applied from a threshold on. `upper_wrong`: 95 % bound of the share that is wrong.

    Coverage is the share of source columns with a counterpart that are applied and right.
    """

    threshold: float
    applied: int
    wrong: int
    coverage: float

    @property
    def precision(self) -> float:
        """Share of the applied that is right; 1 when nothing is applied."""
        return 1 - self.wrong / self.applied if self.applied else 1.0

    @property
    def upper_wrong(self) -> float:
        """Clopper and Pearson (1934), one-sided 95 %."""
        return upper_share(self.wrong, self.applied)


def true_ranks(scores: Floats, truth: frozenset[tuple[int, int]]) -> list[int]:
    """Rank, from 1, of the best true target of every source that has one; ties count against the matcher."""
    targets: dict[int, list[int]] = {}
    for source, target in truth:
        targets.setdefault(source, []).append(target)
    return [
        int((scores[source] > (best := scores[source, places].max())).sum() + (scores[source] == best).sum())
        - int((scores[source, places] == best).sum()) + 1
        for source, places in sorted(targets.items())
    ]  # fmt: skip


def mean_reciprocal_rank(ranks: Sequence[int]) -> float:
    """Mean of 1/rank of the first right answer (Voorhees, TREC-8, 1999); 0 for no question."""
    return float(np.mean([1 / rank for rank in ranks])) if ranks else 0.0


def hit_rate(ranks: Sequence[int], k: int) -> float:
    """Share of the sources with a counterpart whose first right answer is among the best `k`."""
    return float(np.mean([rank <= k for rank in ranks])) if ranks else 0.0


def recall_at_truth(scores: Floats, truth: frozenset[tuple[int, int]]) -> float:
    """Share of the k true pairs among the k best of all pairs (Koutras et al., Valentine, ICDE 2021); 0 for no pair."""
    if not truth:
        return 0.0
    best = np.argsort(-scores, axis=None, kind="stable")[: len(truth)]
    rows, columns = np.unravel_index(best, scores.shape)
    return sum((int(row), int(column)) in truth for row, column in zip(rows, columns, strict=True)) / len(truth)


def reliability(probabilities: Floats, right: Flags, bins: int = 10) -> list[Bin]:
    """Bins of equal mass, lowest first."""
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [
        Bin(float(probabilities[part[0]]), float(probabilities[part[-1]]), len(part),
            float(probabilities[part].mean()), float(right[part].mean()))
        for part in parts
    ]  # fmt: skip


def expected_calibration_error(probabilities: Floats, right: Flags, bins: int = 10) -> float:
    """Mean distance of probability and share right over bins of equal mass (Nguyen and O'Connor, EMNLP 2015)."""
    curve = reliability(probabilities, right, bins)
    total = sum(part.count for part in curve)
    return sum(part.count * abs(part.mean_probability - part.share_right) for part in curve) / total if total else 0.0


def applied_from(threshold: float, probabilities: Floats, right: Flags, matched: int) -> Applied:
    """What a threshold lets through; `matched` is the number of sources with a counterpart."""
    through = probabilities >= threshold
    return Applied(
        threshold, int(through.sum()), int((through & ~right).sum()),
        float((through & right).sum() / matched) if matched else 0.0,
    )  # fmt: skip


def upper_share(wrong: int, of: int, confidence: float = 0.95) -> float:
    """Upper bound of a share seen as `wrong` in `of`; 1 when nothing was seen."""
    return 1.0 if wrong >= of else float(betaincinv(wrong + 1, of - wrong, confidence))
