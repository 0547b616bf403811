"""`autonomos rejects list|export`: records that could not be taken, why, and as they came.

Reads the published snapshot: what is rejected there now. A record leaves it once a later version is accepted.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import ConnectionOption, JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from orchestration.commands.access import Access
    from orchestration.control_plane.tenants import TenantRecord
    from orchestration.resources.publishing import PublishedReader

StreamOption = Annotated[str | None, typer.Option("--stream", help="Only this stream.")]
_REJECTS = "lake.canonical.rejected_records"
_COLUMNS = ("connection", "stream", "stage", "record_id", "origin", "line", "errors", "raw", "rejected_at")


def list_rejects(
    tenant: TenantOption,
    connection: ConnectionOption = None,
    stream: StreamOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="Records shown at most.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Count rejected records by stream and reason, and show some."""
    from orchestration.commands.access import open_access
    from orchestration.commands.published import open_published

    output = Output(as_json)
    with open_access(output, "rejects list") as access:
        owner = access.tenant(tenant)
        with open_published(access, owner) as (reader, _):
            source = rejects_query(access, owner, reader, connection, stream)
            total = int(reader.value(f"SELECT count(*) FROM ({source})"))
            reasons = reader.query(_reasons(source)).fetchall()
            rows = reader.query(f"SELECT * FROM ({source}) LIMIT {limit}").fetchall()
    records = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    for record in records:
        record["errors"] = json.loads(record["errors"])
    counted = [dict(zip(("connection", "stream", "reason", "records"), row, strict=True)) for row in reasons]
    output.result(
        {"rejected": total, "reasons": counted, "shown": len(records), "records": records},
        table(f"{total:,} rejected records", ("connection", "stream", "reason", "records"), reasons),
        table(f"{len(records):,} of them", ("stream", "record", "line", "what is wrong"), [*map(_shown, records)]),
        "All of them, with their raw values: autonomos rejects export --output FILE",
    )


def export(
    tenant: TenantOption,
    output_file: Annotated[Path, typer.Option("--output", "-o", help="File to write: .csv, .json or .parquet.")],
    connection: ConnectionOption = None,
    stream: StreamOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write rejected records to a file, with reasons and raw values."""
    from orchestration.commands.access import open_access
    from orchestration.commands.published import copy_rows, open_published

    output = Output(as_json)
    format = output_file.suffix.lower().removeprefix(".")
    if format not in ("csv", "json", "parquet"):
        raise CommandFailed(
            f"{output_file} ends in none of .csv, .json and .parquet.", code="unknown_format", hint="Name it so."
        )
    if not output_file.absolute().parent.is_dir():
        raise CommandFailed(f"The folder {output_file.absolute().parent} does not exist.", code="no_such_folder")
    with open_access(output, "rejects export") as access:
        owner = access.tenant(tenant)
        with open_published(access, owner) as (reader, _):
            source = rejects_query(access, owner, reader, connection, stream)
            written = copy_rows(reader.query(source), format, output_file)
    output.result({"records": written, "file": str(output_file.absolute())}, f"{written:,} records in {output_file}.")


def rejects_query(
    access: "Access", tenant: "TenantRecord", reader: "PublishedReader", connection: str | None, stream: str | None
) -> str:
    """SELECT of the wanted rejected records, with the connections' names."""
    from orchestration.commands.access import find_connections
    from orchestration.resources.sql_text import literal

    with access.control_plane.tenant_session(tenant.id) as session:
        chosen = find_connections(session, connection)
    present = reader.value(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'canonical' AND table_name = 'rejected_records'"
    )
    names = ", ".join(f"({literal(str(known.id))}, {literal(known.name)})" for known in chosen)
    if not present or not chosen:
        nothing = ", ".join(f"NULL AS {column}" for column in _COLUMNS)
        return f"SELECT {nothing} LIMIT 0"
    only = f" WHERE stream = {literal(stream)}" if stream else ""
    return (
        f"SELECT names.name AS connection, {', '.join(_COLUMNS[1:])} FROM {_REJECTS} rejects "
        f"JOIN (VALUES {names}) names(id, name) ON names.id = rejects.connection_id{only} "
        "ORDER BY connection, stream, line, record_id"
    )


def _reasons(source: str) -> str:
    """Counts by connection, stream and the first thing that is wrong with a record."""
    reason = "concat_ws(': ', json_extract_string(errors, '$[0].field'), json_extract_string(errors, '$[0].reason'))"
    return f"SELECT connection, stream, {reason} AS reason, count(*) FROM ({source}) GROUP BY ALL ORDER BY ALL"


def _shown(record: dict[str, Any]) -> tuple[object, ...]:
    problems = [
        f"{problem['field'] or 'record'}: {problem['reason']}"
        + (f" ({problem['value']!r})" if problem["value"] is not None else "")
        for problem in record["errors"]
    ]
    return record["stream"], record["record_id"], record["line"], "; ".join(problems)
