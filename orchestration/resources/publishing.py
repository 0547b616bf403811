"""Publishing: the lake's catalog frozen into one file, and readers that open nothing else.

A frozen catalog is a DuckLake whose metadata lies in a DuckDB file: an immutable snapshot that needs neither Postgres
nor locks. Moving the pointer to it in Postgres is the caller's work.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.resources.duckdb_extensions import load_extensions
from orchestration.resources.lake import CATALOG, LakeSession, S3Location
from orchestration.resources.sql_text import identifier, literal

VIEWS_SCHEMA = "unified"
_METADATA = f"__ducklake_metadata_{CATALOG}"


@dataclass(frozen=True, slots=True)
class FrozenCatalog:
    """A published snapshot: its id and the file that holds the catalog."""

    snapshot_id: int
    path: Path


class NothingPublished(Exception):
    """The tenant has no published views yet."""


def freeze_catalog(session: LakeSession, folder: Path) -> FrozenCatalog:
    """Copy the catalog as it is now into `folder/{snapshot}.ducklake`; the file appears whole or not at all.

    All metadata tables go, the ones with inlined rows included. Postgres keeps inlined values as text where it has
    no such type (unsigned, nested), while a DuckDB catalog expects the real types: they are cast back here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".draft-{os.getpid()}.ducklake"
    draft.unlink(missing_ok=True)
    session.execute("BEGIN")
    try:
        snapshot_id = session.snapshot()
        final = folder / f"{snapshot_id}.ducklake"
        if final.exists():
            return FrozenCatalog(snapshot_id, final)
        session.execute(f"ATTACH {literal(str(draft))} AS frozen")
        try:
            _copy_metadata(session)
        finally:
            session.execute("COMMIT")
            session.execute("DETACH frozen")
    finally:
        # Leaves the read transaction on the early return; nothing is open any more on the ordinary way out.
        session._rollback()
    draft.replace(final)
    return FrozenCatalog(snapshot_id, final)


def _copy_metadata(session: LakeSession) -> None:
    types = _inlined_types(session)
    schema = identifier(session.metadata_schema)
    statements = []
    for table in _metadata_tables(session):
        source = f"{_METADATA}.{schema}.{identifier(table)}"
        columns = _select_list(session, table, source, types)
        statements.append(f"CREATE TABLE frozen.{identifier(table)} AS SELECT {columns} FROM {source}")
    for statement in statements:
        session.execute(statement)


def _metadata_tables(session: LakeSession) -> list[str]:
    query = f"SELECT table_name FROM information_schema.tables WHERE table_schema = {literal(session.metadata_schema)}"
    return [name for (name,) in session.rows(f"SELECT * FROM postgres_query('{_METADATA}', {literal(query)})")]


def _inlined_types(session: LakeSession) -> dict[str, dict[str, str]]:
    """Inlined table -> column -> DuckDB type, for the lake tables that have inlined rows."""
    schema = identifier(session.metadata_schema)
    inlined = session.rows(
        f"SELECT i.table_name, s.schema_name, t.table_name FROM {_METADATA}.{schema}.ducklake_inlined_data_tables i "
        f"JOIN {_METADATA}.{schema}.ducklake_table t ON t.table_id = i.table_id AND t.end_snapshot IS NULL "
        f"JOIN {_METADATA}.{schema}.ducklake_schema s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL"
    )
    return {name: session.columns(owner, table) for name, owner, table in inlined}


def _select_list(session: LakeSession, table: str, source: str, types: dict[str, dict[str, str]]) -> str:
    if table not in types:
        return "*"
    wanted = types[table]
    picked = []
    for column, kind, *_ in session.rows(f"DESCRIBE {source}"):
        name = identifier(column)
        target = wanted.get(column)
        if target is None or kind == target:
            picked.append(name)
        elif kind == "BLOB":
            picked.append(f"decode({name})::{target} AS {name}")
        else:
            picked.append(f"{name}::{target} AS {name}")
    return ", ".join(picked)


class PublishedReader:
    """Reads one published snapshot; refuses to write, attach or look elsewhere."""

    def __init__(self, path: Path, data_path: str, *, threads: int = 2, memory_limit: str = "512MB") -> None:
        if not path.exists():
            raise NothingPublished(f"the published snapshot {path.name} is gone; run a sync to publish a new one")
        self.connection = duckdb.connect(
            config={"threads": threads, "memory_limit": memory_limit, "autoinstall_known_extensions": False}
        )
        load_extensions(self.connection, "ducklake")
        self.connection.execute("SET TimeZone = 'UTC'")
        if "://" in data_path:
            load_extensions(self.connection, "httpfs")
        self._path, self._data_path = path, data_path

    def open(self, s3: S3Location | None = None) -> "PublishedReader":
        """Attach the snapshot and close every other door."""
        if s3 is not None:
            options = f"KEY_ID {literal(s3.key_id)}, SECRET {literal(s3.secret)}, REGION {literal(s3.region)}"
            if s3.endpoint:
                options += f", ENDPOINT {literal(s3.endpoint)}, URL_STYLE 'path', USE_SSL {str(s3.use_ssl).lower()}"
            self.connection.execute(f"CREATE SECRET lake_data (TYPE s3, {options})")
        self.connection.execute(f"ATTACH {literal(f'ducklake:{self._path}')} AS {CATALOG} (READ_ONLY)")
        folders = f"[{literal(self._data_path)}, {literal(str(self._path.parent) + '/')}]"
        self.connection.execute(f"SET allowed_directories = {folders}")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")
        return self

    def views(self) -> list[str]:
        """Names of the published views."""
        found = self.connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = ? ORDER BY 1",
            [CATALOG, VIEWS_SCHEMA],
        ).fetchall()
        return [name for (name,) in found]

    def relation(self, view: str, limit: int | None = None) -> duckdb.DuckDBPyConnection:
        """Rows of a view, newest source update first; executed, ready to fetch as rows, Arrow or a data frame."""
        tail = "" if limit is None else f" LIMIT {int(limit)}"
        table = f"{CATALOG}.{VIEWS_SCHEMA}.{identifier(view)}"
        return self.connection.execute(
            f"SELECT * FROM {table} ORDER BY _source_updated_at DESC NULLS LAST, _entity_id{tail}"
        )

    def value(self, sql: str) -> Any:
        """First column of the first row of a query."""
        row = self.connection.execute(sql).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


@contextmanager
def published_reader(path: Path, data_path: str, s3: S3Location | None = None) -> Iterator[PublishedReader]:
    """A reader on one frozen catalog, closed afterwards.

    Raises:
        NothingPublished: the file is gone.
    """
    reader = PublishedReader(path, data_path)
    try:
        yield reader.open(s3)
    finally:
        reader.close()
