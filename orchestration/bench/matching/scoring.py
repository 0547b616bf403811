"""What the matcher says about a task: probabilities of all pairs, and its first answer for every source column."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assets.mapping.matching.decision import decision_features
from assets.mapping.matching.features import FEATURES, features
from assets.mapping.matching.matcher import score_pairs, settle_doubts
from assets.mapping.matching.model import MatchModel
from orchestration.bench.matching.measures import Flags, Floats
from orchestration.bench.matching.tasks import Task

Pairs = npt.NDArray[np.float32]
NAME_BASELINE = "name_grams"  # cosine of character n-grams of the names: what matching by name alone does


@dataclass(frozen=True, slots=True)
class Compared:
    """A task with the features of its pairs: (sources, targets, FEATURES)."""

    task: Task
    pairs: Pairs

    @property
    def right(self) -> Flags:
        """(sources, targets): which pairs are true."""
        right = np.zeros(self.pairs.shape[:2], dtype=bool)
        for source, target in self.task.truth:
            right[source, target] = True
        return right

    @property
    def planes(self) -> dict[str, Pairs]:
        """All features by name."""
        return {name: self.pairs[..., at] for at, name in enumerate(FEATURES)}

    def plane(self, name: str) -> Floats:
        """One feature of all pairs."""
        return self.pairs[..., FEATURES.index(name)].astype(np.float64)


@dataclass(frozen=True, slots=True)
class Answers:
    """The first answers of many tasks: `rows` are (task position, source, target) in step with the probabilities."""

    rows: list[tuple[int, int, int]]
    probabilities: Floats
    right: Flags
    matched: int


def compare(tasks: Sequence[Task]) -> list[Compared]:
    """The features of all pairs of each task."""
    return [Compared(task, features(task.sources, task.targets)) for task in tasks]


def logits_of(compared: Compared, model: MatchModel) -> Pairs:
    """Log-odds of all pairs as the matcher reckons them, far pairs left out as it does."""
    return score_pairs(compared.planes, model)


def decide(compared: Compared, logits: Pairs) -> tuple[Pairs, npt.NDArray[np.int64]]:
    """What the probabilities of a task are made of: see `decision_features`."""
    task = compared.task
    return decision_features(logits, task.sources, task.targets, compared.planes)


def ranking_of(logits: Pairs, probabilities: Pairs) -> Floats:
    """One number a pair to rank by: the probability, and where it is the same the log-odds."""
    return probabilities.astype(np.float64) + 1e-6 * (logits.astype(np.float64) + 40)


def first_answers(compared: Sequence[Compared], scores: Sequence[Floats], probabilities: Sequence[Pairs]) -> Answers:
    """The best target of every source of every task."""
    rows, values, right = [], [], []
    for at, (one, score, probability) in enumerate(zip(compared, scores, probabilities, strict=True)):
        truth = one.right
        for source in range(score.shape[0] if score.shape[1] else 0):
            target = int(score[source].argmax())
            rows.append((at, source, target))
            values.append(float(probability[source, target]))
            right.append(bool(truth[source, target]))
    matched = sum(len(one.task.matched_sources) for one in compared)
    return Answers(rows, np.array(values, dtype=np.float64), np.array(right, dtype=bool), matched)


def judge(compared: Sequence[Compared], model: MatchModel) -> tuple[list[Floats], Answers]:
    """Rankings of all tasks and their first answers with calibrated probabilities."""
    logits = [logits_of(one, model) for one in compared]
    probabilities = [
        model.probabilities(*decide(one, own)) for one, own in zip(compared, logits, strict=True)
    ]  # fmt: skip
    settled = [
        settle_doubts(own, sure, one.planes) for one, own, sure in zip(compared, logits, probabilities, strict=True)
    ]
    scores = [ranking_of(one, other) for one, other in settled]
    return scores, first_answers(compared, scores, [sure for _, sure in settled])
