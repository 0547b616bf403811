"""How a vendor writes the names of its columns: which words, which case, how short, and what stands in front.

Each split has styles of its own, so that a way of writing is measured that was never fitted. Seeded: the same random
numbers give the same names in every process.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from orchestration.bench.matching.concepts import BUSINESS, CALIBRATE, FIT, OTHER, Concept

_SHORT: Final[Mapping[str, str]] = {
    "number": "no", "amount": "amt", "quantity": "qty", "date": "dt", "address": "addr", "customer": "cust",
    "description": "desc", "account": "acct", "code": "cd", "name": "nm", "identifier": "id", "department": "dept",
    "employee": "emp", "telephone": "tel", "phone": "ph", "country": "ctry", "reference": "ref", "total": "tot",
    "percent": "pct", "average": "avg", "status": "sts", "type": "typ", "category": "cat", "delivery": "dlv",
    "invoice": "inv", "order": "ord", "product": "prod", "payment": "pymt", "transaction": "txn", "message": "msg",
    "currency": "cur", "manager": "mgr", "value": "val", "vendor": "vend", "supplier": "supp", "document": "doc",
    "start": "strt", "time": "tm", "timestamp": "ts", "point": "pt", "balance": "bal", "weight": "wt",
}  # fmt: skip

_JOINTS: Final = {
    "snake": "_", "upper": "_", "kebab": "-", "title": " ", "pascal": "", "run": "", "capitals": "", "dotted": ".",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """`words`: plain, synonym, legacy, de, fr or es. `case`: one of _JOINTS or camel.

    `shorten`: none, known (usual abbreviations), vowels (left out) or cut (first letters). `prefix`: none, table, tag.
    """

    name: str
    words: str
    case: str
    shorten: str = "none"
    prefix: str = "none"
    suffix: str = ""
    most: int | None = None


STYLES: Final[Mapping[str, tuple[Style, ...]]] = {
    FIT: (
        Style("plain snake", "plain", "snake"), Style("plain camel", "plain", "camel"),
        Style("synonym snake", "synonym", "snake"), Style("synonym title", "synonym", "title"),
        Style("upper abbreviated", "plain", "upper", "known"),
        Style("abbreviated synonym", "synonym", "snake", "known"),
        Style("without vowels", "plain", "snake", "vowels"), Style("legacy", "legacy", "upper"),
        Style("German", "de", "snake"), Style("tagged", "synonym", "snake", prefix="tag"),
    ),
    CALIBRATE: (
        Style("plain pascal", "plain", "pascal"), Style("synonym kebab", "synonym", "kebab"),
        Style("synonym pascal", "synonym", "pascal"), Style("cut camel", "synonym", "camel", "cut"),
        Style("table in front", "synonym", "snake", prefix="table"), Style("legacy small", "legacy", "snake"),
        Style("French", "fr", "snake"), Style("abbreviated capitals", "plain", "run", "known"),
    ),
    BUSINESS: (
        Style("custom fields", "synonym", "pascal", suffix="__c"), Style("plain run", "plain", "run"),
        Style("synonym camel", "synonym", "camel"), Style("plain title", "plain", "title"),
        Style("abbreviated with table", "plain", "snake", "known", "table"),
        Style("nine letters", "plain", "capitals", "vowels", most=9),
        Style("synonym dotted", "synonym", "dotted"), Style("Spanish", "es", "snake"),
    ),
    OTHER: (
        Style("plain dotted", "plain", "dotted"), Style("synonym camel", "synonym", "camel"),
        Style("upper synonym", "synonym", "upper"), Style("cut", "synonym", "snake", "cut"),
        Style("French title", "fr", "title"), Style("tagged upper", "plain", "upper", "none", "tag"),
    ),
}  # fmt: skip


def write_name(concept: Concept, style: Style, table: str, rng: Random) -> str:
    """The concept's name in this style; a word the dictionary lacks in the style's language is taken from English."""
    words = re.findall(r"[A-Za-z]+|\d+", _phrase(concept, style, rng))
    words = [_shortened(word.lower(), style.shorten, rng) for word in words]
    if style.prefix == "table":
        words = [table.rstrip("s"), *words]
    elif style.prefix == "tag":
        words = [f"{table[:1]}", *words]
    return _cased(words, style.case)[: style.most] + style.suffix


def _phrase(concept: Concept, style: Style, rng: Random) -> str:
    if style.words == "plain":
        return concept.names[0]
    if style.words == "legacy" and concept.legacy:
        return concept.legacy
    if style.words in concept.foreign and rng.random() < 0.8:
        return concept.foreign[style.words]
    return rng.choice(concept.names)


def _shortened(word: str, how: str, rng: Random) -> str:
    if how == "known":
        return _SHORT.get(word, word)
    if how == "vowels" and len(word) > 3:
        return word[0] + re.sub("[aeiou]", "", word[1:])
    if how == "cut" and len(word) > 6 and rng.random() < 0.7:
        return word[: rng.choice((4, 5))]
    return word


def _cased(words: list[str], case: str) -> str:
    if case == "camel":
        return words[0] + "".join(word.capitalize() for word in words[1:])
    if case in ("title", "pascal"):
        words = [word.capitalize() for word in words]
    text = _JOINTS[case].join(words)
    return text.upper() if case in ("upper", "capitals") else text
