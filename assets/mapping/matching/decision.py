"""From scores of single pairs to a decision over the whole set: who is whose one partner, and by how much.

What a score is worth depends on its rivals; these features are what the calibrated probability is made of.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from assets.mapping.matching.bert import Matrix
from assets.mapping.matching.columns import MatchColumn
from assets.mapping.matching.rivals import (
    NAME_FEATURES,
    RIVAL_FEATURES,
    SET_FEATURES,
    TABLE_FEATURES,
    name_lengths,
    rival_features,
    set_features,
    table_features,
    without_own,
)

FAR: Final = -12.0  # log-odds of a pair that was not worth scoring
NO_MATCH: Final = -2.0  # log-odds below which a column is better left without a partner
NEAREST: Final = 5  # targets of a source that are weighed against each other; the probability of others falls with rank
_MOST_LEAD: Final = 8.0
_LEADS: Final = ("score", "row_lead", "column_lead", "assigned", "mutual", "row_rank")
PAIR_FEATURES: Final = ("has_text", "has_values")  # what there is to go by; how alike a pair is, its score has in it
DECISION_FEATURES: Final = (
    *_LEADS, *RIVAL_FEATURES, *SET_FEATURES, *TABLE_FEATURES, *NAME_FEATURES, *PAIR_FEATURES,
)  # fmt: skip
REGIMES: Final = tuple(
    f"{tables}, {values}, {text}"
    for tables in ("one table", "few tables", "many tables")
    for values in ("no values", "values") for text in ("no descriptions", "descriptions")
)  # fmt: skip
_FEW_TABLES: Final = 3
_REGIME_FEATURES: Final = ("source_tables", "target_tables", "has_values", "has_text")


def decision_features(
    logits: Matrix, sources: Sequence[MatchColumn], targets: Sequence[MatchColumn], planes: Mapping[str, Matrix]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """(near pairs, DECISION_FEATURES) from the log-odds and the features of all pairs; and every pair's rank, from 1,
    in its row. Near are ranks up to NEAREST, in the order of the matrix.

    Leads are against the best other pair of the row or column, "no match" counting as one of them.
    """
    if not logits.size:
        return np.zeros((0, len(DECISION_FEATURES)), dtype=np.float32), np.zeros(logits.shape, dtype=np.int64)
    bounded = np.clip(logits, FAR, -FAR)
    ranks = 1 + np.argsort(np.argsort(-bounded, axis=1, kind="stable"), axis=1, kind="stable")
    near, chosen = ranks <= NEAREST, assigned(bounded)
    row_other, column_other = without_own(bounded, FAR), without_own(bounded.T, FAR).T
    mutual = (bounded >= bounded.max(axis=1, keepdims=True)) & (bounded >= bounded.max(axis=0, keepdims=True))
    found = [
        bounded, np.clip(bounded - np.maximum(row_other, NO_MATCH), -_MOST_LEAD, _MOST_LEAD),
        np.clip(bounded - np.maximum(column_other, NO_MATCH), -_MOST_LEAD, _MOST_LEAD), chosen, mutual, 1 / ranks,
        *rival_features(bounded, row_other, column_other), *set_features(bounded),
        *table_features(bounded, chosen, sources, targets), *name_lengths(bounded, sources, targets),
        *(planes[name] for name in PAIR_FEATURES),
    ]  # fmt: skip
    return np.stack([plane[near].astype(np.float32) for plane in found], axis=1), ranks


def regimes_of(decisions: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int64]:
    """Place in REGIMES of every row of (pairs, DECISION_FEATURES): how many tables the larger side has, and whether
    both columns have values and descriptions. A score is not worth the same in all of them."""
    at = {name: decisions[:, DECISION_FEATURES.index(name)] for name in _REGIME_FEATURES}
    tables = np.maximum(at["source_tables"], at["target_tables"])
    size = (tables > 1).astype(np.int64) + (tables > _FEW_TABLES)
    return np.asarray(4 * size + 2 * (at["has_values"] > 0) + (at["has_text"] > 0), dtype=np.int64)


def assigned(logits: Matrix) -> npt.NDArray[np.bool_]:
    """The best one-to-one choice: the one with the largest sum of -log(1 - p), so that a sure pair outweighs two
    doubtful ones; pairs below NO_MATCH are left out."""
    chosen = np.zeros(logits.shape, dtype=bool)
    if logits.size:
        rows, columns = linear_sum_assignment(np.logaddexp(0, logits), maximize=True)
        chosen[rows, columns] = logits[rows, columns] > NO_MATCH
    return chosen
