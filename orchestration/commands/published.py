"""Opens what a tenant has published, and carries rows of it out to files."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.commands.access import Access
from orchestration.commands.errors import CommandFailed
from orchestration.control_plane.publications import PublicationRecord
from orchestration.control_plane.tenants import TenantRecord
from orchestration.resources.lake_places import lake_location
from orchestration.resources.publishing import PublishedReader, published_reader
from orchestration.resources.sql_text import literal

# Numbers by which the pipeline finds rows again; they mean nothing outside of it.
INTERNAL_COLUMNS = frozenset({"_entity", "_account_ref"})
_COPY_OPTIONS = {
    "csv": "FORMAT csv, HEADER true",
    "json": "FORMAT json, ARRAY true",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


@contextmanager
def open_published(access: Access, tenant: TenantRecord) -> Iterator[tuple[PublishedReader, PublicationRecord]]:
    """A reader on the tenant's current publication, and its record.

    Raises:
        CommandFailed: nothing was published yet.
    """
    with access.control_plane.tenant_session(tenant.id) as session:
        publication = session.publications.current()
    if publication is None:
        raise CommandFailed(
            f"Nothing of {tenant.name!r} is published yet.",
            code="nothing_published",
            hint=f"Run 'autonomos sync --tenant {tenant.name!r}' first.",
        )
    location = lake_location(access.settings)
    data_path = f"{location.data_path.rstrip('/')}/tenant={tenant.id}/"
    with published_reader(Path(publication.path), data_path, location.s3) as reader:
        yield reader, publication


def people_columns(names: Sequence[str]) -> list[str]:
    """The columns people want to see."""
    return [name for name in names if name not in INTERNAL_COLUMNS]


def copy_rows(rows: duckdb.DuckDBPyConnection, format: str, path: Path | None) -> int:
    """Stream the rows of an executed query to a file or stdout as csv, json or parquet; how many there were.

    The reader itself may not write anywhere: another connection does, batch by batch.
    """
    batches = rows.to_arrow_reader()
    columns = ", ".join(f'"{name}"' for name in people_columns(batches.schema.names))
    target = path.absolute() if path is not None else Path("/dev/stdout")
    sys.stdout.flush()
    with duckdb.connect() as writer:
        writer.execute("SET TimeZone = 'UTC'")
        writer.register("batches", batches)
        written = writer.execute(
            f"COPY (SELECT {columns} FROM batches) TO {literal(str(target))} ({_COPY_OPTIONS[format]})"
        )
        return int(written.fetchall()[0][0])
