"""The lake: one DuckLake a tenant, its catalog in Postgres and its rows in Parquet.

Opens sessions for writers. Readers of published views use `publishing.PublishedReader` and never come here.
Knows schemas, tables and snapshots, nothing of what the rows mean.
"""

import os
import random
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import duckdb
from psycopg2.extensions import parse_dsn

from orchestration.resources.duckdb_extensions import load_extensions
from orchestration.resources.sql_text import identifier, literal

T = TypeVar("T")

CATALOG = "lake"
_TEMPORARY = "CREATE OR REPLACE TEMP "
MANY_ROWS = 100_000  # from about here on a second thread pays (measured on two cores)
TRUSTED_FOR_S = 2.0  # between two steps of a run nobody asks whether Postgres is still there
COMMIT_ATTEMPTS = 12
IDLE_SESSIONS = 16
SPILL_ABANDONED_AFTER_S = 86_400  # what a killed process spilled is deleted then; a live one writes all the time

# Warm sessions found after a fork belong to the parent: closing them, or dropping the last reference, hangs the child.
_inherited: list[object] = []


class LakeUnavailable(Exception):
    """The lake's catalog in Postgres does not answer; the run may be tried again."""


class LakeFull(Exception):
    """No space is left where the lake writes; a person has to make room."""


@dataclass(frozen=True, slots=True)
class S3Location:
    """How to reach an `s3://` data path; `endpoint` is host:port for servers other than AWS."""

    key_id: str
    secret: str = field(repr=False)
    region: str = "us-east-1"
    endpoint: str | None = None
    use_ssl: bool = True


@dataclass(frozen=True, slots=True)
class LakeLocation:
    """Where the lake lives. `catalog`: libpq DSN; `data_path`: folder or s3:// prefix; `published_path`: folder."""

    catalog: str = field(repr=False)
    data_path: str
    published_path: Path
    memory_limit: str = "1GB"
    threads: int = 2
    s3: S3Location | None = None


