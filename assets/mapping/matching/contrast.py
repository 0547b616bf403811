"""What speaks against a pair whose names are near: opposites such as billing and shipping, words without a partner.

Near names are mostly right, and wrong in one way: the one word that differs is the one that matters.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.mapping.matching.bert import Matrix
from assets.mapping.matching.words import singular, synonym_groups

_OPPOSITES: Final = Path(__file__).parent / "vocabulary" / "opposites.txt"


@cache
def opposites() -> tuple[Mapping[str, int], ...]:
    """Axes of meaning, each with its words and the side they stand on."""
    axes = []
    for line in _OPPOSITES.read_text(encoding="utf-8").splitlines():
        sides = [side.split() for side in line.split("|")]
        axes.append({singular(word): at for at, side in enumerate(sides) for word in side})
    return tuple(axes)


def opposed(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> tuple[Matrix, Matrix]:
    """1 where the two stand on different sides of an axis and on no common one; and 1 where only one takes a side."""
    against = np.zeros((len(left), len(right)), dtype=np.float32)
    alone = np.zeros_like(against)
    for axis in opposites():
        ours, theirs = _sides(left, axis), _sides(right, axis)
        if ours.any() or theirs.any():
            named = ours.max(axis=1)[:, None], theirs.max(axis=1)[None, :]
            common = (ours.astype(np.float32) @ theirs.astype(np.float32).T) > 0
            against[named[0] & named[1] & ~common] = 1
            alone[named[0] ^ named[1]] = 1
    return against, alone


def _sides(documents: Sequence[Sequence[str]], axis: Mapping[str, int]) -> npt.NDArray[np.bool_]:
    """(documents, sides): on which side of the axis each stands."""
    sides = np.zeros((len(documents), 1 + max(axis.values())), dtype=bool)
    for row, words in enumerate(documents):
        for word in words:
            if word in axis:
                sides[row, axis[word]] = True
    # Whoever names every side ("from ... to ...") takes none.
    sides[np.asarray(sides.all(axis=1))] = False
    return sides


def heads_apart(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> Matrix:
    """1 where the last words, which say what a column is, are different and no synonyms."""
    ours, theirs = [words[-1] for words in left], [words[-1] for words in right]
    groups = synonym_groups()
    apart = {
        (one, other): float(one != other and not groups.get(one, frozenset()) & groups.get(other, frozenset()))
        for one in set(ours) for other in set(theirs)
    }  # fmt: skip
    return np.array([[apart[one, other] for other in theirs] for one in ours], dtype=np.float32)
