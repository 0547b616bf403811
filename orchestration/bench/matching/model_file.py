"""A whole model as JSON: its scorer, its calibration, its curve and its error budget.

The scorer learns from one dictionary; what it says of another, and what scorers said of trades of the first that were
left out of their fit, calibrates.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import sklearn

from assets.mapping.matching.embedding import without_embeddings
from assets.mapping.matching.model import MODEL_FILE
from orchestration.bench.matching.calibrating import WRONG_SHARE, Calibration, calibrate
from orchestration.bench.matching.concepts import CALIBRATE, FIT
from orchestration.bench.matching.fitting import fit_scorer, logits_of_unseen, uncalibrated
from orchestration.bench.matching.scoring import Compared, compare, logits_of
from orchestration.bench.matching.tasks import make_tasks

FITTED_TASKS: Final = 640
CALIBRATED_TASKS: Final = 720
_PROCESSES: Final = 2
_WITHOUT_EMBEDDINGS: Final = 4  # every so manieth task is seen without the sentence model, as some installations are

Say = Callable[[str], None]


def fit_model(seed: int, say: Say, fitted: int = FITTED_TASKS, calibrated: int = CALIBRATED_TASKS) -> dict[str, Any]:
    """Make the tasks, fit and calibrate. The same for a seed, whatever the machine, up to rounding of floats."""
    say(f"Making and comparing {fitted} and {calibrated} tasks to fit and calibrate on")
    with ProcessPoolExecutor(_PROCESSES, get_context("spawn")) as pool:
        parts = [pool.submit(_compare, FIT, fitted, seed), pool.submit(_compare, CALIBRATE, calibrated, seed)]
        learned, judged = (part.result() for part in parts)
    return fit_on(learned, seed, say, judged)


def fit_on(compared: Sequence[Compared], seed: int, say: Say, judged: Sequence[Compared] = ()) -> dict[str, Any]:
    """The model that these tasks give. Pairs are scored as learned from `compared` alone, which must be of two trades
    at the least; calibrated is on all. `judged` are of other trades.
    """
    say("Fitting trees and a logistic regression")
    scorer = fit_scorer(compared)
    say("Fitting without each trade in turn, and calibrating on what is then said about it")
    logits = logits_of_unseen(compared, scorer["kind"])
    fitted = uncalibrated(scorer)
    logits += [logits_of(one, fitted) for one in judged]
    everything = [*compared, *judged]
    return model_document(scorer, calibrate(everything, logits), everything, seed)


def model_document(
    scorer: dict[str, Any], calibration: Calibration, compared: Sequence[Compared], seed: int
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
            "seed": seed, **_described(compared),
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
        if isinstance(part, dict) and "trees" in part:
            rest = "".join(f"{json.dumps(key)}: {json.dumps(own)}, " for key, own in part.items() if key != "trees")
            trees = ",\n".join(json.dumps(tree) for tree in part["trees"])
            text = f'{{{rest}"trees": [\n{trees}\n]}}'
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
