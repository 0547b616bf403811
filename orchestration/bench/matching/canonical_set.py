"""CRM and ERP schemas against the canonical model: columns of the business dictionary in every style of that split.

For measuring only. `dictionary/canonical.csv` says which canonical field a concept means; a concept it does not name
has no counterpart.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from assets.mapping.matching.columns import columns_of_entity
from orchestration.bench.matching.concepts import BUSINESS, read_dictionary
from orchestration.bench.matching.tasks import Task, make_source
from orchestration.bench.matching.values import seeded

CANONICAL: Final = "canonical"
_TRUTH: Final = Path(__file__).parent / "dictionary" / "canonical.csv"


def canonical_tasks(count: int, seed: int) -> list[Task]:
    """`count` vendors' tables, each beside the whole entity it belongs to."""
    return [_task(f"{seed}/canonical/{at}", at) for at in range(count)]


def _task(seed: str, at: int) -> Task:
    tables = [table for table in read_dictionary(BUSINESS) if table.name in _truth()]
    table = tables[at % len(tables)]
    entity, meant = _truth()[table.name]
    targets = columns_of_entity(entity)
    places = {column.name: place for place, column in enumerate(targets)}
    concepts, sources = make_source(BUSINESS, table, seeded(seed))
    truth = {
        (row, places[meant[concept.names[0]]]) for row, concept in enumerate(concepts) if concept.names[0] in meant
    }  # fmt: skip
    return Task(CANONICAL, table.trade, sources, targets, frozenset(truth))


@cache
def _truth() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    found: dict[str, tuple[str, dict[str, str]]] = {}
    with _TRUTH.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["table"], (row["entity"], {}))[1][row["concept"]] = row["target"]
    return found
