"""Features of a pair that come from all other pairs: neighbours, tables, and its rank in its row and column.

A score of 0.7 means one thing when the runner-up has 0.2 and another when it has 0.69; these say which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.mapping.matching.bert import Matrix
from assets.mapping.matching.columns import MatchColumn

_LOCATED: Final = 0.15  # what a standard deviation of nearness of the tables adds to a score
_MOST_NEAR: Final = 3.0
_NO_SPREAD: Final = 1e-5
_REACH: Final = 2  # columns to either side that count as neighbours


def structure_features(
    blend: Matrix, meaning: Matrix, left: Sequence[MatchColumn], right: Sequence[MatchColumn]
) -> dict[str, Matrix]:
    """How well the columns around a pair, and the two tables as wholes, go together; and the pair's place in them.

    `blend`: a first score 0 to 1. `meaning`: nearness of names and descriptions alone.
    """
    tables = Tables.of(left, right)
    near = tables.nearness(blend, meaning)
    return {
        "near_match": _neighbours(blend),
        "table_match": tables.spread(near),
        "table_rank": tables.spread(np.asarray(1 / (1 + _ranks(near)), dtype=np.float32)),
        "in_table_row_rank": tables.rank_within(blend),
        "in_table_column_rank": tables.flipped().rank_within(blend.T).T,
        "located": blend + _LOCATED * tables.spread(near),
    }


@dataclass(frozen=True, slots=True)
class Tables:
    """Which table each column is of: positions of the source tables and of the target tables."""

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]

    @classmethod
    def of(cls, left: Sequence[MatchColumn], right: Sequence[MatchColumn]) -> "Tables":
        sides = [[column.table or "" for column in side] for side in (left, right)]
        places = [{name: at for at, name in enumerate(sorted(set(side)))} for side in sides]
        found = [np.array([place[name] for name in side]) for side, place in zip(sides, places, strict=True)]
        return cls(*found)

    def flipped(self) -> "Tables":
        """The same with the sides exchanged."""
        return Tables(self.right, self.left)

    def nearness(self, blend: Matrix, meaning: Matrix) -> Matrix:
        """(source tables, target tables): how much nearer than the other target tables, in standard deviations.

        Nearness of two tables is the mean, over the source table's columns, of the best score in the target table.
        All 0 when there is one target table only.
        """
        scaled = [_standard(self._best(score)) for score in (meaning, blend)]
        both = scaled[0] + 0.5 * scaled[1] if scaled[0].any() else scaled[1]
        return np.asarray(np.clip(_standard(both), -_MOST_NEAR, _MOST_NEAR), dtype=np.float32)

    def _best(self, score: Matrix) -> Matrix:
        best = np.stack([score[:, self.right == at].max(axis=1) for at in range(self.right.max() + 1)], axis=1)
        return np.stack([best[self.left == at].mean(axis=0) for at in range(self.left.max() + 1)])

    def spread(self, near: Matrix) -> Matrix:
        """What holds for two tables, at every pair of their columns."""
        return np.asarray(near[np.ix_(self.left, self.right)], dtype=np.float32)

    def rank_within(self, score: Matrix) -> Matrix:
        """1 / rank of the pair among the columns of the target's table."""
        ranks = np.zeros_like(score)
        for at in range(self.right.max() + 1):
            own = self.right == at
            ranks[:, own] = 1 / (1 + _ranks(score[:, own]))
        return ranks


def _standard(values: Matrix) -> Matrix:
    spread = values.std(axis=1, keepdims=True)
    centred = values - values.mean(axis=1, keepdims=True)
    scaled = np.divide(centred, spread, out=np.zeros_like(values), where=spread > _NO_SPREAD)
    return np.asarray(scaled, dtype=np.float32)


def context_features(name: str, score: Matrix) -> dict[str, Matrix]:
    """Rank and lead of a score within the pair's row and column, and whether each is the other's best."""
    by_row, by_column = _ranks(score), _ranks(score.T).T
    return {
        f"{name}_row_rank": 1 / (1 + by_row),
        f"{name}_column_rank": 1 / (1 + by_column),
        f"{name}_row_lead": score - best_other(score),
        f"{name}_column_lead": score - best_other(score.T).T,
        f"{name}_mutual": ((by_row == 0) & (by_column == 0)).astype(np.float32),
    }


def best_other(score: Matrix) -> Matrix:
    """For each pair the best score of its row without it; 0 where there is no other."""
    if score.shape[1] < 2 or not score.shape[0]:
        return np.zeros_like(score)
    order = np.argpartition(-score, 1, axis=1)[:, :2]
    top = np.take_along_axis(score, order, axis=1)
    first = np.where(top[:, 0] >= top[:, 1], order[:, 0], order[:, 1])
    best, second = top.max(axis=1), top.min(axis=1)
    others = np.repeat(best[:, None], score.shape[1], axis=1)
    others[np.arange(len(score)), first] = second
    return np.asarray(others, dtype=np.float32)


def _ranks(score: Matrix) -> Matrix:
    """How many of its row are better, ties not counted as better."""
    if not score.size:
        return np.zeros_like(score)
    ordered = np.sort(-score, axis=1)
    # One search for all rows: each row's values are moved to a span of their own.
    offset = np.arange(len(score), dtype=np.float64)[:, None] * 8
    flat = np.searchsorted((np.clip(ordered, -3, 3) + offset).ravel(), (np.clip(-score, -3, 3) + offset).ravel())
    return np.asarray(flat.reshape(score.shape) - np.arange(len(score))[:, None] * score.shape[1], dtype=np.float32)


def _neighbours(blend: Matrix) -> Matrix:
    """How well the columns just before and after the source match some column near the target."""
    rows, columns = blend.shape
    near = blend.copy()
    for shift in range(1, min(_REACH, columns - 1) + 1):
        near[:, shift:] = np.maximum(near[:, shift:], blend[:, :-shift])
        near[:, :-shift] = np.maximum(near[:, :-shift], blend[:, shift:])
    around, counts = np.zeros_like(blend), np.zeros((rows, 1), dtype=np.float32)
    for shift in range(1, min(_REACH, rows - 1) + 1):
        around[shift:] += near[:-shift]
        around[:-shift] += near[shift:]
        counts[shift:] += 1
        counts[:-shift] += 1
    return np.asarray(around / np.maximum(counts, 1), dtype=np.float32)
