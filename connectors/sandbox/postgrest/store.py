"""The stand-in's database in a real Postgres: made with its roles, filled, changed and dropped by the administrator."""

import io
import itertools
import json
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
import pyarrow as pa
import pyarrow.csv as pc
from psycopg2 import sql

from connectors.protocol import SourceType
from connectors.sandbox.postgrest.arrow_types import copy_ready, postgres_type
from connectors.sandbox.postgrest.tokens import ROLES, derived

LOGINS = {"authenticator": None, "db_reader": "SELECT", "db_writer": "ALL"}
STAMP = "updated_at"
_RETYPED: dict[SourceType, str] = {
    "integer": "bigint",
    "decimal": "numeric",
    "double": "double precision",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamptz",
    "time": "time",
    "json": "jsonb",
    "binary": "bytea",
}


class Store:
    """One database and the roles named after it. Changes are seen by the next request."""

    def __init__(self, admin_url: str, database: str, secret: str) -> None:
        self._admin_url = _plain(admin_url)
        self._secret = secret
        self.database = database
        self._lock = threading.Lock()
        self._keys: dict[str, str] = {}
        self._connection: Any = None

    def create(self) -> None:
        """Make database and roles, in place of what an earlier start left."""
        self.drop()
        with _session(self._admin_url) as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))
            for role in ROLES:
                bypass = sql.SQL("BYPASSRLS" if role == "service_role" else "NOBYPASSRLS")
                cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN {}").format(self.role(role), bypass))
            for login in LOGINS:
                statement = sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}")
                cursor.execute(statement.format(self.role(login), sql.Literal(derived(self._secret, login))))
            for role in ROLES:
                cursor.execute(sql.SQL("GRANT {} TO {}").format(self.role(role), self.role("authenticator")))
        self._connection = psycopg2.connect(_at(self._admin_url, self.database))
        self._connection.autocommit = True
        self._run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        self._run(
            "CREATE FUNCTION public.stamp_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN NEW.{STAMP} := clock_timestamp(); RETURN NEW; END $$"
        )

    def drop(self) -> None:
        """Drop database and roles; harmless when there are none."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        with _session(self._admin_url) as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.database)))
            for role in (*LOGINS, *ROLES):
                cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(self.role(role)))

    def role(self, name: str) -> sql.Identifier:
        """Roles belong to the whole server: each stand-in has its own, named after its database."""
        return sql.Identifier(f"{self.database}_{name}")

    def url(self, login: str) -> str:
        """Database URL of one of the logins."""
        parts = urlsplit(self._admin_url)
        user, password = quote(f"{self.database}_{login}"), derived(self._secret, login)
        return f"postgresql://{user}:{password}@{parts.hostname}:{parts.port or 5432}/{quote(self.database)}"

    def load(
        self,
        stream: str,
        table: pa.Table,
        key: str | None,
        *,
        stamped: bool,
        description: str | None,
        descriptions: Mapping[str, str],
    ) -> None:
        """Make the table anew and copy the records in; `stamped` adds a field that tells the last change."""
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(field.name), sql.SQL(postgres_type(field.type)))
            for field in table.schema
        ]
        if key:
            columns.append(sql.SQL("PRIMARY KEY ({})").format(sql.Identifier(key)))
            self._keys[stream] = key
        self._run("DROP TABLE IF EXISTS {} CASCADE", _table(stream))
        self._run("CREATE TABLE {} ({})", _table(stream), sql.SQL(", ").join(columns))
        self._copy(stream, table)
        if stamped and STAMP not in table.schema.names:
            # Spread over the day before, so that a first look-back does not meet them all again.
            default = "now() - interval '1 hour' - random() * interval '22 hours'"
            self._run(f"ALTER TABLE {{}} ADD COLUMN {STAMP} timestamptz NOT NULL DEFAULT ({default})", _table(stream))
            self._run(f"ALTER TABLE {{}} ALTER COLUMN {STAMP} SET DEFAULT clock_timestamp()", _table(stream))
        if stamped:
            self._run(
                "CREATE TRIGGER stamp_change BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION public.stamp_change()",
                _table(stream),
            )
            self._run(f"CREATE INDEX ON {{}} ({STAMP})", _table(stream))
        self._describe(stream, description, descriptions)
        self.grant(stream)
        self._run("ANALYZE {}", _table(stream))

    def grant(self, stream: str) -> None:
        """Supabase's own default: every API role may do everything, row-level security decides. The reader reads."""
        for role in ROLES:
            rights = "SELECT" if role == "reader" else "ALL"
            self._run(f"GRANT {rights} ON {{}} TO {{}}", _table(stream), self.role(role))
        for login, allowed in LOGINS.items():
            if allowed:
                self._run(f"GRANT {allowed} ON {{}} TO {{}}", _table(stream), self.role(login))

    def records(self, stream: str) -> pa.Table:
        """What the table holds now, by its key; JSON and arrays as text."""
        with self._lock, self._connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT * FROM {} ORDER BY 1").format(_table(stream)))
            names = [column.name for column in cursor.description]
            rows = cursor.fetchall()
        columns = [[_python(row[index]) for row in rows] for index in range(len(names))]
        return pa.table({name: pa.array(column) for name, column in zip(names, columns, strict=True)})

    def upsert(self, stream: str, records: list[dict[str, Any]]) -> None:
        """Change or add records; fields that are not given stay."""
        for names, alike in itertools.groupby(records, key=tuple):
            # One statement may touch a record once: its last version counts.
            newest = {record[self._keys[stream]]: record for record in alike}
            self._upsert_alike(stream, names, list(newest.values()))

    def _upsert_alike(self, stream: str, names: tuple[str, ...], records: list[dict[str, Any]]) -> None:
        updates = [
            sql.SQL("{} = excluded.{}").format(sql.Identifier(name), sql.Identifier(name))
            for name in names
            if name != self._keys[stream]
        ]
        self._run(
            "INSERT INTO {t} ({n}) SELECT {n} FROM jsonb_populate_recordset(NULL::{t}, {v}) ON CONFLICT ({k}) DO {a}",
            t=_table(stream),
            n=sql.SQL(", ").join(sql.Identifier(name) for name in names),
            v=sql.Literal(json.dumps(records, default=str)),
            k=sql.Identifier(self._keys[stream]),
            a=sql.SQL("UPDATE SET ") + sql.SQL(", ").join(updates) if updates else sql.SQL("NOTHING"),
        )

    def delete(self, stream: str, keys: list[str]) -> None:
        """Remove records for good: Postgres keeps no recycle bin."""
        key = sql.Identifier(self._keys[stream])
        self._run("DELETE FROM {} WHERE {}::text = ANY ({})", _table(stream), key, sql.Literal([str(k) for k in keys]))

    def rename_field(self, stream: str, old: str, new: str) -> None:
        self._unstamp(stream, old)
        self._run("ALTER TABLE {} RENAME COLUMN {} TO {}", _table(stream), sql.Identifier(old), sql.Identifier(new))
        if self._keys.get(stream) == old:
            self._keys[stream] = new

    def retype_field(self, stream: str, field: str, to: SourceType) -> None:
        """Change the column's type, its values with it, and stamp every record as changed."""
        self._unstamp(stream, field)
        name, kind = sql.Identifier(field), sql.SQL(_RETYPED.get(to, "text"))
        value = sql.SQL("to_jsonb({})" if to == "json" else "{}::text").format(name)
        self._run("ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT", _table(stream), name)
        self._run("ALTER TABLE {} ALTER COLUMN {} TYPE {} USING {}::{}", _table(stream), name, kind, value, kind)
        if field != STAMP:
            self._run("UPDATE {} SET {} = {}", _table(stream), name, name)

    def add_field(self, stream: str, field: str, type: SourceType, values: list[Any] | None) -> None:
        """Add a column; with values, one after the other in the order of the key."""
        name, kind = sql.Identifier(field), sql.SQL(_RETYPED.get(type, "text"))
        self._run("ALTER TABLE {} ADD COLUMN {} {}", _table(stream), name, kind)
        if values:
            texts = [None if value is None else _input(value) for value in values]
            self._run(
                "UPDATE {t} SET {n} = (({v}::text[])[((o.place - 1) %% {c} + 1)::int])::{y} "
                "FROM (SELECT {k}, row_number() OVER (ORDER BY {k}) AS place FROM {t}) o WHERE o.{k} = {t}.{k}",
                t=_table(stream),
                n=name,
                v=sql.Literal(texts),
                c=sql.Literal(len(texts)),
                y=kind,
                k=sql.Identifier(self._keys[stream]),
            )

    def drop_field(self, stream: str, field: str) -> None:
        self._unstamp(stream, field)
        self._run("ALTER TABLE {} DROP COLUMN {} CASCADE", _table(stream), sql.Identifier(field))

    def drop_stream(self, stream: str) -> None:
        self._run("DROP TABLE {} CASCADE", _table(stream))

    def limit_rows(self, stream: str, using: str) -> None:
        """Row-level security: everybody but the service role sees the rows for which the SQL condition holds."""
        self._run("ALTER TABLE {} ENABLE ROW LEVEL SECURITY", _table(stream))
        self._run(
            f"CREATE POLICY visible ON {{}} FOR SELECT USING ({using.replace('{', '{{').replace('}', '}}')})",
            _table(stream),
        )

    def revoke(self, stream: str, role: str) -> None:
        """Take every right on a table from a role or login."""
        self._run("REVOKE ALL ON {} FROM {}", _table(stream), self.role(role))

    def execute(self, statement: str) -> None:
        """Any statement, as the administrator, in this database."""
        with self._lock, self._connection.cursor() as cursor:
            cursor.execute(statement)

    def _copy(self, stream: str, table: pa.Table) -> None:
        names = sql.SQL(", ").join(sql.Identifier(name) for name in table.schema.names)
        with self._lock, self._connection.cursor() as cursor:
            statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(_table(stream), names).as_string(cursor)
            for batch in copy_ready(table).to_batches(max_chunksize=100_000):
                out = io.BytesIO()
                pc.write_csv(batch, out, pc.WriteOptions(include_header=False))
                out.seek(0)
                cursor.copy_expert(statement, out)

    def _describe(self, stream: str, description: str | None, descriptions: Mapping[str, str]) -> None:
        if description:
            self._run("COMMENT ON TABLE {} IS {}", _table(stream), sql.Literal(description))
        for field, text in descriptions.items():
            column = sql.Identifier("public", stream, field)
            self._run("COMMENT ON COLUMN {} IS {}", column, sql.Literal(text))

    def _unstamp(self, stream: str, field: str) -> None:
        """The trigger names the field: without it every later change would fail."""
        if field == STAMP:
            self._run("DROP TRIGGER IF EXISTS stamp_change ON {}", _table(stream))

    def _run(self, statement: str, *parts: sql.Composable, **named: sql.Composable) -> None:
        with self._lock, self._connection.cursor() as cursor:
            # Formatted completely, so a percent sign in a value is one in the statement.
            cursor.execute(sql.SQL(statement.replace("%%", "%")).format(*parts, **named))


def _table(stream: str) -> sql.Identifier:
    return sql.Identifier("public", stream)


def _python(value: Any) -> Any:
    if isinstance(value, memoryview):
        return bytes(value)
    return json.dumps(value) if isinstance(value, dict | list) else value


def _input(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict | list | bool) else str(value)


def _plain(url: str) -> str:
    """The URL as libpq reads it, without the name of a Python driver."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="postgresql"))


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database)}"))


class _session:
    """A cursor of the administrator in autocommit, which making databases asks for."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True

    def __enter__(self) -> Any:
        return self._connection.cursor()

    def __exit__(self, *_: object) -> None:
        self._connection.close()
