"""From log-odds to probabilities that hold on trades never seen: nothing is judged by a fit that saw its trade.

Small boosted trees over the decision features, then a monotone curve (Zadrozny and Elkan, KDD 2002) through bins of
equal mass, one for each regime that has enough answers. Curves and error budget are read off answers that a fit without
their own trade gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression

from assets.mapping.matching.decision import DECISION_FEATURES, NEAREST, REGIMES, regimes_of
from assets.mapping.matching.model import Trees
from orchestration.bench.matching.fitting import folds_of, trees_json
from orchestration.bench.matching.measures import (
    Applied,
    Bin,
    Flags,
    Floats,
    applied_from,
    expected_calibration_error,
    reliability,
    upper_share,
)
from orchestration.bench.matching.scoring import Compared, Pairs, decide

WRONG_SHARE: Final = 0.01
TREES: Final = 120
LEAVES: Final = 8
_KNOTS: Final = 40
_FEWEST: Final = 300  # answers of a regime from which on it has a curve of its own
_LEARNED: Final = 2  # ranks that are learned from: what is answered, and what nearly was
_FOLDS: Final = 4
_OWN: Final = 0.02  # share of the curve that is the uncurved probability: what the curve makes equal keeps its order
_CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Calibration:
    """The part of a model that calibrates, as JSON, and what it reached on trades left out of its fit."""

    document: dict[str, Any]
    curve: list[Bin]
    all_pairs: list[Bin]
    error: float
    budget: Applied


@dataclass(frozen=True, slots=True)
class _Decisions:
    """Decision features of near pairs (pairs, features), in step with whether they are true, first and learned from,
    and with their trade and their place in REGIMES."""

    features: Floats
    right: Flags
    first: Flags
    learned: Flags
    trades: Any
    regimes: Any
    matched: int


def calibrate(compared: Sequence[Compared], logits: Sequence[Pairs]) -> Calibration:
    """Fit on all; judge by leaving out trades. `logits` of every task by a scorer that has not seen its trade."""
    decisions = _decide(compared, logits)
    first, right = decisions.first, decisions.right
    certainty, probabilities = np.zeros(len(right)), np.zeros(len(right))
    folds = [np.isin(decisions.trades, fold) for fold in folds_of(set(decisions.trades), _FOLDS)]
    for held in folds:
        certainty[held] = _certainty(_fit(decisions, ~held), decisions.features[held])
    for held in folds:
        others = first & ~held
        curves = _curves(certainty[others], right[others], decisions.regimes[others])
        probabilities[held] = _mapped(curves, certainty[held], decisions.regimes[held])
    document = {
        "features": list(DECISION_FEATURES), **_fit(decisions, np.ones(len(right), dtype=bool)),
        **_curves(certainty[first], right[first], decisions.regimes[first]),
    }  # fmt: skip
    mapped = _mapped(document, certainty[first], decisions.regimes[first])
    return Calibration(
        document, reliability(probabilities[first], right[first]), reliability(probabilities, right),
        expected_calibration_error(probabilities[first], right[first]),
        budget_threshold(mapped, right[first], decisions.trades[first], decisions.matched),
    )  # fmt: skip


def budget_threshold(probabilities: Floats, right: Flags, trades: Any, matched: int) -> Applied:
    """The lowest threshold from which at most WRONG_SHARE of the answers are wrong, by the upper 95 % bound over all
    trades, and in no single trade provably more, by lower bounds that hold for all trades at once with 95 %
    (Bonferroni). 1 where there is none.
    """
    best = applied_from(1.0, probabilities, right, matched)
    for threshold in np.unique(np.round(probabilities[probabilities > 0.5], 4))[::-1]:
        applied = applied_from(float(threshold), probabilities, right, matched)
        if applied.upper_wrong > WRONG_SHARE or applied.coverage <= best.coverage:
            continue
        if _worst_trade(threshold, probabilities, right, trades) <= WRONG_SHARE:
            best = applied
    return best


def _worst_trade(threshold: float, probabilities: Floats, right: Flags, trades: Any) -> float:
    """Largest, over the trades, of the lower bounds of the share that is wrong of what is applied."""
    names = sorted(set(trades))
    confidence = 1 - (1 - _CONFIDENCE) / len(names)
    worst = 0.0
    for name in names:
        applied = applied_from(threshold, probabilities[trades == name], right[trades == name], 0)
        worst = max(worst, 1 - upper_share(applied.applied - applied.wrong, applied.applied, confidence))
    return worst


def probabilities_of(document: dict[str, Any], features: Floats) -> Floats:
    """As `MatchModel.calibrate` reckons them."""
    return _mapped(document, _certainty(document, features), regimes_of(features))


def _certainty(document: dict[str, Any], features: Floats) -> Floats:
    odds = Trees.from_json(document).score(features)
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))), dtype=np.float64)


def _curves(certainty: Floats, right: Flags, regimes: Any) -> dict[str, Any]:
    """The pooled curve, and one for every regime with enough answers."""
    own = {name: regimes == place for place, name in enumerate(REGIMES)}
    return {
        "knots": _knots(certainty, right),
        "regimes": {name: _knots(certainty[at], right[at]) for name, at in own.items() if at.sum() >= _FEWEST},
    }


def _mapped(curves: dict[str, Any], certainty: Floats, regimes: Any) -> Floats:
    """Probabilities by the regime's curve, by the pooled one where it has none."""
    found = _along(curves["knots"], certainty)
    for name, knots in curves["regimes"].items():
        own = regimes == REGIMES.index(name)
        found[own] = _along(knots, certainty[own])
    return found


