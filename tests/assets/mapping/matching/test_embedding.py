"""The sentence model in numpy: known similarities, an independent slow forward pass, and doing without it."""

import json
import math

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from assets.mapping.matching.embedding import SWITCH, embed, embeddings_available, model_folder, without_embeddings

# First numbers of the vector of "customer name", as the slow pass below reckons them.
REFERENCE = (-0.14611, 0.02294, -0.01315, -0.03628, -0.08693, -0.04364, 0.18721, 0.02063)


def _vectors(*texts: str) -> np.ndarray:
    found = embed(texts)
    assert found is not None
    return found


def test_every_vector_has_length_one_and_equal_texts_are_equal() -> None:
    vectors = _vectors("customer name", "a much longer description of what the column holds", "customer name")
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert float(vectors[0] @ vectors[2]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("customer name", "client title", "water temperature"),
        ("phone number", "telephone", "annual revenue"),
        ("birth date", "date of birth", "unit price"),
        ("postal code", "zip code", "blood pressure"),
    ],
)
def test_related_texts_are_nearer_than_unrelated_ones(text: str, near: str, far: str) -> None:
    vectors = _vectors(text, near, far)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_the_model_card_s_example_has_its_published_similarities() -> None:
    vectors = _vectors("That is a happy person", "That is a very happy person", "Today is a sunny day")
    assert float(vectors[0] @ vectors[1]) == pytest.approx(0.943, abs=0.003)
    assert float(vectors[0] @ vectors[2]) == pytest.approx(0.257, abs=0.003)


def test_padding_changes_nothing() -> None:
    together = _vectors("id", "the date and time at which the order was shipped to the customer")
    assert np.allclose(together[0], _slowly("id"), atol=1e-4)


def test_an_independent_slow_pass_gives_the_same_vector() -> None:
    vector = _vectors("customer name")[0]
    assert np.allclose(vector, _slowly("customer name"), atol=1e-4)
    assert np.allclose(vector[: len(REFERENCE)], REFERENCE, atol=1e-4)


def test_a_blank_text_says_nothing() -> None:
    assert not _vectors("", "  ").any()


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")
    assert not embeddings_available()
    assert embed(["customer"]) is None


def test_it_can_be_left_out_for_one_piece_of_work() -> None:
    with without_embeddings():
        assert embed(["id"]) is None
    assert embed(["id"]) is not None


def _slowly(text: str) -> np.ndarray:
    """One text, one token after the other, float64 and the exact error function."""
    folder = model_folder()
    assert folder is not None
    weights = {name: value.astype(np.float64) for name, value in load_file(str(folder / "model.safetensors")).items()}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    ids = tokenizer.encode(text).ids
    heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
    gelu = np.vectorize(lambda x: x * 0.5 * (1 + math.erf(x / math.sqrt(2))))

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        scaled = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    hidden = np.array([
        weights["embeddings.word_embeddings.weight"][token] + weights["embeddings.position_embeddings.weight"][at]
        + weights["embeddings.token_type_embeddings.weight"][0]
        for at, token in enumerate(ids)
    ])  # fmt: skip
    hidden = norm(hidden, "embeddings.LayerNorm")
    depth = hidden.shape[1] // heads
    for layer in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{layer}"
        query, key, value = (linear(hidden, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
        mixed = np.zeros_like(hidden)
        for head in range(heads):
            part = slice(head * depth, (head + 1) * depth)
            for at in range(len(ids)):
                scores = np.exp(key[:, part] @ query[at, part] / math.sqrt(depth))
                mixed[at, part] = scores @ value[:, part] / scores.sum()
        hidden = norm(hidden + linear(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        wide = gelu(linear(hidden, f"{name}.intermediate.dense"))
        hidden = norm(hidden + linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
    pooled = hidden.mean(axis=0)
    return pooled / np.linalg.norm(pooled)
