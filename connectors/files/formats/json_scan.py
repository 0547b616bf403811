"""JSON Lines and JSON arrays: records first as JSON text, then one extraction a field.

Names are compared without regard to case, as DuckDB compares columns: `Id` in one record and `id` in another are
one field. A record that gives one name twice, is no object or does not parse is rejected with its line.
"""

import json
from pathlib import Path
from typing import Any

import duckdb

from connectors.errors import RecordInvalid
from connectors.files.config import Format, Limits
from connectors.files.formats.csv_scan import duckdb_path
from connectors.files.formats.scan import Scan, identifier, literal
from connectors.protocol import Field, SourceType

_TYPES: dict[str, SourceType] = {
    "BOOLEAN": "boolean", "UBIGINT": "integer", "BIGINT": "integer", "HUGEINT": "integer", "UHUGEINT": "integer",
    "DOUBLE": "double", "VARCHAR": "text", "NULL": "unknown",
}  # fmt: skip


def json_scan(path: Path, kind: Format, *, packed: bool, limits: Limits, stream: str, origin: str) -> Scan:
    """The scan of one UTF-8 file, whose records are all looked at once to learn their fields.

    Raises:
        RecordInvalid: a JSON document that does not parse, or no records at all.
    """
    records = _lines(path, packed, limits) if kind == "jsonl" else _documents(path, packed, limits)
    good = "json_valid(record) AND json_type(record) = 'OBJECT'"
    once = "len(list_distinct(list_transform(json_keys(record), lambda k: lower(k)))) = len(json_keys(record))"
    # CASE and not AND: the right side must not see text that does not parse.
    usable = f"CASE WHEN CASE WHEN json_valid(record) THEN json_type(record) = 'OBJECT' END THEN {once} END"
    structure, bad = _survey(records, usable, stream, origin)
    spellings: dict[str, list[str]] = {}
    for key in structure:
        spellings.setdefault(key.lower(), []).append(key)
    if len(spellings) > limits.max_columns:
        raise RecordInvalid(
            f"The records of {origin} have {len(spellings)} fields; the limit is {limits.max_columns}.",
            stream=stream,
            hint="Check the file, or raise limits.max_columns.",
        )
    fields = tuple(Field(keys[0], _type([structure[key] for key in keys])) for keys in spellings.values())
    pointers = [key for keys in spellings.values() for key in keys]
    positions = {key: position for position, key in enumerate(pointers, start=1)}
    listed = ", ".join(
        f"coalesce({', '.join(f'v[{positions[key]}]' for key in keys)}) AS {identifier(field.name)}"
        for field, keys in zip(fields, spellings.values(), strict=True)
    )
    paths = ", ".join(literal("/" + key.replace("~", "~0").replace("/", "~1")) for key in pointers)
    where = f"WHERE {usable}" if bad else "WHERE record IS NOT NULL"
    sql = f"SELECT {listed} FROM (SELECT json_extract_string(record, [{paths}]) AS v FROM {records} {where})"
    if not bad:
        return Scan(fields, sql)
    reason = (
        f"CASE WHEN NOT json_valid(record) THEN 'not valid JSON' "
        f"WHEN NOT CASE WHEN {good} THEN true ELSE false END THEN 'not a JSON object' ELSE 'a name is given twice' END"
    )
    rejects = (
        f"SELECT line, record AS raw, {reason} AS reason "
        f"FROM (SELECT row_number() OVER () AS line, record FROM {records}) "
        f"WHERE record IS NOT NULL AND ({usable}) IS NOT TRUE ORDER BY line"
    )
    return Scan(fields, sql, rejects=rejects)


def _lines(path: Path, packed: bool, limits: Limits) -> str:
    """Each line as one text; valid JSON never holds the delimiter, a control character, unescaped."""
    compression = "gzip" if packed else "none"
    return (
        f"(SELECT record FROM read_csv({literal(duckdb_path(path))}, auto_detect = false, "
        f"columns = {{'record': 'VARCHAR'}}, header = false, delim = '\x01', quote = '', escape = '', comment = '', "
        f"nullstr = '', compression = '{compression}', hive_partitioning = false, "
        f"max_line_size = {4 * limits.max_line_bytes}, buffer_size = {16 * limits.max_line_bytes}))"
    )


def _documents(path: Path, packed: bool, limits: Limits) -> str:
    """Each element of a top-level array, or each top-level object, as one text."""
    compression = "gzip" if packed else "uncompressed"
    return (
        f"(SELECT json::VARCHAR AS record FROM read_json_objects({literal(duckdb_path(path))}, format = 'auto', "
        f"compression = '{compression}', hive_partitioning = false, "
        f"maximum_object_size = {16 * limits.max_line_bytes}))"
    )


def _survey(records: str, usable: str, stream: str, origin: str) -> tuple[dict[str, Any], int]:
    """The merged structure of the usable records, and how many others there are."""
    query = (
        f"SELECT json_group_structure(CASE WHEN usable THEN record::JSON END), "
        f"count(*) FILTER (WHERE usable IS NOT TRUE), count(*) "
        f"FROM (SELECT record, {usable} AS usable FROM {records} WHERE record IS NOT NULL)"
    )
    try:
        with duckdb.connect() as connection:
            structure, bad, total = connection.execute(query).fetchone() or (None, 0, 0)
    except (duckdb.Error, UnicodeDecodeError) as error:
        # UnicodeDecodeError: DuckDB quotes the offending bytes in its message, and Python cannot decode them.
        raise RecordInvalid(
            f"{origin} is not valid JSON.", stream=stream, hint="Export it again.", detail=str(error)
        ) from error
    if bad == total and total:
        raise RecordInvalid(
            f"None of the {total} entries of {origin} is a JSON object.",
            stream=stream,
            hint="Give one object a record: an array of objects, or one object a line.",
        )
    if structure is None or not total:
        raise RecordInvalid(f"{origin} holds no records.", stream=stream, hint="Export it again, or remove it.")
    return json.loads(structure), bad


def _type(structures: list[Any]) -> SourceType:
    types = {_TYPES.get(s, "json") if isinstance(s, str) else "json" for s in structures} - {"unknown"}
    if types <= {"integer", "double"} and types:
        return "double" if "double" in types else "integer"
    return types.pop() if len(types) == 1 else "json" if types else "unknown"
