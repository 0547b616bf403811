"""A set that somebody else made: two schemas with descriptions and the true pairs, read from a folder of CSV files.

For measuring only: nothing is fitted or calibrated on it. `*Mapping*.csv` has SRC_ENT, SRC_ATT, TGT_ENT, TGT_ATT (NA
where there is no counterpart); two `*Schema*.csv` have TableName, TableDesc, ColumnName, ColumnDesc, ColumnType, IsPK.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from assets.mapping.matching.columns import MatchColumn
from orchestration.bench.matching.tasks import Task

GIVEN: Final = "given"
_Row = Mapping[str, str]


class GivenSetUnreadable(ValueError):
    """The folder does not hold such a set. Fields: folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} must hold one *Mapping*.csv and two *Schema*.csv")
        self.folder = folder


def read_given_set(folder: Path) -> Task:
    """The whole set as one task.

    Raises GivenSetUnreadable.
    """
    mappings, schemas = sorted(folder.glob("*Mapping*.csv")), sorted(folder.glob("*Schema*.csv"))
    if len(mappings) != 1 or len(schemas) != 2:
        raise GivenSetUnreadable(folder)
    pairs = [row for row in _rows(mappings[0]) if row["TGT_ATT"].strip() not in ("", "NA")]
    wanted = {_key(row["SRC_ENT"], row["SRC_ATT"]) for row in pairs}
    sides = sorted((_rows(schema) for schema in schemas), key=lambda rows: -len(wanted & set(_places(rows))))
    sources, targets = (_places(rows) for rows in sides)
    truth = {
        (sources[_key(row["SRC_ENT"], row["SRC_ATT"])], targets[_key(row["TGT_ENT"], row["TGT_ATT"])])
        for row in pairs
        if _key(row["SRC_ENT"], row["SRC_ATT"]) in sources and _key(row["TGT_ENT"], row["TGT_ATT"]) in targets
    }
    columns = [tuple(_column(row) for row in rows) for rows in sides]
    return Task(GIVEN, GIVEN, columns[0], columns[1], frozenset(truth))


def _rows(path: Path) -> list[_Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _key(table: str, column: str) -> tuple[str, str]:
    return table.strip().lower(), column.strip().lower()


def _places(rows: Sequence[_Row]) -> dict[tuple[str, str], int]:
    return {_key(row["TableName"], row["ColumnName"]): at for at, row in enumerate(rows)}


def _column(row: _Row) -> MatchColumn:
    return MatchColumn(
        row["ColumnName"].strip(), row["ColumnType"].strip() or None, row["ColumnDesc"].strip() or None, None,
        row["TableName"].strip(), row["TableDesc"].strip() or None, is_key=row["IsPK"].strip().upper() == "YES",
    )  # fmt: skip
