"""What else could be true of a pair: who competes for its two columns, and whether their two tables go together.

Made from the scores of all pairs of a set. A sure score is worth less where another is nearly as sure, and where the
table of the source has no counterpart at all.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.mapping.matching.bert import Matrix
from assets.mapping.matching.columns import MatchColumn

_NEAR: Final = 2.0  # log-odds by which a rival is still near
_LONG: Final = 20  # letters of a name from which on more say no more
RIVAL_FEATURES: Final = (
    "row_other", "column_other", "row_near", "column_near", "row_rest", "column_rest", "row_rival_free",
    "column_rival_free", "above_set",
)  # fmt: skip
SET_FEATURES: Final = (
    "sources", "targets", "more_sources", "set_mean", "set_low", "set_high", "targets_mean", "mutual_share",
)  # fmt: skip
TABLE_FEATURES: Final = (
    "source_table_held", "target_table_held", "tables_held", "over_target_tables", "over_source_tables",
    "source_tables", "target_tables",
)  # fmt: skip
NAME_FEATURES: Final = ("source_letters", "target_letters")


def rival_features(logits: Matrix, row_other: Matrix, column_other: Matrix) -> list[Matrix]:
    """RIVAL_FEATURES: the best rival, how many are near and how much they hold together; and whether the best rival has
    a better partner of its own. `..._other`: for each pair the best score of its row or column without it."""
    odds = np.logaddexp(0, logits)
    return [
        row_other, column_other, _near(logits), _near(logits.T).T,
        odds.sum(axis=1, keepdims=True) - odds, odds.sum(axis=0, keepdims=True) - odds,
        without_own(logits - column_other), without_own((logits - row_other).T).T,
        logits - logits.max(axis=1).mean(),
    ]  # fmt: skip


def set_features(logits: Matrix) -> list[Matrix]:
    """SET_FEATURES: how large the set is and how well its columns find partners as a whole; the same for all pairs."""
    rows, columns = logits.shape
    best, best_of_targets = logits.max(axis=1), logits.max(axis=0)
    mutual = (logits >= best[:, None]) & (logits >= best_of_targets[None, :])
    figures = (
        np.log(rows), np.log(columns), np.log(rows / columns), best.mean(), np.quantile(best, 0.25),
        np.quantile(best, 0.75), best_of_targets.mean(), mutual.sum() / min(rows, columns),
    )  # fmt: skip
    return [np.full(logits.shape, figure, dtype=np.float32) for figure in figures]


def table_features(
    logits: Matrix, chosen: npt.NDArray[np.bool_], sources: Sequence[MatchColumn], targets: Sequence[MatchColumn]
) -> list[Matrix]:
    """TABLE_FEATURES: how much of the one-to-one choice lies between the pair's two tables, without the pair itself,
    and how much more than between either and its best other table."""
    left, right = _places(sources), _places(targets)
    held = np.where(chosen, 1 / (1 + np.exp(-logits)), 0)
    ours, theirs = np.eye(left.max() + 1)[left], np.eye(right.max() + 1)[right]
    sizes = ours.sum(axis=0)[:, None], theirs.sum(axis=0)[None, :]
    together = ours.T @ held @ theirs
    share = together / np.minimum(*sizes)
    at = np.ix_(left, right)
    rest = together[at] - held
    other_sources, other_targets = ((size + 0 * together)[at] - 1 for size in sizes)
    both = rest / np.maximum(np.minimum(other_sources, other_targets), 1)
    return [
        rest / np.maximum(other_sources, 1), rest / np.maximum(other_targets, 1), both,
        both - np.maximum(without_own(share), 0)[at], both - np.maximum(without_own(share.T).T, 0)[at],
        np.full(logits.shape, len(share)), np.full(logits.shape, share.shape[1]),
    ]  # fmt: skip


def name_lengths(logits: Matrix, sources: Sequence[MatchColumn], targets: Sequence[MatchColumn]) -> list[Matrix]:
    """NAME_FEATURES: two letters say less than ten."""
    ours, theirs = (np.array([min(len(column.name), _LONG) for column in side]) for side in (sources, targets))
    return [np.broadcast_to(ours[:, None], logits.shape), np.broadcast_to(theirs[None, :], logits.shape)]


def without_own(score: Matrix, nothing: float = -12.0) -> Matrix:
    """For each pair the best score of its row without it, `nothing` where there is none."""
    if score.shape[1] < 2:
        return np.full_like(score, nothing)
    top = np.partition(score, -2, axis=1)[:, -2:]
    best, second = top[:, 1:], top[:, :1]
    return np.where(score >= best, np.where((score >= best).sum(axis=1, keepdims=True) > 1, best, second), best)


def _near(logits: Matrix) -> Matrix:
    """How many others of the row are at most _NEAR below the pair, or above it."""
    ordered = np.sort(logits, axis=1)
    counts = [len(row) - np.searchsorted(row, own - _NEAR) - 1 for row, own in zip(ordered, logits, strict=True)]
    return np.array(counts, dtype=np.float32)


def _places(columns: Sequence[MatchColumn]) -> npt.NDArray[np.int64]:
    names = {name: at for at, name in enumerate(sorted({column.table or "" for column in columns}))}
    return np.array([names[column.table or ""] for column in columns])