class LakeSession:
    """One DuckDB connection with one tenant's DuckLake attached as `lake`. Not for two threads at once."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, data_path: str, metadata_schema: str, threads: int = 1
    ) -> None:
        self.connection = connection
        self.data_path = data_path
        self.metadata_schema = metadata_schema
        self._known: dict[str, dict[str, dict[str, str]]] | None = None
        self._temporaries: dict[str, str] = {}
        self.used_at = 0.0
        self._threads = threads
        self._threads_in_use = threads

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Run one statement. Values are written into it with `literal`: DuckDB's first bound parameter in a process
        imports pandas, which costs a cold worker two seconds.

        Raises:
            LakeFull: the disk is full.
        """
        if sql.startswith(_TEMPORARY):
            kind, name = sql.removeprefix(_TEMPORARY).split(maxsplit=2)[:2]
            self._temporaries[name] = kind
        try:
            return self.connection.execute(sql)
        except duckdb.Error as error:
            raise classified(error) from error

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        """First column of the first row, or None."""
        row = self.execute(sql).fetchone()
        return None if row is None else row[0]

    def snapshot(self) -> int:
        """Id of the newest snapshot this session sees."""
        return int(self.value(f"SELECT id FROM {CATALOG}.current_snapshot()"))

    def use_threads_for(self, rows: int) -> None:
        """All threads for much data, one for little: handing a few rows to several costs more than it gains."""
        wanted = self._threads if rows >= MANY_ROWS else 1
        if wanted != self._threads_in_use:
            self.execute(f"SET threads = {wanted}")
            self._threads_in_use = wanted

    def rows_in_lake(self) -> int:
        """Rows of all tables as the catalog counts them, without reading any."""
        stats = f"__ducklake_metadata_{CATALOG}.{identifier(self.metadata_schema)}.ducklake_table_stats"
        return int(self.value(f"SELECT coalesce(sum(record_count), 0) FROM {stats}"))

    def transaction(self, work: Callable[["LakeSession"], T]) -> T:
        """Run `work` in one transaction and commit; run it again when another writer got in between.

        DuckLake checks conflicts by table, so writers of one tenant meet here now and then. `work` must read what
        it decides on inside the transaction, and may run several times.
        """
        for attempt in range(1, COMMIT_ATTEMPTS + 1):
            self._known = None
            self.execute("BEGIN")
            try:
                result = work(self)
                self.execute("COMMIT")
            except BaseException as error:
                self._rollback()
                if not _is_conflict(error) or attempt == COMMIT_ATTEMPTS:
                    raise
                time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter, not a secret
                continue
            return result
        raise AssertionError("unreachable")

    def _rollback(self) -> None:
        self._known = None
        # After a failed COMMIT DuckDB has no transaction left to roll back; either way none is open afterwards.
        try:
            self.connection.execute("ROLLBACK")
        except duckdb.TransactionException:
            return
        except duckdb.Error as error:
            raise classified(error) from error

    def tables(self, schema: str) -> frozenset[str]:
        """Names of the tables of one schema."""
        return frozenset(self._catalog().get(schema, {}))

    def columns(self, schema: str, table: str) -> dict[str, str]:
        """Column name -> DuckDB type, in table order; empty when there is no such table."""
        return dict(self._catalog().get(schema, {}).get(table, {}))

    def _catalog(self) -> dict[str, dict[str, dict[str, str]]]:
        """Schema -> table -> column -> type, read once a transaction: asking DuckDB costs milliseconds each time."""
        if self._known is None:
            self._known = {}
            for schema, table, column, kind in self.rows(
                "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
                f"WHERE database_name = {literal(CATALOG)} AND NOT internal "
                "ORDER BY schema_name, table_name, column_index"
            ):
                self._known.setdefault(schema, {}).setdefault(table, {})[column] = kind
        return self._known

    def ensure_table(self, schema: str, table: str, columns: Mapping[str, str]) -> bool:
        """Create the table, or add the columns it lacks; True when it was created. Never drops or retypes."""
        present = self._catalog().get(schema, {}).get(table)
        if present is None:
            listed = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
            self.execute(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{identifier(schema)}")
            self.execute(f"CREATE TABLE {name_of(schema, table)} ({listed})")
            self._catalog().setdefault(schema, {})[table] = dict(columns)
            return True
        known = {name.casefold() for name in present}
        for name, kind in columns.items():
            if name.casefold() not in known:
                self.execute(f"ALTER TABLE {name_of(schema, table)} ADD COLUMN {identifier(name)} {kind}")
                present[name] = kind
        return False

    def register_parquet(self, schema: str, table: str, path: str) -> None:
        """Make a Parquet file part of the table without rewriting it; the lake owns the file from then on."""
        self.execute(
            f"CALL ducklake_add_data_files({literal(CATALOG)}, {literal(table)}, {literal(path)}, "
            f"schema => {literal(schema)}, allow_missing => true)"
        )

    def insertions(self, schema: str, table: str, after: int | None, through: int) -> str:
        """SQL of the rows inserted in snapshots (after, through]; every row of the table when `after` is None."""
        if after is None:
            return f"SELECT * FROM {name_of(schema, table)}"
        return (
            f"SELECT * FROM ducklake_table_insertions({literal(CATALOG)}, {literal(schema)}, {literal(table)}, "
            f"{after + 1}, {through})"
        )

    def has_feed(self, after: int) -> bool:
        """Whether what was inserted after a snapshot can still be told, that is, none of it has expired."""
        newest = self.snapshot()
        return after >= newest or bool(
            self.value(f"SELECT 1 FROM ducklake_snapshots({literal(CATALOG)}) WHERE snapshot_id = {after + 1}")
        )

    def forget(self) -> None:
        """Leave nothing for the next user: temporary tables hold memory, and the catalog may change meanwhile."""
        # Views first: they stand on tables.
        for name, kind in sorted(self._temporaries.items(), key=lambda item: item[1] != "VIEW"):
            self.connection.execute(f"DROP {kind} IF EXISTS temp.{name}")
        self._temporaries = {}
        self._known = None

    def staging_file(self, name: str) -> str:
        """Path for a Parquet file that a transaction will register; unregistered ones are cleaned up as orphans."""
        if "://" not in self.data_path:
            (Path(self.data_path) / "staged").mkdir(parents=True, exist_ok=True)
        return f"{self.data_path.rstrip('/')}/staged/{name}.parquet"


class Lake:
    """Opens lake sessions by tenant; keeps a few warm, since attaching costs a quarter of a second."""

    def __init__(self, location: LakeLocation) -> None:
        self.location = location
        self._lock = threading.Lock()
        self._idle: OrderedDict[UUID, LakeSession] = OrderedDict()
        self._process_id = os.getpid()

    @contextmanager
    def session(self, tenant_id: UUID) -> Iterator[LakeSession]:
        """A session on the tenant's lake, which is made at first use.

        Raises:
            LakeUnavailable: the catalog does not answer.
        """
        session = self._take(tenant_id) or self._open(tenant_id)
        try:
            yield session
        except BaseException:
            # A failed session may hold a broken Postgres connection or half a transaction: never hand it on.
            session.connection.close()
            raise
        try:
            session.forget()
        except (duckdb.Error, LakeUnavailable):
            # What the caller did is committed: only the session is lost with Postgres.
            session.connection.close()
        else:
            self._give_back(tenant_id, session)

    def close(self) -> None:
        """Close the warm sessions."""
        with self._lock:
            sessions, self._idle = list(self._idle.values()), OrderedDict()
        for session in sessions:
            session.connection.close()

    def _take(self, tenant_id: UUID) -> LakeSession | None:
        with self._lock:
            if self._process_id != os.getpid():  # DuckDB does not survive a fork
                _inherited.append(self._idle)
                self._idle, self._process_id = OrderedDict(), os.getpid()
            session = self._idle.pop(tenant_id, None)
        if session is None:
            return None
        if time.monotonic() - session.used_at < TRUSTED_FOR_S:
            return session
        try:
            session.snapshot()
        except (duckdb.Error, LakeUnavailable):  # Postgres restarted since: open anew
            session.connection.close()
            return None
        return session

    def _give_back(self, tenant_id: UUID, session: LakeSession) -> None:
        evicted: list[LakeSession] = []
        session.used_at = time.monotonic()
        with self._lock:
            if tenant_id in self._idle:
                evicted.append(session)
            else:
                self._idle[tenant_id] = session
            while len(self._idle) > IDLE_SESSIONS:
                evicted.append(self._idle.popitem(last=False)[1])
        for old in evicted:
            old.connection.close()

    def _open(self, tenant_id: UUID) -> LakeSession:
        schema = f"t_{tenant_id.hex}"
        data_path = f"{self.location.data_path.rstrip('/')}/tenant={tenant_id}/"
        try:
            if "://" not in data_path:
                Path(data_path).mkdir(parents=True, exist_ok=True)
            connection = self._detached() or self._connect()
        except OSError as error:
            raise classified(error) from error
        try:
            self._attach(connection, schema, data_path)
        except duckdb.Error as error:
            connection.close()
            raise classified(error) from error
        session = LakeSession(connection, data_path, schema, self.location.threads)
        session.execute(f"SET threads = {self.location.threads}")  # another tenant's session may have used fewer
        session.use_threads_for(session.rows_in_lake())
        return session

    def _detached(self) -> duckdb.DuckDBPyConnection | None:
        """The connection of the session that waited longest, without its lake; None while there are few.

        Loading the extensions is nine tenths of what a session costs (0.35 of 0.4 s of processor time).
        """
        with self._lock:
            if len(self._idle) < IDLE_SESSIONS:
                return None
            spare = self._idle.popitem(last=False)[1].connection
        try:
            spare.execute(f"DETACH {CATALOG}")
        except duckdb.Error:  # whatever is wrong with it, a new one is as good
            spare.close()
            return None
        return spare

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config=self._duckdb_config())
        try:
            load_extensions(connection, "ducklake", "postgres_scanner", *(["httpfs"] if self.location.s3 else []))
            connection.execute("SET TimeZone = 'UTC'")
            self._create_secrets(connection)
        except duckdb.Error as error:
            connection.close()
            raise classified(error) from error
        return connection

    def _duckdb_config(self) -> dict[str, str | bool | int | float | list[str]]:
        is_remote = "://" in self.location.data_path
        base = self.location.published_path.parent if is_remote else Path(self.location.data_path)
        return {
            "threads": self.location.threads,
            "memory_limit": self.location.memory_limit,
            "temp_directory": str(_spill_folder(base / "spill")),
            "autoinstall_known_extensions": False,
        }

    def _create_secrets(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Passwords go in as in-memory secrets: an ATTACH string would show in errors and in duckdb_databases()."""
        dsn = parse_dsn(self.location.catalog)
        fields = {
            "HOST": dsn.get("host", "127.0.0.1"),
            "PORT": dsn.get("port", "5432"),
            "DATABASE": dsn["dbname"],
            "USER": dsn.get("user", ""),
            "PASSWORD": dsn.get("password", ""),
        }
        connection.execute(f"CREATE SECRET lake_catalog (TYPE postgres, {_options(fields)})")
        if self.location.s3 is not None:
            s3 = self.location.s3
            options = {"KEY_ID": s3.key_id, "SECRET": s3.secret, "REGION": s3.region}
            if s3.endpoint:
                options |= {"ENDPOINT": s3.endpoint, "URL_STYLE": "path", "USE_SSL": str(s3.use_ssl).lower()}
            connection.execute(f"CREATE SECRET lake_data (TYPE s3, {_options(options)})")

    def _attach(self, connection: duckdb.DuckDBPyConnection, schema: str, data_path: str) -> None:
        sslmode = parse_dsn(self.location.catalog).get("sslmode")
        source = "ducklake:postgres:" + (f"sslmode={sslmode}" if sslmode else "")
        statement = (
            f"ATTACH {literal(source)} AS {CATALOG} (DATA_PATH {literal(data_path)}, "
            f"METADATA_SCHEMA {literal(schema)}, META_SECRET 'lake_catalog', OVERRIDE_DATA_PATH true)"
        )
        for attempt in range(1, 4):
            try:
                connection.execute(statement)
            except duckdb.Error as error:
                # Two first syncs of one tenant may both try to create the catalog: the loser finds it made.
                if attempt == 3 or "already exists" not in str(error).lower():
                    raise
                time.sleep(0.2 * attempt)
            else:
                return


def _spill_folder(spills: Path) -> Path:
    """A folder for one DuckDB alone: two that spill into the same one overwrite each other's rows."""
    spills.mkdir(parents=True, exist_ok=True)
    for left in spills.iterdir():
        with suppress(OSError):  # gone meanwhile, or of another user
            if time.time() - left.stat().st_mtime > SPILL_ABANDONED_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)
    return spills / f"{os.getpid()}-{uuid4().hex[:8]}"


