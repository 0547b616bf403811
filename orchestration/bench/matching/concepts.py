"""The dictionaries of the bench: tables of many trades and what their columns are called, described and filled with.

Data: `dictionary/*.txt`, one file a split; splits share no table, so what is fitted is never measured on its own words.
A section is `[trade.table: names | description | description]`, a line
`kind arguments: plain name, other names, ~legacy name, de:German name | description | description`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

_DICTIONARY: Final = Path(__file__).parent / "dictionary"
_FOREIGN: Final = re.compile(r"(de|fr|es):\s*(.+)")

FIT: Final = "fit"
CALIBRATE: Final = "calibrate"
BUSINESS: Final = "business"  # CRM and ERP, to measure on
OTHER: Final = "other"  # other trades, to measure on
SPLITS: Final = (FIT, CALIBRATE, BUSINESS, OTHER)


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """What one column means. `names` are English phrases, the plainest first; `kind` says what its values are."""

    key: str
    kind: str
    arguments: tuple[str, ...]
    names: tuple[str, ...]
    legacy: str | None
    foreign: Mapping[str, str]
    descriptions: tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class ConceptTable:
    """One kind of table with all the columns it may have."""

    trade: str
    name: str
    names: tuple[str, ...]
    descriptions: tuple[str, str]
    concepts: tuple[Concept, ...]


@cache
def read_dictionary(split: str) -> tuple[ConceptTable, ...]:
    """Tables of one split, in the order of its file."""
    text = (_DICTIONARY / f"{split}.txt").read_text(encoding="utf-8")
    sections = [section.splitlines() for section in text.split("\n[")]
    return tuple(_table(lines[0].strip("[]"), lines[1:]) for lines in sections if lines)


@cache
def read_generic(split: str) -> tuple[Concept, ...]:
    """Columns that any table may have; TABLE and PARENT in their words stand for what the tables are about."""
    text = (_DICTIONARY / "generic.txt").read_text(encoding="utf-8")
    sections = (section.splitlines() for section in text.split("\n["))
    return next(_table(one[0].strip("[]"), one[1:]) for one in sections if one[0].strip("[").startswith(split)).concepts


def made_for(concept: Concept, table: ConceptTable, parent: ConceptTable) -> Concept:
    """A generic column as the column of a table."""
    about, above = (one.names[0].removesuffix("s") for one in (table, parent))

    def filled(text: str) -> str:
        return text.replace("TABLE", about).replace("PARENT", above)

    first, second = concept.descriptions
    return replace(
        concept, key=f"{table.trade}.{table.name}/{concept.key}", names=tuple(map(filled, concept.names)),
        descriptions=(filled(first), filled(second)),
    )  # fmt: skip


def _table(head: str, lines: list[str]) -> ConceptTable:
    title, *descriptions = (part.strip() for part in head.split("|"))
    key, names = title.split(":")
    trade, name = key.split(".")
    concepts = tuple(_concept(trade, f"{key}.{at}", line) for at, line in enumerate(lines) if line.strip())
    return ConceptTable(
        trade, name, tuple(part.strip() for part in names.split(",")), _pair(descriptions), concepts
    )  # fmt: skip


def _concept(trade: str, key: str, line: str) -> Concept:
    title, *descriptions = (part.strip() for part in line.split("|"))
    kind, names = title.split(":", 1)
    name, *arguments = kind.split()
    plain, legacy, foreign = [], None, {}
    for part in (part.strip() for part in names.split(",")):
        if part.startswith("~"):
            legacy = part[1:]
        elif found := _FOREIGN.fullmatch(part):
            foreign[found[1]] = found[2]
        else:
            plain.append(part)
    # A key means the same in every table of its trade: the order's number in its lines is that of the order.
    meaning = f"{trade}.{plain[0]}" if name == "id" else key
    return Concept(meaning, name, tuple(arguments), tuple(plain), legacy, foreign, _pair(descriptions))


def _pair(descriptions: list[str]) -> tuple[str, str]:
    first, second = descriptions
    return first, second
