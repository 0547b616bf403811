"""Names of columns as plain English words: split, unglued, spelled out, translated; and which words mean the same.

The word lists are data (`vocabulary/`): general abbreviations, synonyms and German, French and Spanish business words.
Vendors' own names and phrases for canonical fields are used too, as one more thing that names can share.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from assets.mapping.aliases import alias_key, documented_names
from assets.mapping.names import named_fields, word_list

_VOCABULARY: Final = Path(__file__).parent / "vocabulary"
_PART: Final = re.compile(r"[^\W\d_]+|\d+")
_HUMP: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^A-Z]+|[A-Z]+")
_SUFFIX: Final = re.compile(r"(__c|__r)$")
_DROPPED: Final = frozenset(
    [
        "of",
        "the",
        "a",
        "an",
        "and",
        "or",
        "in",
        "for",
        "by",
        "de",
        "la",
        "le",
        "el",
        "der",
        "die",
        "das",
        "du",
        "des",
        "del",
    ]
)
_SHORT: Final = frozenset({"id", "no", "nr", "dt", "cd", "nm"})  # pieces of two letters that a glued name may end in
_LEAST_GLUED: Final = 6


@lru_cache(maxsize=65_536)
def words_of(name: str) -> tuple[str, ...]:
    """English words of a name in its order, singular; at least one, the folded name itself where nothing is left."""
    found: list[str] = []
    for token in split_name(name):
        for piece in _unglue(token):
            found += [singular(word) for word in _spell_out(piece).split()]
    kept = [word for word in found if word not in _DROPPED] or found or [fold(name).strip().lower()]
    return tuple(word for at, word in enumerate(kept) if at == 0 or kept[at - 1] != word)


def split_name(name: str) -> list[str]:
    """Lower-case letters-only and digits-only parts of a name, cut at humps, separators and digits."""
    text = fold(_SUFFIX.sub("", name)).replace("%", " percent ").replace("#", " number ")
    return [hump.lower() for part in _PART.findall(text) for hump in _HUMP.findall(part)]


def fold(text: str) -> str:
    """The text without accents; German sharp s as ss."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def letters_of(name: str) -> str:
    """Letters and digits of a name, case and accents folded, without borders."""
    return "".join(char for char in fold(_SUFFIX.sub("", name)).lower() if char.isalnum())


def singular(word: str) -> str:
    """The word without an English plural ending."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]


@cache
def synonym_groups() -> Mapping[str, frozenset[int]]:
    """Groups of words of one meaning that a word belongs to."""
    groups: dict[str, set[int]] = defaultdict(set)
    lines = (_VOCABULARY / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    for at, line in enumerate(lines):
        for word in line.split():
            groups[singular(word)].add(at)
    return {word: frozenset(found) for word, found in groups.items()}


@cache
def kinds_of_words() -> tuple[tuple[str, ...], Mapping[str, frozenset[int]]]:
    """Kinds of column (moment, money, flag, ...), and for each word the kinds it speaks for."""
    kinds: list[str] = []
    words: dict[str, set[int]] = defaultdict(set)
    for row in _rows("kinds.csv"):
        for word in row["words"].split():
            words[singular(word)].add(len(kinds))
        kinds.append(row["kind"])
    return tuple(kinds), {word: frozenset(found) for word, found in words.items()}


@lru_cache(maxsize=65_536)
def concepts_of(name: str) -> frozenset[tuple[str, str]]:
    """Canonical fields (entity, field) that a vendor's documentation or the business vocabulary knows by this name."""
    return documented_names().get(alias_key(name), frozenset()) | named_fields(name)


@cache
def _spellings() -> Mapping[str, str]:
    spelled = {row["word"]: row["meaning"] for row in _rows("foreign.csv")}
    spelled |= {row["word"]: row["meaning"] for row in _rows("abbreviations.csv")}
    return spelled


def _rows(name: str) -> Iterable[dict[str, str]]:
    with (_VOCABULARY / name).open(encoding="utf-8", newline="") as file:
        yield from list(csv.DictReader(file))


def _spell_out(word: str) -> str:
    return _spellings().get(word, word)


@cache
def _known_words() -> frozenset[str]:
    """Words that a glued name may be made of."""
    known = set(_spellings()) | set(synonym_groups()) | set(kinds_of_words()[1])
    known |= {piece for meaning in _spellings().values() for piece in meaning.split()}
    known |= {piece for meaning in word_list("abbreviation").values() for piece in meaning.split()}
    return frozenset(word for word in known if len(word) >= 3) | _SHORT


@lru_cache(maxsize=65_536)
def _unglue(token: str) -> tuple[str, ...]:
    """The known words that a token without borders consists of entirely, fewest first; else the token itself."""
    known = _known_words()
    if len(token) < _LEAST_GLUED or token in known or singular(token) in known or token.isdigit():
        return (token,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(token)
    for end in range(2, len(token) + 1):
        for start in range(max(0, end - 16), end - 1):
            head, piece = best[start], token[start:end]
            if head is None or (piece not in known and singular(piece) not in known):
                continue
            current = best[end]
            if current is None or len(head) + 1 < len(current):
                best[end] = (*head, piece)
    whole = best[len(token)]
    # Many short pieces are chance: "notation" is no "no tat ion".
    return whole if whole and len(token) / len(whole) >= 3 and len(whole) <= 4 else (token,)
