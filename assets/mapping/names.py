"""Names of fields and streams as words: split, spelled out, and looked up in the vocabulary of canonical fields.

The vocabulary is data (`vocabulary/*.csv`): general business words, no vendor's. Vendors' own names are in `aliases`.
"""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from assets.normalize.model import BOOKKEEPING_TARGETS, ENTITIES, identity_fields

_VOCABULARY: Final = Path(__file__).parent / "vocabulary"
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_HUMP: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^A-Z]+|[A-Z]+")
_SUFFIX: Final = re.compile(r"(__c|__r)$")
_DROPPED: Final = frozenset({"of", "the", "a", "an"})
# Envelopes of nested records: in front of a name they say where a value was, not what it is.
_WRAPPERS: Final = frozenset({"property", "attribute", "field"})
_CURRENCIES: Final = frozenset({
    "usd", "eur", "gbp", "chf", "jpy", "cad", "aud", "nzd", "sek", "nok", "dkk", "pln", "czk", "huf", "cny", "inr",
    "brl", "mxn", "zar", "sgd", "hkd",
})  # fmt: skip
_UNITS: Final = _CURRENCIES | {"percent", "gb", "gib", "ms", "s", "sec", "seconds", "utc", "gmt"}

EXACT: Final = 0.97  # the canonical field's own name
OWN_NOUN: Final = 0.98  # factor: the entity's own noun was left out ("deal name" of an opportunity)
UNIT: Final = 0.98  # factor: a unit was left out ("amount (EUR)")
COMPACT: Final = 0.98  # factor: the same letters without word borders ("companyname")
REORDERED: Final = 0.96  # factor: the same words in another order
FUZZY: Final = 0.80  # most that likeness of spelling alone can reach: never enough to be applied


class Phrase(NamedTuple):
    """One way to name a canonical field."""

    entity: str
    target: str
    words: tuple[str, ...]
    probability: float
    letters: str


@dataclass(frozen=True, slots=True)
class Words:
    """A name in words: `words` without units and wrappers, `units` that it carried, such as eur or percent."""

    words: tuple[str, ...]
    units: tuple[str, ...] = ()

    @property
    def currency(self) -> str | None:
        """ISO code of the currency the name mentions."""
        return next((unit.upper() for unit in self.units if unit in _CURRENCIES), None)


class NameMatch(NamedTuple):
    """A canonical field that a name points to, how surely, and why."""

    target: str
    probability: float
    evidence: str


@cache
def word_list(kind: str) -> Mapping[str, str]:
    """Words of one kind (abbreviation, synonym, noun, stream, other_stream) with their meaning."""
    with (_VOCABULARY / "words.csv").open(encoding="utf-8", newline="") as file:
        return {row["word"]: row["meaning"] for row in csv.DictReader(file) if row["kind"] == kind}


@lru_cache(maxsize=32_768)
def read_name(name: str) -> Words:
    """Words of a field or stream name: accents and case folded, abbreviations spelled out, nouns made one."""
    raw = [word for word in _split(name) if word not in _DROPPED]
    bare = raw[1:] if len(raw) > 1 and raw[0] in _WRAPPERS else raw
    units = tuple(word for word in bare if word in _UNITS)
    words = tuple(word for word in bare if word not in _UNITS) or tuple(bare)
    return Words(words, units if words != tuple(bare) else ())


def match_name(entity: str, name: str, by_spelling: bool = True) -> list[NameMatch]:
    """Fields of the entity that the name means, most probable first; those merely spelled like it only if wanted."""
    read = read_name(name)
    factor, note = (UNIT, f", unit {' '.join(read.units)} left out") if read.units else (1.0, "")
    found: dict[str, NameMatch] = {}
    for words, part in _variants(entity, read.words):
        prior = part * factor
        for phrase in _phrases(entity, words):
            _keep(found, phrase.target, phrase.probability * prior, f'named "{" ".join(words)}"{note}')
        for phrase in () if found else _reordered(entity, words):
            _keep(found, phrase.target, phrase.probability * prior * REORDERED, f"same words as {phrase.target}")
        if found:
            break  # the whole name says more than what is left of it
    for phrase in () if found else _compact_index().get((entity, letters(name)), ()):
        _keep(found, phrase.target, phrase.probability * COMPACT, f'named "{phrase.letters}"')
    if by_spelling and not found:
        for target, likeness in _spelled_like(entity, read.words):
            _keep(found, target, FUZZY * likeness, f"spelled like {target} ({likeness:.2f})")
    return sorted(found.values(), key=lambda match: (-match.probability, match.target))


def letters(name: str) -> str:
    """Letters and digits of a name, case and accents folded, without borders between words."""
    folded = unicodedata.normalize("NFKD", _SUFFIX.sub("", name)).lower()
    return "".join(char for char in folded if char.isalnum())


def named_fields(name: str) -> frozenset[tuple[str, str]]:
    """Canonical fields (entity, field) of any entity that the name means by the vocabulary, spelling left aside."""
    words = read_name(name).words
    meant = {(entity, phrase.target) for entity in ENTITIES for variant, _ in _variants(entity, words)
             for phrase in _phrases(entity, variant)}  # fmt: skip
    return frozenset(meant)


def is_common_name(name: str) -> bool:
    """Whether the name is a general business word for some entity, so that it tells nothing about the vendor."""
    words = read_name(name).words
    return any(_phrases(entity, variant) for entity in ENTITIES for variant, _ in _variants(entity, words))


