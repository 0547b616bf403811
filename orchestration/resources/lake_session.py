"""One session on one tenant's lake: statements, transactions that are tried again, the catalog, the change feed.

Where lakes live and how sessions are opened and kept warm is `lake`'s. Errors of place and reach get names here.
"""

import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from orchestration.resources.sql_text import identifier, literal

T = TypeVar("T")

CATALOG = "lake"
_TEMPORARY = "CREATE OR REPLACE TEMP "
MANY_ROWS = 100_000  # from about here on a second thread pays (measured on two cores)
COMMIT_ATTEMPTS = 12


class LakeUnavailable(Exception):
    """The lake's catalog in Postgres does not answer; the run may be tried again."""


class LakeFull(Exception):
    """No space is left where the lake writes; a person has to make room."""


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
            except BaseException as error:  # raised again unless it is a conflict; nothing may stay open
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


def name_of(schema: str, table: str) -> str:
    """Quoted, fully qualified name of a lake table."""
    return f"{CATALOG}.{identifier(schema)}.{identifier(table)}"


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
