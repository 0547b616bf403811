"""What a workbook's cells are: which sheet lies where, and which columns hold dates, times, booleans or numbers.

DuckDB's `read_xlsx` gives a date as the number Excel stores (45322) and a boolean as 1; only the cell's style and
type tell. Read here from the first rows of the sheet's XML (ECMA-376 part 1, sections 18.3 and 18.8), without
loading the workbook.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from connectors.protocol import SourceType

SAMPLE_ROWS = 2000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATION_IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
# Built-in number formats, ECMA-376 18.8.30.
_BUILT_IN: dict[int, SourceType] = {
    **dict.fromkeys((14, 15, 16, 17), "date"), **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "time"), 22: "timestamp",
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "date"),
}  # fmt: skip


class Workbook:
    """The parts of an XLSX file that say what its cells are."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def sheets(self) -> dict[str, str]:
        """Sheet names in workbook order, with the archive member of each."""
        with zipfile.ZipFile(self._path) as archive:
            targets = {
                relation.get("Id"): str(relation.get("Target"))
                for relation in _parse(archive, "xl/_rels/workbook.xml.rels")
            }
            found = {}
            for sheet in _parse(archive, "xl/workbook.xml").iter():
                if _local(sheet.tag) == "sheet":
                    relation = next((sheet.get(key) for key in _RELATION_IDS if sheet.get(key)), None)
                    target = targets.get(relation, "")
                    found[str(sheet.get("name"))] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return found

    def uses_1904_dates(self) -> bool:
        """Whether day 0 is 1904-01-01 and not 1899-12-30."""
        with zipfile.ZipFile(self._path) as archive:
            properties = [e for e in _parse(archive, "xl/workbook.xml").iter() if _local(e.tag) == "workbookPr"]
        return any(element.get("date1904") in ("1", "true") for element in properties)

    def column_types(self, member: str) -> dict[int, SourceType]:
        """The type of each column (0-based) whose cells below the first row are all of one type in the sample."""
        seen: dict[int, set[SourceType]] = {}
        with zipfile.ZipFile(self._path) as archive:
            styles = _styles(archive)
            with archive.open(member) as sheet:
                for number, row in enumerate(_rows(sheet)):
                    if number > SAMPLE_ROWS:
                        break
                    for position, kind in _cell_types(row, styles) if number else ():
                        seen.setdefault(position, set()).add(kind)
        return {position: _single(kinds) for position, kinds in seen.items()}


def _single(kinds: set[SourceType]) -> SourceType:
    if len(kinds) > 1 and kinds <= {"date", "timestamp"}:
        return "timestamp"
    if kinds == {"integer", "double"}:
        return "double"
    return kinds.pop() if len(kinds) == 1 else "unknown"


def _rows(sheet: IO[bytes]) -> Iterator[ElementTree.Element]:
    for _, element in ElementTree.iterparse(sheet):  # noqa: S314 (expat refuses entity bombs; external entities are never read)
        if _local(element.tag) == "row":
            if len(element):
                yield element
            element.clear()


def _cell_types(row: ElementTree.Element, styles: list[SourceType]) -> Iterator[tuple[int, SourceType]]:
    for order, cell in enumerate(row):
        value = next((child.text for child in cell if _local(child.tag) in ("v", "is")), None)
        kind = cell.get("t", "n")
        if value is None and kind != "inlineStr":
            continue
        reference = re.match(r"[A-Z]+", cell.get("r", ""))
        position = _column_index(reference.group()) if reference else order
        if kind == "n":
            style = int(cell.get("s", "0"))
            styled = styles[style] if style < len(styles) else "double"
            whole = styled == "double" and re.fullmatch(r"-?\d+", value or "")
            yield position, "integer" if whole else styled
        else:
            yield position, "boolean" if kind == "b" else "text"


def _styles(archive: zipfile.ZipFile) -> list[SourceType]:
    """What each cell style makes of a number."""
    try:
        root = _parse(archive, "xl/styles.xml")
    except KeyError:
        return []
    custom = {
        int(element.get("numFmtId", "0")): _format_type(element.get("formatCode", ""))
        for element in root.iter()
        if _local(element.tag) == "numFmt"
    }
    formats = next((element for element in root if _local(element.tag) == "cellXfs"), ())
    numbers = [int(element.get("numFmtId", "0")) for element in formats]
    return [custom.get(number) or _BUILT_IN.get(number, "double") for number in numbers]


def _format_type(code: str) -> SourceType:
    """Letters of days and hours in a number format, outside quoted text, escapes and colours such as [Red]."""
    bare = re.sub(r'"[^"]*"|\\.|_.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', "", code.lower()).split(";")[0]
    day, clock = bool(re.search("[dy]", bare)), bool(re.search("[hs]", bare))
    if day or (not clock and re.search("m", bare)):
        return "timestamp" if clock else "date"
    return "time" if clock else "double"


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _parse(archive: zipfile.ZipFile, member: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(member))  # noqa: S314 (see _rows)


def _local(tag: str) -> str:
    return tag.removeprefix(_MAIN).removeprefix(_STRICT)
