"""`bench match`: the matcher's figures on sets it was not fitted on, beside matching by names alone.

Ranks, calibration and what would be applied are measured with the model in the repository, or with one fitted anew.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from assets.mapping.matching.matcher import match
from assets.mapping.matching.model import MODEL_FILE, MatchModel
from orchestration.bench.figures import Figure
from orchestration.bench.matching.canonical_set import canonical_tasks
from orchestration.bench.matching.concepts import BUSINESS, OTHER
from orchestration.bench.matching.given_set import GIVEN, read_given_set
from orchestration.bench.matching.measures import (
    Applied,
    Bin,
    Floats,
    applied_from,
    expected_calibration_error,
    hit_rate,
    mean_reciprocal_rank,
    recall_at_truth,
    reliability,
    true_ranks,
)
from orchestration.bench.matching.model_file import CALIBRATED_TASKS, FITTED_TASKS, Say, fit_model, write_model
from orchestration.bench.matching.scoring import (
    NAME_BASELINE,
    Answers,
    Compared,
    Pairs,
    compare,
    first_answers,
    judge,
)
from orchestration.bench.matching.tasks import Task, make_tasks, make_wide_task

BUSINESS_TASKS: Final = 120
OTHER_TASKS: Final = 50
WIDE: Final = 100
MOST_ERROR: Final = 0.05
LEAST_PRECISION: Final = 0.99
LEAST_COVERAGE: Final = 0.6
MOST_SECONDS: Final = 2.0
BUSINESS_SET: Final = "CRM/ERP"
_NAMES: Final = "names only"


@dataclass(frozen=True, slots=True)
class MatchFigures:
    """Everything the bench prints, and the curve of the CRM and ERP sets."""

    figures: list[Figure]
    curve: list[Bin]
    curve_of: str
    model: str


def measure_match(
    model: MatchModel, seed: int, given: Path | None, say: Say, business: int = BUSINESS_TASKS, other: int = OTHER_TASKS
) -> MatchFigures:
    """Measure on CRM and ERP sets, on other trades and, where there is one, on a given set."""
    say(f"Making and comparing {business} CRM and ERP tasks and {other} of other trades")
    sets = {
        BUSINESS_SET: compare(make_tasks(BUSINESS, business, seed)),
        "other": compare(make_tasks(OTHER, other, seed)),
    }
    sets["together"] = [*sets[BUSINESS_SET], *sets["other"]]
    sets["to the canonical model"] = compare(canonical_tasks(max(1, other // 2), seed))
    if given is not None:
        say(f"Comparing the set of {given.name}, which nothing was fitted on")
        sets[GIVEN] = compare([read_given_set(given)])
    figures: list[Figure] = []
    curve: list[Bin] = []
    for name, compared in sets.items():
        scores, answers = judge(compared, model)
        plain = [one.plane(NAME_BASELINE) for one in compared]
        names = first_answers(compared, plain, [_as_pairs(score) for score in plain])
        figures += _ranking(name, compared, scores, plain) + _trust(name, answers, names, model)
        if name == BUSINESS_SET:
            curve = reliability(answers.probabilities, answers.right)
            figures += _limits(name, answers, model)
    say(f"Timing {WIDE} x {WIDE} columns")
    return MatchFigures([*figures, *_times(model, seed)], curve, BUSINESS_SET, model.version)


def run_match_bench(fit: bool, seed: int, given: Path | None, share: float, say: Say) -> MatchFigures:
    """The bench as the command runs it; with `fit` the model file is written first. `share` of the usual tasks."""
    if fit:
        write_model(fit_model(seed, say, _some(FITTED_TASKS, share), _some(CALIBRATED_TASKS, share)))
    model = MatchModel.from_json(json.loads(MODEL_FILE.read_text(encoding="utf-8")))
    return measure_match(model, seed, given, say, _some(BUSINESS_TASKS, share), _some(OTHER_TASKS, share))


def _some(count: int, share: float) -> int:
    return max(1, round(count * share))


def _ranking(
    name: str, compared: Sequence[Compared], scores: Sequence[Floats], plain: Sequence[Floats]
) -> list[Figure]:
    """Ranks over source columns that have a counterpart, and recall over true pairs, task by task."""
    ours, theirs = (
        [rank for one, score in zip(compared, side, strict=True) for rank in true_ranks(score, one.task.truth)]
        for side in (scores, plain)
    )
    recalls = [
        float(np.mean([recall_at_truth(score, one.task.truth) for one, score in paired if one.task.truth]))
        for paired in (list(zip(compared, side, strict=True)) for side in (scores, plain))
    ]
    hits = [(f"hit@{k}", hit_rate(ours, k), hit_rate(theirs, k)) for k in (1, 5, 20)]
    lines = [
        ("mean reciprocal rank", mean_reciprocal_rank(ours), mean_reciprocal_rank(theirs)),
        ("recall at ground truth", recalls[0], recalls[1]), *hits,
    ]  # fmt: skip
    return [Figure(f"{name}: {line}", value, "share", baseline, _NAMES) for line, value, baseline in lines]


def _trust(name: str, answers: Answers, names: Answers, model: MatchModel) -> list[Figure]:
    """Calibration and what would be applied. By names alone, the cosine itself stands for the probability, and the best
    threshold is known beforehand: a baseline better than it could be in use."""
    applied = _applied(answers, model)
    error, plain_error = (expected_calibration_error(one.probabilities, one.right) for one in (answers, names))
    return [
        Figure(f"{name}: calibration error (ECE)", error, "", plain_error, _NAMES),
        Figure(f"{name}: precision of what is applied", applied.precision, "share"),
        Figure(f"{name}: coverage of what is applied", applied.coverage, "share", _hindsight(names), _NAMES),
        Figure(f"{name}: coverage at the best threshold", _hindsight(answers), "share", _hindsight(names), _NAMES),
        Figure(f"{name}: applied / wrong", applied.applied, f"/ {applied.wrong}"),
    ]  # fmt: skip


def _limits(name: str, answers: Answers, model: MatchModel) -> list[Figure]:
    applied = _applied(answers, model)
    error = expected_calibration_error(answers.probabilities, answers.right)
    return [
        Figure(f"{name}: ECE", error, "", limit=MOST_ERROR),
        Figure(f"{name}: auto-apply precision", applied.precision, "share", limit=LEAST_PRECISION, at_least=True),
        Figure(f"{name}: auto-apply coverage", applied.coverage, "share", limit=LEAST_COVERAGE, at_least=True),
    ]


def _applied(answers: Answers, model: MatchModel) -> Applied:
    return applied_from(
        float(model.budget.get("threshold", 1.0)), answers.probabilities, answers.right, answers.matched
    )


def _hindsight(answers: Answers) -> float:
    """Coverage at the lowest threshold that keeps the precision, chosen with the answers known."""
    found = [
        applied_from(float(threshold), answers.probabilities, answers.right, answers.matched)
        for threshold in np.unique(answers.probabilities)
    ]
    return max((one.coverage for one in found if one.precision >= LEAST_PRECISION), default=0.0)


def _as_pairs(scores: Floats) -> Pairs:
    return np.clip(scores, 0, 1).astype(np.float32)


def _times(model: MatchModel, seed: int) -> list[Figure]:
    """Seconds of one whole match: of texts met before, then of texts never met, both in a warm process."""
    known, unknown = make_wide_task(WIDE, seed), make_wide_task(WIDE, seed + 1)
    match(known.sources, known.targets, model)
    return [
        Figure(f"{WIDE} x {WIDE} columns, {what}", _seconds(task, model), "s", limit=limit)
        for what, task, limit in (("warm", known, MOST_SECONDS), ("texts never met", unknown, None))
    ]


def _seconds(task: Task, model: MatchModel) -> float:
    started = time.perf_counter()
    match(task.sources, task.targets, model)
    return time.perf_counter() - started
