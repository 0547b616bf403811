"""The fitted model: scores of pairs and calibrated probabilities, read from `models/model.json`, reckoned with numpy.

Fitting it is `orchestration.bench.matching`'s work; the file says on what and how well.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from assets.mapping.matching.bert import Matrix
from assets.mapping.matching.decision import DECISION_FEATURES, NEAREST, REGIMES, regimes_of
from assets.mapping.matching.features import FEATURES

MODEL_FILE: Final = Path(__file__).parent / "models" / "model.json"
_BLOCK: Final = 4_096  # pairs whose way through the trees is followed at once
_ODDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted regression trees as arrays (trees, nodes): go left if the feature is at most the threshold.

    A leaf is its own child; `depth` is the longest way from a root.
    """

    base: float
    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    depth: int

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Trees":
        trees: Sequence[Mapping[str, Sequence[float]]] = document["trees"]
        size = max(len(tree["feature"]) for tree in trees)
        shape = (len(trees), size)
        feature, left, right = (np.zeros(shape, dtype=np.int64) for _ in range(3))
        threshold, value = np.zeros(shape, dtype=np.float64), np.zeros(shape, dtype=np.float64)
        for at, tree in enumerate(trees):
            count = len(tree["feature"])
            leaf = np.array(tree["feature"]) < 0
            own = np.arange(count)
            feature[at, :count] = np.where(leaf, 0, tree["feature"])
            threshold[at, :count] = np.where(leaf, 0, tree["threshold"])
            left[at, :count] = np.where(leaf, own, tree["left"])
            right[at, :count] = np.where(leaf, own, tree["right"])
            value[at, :count] = tree["value"]
        depth = _depth(left, right)
        return cls(float(document["base"]), feature, threshold, left, right, value, depth)

    def score(self, pairs: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """Log-odds of (pairs, features)."""
        blocks = [self._block(pairs[at : at + _BLOCK]) for at in range(0, len(pairs), _BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros(0)

    def _block(self, pairs: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        tree = np.arange(len(self.feature))[None, :]
        node = np.zeros((len(pairs), len(self.feature)), dtype=np.int64)
        rows = np.arange(len(pairs))[:, None]
        for _ in range(self.depth):
            goes_left = pairs[rows, self.feature[tree, node]] <= self.threshold[tree, node]
            node = np.where(goes_left, self.left[tree, node], self.right[tree, node])
        return np.asarray(self.base + self.value[tree, node].sum(axis=1))


def _depth(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> int:
    depth, level = 0, [np.zeros(1, dtype=np.int64) for _ in left]
    while True:
        below = [
            np.unique(np.concatenate([one[at][one[at] != at] for one in (left[tree], right[tree])]))
            for tree, at in enumerate(level)
        ]
        if not any(len(nodes) for nodes in below):
            return depth
        depth, level = depth + 1, below


@dataclass(frozen=True, slots=True)
class Linear:
    """Log-odds as a weighted sum of standardised values."""

    mean: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    intercept: float

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Linear":
        weights = np.array(document["coef"], dtype=np.float64)
        mean = np.array(document.get("mean") or np.zeros(len(weights)))
        scale = np.array(document.get("scale") or np.ones(len(weights)))
        return cls(mean, scale, weights, float(document["intercept"]))

    def score(self, values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """Log-odds of (rows, values)."""
        return np.asarray(self.intercept + ((values - self.mean) / self.scale) @ self.weights)


@dataclass(frozen=True, slots=True)
class MatchModel:
    """Scores pairs, then turns scores into probabilities.

    `budget` is what was measured on sets not used in fitting: the probability from which at most `wrong_share` of the
    decisions are wrong. `prior` are weights of features added to the scorer's log-odds: what does not depend on the
    sets it was fitted on keeps a say on schemas unlike them. `knots` are the curve from certainty to probability,
    `regimes` those of the REGIMES that have one of their own.
    """

    version: str
    features: tuple[str, ...]
    scorer: Trees | Linear
    decision: tuple[str, ...]
    calibration: Trees | Linear
    knots: npt.NDArray[np.float64]
    prior: Mapping[str, float] = field(default_factory=dict)
    budget: Mapping[str, float] = field(default_factory=dict)
    reliability: tuple[Mapping[str, float], ...] = ()
    fitted_on: Mapping[str, Any] = field(default_factory=dict)
    regimes: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None = None) -> "MatchModel":
        """The model of a file, the one in the package when none is named; read once."""
        return _load(path or MODEL_FILE)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "MatchModel":
        """Raises ValueError when the file names a feature that is not computed."""
        prior = {name: float(weight) for name, weight in (document.get("prior") or {}).items()}
        unknown = [name for name in (*document["features"], *prior) if name not in FEATURES]
        if unknown:
            raise ValueError(f"model {document['version']} wants unknown features {unknown}: fit it anew")
        kind = document["kind"]
        scorer = Trees.from_json(document["trees"]) if kind == "trees" else Linear.from_json(document["logistic"])
        calibration = document["calibration"]
        knots = np.array(calibration.get("knots") or [[0, 0], [1, 1]], dtype=np.float64)
        certainty = Trees.from_json(calibration) if "trees" in calibration else Linear.from_json(calibration)
        return cls(
            str(document["version"]), tuple(document["features"]), scorer, tuple(calibration["features"]),
            certainty, knots, prior, document.get("budget") or {},
            tuple(document.get("reliability") or ()), document.get("fitted_on") or {},
            {name: np.array(curve, dtype=np.float64) for name, curve in (calibration.get("regimes") or {}).items()},
        )  # fmt: skip

    def score(self, pairs: Matrix) -> Matrix:
        """Log-odds, float32, of (..., FEATURES)."""
        picked = pairs[..., [FEATURES.index(name) for name in self.features]]
        flat = picked.reshape(-1, len(self.features))
        score = self.scorer.score(flat).reshape(pairs.shape[:-1])
        for name, weight in self.prior.items():
            score = score + weight * pairs[..., FEATURES.index(name)]
        return score.astype(np.float32)

    def score_planes(self, planes: Mapping[str, Matrix], chosen: npt.NDArray[np.bool_]) -> Matrix:
        """Log-odds of the chosen pairs, in the order in which the mask names them."""
        score = self.scorer.score(np.stack([planes[name][chosen] for name in self.features], axis=1))
        for name, weight in self.prior.items():
            score = score + weight * planes[name][chosen]
        return score.astype(np.float32)

    def calibrate(self, decisions: Matrix) -> Matrix:
        """Probabilities, float32, of (pairs, DECISION_FEATURES)."""
        picked = decisions[:, [DECISION_FEATURES.index(name) for name in self.decision]]
        odds = self.calibration.score(picked.astype(np.float64))
        certainty = 1 / (1 + np.exp(-np.clip(odds, -_ODDS, _ODDS)))
        found = np.interp(certainty, self.knots[:, 0], self.knots[:, 1])
        places = regimes_of(decisions) if self.regimes else np.zeros(0)
        for name, curve in self.regimes.items():
            own = places == REGIMES.index(name)
            found[own] = np.interp(certainty[own], curve[:, 0], curve[:, 1])
        return found.astype(np.float32)

    def probabilities(self, decisions: Matrix, ranks: npt.NDArray[np.int64]) -> Matrix:
        """Probabilities of all pairs from what `decision_features` gives. A pair that is not near is worth what the
        least of its row's near ones is, and less the further down it stands."""
        near = ranks <= NEAREST
        found = np.ones(ranks.shape, dtype=np.float32)
        if ranks.size:
            found[near] = self.calibrate(decisions)
            found = np.where(near, found, found.min(axis=1, keepdims=True) * NEAREST / ranks)
        return found.astype(np.float32)


@cache
def _load(path: Path) -> MatchModel:
    return MatchModel.from_json(json.loads(path.read_text(encoding="utf-8")))
