"""The same records before and after: up to some thousand keys, as they stood before a window and as they came in it.

The strongest evidence about a change of shape. Read from the lake's own history, held in memory only while compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from assets.extract.raw_tables import BOOKKEEPING, RAW_SCHEMA
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier, literal

MOST_PAIRS: Final = 2_000
MOST_CELLS: Final = 250_000  # texts on one side; about 0.3 s in all
QUIET_CELLS: Final = 40_000  # while nothing speaks for a change: some 10 ms
FEWEST_PAIRS: Final = 5  # fewer records prove nothing about a column
_MARK: Final = "__pair"

Texts = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Column -> texts, one a record, in the same order on both sides; trimmed, blank is None."""

    count: int
    before: Mapping[str, Texts]
    after: Mapping[str, Texts]


def load_pairs(
    session: LakeSession, table: str, fields: int, first_version: int, snapshot: int, cells: int = MOST_CELLS
) -> Pairs | None:
    """Records of the commits since `first_version` that the lake held at `snapshot` already; None where there are too
    few, or the snapshot is gone. Costs a scan of the table's keys: 0.1 s for three million records."""
    live = f"SELECT * FROM {name_of(RAW_SCHEMA, table)}"
    first_batch = literal(f"{first_version:010d}")
    before = f"{live} AT (VERSION => {snapshot}) WHERE NOT __deleted"
    return _joined(session, before, f"{live} WHERE __batch_id >= {first_batch} AND NOT __deleted", fields, cells)


def load_across(session: LakeSession, old_table: str, new_table: str, fields: int) -> Pairs | None:
    """Records that two tables have under the same key; of the old one also those it buried."""
    old, new = (f"SELECT * FROM {name_of(RAW_SCHEMA, table)}" for table in (old_table, new_table))
    return _joined(session, old, f"{new} WHERE NOT __deleted", fields, QUIET_CELLS)


def _joined(session: LakeSession, before: str, after: str, fields: int, cells: int) -> Pairs | None:
    limit = max(200, min(MOST_PAIRS, cells // max(fields, 1)))
    hidden = f"EXCLUDE ({', '.join(identifier(name) for name in BOOKKEEPING)})"
    try:
        found = session.execute(
            f"SELECT old.* {hidden}, NULL AS {_MARK}, new.* {hidden} FROM ({before}) old "
            f"JOIN ({after} LIMIT {4 * limit}) new USING (__key) LIMIT {limit}"
        )
    except duckdb.Error as error:
        if _is_out_of_reach(error):
            return None
        raise
    names = [column[0] for column in found.description or ()]
    rows = found.fetchall()
    if len(rows) < FEWEST_PAIRS:
        return None
    columns = [[_text(value) for value in column] for column in zip(*rows, strict=True)]
    cut = names.index(_MARK)
    texts = dict(zip(names[:cut], columns[:cut], strict=True))
    return Pairs(len(rows), texts, dict(zip(names[cut + 1 :], columns[cut + 1 :], strict=True)))


def _is_out_of_reach(error: duckdb.Error) -> bool:
    """Whether the table, or the snapshot itself, did not exist then or does no longer."""
    text = str(error).lower()
    return isinstance(error, duckdb.CatalogException) or "no snapshot" in text or "does not exist" in text


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