def _along(knots: list[list[float]], certainty: Floats) -> Floats:
    curve = np.array(knots)
    return np.asarray(np.interp(certainty, curve[:, 0], curve[:, 1]), dtype=np.float64)


def _decide(compared: Sequence[Compared], logits: Sequence[Pairs]) -> _Decisions:
    features, right, ranked, trades = [], [], [], []
    for one, own in zip(compared, logits, strict=True):
        decisions, ranks = decide(one, own)
        near = ranks <= NEAREST
        features.append(decisions)
        right.append(one.right[near])
        ranked.append(ranks[near])
        trades += [one.task.trade] * len(decisions)
    matched = sum(len(one.task.matched_sources) for one in compared)
    stacked = np.concatenate(features).astype(np.float64)
    places = np.concatenate(ranked)
    return _Decisions(
        stacked, np.concatenate(right), places == 1, places <= _LEARNED, np.array(trades), regimes_of(stacked), matched
    )


def _fit(decisions: _Decisions, chosen: Flags) -> dict[str, Any]:
    """Fewer and smaller trees than the scorer's: the inputs say little about words, and so hold for other trades."""
    chosen = chosen & decisions.learned
    return trees_json(HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=0.06, min_samples_leaf=40, l2_regularization=10.0,
        max_features=0.4, early_stopping=False, random_state=7,
    ).fit(decisions.features[chosen], decisions.right[chosen]))  # fmt: skip


def _knots(certainty: Floats, right: Flags) -> list[list[float]]:
    """The monotone curve through bins of equal mass; half a right and half a wrong answer are added to each, so that no
    bin is certain of anything.
    """
    bins = reliability(certainty, right, _KNOTS)
    shares = [(one.share_right * one.count + 0.5) / (one.count + 1) for one in bins]
    weights = [one.count for one in bins]
    middles = [one.mean_probability for one in bins]
    rising = IsotonicRegression().fit(middles, shares, sample_weight=weights).predict(middles)
    points = {0.0: 0.0} | {
        round(x, 5): round(float((1 - _OWN) * y + _OWN * x), 5) for x, y in zip(middles, rising, strict=True)
    }
    last = max(points.values())
    return [[x, y] for x, y in sorted({**points, 1.0: round((1 + last) / 2, 5)}.items())]
