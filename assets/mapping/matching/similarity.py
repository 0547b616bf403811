"""How alike names and texts are: matrices of (sources, targets), float32, values 0 to 1. Numpy only.

Sets of n-grams and words become dense count matrices, so that every pair is compared by a few products. Edit distance
runs over all pairs at once, one cell of its table after the other.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.mapping.matching.bert import Matrix

_EDITED: Final = 24  # characters of a name that edit distance looks at
_GRAMS: Final = (2, 3, 4)
_MOST_TERMS: Final = 6_000  # terms of one comparison; the commonest are kept


def zeros(sources: Sequence[object], targets: Sequence[object]) -> Matrix:
    """A matrix that says nothing about any pair."""
    return np.zeros((len(sources), len(targets)), dtype=np.float32)


def grams(text: str) -> list[str]:
    """Character n-grams of 2 to 4, the borders of the text marked."""
    padded = f"^{text}$"
    return [padded[at : at + size] for size in _GRAMS for at in range(len(padded) - size + 1)]


def weighted_cosine(sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> Matrix:
    """Cosine of TF-IDF vectors (Salton and Buckley 1988, sublinear counts); the documents are both sides' columns."""
    if not sources or not targets:
        return zeros(sources, targets)
    seen = Counter(term for document in (*sources, *targets) for term in set(document))
    # A term of one document alone can match nothing.
    index = {term: at for at, (term, _) in enumerate(t for t in seen.most_common(_MOST_TERMS) if t[1] > 1)}
    total = len(sources) + len(targets)
    alone = np.log((1 + total) / 2) + 1
    weights = np.array([np.log((1 + total) / (1 + seen[term])) + 1 for term in index], dtype=np.float32)
    left, right = (_vectors(side, index, weights, float(alone)) for side in (sources, targets))
    return np.asarray(left @ right.T, dtype=np.float32)


def _vectors(documents: Sequence[Sequence[str]], index: dict[str, int], weights: Matrix, alone: float) -> Matrix:
    vectors = np.zeros((len(documents), len(index)), dtype=np.float32)
    lengths = np.zeros(len(documents), dtype=np.float32)
    for row, document in enumerate(documents):
        for term, count in Counter(document).items():
            at = index.get(term)
            weight = (1 + np.log(count)) * (alone if at is None else weights[at])
            lengths[row] += weight * weight
            if at is not None:
                vectors[row, at] = weight
    return np.asarray(vectors / np.sqrt(np.maximum(lengths, 1e-9))[:, None], dtype=np.float32)


def edit_similarity(sources: Sequence[str], targets: Sequence[str]) -> Matrix:
    """1 - Levenshtein distance / length of the longer one, over the first characters of each."""
    left, right = sorted(set(sources)), sorted(set(targets))
    if not left or not right:
        return zeros(sources, targets)
    a, a_size = _codes(left)
    b, b_size = _codes(right)
    distances = np.zeros((len(left), len(right)), dtype=np.int16)
    row = np.broadcast_to(np.arange(b.shape[1] + 1, dtype=np.int16)[:, None, None], (b.shape[1] + 1, *distances.shape))
    row = row.copy()
    for i in range(a.shape[1] + 1):
        if i:
            before = row.copy()
            row[0] = i
            for j in range(1, b.shape[1] + 1):
                differs = (a[:, i - 1][:, None] != b[:, j - 1][None, :]).astype(np.int16)
                np.minimum(before[j - 1] + differs, np.minimum(before[j], row[j - 1]) + 1, out=row[j])
        done = np.nonzero(a_size == i)[0]
        if len(done):
            distances[done] = np.take_along_axis(row[:, done, :], b_size[None, None, :], axis=0)[0]
    longest = np.maximum(np.maximum(a_size[:, None], b_size[None, :]), 1)
    return _spread((1 - distances / longest).astype(np.float32), left, right, sources, targets)


def _codes(texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    cut = [text[:_EDITED] for text in texts]
    width = max(map(len, cut))
    codes = np.zeros((len(cut), width), dtype=np.int32)
    for row, text in enumerate(cut):
        codes[row, : len(text)] = [ord(char) for char in text]
    return codes, np.array([len(text) for text in cut])


def _spread(
    unique: Matrix, left: Sequence[str], right: Sequence[str], sources: Sequence[str], targets: Sequence[str]
) -> Matrix:
    rows, columns = {text: at for at, text in enumerate(left)}, {text: at for at, text in enumerate(right)}
    return unique[np.ix_([rows[text] for text in sources], [columns[text] for text in targets])]


def pairwise(sources: Sequence[str], targets: Sequence[str], compare: Callable[[str, str], float]) -> Matrix:
    """A comparison in Python, once for each pair of different texts that start with the same letter."""
    left, right = sorted(set(sources)), sorted(set(targets))
    unique = np.zeros((len(left), len(right)), dtype=np.float32)
    starting: dict[str, list[int]] = {}
    for at, text in enumerate(right):
        starting.setdefault(text[:1], []).append(at)
    for row, text in enumerate(left):
        for at in starting.get(text[:1], ()):
            unique[row, at] = compare(text, right[at])
    return _spread(unique, left, right, sources, targets)


def members(sets: Sequence[Iterable[object]], index: dict[object, int]) -> Matrix:
    """Indicator matrix (sets, index): which entries each set holds. Unknown entries are left out."""
    found = np.zeros((len(sets), max(len(index), 1)), dtype=np.float32)
    for row, entries in enumerate(sets):
        for entry in entries:
            if entry in index:
                found[row, index[entry]] = 1
    return found


def shared(sources: Sequence[Iterable[object]], targets: Sequence[Iterable[object]]) -> Matrix:
    """How many entries each pair of sets has in common."""
    kept = [frozenset(entries) for entries in sources], [frozenset(entries) for entries in targets]
    common = frozenset().union(*kept[0]) & frozenset().union(*kept[1]) if kept[0] and kept[1] else frozenset()
    index = {entry: at for at, entry in enumerate(sorted(common, key=repr))}
    return np.asarray(members(kept[0], index) @ members(kept[1], index).T, dtype=np.float32)


def cosine(left: Matrix | None, right: Matrix | None, sources: Sequence[object], targets: Sequence[object]) -> Matrix:
    """Cosine of vectors of length 1, negative ones as 0; zeros without vectors."""
    if left is None or right is None:
        return zeros(sources, targets)
    return np.asarray(np.maximum(left @ right.T, 0), dtype=np.float32)
