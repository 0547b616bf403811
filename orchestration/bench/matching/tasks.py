"""Matching tasks: two schemas and which columns of one mean which of the other, made from a dictionary by a seed.

`vendors`: two systems of one trade with names, descriptions, types and values of their own; `databases`: the same of
many tables, where most tables have the same few columns and only the table tells them apart. The others are fabricated
from one table as in Koutras et al., Valentine (ICDE 2021): unionable, view-unionable, joinable, semantically joinable.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from assets.mapping.matching.columns import MatchColumn
from orchestration.bench.matching.concepts import (
    SPLITS,
    Concept,
    ConceptTable,
    made_for,
    read_dictionary,
    read_generic,
)
from orchestration.bench.matching.styles import STYLES, Style, write_name
from orchestration.bench.matching.values import encoding_of, seeded, values_of
from orchestration.bench.matching.written import Column, match_columns

FABRICATED: Final = ("unionable", "view-unionable", "joinable", "semantically joinable")
VENDORS: Final = "vendors"
DATABASES: Final = "databases"
_KINDS: Final = (*[VENDORS] * 9, DATABASES, DATABASES, *FABRICATED, *FABRICATED[2:])
_ROWS: Final = 48
_MOST_TABLES: Final = 12
_TABLES: Final = (1, 1, 1, 1, 2, 2, 3, 5)  # of a vendor's schema; one is drawn
_TYPES: Final = {
    "date": ("date", "DATE", "date"), "timestamp": ("timestamp", "DATETIME", "timestamp with time zone"),
    "amount": ("decimal", "NUMERIC(12,2)", "double"), "number": ("integer", "NUMBER", "double"),
    "year": ("integer", "SMALLINT", "int"), "flag": ("boolean", "BIT", "boolean"),
}  # fmt: skip
_TEXT_TYPES: Final = ("text", "VARCHAR(255)", "string")


@dataclass(frozen=True, slots=True)
class Task:
    """Two lists of columns and the pairs (source position, target position) that mean the same."""

    kind: str
    trade: str
    sources: tuple[MatchColumn, ...]
    targets: tuple[MatchColumn, ...]
    truth: frozenset[tuple[int, int]]

    @property
    def matched_sources(self) -> frozenset[int]:
        """Sources that have a counterpart."""
        return frozenset(source for source, _ in self.truth)


@dataclass(frozen=True, slots=True)
class _Side:
    """How one of the two systems shows its columns. `description`: which wording, None for none."""

    style: Style
    description: int | None
    dialect: int | None
    values: bool
    recoded: bool
    tables_named: bool


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the dictionary, the columns each side has of it, and how its rows are shared out."""

    table: ConceptTable
    sources: tuple[Concept, ...]
    targets: tuple[Concept, ...]


def make_tasks(split: str, count: int, seed: int) -> list[Task]:
    """`count` tasks of one split; the same for a seed in every process."""
    return [_make_task(split, seeded(f"{seed}/{split}/{at}")) for at in range(count)]


def make_wide_task(columns: int, seed: int) -> Task:
    """Two vendors' schemas of so many columns on either side, described and with values, from all dictionaries."""
    rng = seeded(f"{seed}/wide")
    tables = [table for split in SPLITS for table in read_dictionary(split)]
    parts: list[_Table] = []
    while sum(len(part.sources) for part in parts) < columns:
        table = tables.pop(rng.randrange(len(tables)))
        chosen = table.concepts[: columns - sum(len(part.sources) for part in parts)]
        parts.append(_Table(table, chosen, _shuffled(chosen, rng)))
    styles = rng.sample([style for split in SPLITS for style in STYLES[split]], 2)
    sides = [_Side(style, at, at, values=True, recoded=True, tables_named=True) for at, style in enumerate(styles)]
    return _written(VENDORS, parts, sides, 0.0, rng)


def make_source(split: str, table: ConceptTable, rng: Random) -> tuple[tuple[Concept, ...], tuple[MatchColumn, ...]]:
    """One vendor's columns of a table, in step with what they mean."""
    side = _side(split, rng, values=rng.random() < 0.5, recoded=True, tables_named=False)
    concepts = _shuffled([concept for concept in table.concepts if rng.random() < 0.8], rng)
    columns = _columns(table, concepts, side, 0.0, {concept.key: 0.0 for concept in concepts}, rng)
    return concepts, match_columns(columns)


def _make_task(split: str, rng: Random) -> Task:
    kind = rng.choice(_KINDS)
    tables = read_dictionary(split)
    if kind == DATABASES:
        parts = _databases(split, rng)
        sides = [_side(split, rng, rng.random() < 0.1, recoded=True, tables_named=True) for _ in range(2)]
    elif kind == VENDORS:
        chosen = rng.sample(tables, min(rng.choice(_TABLES), len(tables) - 1))
        others = [table for table in tables if table not in chosen]
        parts = [_halves(table, others, rng) for table in chosen]
        values = rng.random() < 0.5
        sides = [_side(split, rng, values, recoded=True, tables_named=len(chosen) > 1) for _ in range(2)]
    else:
        parts = [_fabricated(kind, rng.choice(tables), rng)]
        one = _side(split, rng, values=True, recoded=False, tables_named=False)
        noisy = kind == "semantically joinable" or rng.random() < 0.5
        other = _side(split, rng, True, kind == "semantically joinable", False) if noisy else one
        sides = [one, other]
    shared = 0.0 if kind in (VENDORS, DATABASES, "view-unionable") else rng.choice((0.3, 0.6, 1.0))
    return _written(kind, parts, sides, shared, rng)