def _keep(found: dict[str, NameMatch], target: str, probability: float, evidence: str) -> None:
    if target not in found or found[target].probability < probability:
        found[target] = NameMatch(target, round(probability, 4), evidence)


def _variants(entity: str, words: tuple[str, ...]) -> list[tuple[tuple[str, ...], float]]:
    """The words, and the words without the entity's own noun in front ("deal stage" of an opportunity)."""
    has_noun = len(words) > 1 and word_list("own").get(words[0]) == entity
    return [(words, 1.0), (words[1:], OWN_NOUN)] if has_noun else [(words, 1.0)]


def _split(name: str) -> list[str]:
    text = unicodedata.normalize("NFKD", _SUFFIX.sub("", name))
    text = (
        "".join(char for char in text if not unicodedata.combining(char))
        .replace("%", " percent ")
        .replace("#", " number ")
    )
    words: list[str] = []
    found = [hump.lower() for word in _WORD.findall(text) for hump in _HUMP.findall(word)]
    while found:
        # "post code" and "e-mail" are one word written as two.
        pair = "".join(found[:2])
        taken = 2 if len(found) > 1 and pair in word_list("abbreviation") else 1
        spelled = word_list("abbreviation").get("".join(found[:taken]), found[0])
        words.extend(_plain(word) for word in spelled.split())
        found = found[taken:]
    return words


def _plain(word: str) -> str:
    synonym = word_list("synonym").get(word, word)
    single = _singular(synonym)
    return word_list("noun").get(single, word_list("noun").get(synonym, single))


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]


@cache
def _vocabulary() -> tuple[Phrase, ...]:
    phrases = []
    for entity, model in ENTITIES.items():
        phrases += [
            Phrase(entity, target, read_name(target).words, EXACT, letters(target)) for target in model.model_fields
        ]
        for target in identity_fields(entity):
            phrases += [Phrase(entity, target, words, EXACT, "".join(words)) for words in _identities(entity)]
    with (_VOCABULARY / "phrases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            words, probability = read_name(row["phrase"]).words, float(row["probability"])
            for entity, model in ENTITIES.items():
                known = row["target"] in model.model_fields or row["target"] in BOOKKEEPING_TARGETS
                if known and row["entity"] in (entity, "*"):
                    phrases.append(Phrase(entity, row["target"], words, probability, letters(row["phrase"])))
    return tuple(phrases)


def _identities(entity: str) -> list[tuple[str, ...]]:
    nouns = sorted(word for word, meaning in word_list("own").items() if meaning == entity and word != "invoice")
    return [("id",), ("record", "id"), *((noun, "id") for noun in nouns)]


@cache
def _index() -> Mapping[tuple[str, tuple[str, ...]], tuple[Phrase, ...]]:
    index: dict[tuple[str, tuple[str, ...]], list[Phrase]] = defaultdict(list)
    for phrase in _vocabulary():
        index[phrase.entity, phrase.words].append(phrase)
    return {key: tuple(found) for key, found in index.items()}


@cache
def _sorted_index() -> Mapping[tuple[str, tuple[str, ...]], tuple[Phrase, ...]]:
    index: dict[tuple[str, tuple[str, ...]], list[Phrase]] = defaultdict(list)
    for phrase in _vocabulary():
        if len(phrase.words) > 1:
            index[phrase.entity, tuple(sorted(phrase.words))].append(phrase)
    return {key: tuple(found) for key, found in index.items()}


@cache
def _compact_index() -> Mapping[tuple[str, str], tuple[Phrase, ...]]:
    index: dict[tuple[str, str], list[Phrase]] = defaultdict(list)
    for phrase in _vocabulary():
        index[phrase.entity, phrase.letters].append(phrase)
    return {key: tuple(found) for key, found in index.items()}


def _phrases(entity: str, words: tuple[str, ...]) -> tuple[Phrase, ...]:
    return _index().get((entity, words), ())


def _reordered(entity: str, words: tuple[str, ...]) -> tuple[Phrase, ...]:
    return _sorted_index().get((entity, tuple(sorted(words))), ())


def _trigrams(words: tuple[str, ...]) -> frozenset[str]:
    text = f"  {' '.join(words)} "
    return frozenset(text[at : at + 3] for at in range(len(text) - 2))


@cache
def _gram_index(entity: str) -> tuple[Mapping[str, tuple[int, ...]], tuple[tuple[str, int], ...]]:
    postings: dict[str, list[int]] = defaultdict(list)
    entries: list[tuple[str, int]] = []
    for phrase in _vocabulary():
        if phrase.entity == entity:
            grams = _trigrams(phrase.words)
            for gram in grams:
                postings[gram].append(len(entries))
            entries.append((phrase.target, len(grams)))
    return {gram: tuple(at) for gram, at in postings.items()}, tuple(entries)


def _spelled_like(entity: str, words: tuple[str, ...], floor: float = 0.55, most: int = 5) -> list[tuple[str, float]]:
    """Targets by the Dice coefficient of character trigrams with any of their phrases."""
    postings, entries = _gram_index(entity)
    grams = _trigrams(words)
    shared = Counter(at for gram in grams for at in postings.get(gram, ()))
    best: dict[str, float] = {}
    for at, count in shared.items():
        target, size = entries[at]
        best[target] = max(best.get(target, 0.0), 2 * count / (len(grams) + size))
    return sorted(((t, s) for t, s in best.items() if s >= floor), key=lambda pair: (-pair[1], pair[0]))[:most]
