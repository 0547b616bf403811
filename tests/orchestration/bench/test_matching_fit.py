"""What is fitted is what is used: exported weights score as scikit-learn does, and calibration keeps order."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assets.mapping.matching.decision import DECISION_FEATURES, REGIMES, regimes_of
from assets.mapping.matching.features import FEATURES
from assets.mapping.matching.model import MODEL_FILE, MatchModel
from orchestration.bench.matching.calibrating import budget_threshold, probabilities_of
from orchestration.bench.matching.fitting import (
    fit_logistic,
    fit_trees,
    folds_of,
    logistic_json,
    logits_of_unseen,
    trees_json,
    uncalibrated,
)
from orchestration.bench.matching.model_file import fit_on, write_model
from orchestration.bench.matching.scoring import Compared, compare, logits_of
from orchestration.bench.matching.tasks import make_tasks


@pytest.fixture(scope="module")
def compared() -> list[Compared]:
    return compare(make_tasks("calibrate", 14, 9))


@pytest.fixture(scope="module")
def document(compared: list[Compared]) -> dict[str, object]:
    return fit_on(compared, 9, lambda _: None)


def _learned() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    pairs = rng.random((3000, len(FEATURES)))
    return pairs, (pairs[:, 0] + pairs[:, 1] * pairs[:, 2] + 0.1 * rng.random(3000)) > 1


def test_exported_trees_score_as_scikit_learns_do() -> None:
    pairs, right = _learned()
    fitted = fit_trees(pairs, right)
    model = uncalibrated({"kind": "trees", "features": list(FEATURES), "trees": trees_json(fitted)})
    fresh = np.random.default_rng(4).random((500, len(FEATURES)))
    assert np.allclose(model.score(fresh), fitted.decision_function(fresh), atol=1e-3)


def test_exported_logistic_weights_score_as_scikit_learns_do() -> None:
    pairs, right = _learned()
    scaler, fitted = fit_logistic(pairs, right)
    document = logistic_json((scaler, fitted))
    model = uncalibrated({"kind": "logistic", "features": list(FEATURES), "logistic": document})
    assert np.allclose(model.score(pairs), fitted.decision_function(scaler.transform(pairs)), atol=1e-3)


def test_a_written_model_is_read_back_and_scores_the_same(
    compared: list[Compared], document: dict[str, object], tmp_path: Path
) -> None:
    write_model(document, tmp_path / "model.json")
    assert json.loads((tmp_path / "model.json").read_text(encoding="utf-8")) == document
    read, kept = MatchModel.load(tmp_path / "model.json"), MatchModel.from_json(document)
    assert np.array_equal(logits_of(compared[0], read), logits_of(compared[0], kept))


def test_calibration_in_the_bench_is_calibration_in_use(document: dict[str, object]) -> None:
    model = MatchModel.from_json(document)
    assert "trees" in document["calibration"]  # type: ignore[operator]
    decisions = np.random.default_rng(5).normal(size=(200, len(DECISION_FEATURES)))
    calibration = dict(document["calibration"])  # type: ignore[call-overload]
    assert np.allclose(model.calibrate(decisions), probabilities_of(calibration, decisions), atol=1e-5)


def test_the_curve_never_falls_and_is_never_certain(document: dict[str, object]) -> None:
    knots = np.array(document["calibration"]["knots"])  # type: ignore[index]
    assert (np.diff(knots[:, 0]) > 0).all()
    assert (np.diff(knots[:, 1]) >= 0).all()
    assert knots[-1, 1] < 1


def test_a_regime_with_enough_answers_has_a_rising_curve_of_its_own(document: dict[str, object]) -> None:
    curves = document["calibration"]["regimes"]  # type: ignore[index]
    shipped = json.loads(MODEL_FILE.read_text(encoding="utf-8"))["calibration"]["regimes"]
    assert len(shipped) > len(REGIMES) // 2
    for name, curve in (*curves.items(), *shipped.items()):
        assert name in REGIMES
        assert (np.diff(np.array(curve)[:, 0]) > 0).all()
        assert (np.diff(np.array(curve)[:, 1]) >= 0).all()


def test_the_same_certainty_is_worth_what_it_is_worth_in_its_regime(document: dict[str, object]) -> None:
    calibration = dict(document["calibration"])  # type: ignore[call-overload]
    calibration["regimes"] = {"one table, no values, no descriptions": [[0.0, 0.25], [1.0, 0.25]]}
    model = MatchModel.from_json({**document, "calibration": calibration})
    decisions = np.zeros((2, len(DECISION_FEATURES)))
    decisions[:, DECISION_FEATURES.index("source_tables")] = [1, 5]
    assert [REGIMES[at] for at in regimes_of(decisions)] == [
        "one table, no values, no descriptions", "many tables, no values, no descriptions",
    ]  # fmt: skip
    found = model.calibrate(decisions)
    assert found[0] == pytest.approx(0.25)
    assert found[1] != pytest.approx(0.25)
    assert np.allclose(found, probabilities_of(calibration, decisions), atol=1e-5)


def test_what_calibrates_was_said_by_scorers_that_had_not_seen_the_trade(compared: list[Compared]) -> None:
    trade = compared[0].task.trade
    fold = next(fold for fold in folds_of({one.task.trade for one in compared}, 4) if trade in fold)
    unseen = logits_of_unseen(compared, "logistic")
    # Turning the truth of its own fold round must change nothing of what is said about the trade.
    turned = [
        replace(one, task=replace(one.task, truth=frozenset())) if one.task.trade in fold else one for one in compared
    ]
    assert np.array_equal(unseen[0], logits_of_unseen(turned, "logistic")[0])


def test_a_trade_that_is_provably_worse_raises_the_threshold() -> None:
    rng = np.random.default_rng(6)
    probabilities = np.concatenate([rng.uniform(0.9, 1, 4000), rng.uniform(0.9, 0.95, 60)])
    trades = np.array(["good"] * 4000 + ["bad"] * 60)
    right = np.concatenate([np.ones(4000, dtype=bool), np.arange(60) % 6 > 0])
    assert budget_threshold(probabilities, right, np.array(["one"] * 4060), 4060).threshold < 0.91
    assert budget_threshold(probabilities, right, trades, 4060).threshold > 0.93


def test_the_model_in_the_repository_was_fitted_with_todays_features() -> None:
    document = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    assert document["version"].startswith("fitted-")
    assert document["features"] == list(FEATURES)
