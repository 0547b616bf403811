"""The figures of the matcher's bench, on cases that can be reckoned by hand."""

import numpy as np
import pytest

from orchestration.bench.matching.calibrating import budget_threshold
from orchestration.bench.matching.measures import (
    applied_from,
    expected_calibration_error,
    hit_rate,
    mean_reciprocal_rank,
    recall_at_truth,
    reliability,
    true_ranks,
    upper_share,
)
from orchestration.bench.matching.picture import draw_reliability

_SCORES = np.array([[0.9, 0.2, 0.1], [0.3, 0.8, 0.7], [0.1, 0.2, 0.6]])


def test_ranks_count_the_best_true_target_and_only_sources_that_have_one() -> None:
    assert true_ranks(_SCORES, frozenset({(0, 0), (1, 2)})) == [1, 2]
    assert true_ranks(_SCORES, frozenset({(1, 0), (1, 2)})) == [2]


def test_a_tie_counts_against_the_matcher() -> None:
    assert true_ranks(np.array([[0.5, 0.5, 0.1]]), frozenset({(0, 0)})) == [2]


def test_reciprocal_ranks_and_hits() -> None:
    assert mean_reciprocal_rank([1, 2, 4]) == pytest.approx((1 + 0.5 + 0.25) / 3)
    assert hit_rate([1, 2, 4], 2) == pytest.approx(2 / 3)
    assert (mean_reciprocal_rank([]), hit_rate([], 1)) == (0.0, 0.0)


def test_recall_at_truth_looks_at_as_many_pairs_as_are_true() -> None:
    assert recall_at_truth(_SCORES, frozenset({(0, 0), (1, 1)})) == 1.0
    assert recall_at_truth(_SCORES, frozenset({(0, 0), (2, 2)})) == 0.5


def test_calibration_error_of_the_honest_is_zero_and_of_the_boastful_is_not() -> None:
    right = np.array([True, False] * 50)
    assert expected_calibration_error(np.full(100, 0.5), right, bins=1) == pytest.approx(0.0)
    assert expected_calibration_error(np.full(100, 0.9), right, bins=1) == pytest.approx(0.4)


def test_bins_have_equal_mass_and_their_counts() -> None:
    curve = reliability(np.linspace(0, 1, 40), np.ones(40, dtype=bool), bins=4)
    assert [one.count for one in curve] == [10, 10, 10, 10]
    assert curve[0].high < curve[1].low


def test_upper_bound_of_a_share_is_clopper_and_pearsons() -> None:
    assert upper_share(0, 298) == pytest.approx(1 - 0.05 ** (1 / 298))
    assert upper_share(0, 0) == 1.0


def test_what_is_applied_is_counted_from_the_threshold_on() -> None:
    applied = applied_from(0.5, np.array([0.9, 0.6, 0.4]), np.array([True, False, True]), matched=4)
    assert (applied.applied, applied.wrong, applied.precision, applied.coverage) == (2, 1, 0.5, 0.25)
    assert applied_from(0.95, np.array([0.9]), np.array([False]), 1).precision == 1.0


def test_the_budget_is_the_lowest_threshold_whose_bound_holds() -> None:
    probabilities = np.concatenate([np.full(600, 0.97), np.full(60, 0.9), np.full(100, 0.6)])
    right = np.concatenate([np.ones(600), np.ones(59), np.zeros(101)]).astype(bool)
    trades = np.array(["one"] * 760)
    assert budget_threshold(probabilities, right, trades, 700).threshold == 0.9
    assert budget_threshold(probabilities[600:], right[600:], trades[600:], 100).applied == 0


def test_one_bad_trade_raises_the_threshold_for_all() -> None:
    probabilities = np.concatenate([np.full(3000, 0.97), np.full(40, 0.9)])
    right = np.concatenate([np.ones(3036), np.zeros(4)]).astype(bool)
    calm, wild = np.array(["calm"] * 3040), np.array(["calm"] * 3000 + ["wild"] * 40)
    assert budget_threshold(probabilities, right, calm, 3040).threshold == 0.9
    assert budget_threshold(probabilities, right, wild, 3040).threshold == 0.97


def test_the_picture_shows_every_bin_and_escapes_its_title() -> None:
    curve = reliability(np.linspace(0, 1, 20), np.ones(20, dtype=bool), bins=5)
    picture = draw_reliability("a < b", curve)
    assert picture.count("<circle") == 5
    assert "a &lt; b" in picture
