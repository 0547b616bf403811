"""XLSX: one sheet through `read_xlsx`, every cell as text, dates and booleans given back their form.

A column counts as dates, times or booleans when all its sampled cells are; in it a cell that is no number stays
as it is.
Rows without any value are not records.
"""

import zipfile
from pathlib import Path
from xml.etree.ElementTree import ParseError

import duckdb

from connectors.errors import ConfigInvalid, RecordInvalid
from connectors.files.config import Limits
from connectors.files.extensions import load_statement
from connectors.files.formats.csv_scan import duckdb_path
from connectors.files.formats.scan import Scan, check_names, identifier, literal, positional_names
from connectors.files.formats.xlsx_cells import Workbook
from connectors.protocol import Field, SourceType


def xlsx_scan(
    path: Path, sheet: str | None, columns: tuple[str, ...] | None, *, limits: Limits, stream: str, origin: str
) -> Scan:
    """The scan of one sheet, the first unless named.

    Raises:
        ConfigInvalid: there is no such sheet.
        RecordInvalid: not a workbook, an empty sheet, or a header that cannot be used.
    """
    prepare = (load_statement("excel"),)
    try:
        workbook = Workbook(path)
        sheets = workbook.sheets()
        chosen = sheet if sheet is not None else next(iter(sheets), "")
        if chosen not in sheets:
            raise ConfigInvalid(
                f"{origin} has no sheet {chosen!r}.", stream=stream, hint=f"Its sheets: {', '.join(sheets)}."
            )
        types = workbook.column_types(sheets[chosen])
        epoch = "1904-01-01" if workbook.uses_1904_dates() else "1899-12-30"
        source = (
            f"read_xlsx({literal(duckdb_path(path))}, sheet = {literal(chosen)}, all_varchar = true, "
            f"stop_at_empty = false, header = "
        )
        with duckdb.connect() as connection:
            connection.execute(prepare[0])
            header = connection.execute(f"SELECT * FROM {source}false) LIMIT 1").fetchone()
    except (duckdb.Error, zipfile.BadZipFile, ParseError, KeyError, ValueError) as error:
        # KeyError and ValueError: a member or an attribute that every workbook has is missing or wrong.
        raise RecordInvalid(
            f"{origin} is not a readable XLSX workbook, or the sheet is empty.",
            stream=stream,
            hint="Save it again as .xlsx.",
            detail=str(error),
        ) from error
    if header is None:
        raise RecordInvalid(f"Sheet {chosen!r} of {origin} is empty.", stream=stream, hint="Remove it or fill it.")
    names = positional_names([str(name or "") for name in header], columns, stream=stream, origin=origin)
    check_names(names, stream=stream, origin=origin, max_columns=limits.max_columns)
    aliases = [f"c{position}" for position in range(len(names))]
    listed = ", ".join(
        f"{_text(alias, types.get(position, 'unknown'), epoch)} AS {identifier(name)}"
        for position, (alias, name) in enumerate(zip(aliases, names, strict=True))
    )
    anything = " OR ".join(f"{alias} IS NOT NULL" for alias in aliases)
    sql = f"SELECT {listed} FROM {source}true) AS source({', '.join(aliases)}) WHERE {anything}"
    fields = tuple(Field(name, types.get(position, "unknown")) for position, name in enumerate(names))
    return Scan(fields, sql, prepare)


def _text(cell: str, kind: SourceType, epoch: str) -> str:
    """SQL for the cell as people see it; serial numbers count days from the epoch."""
    number = f"TRY_CAST({cell} AS DOUBLE)"
    moment = f"TIMESTAMP '{epoch}' + to_microseconds(CAST(round({number} * 86400000) AS BIGINT) * 1000)"
    written = {
        "boolean": f"CASE {cell} WHEN '1' THEN 'true' WHEN '0' THEN 'false' ELSE {cell} END",
        "date": f"CASE WHEN {number} IS NULL THEN {cell} ELSE CAST(CAST({moment} AS DATE) AS VARCHAR) END",
        "timestamp": f"CASE WHEN {number} IS NULL THEN {cell} ELSE replace(CAST({moment} AS VARCHAR), ' ', 'T') END",
        "time": f"CASE WHEN floor({number}) = 0 THEN CAST(CAST({moment} AS TIME) AS VARCHAR) ELSE {cell} END",
        # Excel stores 1.1 as 1.1000000000000001; the same number in its shortest form.
        "double": f"CASE WHEN length({cell}) > 16 THEN coalesce(CAST({number} AS VARCHAR), {cell}) ELSE {cell} END",
    }
    return written.get(kind, cell)
