"""`autonomos view ENTITY`: rows of a published view. Reads the frozen snapshot and nothing else of the lake."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.output import JsonOption, Output, TenantOption, table

if TYPE_CHECKING:
    from orchestration.control_plane.publications import PublicationRecord
    from orchestration.resources.publishing import PublishedReader

SHOWN_ROWS = 20
SHOWN_COLUMNS = 10


class Format(StrEnum):
    """How rows leave the command."""

    table = "table"
    json = "json"
    csv = "csv"
    parquet = "parquet"


FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to write the rows.")]
FileOption = Annotated[Path | None, typer.Option("--output", "-o", help="File to write to, for csv and parquet.")]


def view(
    entity: Annotated[str, typer.Argument(help="View to read, such as accounts, contacts or opportunities.")],
    tenant: TenantOption,
    format: FormatOption = Format.table,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=0, help=f"Rows at most; a table shows {SHOWN_ROWS} by default.")
    ] = None,
    output_file: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the rows of a unified view as last published, newest first."""
    from orchestration.commands.access import open_access
    from orchestration.commands.published import open_published
    from orchestration.resources.lake_session import CATALOG
    from orchestration.resources.publishing import VIEWS_SCHEMA
    from orchestration.resources.sql_text import identifier

    output = Output(as_json or format is Format.json)
    chosen = Format.json if as_json else format
    check_target(chosen, output_file)
    with open_access(output, "view") as access, open_published(access, access.tenant(tenant)) as (reader, publication):
        with access.control_plane.tenant_session(publication.tenant_id) as session:
            declared = {record.name: record.view for record in session.custom_entities.list()}
        name = find_view(entity, reader.views(), declared)
        total = int(reader.value(f"SELECT count(*) FROM {CATALOG}.{VIEWS_SCHEMA}.{identifier(name)}"))
        if chosen in (Format.csv, Format.parquet):
            written = write_rows(reader, name, limit, chosen, output_file)
            output.say(f"{written:,} of {total:,} rows of {name}, published {publication.published_at:%Y-%m-%d %H:%M}.")
            return
        wanted = SHOWN_ROWS if limit is None and chosen is Format.table else limit
        columns, rows = fetch_rows(reader, name, wanted)
    _show(output, name, total, publication, columns, rows)


def check_target(format: Format, path: Path | None) -> None:
    """Parquet is no text for a terminal, and a table is not for a file."""
    if format is Format.parquet and path is None:
        raise CommandFailed("Parquet is written to a file.", code="output_missing", hint="Add --output FILE.")
    if format in (Format.table, Format.json) and path is not None:
        raise CommandFailed(
            f"--output does not go with the format {format.value}.", code="output_unused", hint="Use csv or parquet."
        )
    if path is not None and not path.absolute().parent.is_dir():
        raise CommandFailed(f"The folder {path.absolute().parent} does not exist.", code="no_such_folder")


def find_view(wanted: str, published: list[str], declared: Mapping[str, str]) -> str:
    """The published view of this name, or of the entity of this name; `declared` are the tenant's own, name to view."""
    from assets.normalize.model import VIEWS

    known = {**declared, **VIEWS}
    name = known.get(wanted, wanted)
    if name in published:
        return name
    listed = f"Published: {', '.join(published)}." if published else ""
    if name in declared.values():
        message = f"The view {name!r} is declared and not published yet."
        raise CommandFailed(message, code="view_not_published", hint="It is there after the next sync or refresh.")
    if name in VIEWS.values():
        raise CommandFailed(
            f"The view {name!r} is empty: no source of this tenant has anything of the kind.",
            code="view_not_published",
            hint=listed,
        )
    hint = did_you_mean(wanted, {*published, *known.values()})
    hint = hint if hint.startswith("There is") else f"{hint} {listed}".strip()
    raise CommandFailed(f"There is no view {wanted!r}.", code="unknown_view", hint=hint)


def fetch_rows(reader: "PublishedReader", name: str, limit: int | None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of a view, without its internal keys."""
    from orchestration.commands.published import people_columns

    cursor = reader.relation(name, limit)
    names = [str(column[0]) for column in cursor.description or ()]
    wanted = [names.index(column) for column in people_columns(names)]
    return [names[at] for at in wanted], [tuple(row[at] for at in wanted) for row in cursor.fetchall()]


def write_rows(reader: "PublishedReader", name: str, limit: int | None, format: Format, path: Path | None) -> int:
    """Stream the rows to a file, or to stdout; how many were written."""
    from orchestration.commands.published import copy_rows

    return copy_rows(reader.relation(name, limit), format.value, path)


def _show(
    output: Output,
    name: str,
    total: int,
    publication: "PublicationRecord",
    columns: list[str],
    rows: list[tuple[Any, ...]],
) -> None:
    document = {
        "view": name,
        "rows": total,
        "shown": len(rows),
        "snapshot": publication.snapshot_id,
        "published_at": publication.published_at,
        "records": [dict(zip(columns, row, strict=True)) for row in rows] if output.as_json else [],
    }
    filled = [at for at, column in enumerate(columns) if column[0] != "_" and any(row[at] is not None for row in rows)]
    filled = filled[:SHOWN_COLUMNS]
    sources = columns.index("_sources")
    cells = [[*(row[at] for at in filled), len(row[sources])] for row in rows]
    headings = [*(columns[at] for at in filled), "records"]
    hidden = len(columns) - len(filled) - 1
    remark = f"Showing {len(rows):,} of {total:,} rows and {len(filled)} columns ({hidden} more with --format csv)."
    if not output.as_json and not sys.stdout.isatty():
        remark = f"{remark} Published {publication.published_at:%Y-%m-%d %H:%M:%S} UTC."
    output.result(document, table(name, headings, cells), remark)
