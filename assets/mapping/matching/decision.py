"""From scores of single pairs to a decision over the whole set: who is whose one partner, and by how much.

What a score is worth depends on its rivals; these features are what the calibrated probability is made of.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from assets.mapping.matching.bert import Matrix

FAR: Final = -12.0  # log-odds of a pair that was not worth scoring
NO_MATCH: Final = -2.0  # log-odds below which a column is better left without a partner
_MOST_LEAD: Final = 8.0
DECISION_FEATURES: Final = ("score", "row_lead", "column_lead", "assigned", "mutual", "row_rank")


def decision_features(logits: Matrix) -> npt.NDArray[np.float32]:
    """(sources, targets, DECISION_FEATURES) from the log-odds of all pairs.

    Leads are against the best other pair of the row or column, "no match" counting as one of them.
    """
    if not logits.size:
        return np.zeros((*logits.shape, len(DECISION_FEATURES)), dtype=np.float32)
    row_lead = logits - np.maximum(_best_other(logits), NO_MATCH)
    column_lead = logits - np.maximum(_best_other(logits.T).T, NO_MATCH)
    ranks = np.argsort(np.argsort(-logits, axis=1, kind="stable"), axis=1, kind="stable")
    mutual = (logits >= logits.max(axis=1, keepdims=True)) & (logits >= logits.max(axis=0, keepdims=True))
    planes = (
        np.clip(logits, FAR, -FAR), np.clip(row_lead, -_MOST_LEAD, _MOST_LEAD),
        np.clip(column_lead, -_MOST_LEAD, _MOST_LEAD), assigned(logits), mutual, 1 / (1 + ranks),
    )  # fmt: skip
    return np.stack([plane.astype(np.float32) for plane in planes], axis=2)


def assigned(logits: Matrix) -> npt.NDArray[np.bool_]:
    """The best one-to-one choice: the one with the largest sum of -log(1 - p), so that a sure pair outweighs two
    doubtful ones; pairs below NO_MATCH are left out."""
    chosen = np.zeros(logits.shape, dtype=bool)
    if logits.size:
        rows, columns = linear_sum_assignment(np.logaddexp(0, logits), maximize=True)
        chosen[rows, columns] = logits[rows, columns] > NO_MATCH
    return chosen


def _best_other(logits: Matrix) -> Matrix:
    """For each pair the best score of its row without it, FAR where there is none."""
    if logits.shape[1] < 2:
        return np.full_like(logits, FAR)
    top = np.partition(logits, -2, axis=1)[:, -2:]
    best, second = top[:, 1:], top[:, :1]
    return np.where(logits >= best, np.where((logits >= best).sum(axis=1, keepdims=True) > 1, best, second), best)
