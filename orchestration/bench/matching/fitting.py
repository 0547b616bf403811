"""How the scorer of pairs is fitted: gradient-boosted trees or a logistic regression, whichever ranks unseen trades
better. The result is JSON that `assets.mapping.matching.model` scores with numpy alone. Calibrating is `calibrating`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import StandardScaler

from assets.mapping.matching.decision import DECISION_FEATURES
from assets.mapping.matching.features import FEATURES
from assets.mapping.matching.model import MatchModel
from orchestration.bench.matching.measures import Flags, Floats
from orchestration.bench.matching.scoring import Compared, Pairs, logits_of

TREES: Final = 140
LEAVES: Final = 12
_DIGITS: Final = 6
_FOLDS: Final = 4
_CHOOSING: Final = 4  # every so manieth task is enough to tell which kind is better
_SMALL: Final = 600  # pairs up to which a task is learned whole
_NEAR: Final = 8  # best of a row or column that a false pair of a large task must be among


def fit_scorer(compared: Sequence[Compared]) -> dict[str, Any]:
    """The part of a model that scores pairs: its kind, features and weights, with what either kind reached.

    A quarter of the trades is held back to choose the kind by average precision, with some of the tasks of the others
    fitted; then all are fitted.
    """
    trades = sorted({one.task.trade for one in compared})
    held = set(trades[::4])
    learned = [one for one in compared[::_CHOOSING] if one.task.trade not in held]
    unseen = [one for one in compared if one.task.trade in held]
    pairs, right = _stacked(unseen)
    reached = {
        kind: float(average_precision_score(right, _margin(fit(*_stacked(learned)), pairs)))
        for kind, fit in (("trees", fit_trees), ("logistic", fit_logistic))
    }
    kind = max(reached, key=lambda name: reached[name])
    pairs, right = _stacked(compared)
    document: dict[str, Any] = {"kind": kind, "features": list(FEATURES), "reached": reached}
    return document | _fitted(kind, pairs, right)


def logits_of_unseen(compared: Sequence[Compared], kind: str) -> list[Pairs]:
    """Log-odds of every task by a scorer of this kind that was fitted on other trades only, in the tasks' order."""
    found: dict[int, Pairs] = {}
    for fold in folds_of({one.task.trade for one in compared}, _FOLDS):
        others = [one for one in compared if one.task.trade not in fold]
        scorer = uncalibrated({"kind": kind, "features": list(FEATURES), **_fitted(kind, *_stacked(others))})
        found |= {at: logits_of(one, scorer) for at, one in enumerate(compared) if one.task.trade in fold}
    return [found[at] for at in range(len(compared))]


def folds_of(trades: Iterable[str], count: int) -> list[list[str]]:
    """The trades in `count` parts, empty ones left out."""
    names = sorted(trades)
    return [part for part in (names[at::count] for at in range(count)) if part]


def uncalibrated(scorer: dict[str, Any]) -> MatchModel:
    """A model that can score and whose probabilities mean nothing yet."""
    neutral = {"features": list(DECISION_FEATURES), "coef": [0.0] * len(DECISION_FEATURES), "intercept": 0.0}
    return MatchModel.from_json({"version": "uncalibrated", **scorer, "calibration": neutral})


def _fitted(kind: str, pairs: Floats, right: Flags) -> dict[str, Any]:
    if kind == "trees":
        return {"trees": trees_json(fit_trees(pairs, right))}
    return {"logistic": logistic_json(fit_logistic(pairs, right))}


def fit_trees(pairs: Floats, right: Flags) -> HistGradientBoostingClassifier:
    """Few small trees: what is learned must hold for words never seen."""
    return HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=0.08, min_samples_leaf=40, l2_regularization=5.0,
        max_features=0.4, early_stopping=False, random_state=7,
    ).fit(pairs, right)  # fmt: skip


def fit_logistic(pairs: Floats, right: Flags) -> tuple[StandardScaler, LogisticRegression]:
    """The plain rival of the trees."""
    scaler = StandardScaler().fit(pairs)
    return scaler, LogisticRegression(C=0.1, max_iter=500).fit(scaler.transform(pairs), right)


def trees_json(model: HistGradientBoostingClassifier) -> dict[str, Any]:
    """Every tree as arrays: go left when the feature is at most the threshold; a leaf has feature -1."""
    return {
        "base": float(np.ravel(model._baseline_prediction)[0]),
        "trees": [_tree_json(predictors[0].nodes) for predictors in model._predictors],
    }


def logistic_json(model: tuple[StandardScaler, LogisticRegression]) -> dict[str, Any]:
    """Mean and scale of every feature, then its weight."""
    scaler, logistic = model
    return {
        "mean": _short(scaler.mean_), "scale": _short(scaler.scale_), "coef": _short(logistic.coef_[0]),
        "intercept": float(logistic.intercept_[0]),
    }  # fmt: skip


def _tree_json(nodes: Any) -> dict[str, list[float]]:
    leaf = nodes["is_leaf"].astype(bool)
    return {
        "feature": np.where(leaf, -1, nodes["feature_idx"]).tolist(),
        "threshold": np.where(leaf, 0.0, nodes["num_threshold"]).tolist(),
        "left": nodes["left"].tolist(),
        "right": nodes["right"].tolist(),
        "value": _short(np.where(leaf, nodes["value"], 0.0)),
    }


def _margin(model: Any, pairs: Floats) -> Floats:
    if isinstance(model, tuple):
        scaler, logistic = model
        return np.asarray(logistic.decision_function(scaler.transform(pairs)))
    return np.asarray(model.decision_function(pairs))


def _stacked(compared: Sequence[Compared]) -> tuple[Floats, Flags]:
    """The pairs to learn from: of large tasks only the true ones and the false ones that come near."""
    chosen = [_worth_learning(one) for one in compared]
    pairs = np.concatenate([one.pairs[kept] for one, kept in zip(compared, chosen, strict=True)])
    right = np.concatenate([one.right[kept] for one, kept in zip(compared, chosen, strict=True)])
    return pairs.astype(np.float64), right


def _worth_learning(one: Compared) -> Flags:
    near = np.maximum(one.plane("blend_row_rank"), one.plane("blend_column_rank")) >= 1 / _NEAR
    return np.asarray(one.right | near | (one.right.size <= _SMALL), dtype=bool)


def _short(values: Any) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]
