"""How far two columns agree record by record, and how much of that chance would do.

Formulas: Cohen's kappa (1960) with the Wilson lower bound (1927) of the agreement in place of the agreement itself, so
few records prove little and a constant column nothing. Values are compared as numbers that stand for them.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assets.fingerprint.pairs import Pairs, Texts

Z: Final = 1.645  # one-sided 95 %
_SHORTLIST_ROWS: Final = 64
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the records where either side has a value: how many, how many agree, and the share expected by chance."""

    compared: int
    equal: int
    by_chance: float

    @property
    def share(self) -> float:
        """Part that agrees; 0 when nothing was compared."""
        return self.equal / self.compared if self.compared else 0.0

    @property
    def proven(self) -> float:
        """Lower bound of the agreement beyond chance, 0-1."""
        return beyond_chance(self.equal, self.compared, self.by_chance)

    def to_json(self) -> dict[str, Any]:
        """Counts for the evidence of an event."""
        return {"compared": self.compared, "equal": self.equal, "by_chance": round(self.by_chance, 4)}


def lower_bound(hits: int, of: int) -> float:
    """Wilson lower bound of a share at 95 %, one-sided."""
    if not of:
        return 0.0
    share, z2 = hits / of, Z * Z
    centre = share + z2 / (2 * of)
    return max(0.0, (centre - Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of))) / (1 + z2 / of))


def beyond_chance(hits: int, of: int, by_chance: float) -> float:
    """The lower bound of the share, corrected for what chance alone would give."""
    return max(0.0, (lower_bound(hits, of) - by_chance) / (1 - by_chance)) if by_chance < 1 else 0.0


class Coded:
    """The pairs with a number for each text, the same for equal texts; 0 is no text."""

    def __init__(self, pairs: Pairs) -> None:
        known: dict[str | None, int] = {None: 0}
        self.before = {name: _codes(texts, known) for name, texts in pairs.before.items()}
        self.after = {name: _codes(texts, known) for name, texts in pairs.after.items()}

    def old(self, name: str) -> Codes | None:
        """Codes of a column before."""
        return self.before.get(name)

    def new(self, name: str) -> Codes | None:
        """Codes of a column after."""
        return self.after.get(name)


def agreement(a: Codes, b: Codes) -> Agreement:
    """Of two columns over the same records."""
    either = (a != 0) | (b != 0)
    compared = int(either.sum())
    if not compared:
        return Agreement(0, 0, 1.0)
    left, right = a[either], b[either]
    equal = int((left == right).sum())
    values, counts = np.unique(left[left != 0], return_counts=True)
    others, other_counts = np.unique(right[right != 0], return_counts=True)
    _, ours, theirs = np.intersect1d(values, others, assume_unique=True, return_indices=True)
    chance = float((counts[ours] * other_counts[theirs]).sum()) / (compared * compared)
    return Agreement(compared, equal, min(chance, 1.0))


class Shortlist:
    """Columns laid side by side, to find those that agree with another often enough to be worth a full look."""

    def __init__(self, columns: Mapping[str, Codes]) -> None:
        self._names = list(columns)
        self._table = np.stack(list(columns.values())) if columns else np.zeros((0, 0), dtype=np.int64)

    def like(self, wanted: Codes, least: float = 0.3) -> list[str]:
        """Names of the columns that agree in that share of the first filled records."""
        rows = np.flatnonzero(wanted)[:_SHORTLIST_ROWS]
        if not len(rows) or not self._names:
            return []
        shares = (self._table[:, rows] == wanted[rows]).mean(axis=1)
        return [self._names[place] for place in np.flatnonzero(shares >= least)]


def filled(codes: Codes | None) -> int:
    """Records with a value."""
    return 0 if codes is None else int(np.count_nonzero(codes))


def name_likeness(a: str, b: str) -> float:
    """How like two names are, 0-1: the better of their letters' and their words' likeness."""
    ours, theirs = _words(a), _words(b)
    letters = difflib.SequenceMatcher(None, "".join(ours), "".join(theirs)).ratio()
    shared = len(set(ours) & set(theirs))
    return max(letters, shared / max(len(set(ours) | set(theirs)), 1))


def _words(name: str) -> Sequence[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"__c$", "", name))
    return re.findall(r"\w+", spaced.replace("_", " ").casefold()) or [name.casefold()]


def _codes(texts: Texts | Iterable[str | None], known: dict[str | None, int]) -> Codes:
    return np.fromiter((known.setdefault(text, len(known)) for text in texts), dtype=np.int64)