def _side(split: str, rng: Random, values: bool, recoded: bool, tables_named: bool) -> _Side:
    described = rng.choice((0, 1)) if rng.random() < (0.35 if values else 0.65) else None
    dialect = rng.randrange(3) if rng.random() < 0.6 else None
    return _Side(rng.choice(STYLES[split]), described, dialect, values, recoded, tables_named or rng.random() < 0.5)


def _halves(table: ConceptTable, others: Sequence[ConceptTable], rng: Random) -> _Table:
    """Columns that either system has, each a choice of its own, and a few of another table that only one has."""
    own, theirs = rng.uniform(0.5, 1.0), rng.uniform(0.5, 1.0)
    known = {name for concept in table.concepts for name in concept.names}
    strangers = [
        concept for other in rng.sample(others, min(3, len(others))) if other.trade != table.trade
        for concept in (rng.choice(other.concepts),) if known.isdisjoint(concept.names)
    ][: rng.randint(0, 3)]  # fmt: skip
    sources = [concept for concept in table.concepts if rng.random() < own]
    targets = [concept for concept in table.concepts if rng.random() < theirs]
    sources += strangers[:1]
    targets += strangers[1:]
    return _Table(table, _shuffled(sources, rng), _shuffled(targets, rng))


def _databases(split: str, rng: Random) -> list[_Table]:
    """Many tables, most of them on both sides, each with generic columns and some of its own."""
    tables = read_dictionary(split)
    chosen = rng.sample(tables, rng.randint(min(4, len(tables)), min(_MOST_TABLES, len(tables))))
    parts = []
    for table in chosen:
        generic = [made_for(concept, table, rng.choice(chosen)) for concept in read_generic(split)]
        columns = [concept for concept in generic if rng.random() < 0.6]
        own = [concept for concept in table.concepts if concept.kind != "id"]  # the generic key stands for those
        columns += rng.sample(own, rng.randint(2, 5))
        where = rng.choice(("both", "both", "both", "both", "sources", "targets"))
        sources = [concept for concept in columns if where != "targets" and rng.random() < 0.8]
        targets = [concept for concept in columns if where != "sources" and rng.random() < 0.8]
        parts.append(_Table(table, tuple(sources), _shuffled(targets, rng)))
    return parts


def _fabricated(kind: str, table: ConceptTable, rng: Random) -> _Table:
    columns = _shuffled(table.concepts, rng)
    if kind == "unionable":
        return _Table(table, columns, _shuffled(columns, rng))
    common = rng.randint(1, 3) if "join" in kind else max(2, len(columns) // 2)
    half = common + (len(columns) - common) // 2
    return _Table(table, _shuffled(columns[:half], rng), _shuffled([*columns[:common], *columns[half:]], rng))


def _shuffled(concepts: Sequence[Concept], rng: Random) -> tuple[Concept, ...]:
    return tuple(rng.sample(list(concepts), len(concepts)))


def _written(kind: str, parts: Sequence[_Table], sides: Sequence[_Side], shared: float, rng: Random) -> Task:
    seeds = {concept.key: rng.random() for part in parts for concept in (*part.sources, *part.targets)}
    lists: list[list[Column]] = [[], []]
    for part in parts:
        for at, concepts in enumerate((part.sources, part.targets)):
            lists[at] += _columns(part.table, concepts, sides[at], shared if at else 1.0, seeds, rng)
    sources, targets = (match_columns(columns) for columns in lists)
    truth = {
        (at, place) for at, one in enumerate(lists[0]) for place, other in enumerate(lists[1])
        if one.concept == other.concept
    }  # fmt: skip
    return Task(kind, parts[0].table.trade, sources, targets, frozenset(truth))


def _columns(
    table: ConceptTable, concepts: Sequence[Concept], side: _Side, shared: float, seeds: dict[str, float], rng: Random
) -> list[Column]:
    name = rng.choice(table.names)
    taken: set[str] = set()
    columns = []
    for concept in concepts:
        written = _free_name(concept, side.style, name, taken, rng)
        taken.add(written.lower())
        columns.append(Column(
            concept.key, written, None if side.dialect is None else _type(concept, side),
            None if side.description is None else concept.descriptions[side.description],
            name if side.tables_named else None,
            table.descriptions[side.description] if side.tables_named and side.description is not None else None,
            _texts(concept, side, shared, seeds[concept.key], rng) if side.values else None,
        ))  # fmt: skip
    return columns


def _free_name(concept: Concept, style: Style, table: str, taken: set[str], rng: Random) -> str:
    """A name no other column of the table has: the styled one, else another of the concept's, at last with a number."""
    attempts = [write_name(concept, style, table, rng)]
    attempts += [write_name(concept, replace(style, words="synonym", shorten="none", most=None), table, rng)] * 3
    return next((name for name in attempts if name.lower() not in taken), f"{attempts[0]}{len(taken)}")


def _type(concept: Concept, side: _Side) -> str:
    return _TYPES.get(concept.kind, _TEXT_TYPES)[side.dialect or 0]


def _texts(concept: Concept, side: _Side, shared: float, seed: float, rng: Random) -> list[str | None]:
    """The first `shared` part of the texts is the same on both sides, as the seed makes it; then some of its own."""
    common = values_of(concept, _ROWS, seeded(str(seed)))[: round(_ROWS * shared)]
    own = values_of(concept, _ROWS - len(common), rng)
    encoding = encoding_of(concept, rng) if side.recoded else str
    return [None if text is None else encoding(text) for text in (*common, *own)]
