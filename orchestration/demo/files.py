"""Writes the rows of one export in its layout: delimiter, quotes, line ends, code page, compression, ragged lines.

The same rows give the same bytes: nothing of the clock gets into a file.
"""

import gzip
from pathlib import Path

import duckdb

from orchestration.demo.export import Layout


def write_export(world: duckdb.DuckDBPyConnection, rows: str, path: Path, layout: Layout, ragged_lines: int) -> None:
    """Write what the SELECT `rows` gives to `path`, replacing it in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    world.execute(f"COPY ({rows}) TO '{str(draft).replace(chr(39), chr(39) * 2)}' ({_copy_options(layout)})")
    if layout.format in ("csv", "json", "jsonl"):
        text = draft.read_bytes().decode()
        if ragged_lines:
            text = plant_ragged_lines(text, layout.delimiter, ragged_lines)
        content = text.replace("\n", layout.newline).encode(layout.encoding)
        draft.write_bytes(gzip.compress(content, compresslevel=6, mtime=0) if path.suffix == ".gz" else content)
    draft.replace(path)


def _copy_options(layout: Layout) -> str:
    match layout.format:
        case "csv":
            quotes = ", FORCE_QUOTE *" if layout.quote_all else ""
            return f"FORMAT csv, HEADER true, DELIMITER '{layout.delimiter}'{quotes}"
        case "json":
            return "FORMAT json, ARRAY true"
        case "jsonl":
            return "FORMAT json"
        case "parquet":
            return "FORMAT parquet, COMPRESSION zstd"
        case "xlsx":
            return "FORMAT xlsx, HEADER true"


def plant_ragged_lines(text: str, delimiter: str, count: int) -> str:
    """Put `count` lines, in turn too short and too long, evenly between the records; never inside a quoted cell."""
    lines = text.split("\n")
    width = lines[0].count(delimiter) + 1
    ragged = [delimiter.join(["cut off"] * (width // 2 if number % 2 == 0 else width + 2)) for number in range(count)]
    wanted = [len(lines) * (number + 1) // (count + 1) for number in range(count)]
    written, quotes = [], 0
    for number, line in enumerate(lines):
        written.append(line)
        quotes += line.count('"')
        while wanted and number >= wanted[0] and quotes % 2 == 0:
            written.append(ragged[len(ragged) - len(wanted)])
            wanted.pop(0)
    return "\n".join(written)
