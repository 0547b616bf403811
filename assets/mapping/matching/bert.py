"""The forward pass of a BERT encoder in numpy, float32, with mean pooling: texts' token ids in, vectors out.

Architecture: Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers"; weights as Hugging Face names
them. Tokens, batches and keeping of vectors are `embedding`'s.
"""

import math
from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Matrix: TypeAlias = npt.NDArray[np.float32]
_ROWS: Final = 64  # tokens whose activations stay in the processor's cache
_HIDDEN: Final = np.float32(-1e9)  # what padding is worth to attention


class Bert:
    """Weights of an encoder, laid out once for fast products."""

    def __init__(self, weights: Mapping[str, Matrix], heads: int, epsilon: float) -> None:
        self.heads, self.epsilon = heads, np.float32(epsilon)
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._first = _norm_of(weights, "embeddings.LayerNorm")
        count = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
        self._layers = [_Layer(weights, f"encoder.layer.{at}", heads) for at in range(count)]
        self.size = int(self._words.shape[1])

    def sentences(self, tokens: npt.NDArray[np.int64], mask: Matrix) -> Matrix:
        """(texts, size), each of length 1, from token ids (texts, width) and a mask with 1 at tokens, 0 at padding."""
        placed = np.asarray(self._words[tokens] + self._places[: tokens.shape[1]], dtype=np.float32)
        hidden = _normalise(placed, *self._first, self.epsilon)
        bias = ((1 - mask) * _HIDDEN)[:, None, None, :].astype(np.float32)
        # One tall matrix of all tokens: a product of it is one call, not one a text.
        flat = hidden.reshape(-1, self.size)
        for layer in self._layers:
            flat = layer.forward(flat, bias, self.epsilon)
        hidden = flat.reshape(hidden.shape)
        pooled = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), dtype=np.float32)


class _Layer:
    def __init__(self, weights: Mapping[str, Matrix], name: str, heads: int) -> None:
        own = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        self._heads = heads
        self._three = np.ascontiguousarray(np.concatenate([weights[f"{part}.weight"] for part in own]).T)
        self._three_bias = np.concatenate([weights[f"{part}.bias"] for part in own])
        self._out = _linear(weights, f"{name}.attention.output.dense")
        self._out_norm = _norm_of(weights, f"{name}.attention.output.LayerNorm")
        self._wide = _linear(weights, f"{name}.intermediate.dense")
        self._back = _linear(weights, f"{name}.output.dense")
        self._norm = _norm_of(weights, f"{name}.output.LayerNorm")

    def forward(self, hidden: Matrix, bias: Matrix, epsilon: np.float32) -> Matrix:
        attended = self._attend(hidden, bias) @ self._out[0] + self._out[1]
        hidden = _normalise(np.asarray(hidden + attended, dtype=np.float32), *self._out_norm, epsilon)
        widened = hidden @ self._wide[0]
        widened += self._wide[1]
        for at in range(0, len(widened), _ROWS):
            _gelu(widened[at : at + _ROWS])
        narrowed = widened @ self._back[0] + self._back[1]
        return _normalise(np.asarray(hidden + narrowed, dtype=np.float32), *self._norm, epsilon)

    def _attend(self, hidden: Matrix, bias: Matrix) -> Matrix:
        """softmax(q k' / sqrt(d)) v for every head; `bias` keeps padding out."""
        texts, width, size = bias.shape[0], bias.shape[3], hidden.shape[1]
        depth = size // self._heads
        three = (hidden @ self._three + self._three_bias).reshape(texts, width, 3, self._heads, depth)
        query, key, value = three.transpose(2, 0, 3, 1, 4)
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(math.sqrt(depth)) + bias
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return np.asarray((scores @ value).transpose(0, 2, 1, 3).reshape(texts * width, size), dtype=np.float32)


def _linear(weights: Mapping[str, Matrix], name: str) -> tuple[Matrix, Matrix]:
    return np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"]


def _norm_of(weights: Mapping[str, Matrix], name: str) -> tuple[Matrix, Matrix]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _normalise(values: Matrix, weight: Matrix, bias: Matrix, epsilon: np.float32) -> Matrix:
    """Layer normalization (Ba et al. 2016) over the last axis."""
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + epsilon)
    return np.asarray(centred / spread * weight + bias, dtype=np.float32)


def _gelu(values: Matrix) -> None:
    """x * Phi(x) in place, the error function by Abramowitz and Stegun 7.1.26 (error below 1.5e-7)."""
    scaled = np.abs(values)
    scaled *= np.float32(1 / math.sqrt(2))
    t = scaled * np.float32(0.3275911)
    t += 1
    np.reciprocal(t, out=t)
    series = t * np.float32(1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series += np.float32(coefficient)
        series *= t
    np.multiply(scaled, -scaled, out=scaled)
    series *= np.exp(scaled, out=scaled)
    # Phi(x) = 1/2 + sign(x) (1 - series) / 2.
    np.subtract(1, series, out=series)
    np.copysign(series, values, out=series)
    series += 1
    series *= np.float32(0.5)
    values *= series
