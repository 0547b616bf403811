"""A whole model as JSON: fitted on one split, calibrated on another, with its curve and its error budget."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import sklearn

from assets.mapping.matching.decision import DECISION_FEATURES
from assets.mapping.matching.embedding import without_embeddings
from assets.mapping.matching.model import MODEL_FILE, MatchModel
from orchestration.bench.matching.calibrating import WRONG_SHARE, Calibration, calibrate
from orchestration.bench.matching.concepts import CALIBRATE, FIT
from orchestration.bench.matching.fitting import fit_scorer
from orchestration.bench.matching.scoring import Compared, compare
from orchestration.bench.matching.tasks import make_tasks

FITTED_TASKS: Final = 360
CALIBRATED_TASKS: Final = 320
_WITHOUT_EMBEDDINGS: Final = 4  # every so manieth task is seen without the sentence model, as some installations are

Say = Callable[[str], None]


def fit_model(seed: int, say: Say, fitted: int = FITTED_TASKS, calibrated: int = CALIBRATED_TASKS) -> dict[str, Any]:
    """Make the two splits, fit and calibrate. The same for a seed, whatever the machine, up to rounding of floats."""
    say(f"Making and comparing {fitted} tasks to fit on")
    learned = _compare(FIT, fitted, seed)
    say("Fitting trees and a logistic regression")
    scorer = fit_scorer(learned)
    say(f"Making and comparing {calibrated} tasks to calibrate on")
    judged = _compare(CALIBRATE, calibrated, seed)
    return model_document(scorer, calibrate(judged, uncalibrated(scorer)), learned, judged, seed)


def uncalibrated(scorer: dict[str, Any]) -> MatchModel:
    """A model that can score and whose probabilities mean nothing yet."""
    neutral = {"features": list(DECISION_FEATURES), "coef": [0.0] * len(DECISION_FEATURES), "intercept": 0.0}
    return MatchModel.from_json({"version": "uncalibrated", **scorer, "calibration": neutral})


def model_document(
    scorer: dict[str, Any], calibration: Calibration, learned: Sequence[Compared], judged: Sequence[Compared], seed: int
) -> dict[str, Any]:
    """What is written to `models/model.json`; its version is a digest of all the rest."""
    budget = calibration.budget
    document = {name: part for name, part in scorer.items() if name != "reached"} | {
        "calibration": calibration.document,
        "reliability": [one.as_json() for one in calibration.curve],
        "reliability_of_all_pairs": [one.as_json() for one in calibration.all_pairs],
        "budget": {
            "wrong_share": WRONG_SHARE, "threshold": round(budget.threshold, 4), "coverage": round(budget.coverage, 4),
            "precision": round(budget.precision, 4), "upper_wrong": round(budget.upper_wrong, 4),
            "applied": budget.applied, "wrong": budget.wrong,
        },
        "fitted_on": {
            "seed": seed, "fit": _described(learned), "calibrated": _described(judged),
            "average_precision": {name: round(value, 4) for name, value in scorer["reached"].items()},
            "calibration_error": round(calibration.error, 4), "scikit_learn": sklearn.__version__,
        },
    }  # fmt: skip
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode("ascii")).hexdigest()
    return {"version": f"fitted-{digest[:12]}", **document}


def write_model(document: dict[str, Any], path: Path = MODEL_FILE) -> None:
    """One line a part and one a tree, so that two versions can be compared."""
    parts = []
    for name, part in document.items():
        text = json.dumps(part)
        if name == "trees":
            trees = ",\n".join(json.dumps(tree) for tree in part["trees"])
            text = f'{{"base": {json.dumps(part["base"])}, "trees": [\n{trees}\n]}}'
        parts.append(f"{json.dumps(name)}: {text}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def _compare(split: str, count: int, seed: int) -> list[Compared]:
    tasks = make_tasks(split, count, seed)
    with_all = compare([task for at, task in enumerate(tasks) if (at + 1) % _WITHOUT_EMBEDDINGS])
    with without_embeddings():
        return with_all + compare(tasks[_WITHOUT_EMBEDDINGS - 1 :: _WITHOUT_EMBEDDINGS])


def _described(compared: Sequence[Compared]) -> dict[str, Any]:
    return {
        "tasks": len(compared), "kinds": dict(sorted(Counter(one.task.kind for one in compared).items())),
        "trades": sorted({one.task.trade for one in compared}),
        "pairs": sum(one.right.size for one in compared), "true_pairs": sum(len(one.task.truth) for one in compared),
    }  # fmt: skip
