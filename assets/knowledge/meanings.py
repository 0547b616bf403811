"""The tenant's mapping decisions as a table: source field and target, with how often and by whom it was decided."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import constant

KNOWLEDGE_SCHEMA = "knowledge"
MEANINGS_TABLE = "field_meanings"

COLUMNS: dict[str, str] = {
    "connection_kind": "VARCHAR",
    "stream": "VARCHAR",
    "source_field": "VARCHAR",
    "entity": "VARCHAR",
    "target": "VARCHAR",
    "transform": "VARCHAR",  # JSON of kind and args
    "decided_by": "VARCHAR",
    "decisions": "BIGINT",
}


def count_meanings(memory: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Decisions in force, counted by what they say; sorted, so that equal knowledge is an equal table."""
    counted = Counter(
        (
            rule["kind"],
            rule["stream"],
            rule["source"],
            rule["entity"],
            rule["target"],
            json.dumps(rule["transform"], sort_keys=True),
            rule["decided_by"],
        )
        for rule in memory
        if rule["entity"] is not None
    )
    names = list(COLUMNS)
    return [dict(zip(names, (*meaning, count), strict=True)) for meaning, count in sorted(counted.items())]


def store_meanings(session: LakeSession, meanings: list[dict[str, Any]]) -> None:
    """Replace the table inside the caller's transaction."""
    session.ensure_table(KNOWLEDGE_SCHEMA, MEANINGS_TABLE, COLUMNS)
    name = name_of(KNOWLEDGE_SCHEMA, MEANINGS_TABLE)
    session.execute(f"DELETE FROM {name}")
    if meanings:
        rows = ", ".join(f"({', '.join(constant(meaning[column]) for column in COLUMNS)})" for meaning in meanings)
        session.execute(f"INSERT INTO {name} VALUES {rows}")


def load_meanings(session: LakeSession) -> list[dict[str, Any]]:
    """The table's rows, in the order `count_meanings` gives; empty before the first refresh."""
    if not session.columns(KNOWLEDGE_SCHEMA, MEANINGS_TABLE):
        return []
    names = ", ".join(COLUMNS)
    found = session.rows(f"SELECT {names} FROM {name_of(KNOWLEDGE_SCHEMA, MEANINGS_TABLE)} ORDER BY ALL")
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]