def name_of(schema: str, table: str) -> str:
    """Quoted, fully qualified name of a lake table."""
    return f"{CATALOG}.{identifier(schema)}.{identifier(table)}"


def _options(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {literal(value)}" for name, value in fields.items())


_FULL = ("No space left on device", "Disk quota exceeded", "File too large", "max_temp_directory_size")
_UNAVAILABLE = (
    "connection refused",
    "connection reset",
    "server closed the connection",
    "no connection to the server",
    "could not connect",
    "unable to connect to postgres",
    "terminating connection",
    "the database system is",
    "too many clients",
    'failed to execute query "rollback"',  # the connection broke in mid-transaction
)


def _is_conflict(error: BaseException) -> bool:
    text = str(error).lower()
    return "transaction conflict" in text or "could not serialize" in text or "deadlock detected" in text


def classified(error: duckdb.Error | OSError) -> Exception:
    """The error as the lake's own where it is one of place or reach; otherwise as it came."""
    text = str(error)
    if any(sign in text for sign in _FULL):
        return LakeFull("no space is left where the lake writes; free disk space or set AUTONOMOS_DATA_PATH elsewhere")
    lowered = text.lower()
    if any(sign in lowered for sign in _UNAVAILABLE) and not _is_conflict(error):
        return LakeUnavailable("the lake's catalog in Postgres does not answer")
    return error
