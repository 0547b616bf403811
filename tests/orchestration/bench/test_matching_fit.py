"""What is fitted is what is used: exported weights score as scikit-learn does, and calibration keeps order."""

import json
from pathlib import Path

import numpy as np
import pytest

from assets.mapping.matching.decision import DECISION_FEATURES
from assets.mapping.matching.features import FEATURES
from assets.mapping.matching.model import MODEL_FILE, MatchModel
from orchestration.bench.matching.calibrating import calibrate, probabilities_of
from orchestration.bench.matching.fitting import fit_logistic, fit_scorer, fit_trees, logistic_json, trees_json
from orchestration.bench.matching.model_file import model_document, uncalibrated, write_model
from orchestration.bench.matching.scoring import Compared, compare, logits_of
from orchestration.bench.matching.tasks import make_tasks


@pytest.fixture(scope="module")
def compared() -> list[Compared]:
    return compare(make_tasks("calibrate", 14, 9))


@pytest.fixture(scope="module")
def document(compared: list[Compared]) -> dict[str, object]:
    scorer = fit_scorer(compared[:8])
    return model_document(scorer, calibrate(compared[8:], uncalibrated(scorer)), compared[:8], compared[8:], 9)


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
    decisions = np.random.default_rng(5).normal(size=(200, len(DECISION_FEATURES)))
    calibration = dict(document["calibration"])  # type: ignore[call-overload]
    assert np.allclose(model.calibrate(decisions), probabilities_of(calibration, decisions), atol=1e-5)


def test_the_curve_never_falls_and_is_never_certain(document: dict[str, object]) -> None:
    knots = np.array(document["calibration"]["knots"])  # type: ignore[index]
    assert (np.diff(knots[:, 0]) > 0).all()
    assert (np.diff(knots[:, 1]) >= 0).all()
    assert knots[-1, 1] < 1


def test_the_model_in_the_repository_was_fitted_with_todays_features() -> None:
    document = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    assert document["version"].startswith("fitted-")
    assert document["features"] == list(FEATURES)
