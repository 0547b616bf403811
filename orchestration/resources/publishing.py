"""Publishing: the lake's catalog frozen into one file, and readers that open nothing else.

A frozen catalog is a DuckLake whose metadata lies in a DuckDB file: an immutable snapshot that needs neither Postgres
nor locks. Moving the pointer to it in Postgres is the caller's work.
"""

import copy
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from orchestration.resources.duckdb_extensions import load_extensions, signature_config
from orchestration.resources.lake import S3Location
from orchestration.resources.lake_session import CATALOG, LakeSession, LakeUnavailable, classified
from orchestration.resources.sql_text import identifier, literal

VIEWS_SCHEMA = "unified"
_DRAFT = ".draft-"
_DRAFT_ABANDONED_AFTER_S = 3600
_BEGIN_ATTEMPTS = 50
_SMALL_BLOCK = 16_384  # bytes; thirty small tables in blocks of the usual 256 KiB would be 8 MB to write
_METADATA = f"__ducklake_metadata_{CATALOG}"


@dataclass(frozen=True, slots=True)
class FrozenCatalog:
    """A published snapshot: its id and the file that holds the catalog."""

    snapshot_id: int
    path: Path


class NothingPublished(Exception):
    """The tenant has no published views yet."""


class NotAQuery(Exception):
    """A reader was asked to do something other than read."""


def freeze_catalog(session: LakeSession, folder: Path) -> FrozenCatalog:
    """Copy the catalog as it is now into `folder/{snapshot}.ducklake`; the file appears whole or not at all.

    All metadata tables go, the ones with inlined rows included. Postgres keeps inlined values as text where it has
    no such type (unsigned, nested), while a DuckDB catalog expects the real types: they are cast back here.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned_drafts(folder)
        draft = folder / f"{_DRAFT}{uuid4().hex}.ducklake"
        snapshot_id = _write_draft(session, folder, draft)
        final = folder / f"{snapshot_id}.ducklake"
        if draft.exists():
            draft.replace(final)
    except OSError as error:
        raise classified(error) from error
    return FrozenCatalog(snapshot_id, final)


def _write_draft(session: LakeSession, folder: Path, draft: Path) -> int:
    """Copy the catalog into `draft` unless its snapshot is frozen already; the snapshot's id."""
    snapshot_id = _begin_at_one_snapshot(session)
    try:
        if (folder / f"{snapshot_id}.ducklake").exists():
            session.execute("COMMIT")
            return snapshot_id
        session.execute(f"ATTACH {literal(str(draft))} AS frozen (BLOCK_SIZE {_SMALL_BLOCK})")
        _copy_metadata(session)
        session.execute("COMMIT")
        session.execute("DETACH frozen")
    except BaseException:  # raised again; an interrupt must not leave a draft either
        # The session is not used again after an error, and with it goes the attachment.
        session.connection.close()
        draft.unlink(missing_ok=True)
        draft.with_name(f"{draft.name}.wal").unlink(missing_ok=True)
        raise
    return snapshot_id


def _begin_at_one_snapshot(session: LakeSession) -> int:
    """Begin a transaction in which the metadata tables and DuckLake's view of them are of one snapshot; its id.

    They come through two connections to Postgres, and a writer may commit between the first reads of the two.
    """
    newest = f"SELECT max(snapshot_id) FROM {_METADATA}.{identifier(session.metadata_schema)}.ducklake_snapshot"
    for _ in range(_BEGIN_ATTEMPTS):
        session.execute("BEGIN")
        copied, seen = int(session.value(newest)), session.snapshot()
        if copied == seen:
            return seen
        session.execute("ROLLBACK")
    raise LakeUnavailable("the lake was written to without a pause while it was to be published")


def _remove_abandoned_drafts(folder: Path) -> None:
    """Delete what a killed process left; a freeze takes a fraction of a second."""
    for left in folder.glob(f"{_DRAFT}*"):
        with suppress(FileNotFoundError):  # finished or removed by another process meanwhile
            if time.time() - left.stat().st_mtime > _DRAFT_ABANDONED_AFTER_S:
                left.unlink()


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
        extensions = ["ducklake", *(["httpfs"] if "://" in data_path else [])]
        self._connection = duckdb.connect(
            config={
                "threads": threads,
                "memory_limit": memory_limit,
                "autoinstall_known_extensions": False,
                **signature_config(*extensions),
            }
        )
        self._extensions = extensions
        self._path, self._data_path = path, data_path

    def open(self, s3: S3Location | None = None) -> "PublishedReader":
        """Attach the snapshot and close every other door."""
        load_extensions(self._connection, *self._extensions)
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")  # for every connection that `beside` makes
        if s3 is not None:
            options = f"KEY_ID {literal(s3.key_id)}, SECRET {literal(s3.secret)}, REGION {literal(s3.region)}"
            if s3.endpoint:
                options += f", ENDPOINT {literal(s3.endpoint)}, URL_STYLE 'path', USE_SSL {str(s3.use_ssl).lower()}"
            self._connection.execute(f"CREATE SECRET lake_data (TYPE s3, {options})")
        self._connection.execute(f"ATTACH {literal(f'ducklake:{self._path}')} AS {CATALOG} (READ_ONLY)")
        folders = f"[{literal(self._data_path)}, {literal(str(self._path.parent) + '/')}]"
        self._connection.execute(f"SET allowed_directories = {folders}")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        return self

    def beside(self) -> "PublishedReader":
        """The same snapshot for another thread, behind the same closed doors; closed by whoever asked for it."""
        twin = copy.copy(self)
        twin._connection = self._connection.cursor()
        return twin

    def interrupt(self) -> None:
        """Have the query that runs stop with duckdb.InterruptException; may be called from any thread."""
        self._connection.interrupt()

    def query(self, sql: str, parameters: Sequence[object] = ()) -> duckdb.DuckDBPyConnection:
        """Run one SELECT, ready to fetch.

        DuckDB lets whoever may read a folder write into it too, and attach what lies there: nothing but a SELECT runs.

        Raises:
            NotAQuery: the text is something else.
        """
        statements = self._connection.extract_statements(sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise NotAQuery("published views can only be queried: one SELECT at a time")
        if not parameters:  # the first one in a process imports pandas, which a command need not wait for
            return self._connection.execute(statements[0])
        return self._connection.execute(statements[0], list(parameters))

    def views(self) -> list[str]:
        """Names of the published views."""
        found = self.query(
            "SELECT table_name FROM duckdb_tables() "
            f"WHERE database_name = {literal(CATALOG)} AND schema_name = {literal(VIEWS_SCHEMA)} ORDER BY 1"
        ).fetchall()
        return [name for (name,) in found]

    def relation(self, view: str, limit: int | None = None) -> duckdb.DuckDBPyConnection:
        """Rows of a view, newest source update first; executed, ready to fetch as rows, Arrow or a data frame."""
        tail = "" if limit is None else f" LIMIT {int(limit)}"
        table = f"{CATALOG}.{VIEWS_SCHEMA}.{identifier(view)}"
        return self.query(f"SELECT * FROM {table} ORDER BY _source_updated_at DESC NULLS LAST, _entity_id{tail}")

    def value(self, sql: str) -> Any:
        """First column of the first row of a query."""
        row = self.query(sql).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


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
