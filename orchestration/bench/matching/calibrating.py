"""From log-odds to probabilities that hold on trades never seen: fitted on a split the scorer has not seen.

A logistic regression over the decision features, then a monotone curve (Zadrozny and Elkan, KDD 2002) through bins of
equal mass. The error budget is read off answers that a fit without their own trade gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from assets.mapping.matching.decision import DECISION_FEATURES, decision_features
from assets.mapping.matching.model import MatchModel
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
from orchestration.bench.matching.scoring import Compared, logits_of

WRONG_SHARE: Final = 0.01
_KNOTS: Final = 24
_RANKED: Final = 5  # best targets of a source that the regression is fitted on


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
    """Decision features of pairs (pairs, features), in step with whether they are true, first, and of which trade."""

    features: Floats
    right: Flags
    first: Flags
    trades: list[str]
    matched: int


def calibrate(compared: Sequence[Compared], scorer: MatchModel) -> Calibration:
    """Fit on all; judge by leaving out one trade at a time."""
    decisions = _decide(compared, scorer)
    probabilities = np.zeros(len(decisions.right))
    trades = np.array(decisions.trades)
    for trade in sorted(set(decisions.trades)):
        held = trades == trade
        probabilities[held] = probabilities_of(_fit(decisions, ~held), decisions.features[held])
    first = decisions.first
    sure, right = probabilities[first], decisions.right[first]
    document = _fit(decisions, np.ones(len(trades), dtype=bool))
    return Calibration(
        document, reliability(sure, right), reliability(probabilities, decisions.right),
        expected_calibration_error(sure, right), budget_threshold(sure, right, trades[first], decisions.matched),
    )  # fmt: skip


def budget_threshold(probabilities: Floats, right: Flags, trades: Any, matched: int) -> Applied:
    """The lowest threshold from which at most WRONG_SHARE of the answers are wrong, by the upper 95 % bound over all
    trades, and in no single trade provably more, by its lower 95 % bound. 1 where there is none.
    """
    best = applied_from(1.0, probabilities, right, matched)
    for threshold in np.unique(np.round(probabilities[probabilities > 0.5], 3))[::-1]:
        applied = applied_from(float(threshold), probabilities, right, matched)
        worst = max(_proven_wrong(threshold, probabilities, right, trades == trade) for trade in set(trades))
        if applied.upper_wrong <= WRONG_SHARE and worst <= WRONG_SHARE:
            best = applied
    return best


def _proven_wrong(threshold: float, probabilities: Floats, right: Flags, chosen: Flags) -> float:
    """Lower 95 % bound of the share that is wrong of what is applied of the chosen."""
    applied = applied_from(threshold, probabilities[chosen], right[chosen], 0)
    return 1 - upper_share(applied.applied - applied.wrong, applied.applied)


def probabilities_of(document: dict[str, Any], features: Floats) -> Floats:
    """As `MatchModel.calibrate` reckons them."""
    odds = features @ np.array(document["coef"]) + document["intercept"]
    knots = np.array(document["knots"])
    return np.asarray(np.interp(1 / (1 + np.exp(-np.clip(odds, -30, 30))), knots[:, 0], knots[:, 1]), dtype=np.float64)


def _decide(compared: Sequence[Compared], scorer: MatchModel) -> _Decisions:
    features, right, first, trades = [], [], [], []
    for one in compared:
        planes = decision_features(logits_of(one, scorer)).astype(np.float64)
        rank = planes[..., DECISION_FEATURES.index("row_rank")]
        kept = rank >= 1 / _RANKED
        features.append(planes[kept])
        right.append(one.right[kept])
        first.append(rank[kept] == 1)
        trades += [one.task.trade] * int(kept.sum())
    matched = sum(len(one.task.matched_sources) for one in compared)
    return _Decisions(np.concatenate(features), np.concatenate(right), np.concatenate(first), trades, matched)


def _fit(decisions: _Decisions, chosen: Flags) -> dict[str, Any]:
    regression = LogisticRegression(C=1.0, max_iter=2000).fit(decisions.features[chosen], decisions.right[chosen])
    document: dict[str, Any] = {
        "features": list(DECISION_FEATURES),
        "coef": [round(float(weight), 6) for weight in regression.coef_[0]],
        "intercept": round(float(regression.intercept_[0]), 6),
        "knots": [[0.0, 0.0], [1.0, 1.0]],
    }
    first = chosen & decisions.first
    document["knots"] = _knots(probabilities_of(document, decisions.features[first]), decisions.right[first])
    return document


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
        round(one.mean_probability, 5): round(float(share), 5) for one, share in zip(bins, rising, strict=True)
    }  # fmt: skip
    last = max(points.values())
    return [[x, y] for x, y in sorted({**points, 1.0: round((1 + last) / 2, 5)}.items())]
