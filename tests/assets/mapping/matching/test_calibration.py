"""The model in the repository says how sure it is, and is about right, on columns it has never seen."""

from assets.mapping.matching.model import MatchModel
from orchestration.bench.matching.concepts import BUSINESS
from orchestration.bench.matching.measures import expected_calibration_error
from orchestration.bench.matching.scoring import compare, judge
from orchestration.bench.matching.tasks import make_tasks


def test_the_reliability_curve_has_its_counts_and_rises() -> None:
    curve = MatchModel.load().reliability
    assert len(curve) == 10
    assert all(one["count"] > 50 for one in curve)
    assert curve[-1]["share_right"] > 0.97 > 0.5 > curve[0]["share_right"]


def test_the_error_budget_keeps_one_percent_with_confidence() -> None:
    budget = MatchModel.load().budget
    assert budget["wrong_share"] == 0.01
    assert budget["upper_wrong"] <= 0.01
    assert 0.85 <= budget["threshold"] < 1


def test_probabilities_hold_on_trades_that_were_not_fitted() -> None:
    compared = compare(make_tasks(BUSINESS, 14, 12))
    _, answers = judge(compared, MatchModel.load())
    assert len(answers.right) > 100
    assert expected_calibration_error(answers.probabilities, answers.right, bins=5) < 0.08
