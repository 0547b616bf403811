"""The lake: one DuckLake a tenant, its catalog in Postgres and its rows in Parquet.

Opens sessions for writers. Readers of published views use `publishing.PublishedReader` and never come here.
Knows schemas, tables and snapshots, nothing of what the rows mean.
"""

import os
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
from psycopg2.extensions import parse_dsn

from orchestration.resources.duckdb_extensions import load_extensions, signature_config
from orchestration.resources.lake_session import CATALOG, LakeSession, LakeUnavailable, classified
from orchestration.resources.sql_text import literal

TRUSTED_FOR_S = 2.0  # between two steps of a run nobody asks whether Postgres is still there
IDLE_SESSIONS = 16
SPILL_ABANDONED_AFTER_S = 86_400  # what a killed process spilled is deleted then; a live one writes all the time

# Warm sessions found after a fork belong to the parent: closing them, or dropping the last reference, hangs the child.
_inherited: list[object] = []


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


class Lake:
    """Opens lake sessions by tenant; keeps a few warm, since attaching costs a quarter of a second."""

    def __init__(self, location: LakeLocation, idle_sessions: int = IDLE_SESSIONS) -> None:
        self.location = location
        self._idle_sessions = idle_sessions
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
        except BaseException:  # raised again; an interrupt breaks a session as an error does
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
            while len(self._idle) > self._idle_sessions:
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
            if len(self._idle) < self._idle_sessions:
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
            load_extensions(connection, *self._extensions())
            connection.execute("SET TimeZone = 'UTC'")
            self._create_secrets(connection)
        except duckdb.Error as error:
            connection.close()
            raise classified(error) from error
        return connection

    def _extensions(self) -> list[str]:
        return ["ducklake", "postgres_scanner", *(["httpfs"] if self.location.s3 else [])]

    def _duckdb_config(self) -> dict[str, str | bool | int | float | list[str]]:
        is_remote = "://" in self.location.data_path
        base = self.location.published_path.parent if is_remote else Path(self.location.data_path)
        return {
            "threads": self.location.threads,
            "memory_limit": self.location.memory_limit,
            "temp_directory": str(_spill_folder(base / "spill")),
            "autoinstall_known_extensions": False,
            **signature_config(*self._extensions()),
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


def _options(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {literal(value)}" for name, value in fields.items())
