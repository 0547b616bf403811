"""A stand-in project on a real Postgres: read through the Data API, and straight from the database.

The second misbehaves as Postgres does: sessions are ended, rights and the login taken back, the table locked.
"""

import os
import signal
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pyarrow as pa

from connectors.errors import ConfigInvalid, CredentialsExpired, SourceUnavailable
from connectors.sandbox.faults import FaultKind, Request
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox
from tests.connectors.harnesses.harness import BadConfig, Expected
from tests.connectors.harnesses.sandboxed import WORDS, SandboxHarness, closed_port

LOGIN = "db_reader"
HOUR = timedelta(hours=1)
OLD = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class SupabaseRestHarness(SandboxHarness):
    name = "supabase-rest"
    kind = "supabase"
    needs_postgres = True

    def start(self) -> None:
        self.sandbox = PostgrestSandbox(self.place, max_rows=10)
        self.sandbox.start()
        self._admin = psycopg2.connect(self._admin_url(), dbname=self.sandbox.store.database)
        self._admin.autocommit = True
        self.fill()
        # As tables have it that tell their last change, and as a connector wants it to rely on it.
        self.run("ALTER TABLE deals ALTER updated_at SET NOT NULL, ALTER updated_at SET DEFAULT clock_timestamp()")
        self.run("CREATE TRIGGER stamp_insert BEFORE INSERT ON deals FOR EACH ROW EXECUTE FUNCTION stamp_change()")
        self.secrets = self._secrets()

    def stop(self) -> None:
        self._admin.close()
        super().stop()

    def table(self, count: int) -> pa.Table:
        names, moments = [f"name {n}" for n in range(count)], [OLD + n * HOUR for n in range(count)]
        stamps = pa.array(moments, pa.timestamp("us", "UTC"))
        return pa.table({"id": list(range(count)), "name": names, "updated_at": stamps})

    def identity(self, number: int) -> int:
        return number

    def config(self, **limits: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.sandbox.config("rest")
        return made | {"limits": {**self.limits, **limits}}

    def bad_configs(self) -> list[BadConfig]:
        good = self.config(give_up_after_s=0.1)
        head, _, _ = good["key"].rpartition(".")
        return [
            ({**good, "key": f"{head}.wrong-signature-0f3a"}, CredentialsExpired),
            ({**good, "key": self.sandbox.key("reader", expires_in_s=-60)}, CredentialsExpired),
            ({**good, "url": f"http://127.0.0.1:{closed_port()}"}, SourceUnavailable),
            ({**good, "tables": ["no_such_table"]}, ConfigInvalid),
            ({**good, "url": "ftp://acme.example"}, ConfigInvalid),
            ({"url": good["url"]}, ConfigInvalid),
            ({**good, "passwort": "typo-secret-77"}, ConfigInvalid),
        ]

    def put_late(self, number: int, value: str, age_s: float) -> bool:
        moment = datetime.now(UTC) - timedelta(seconds=age_s)
        self.run("ALTER TABLE deals DISABLE TRIGGER USER")
        self.run(
            "INSERT INTO deals (id, name, updated_at) VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE "
            "SET name = excluded.name, updated_at = excluded.updated_at",
            (number, value, moment),
        )
        self.run("ALTER TABLE deals ENABLE TRIGGER USER")
        return True

    def outrun(self) -> str | None:
        """As after a restore of an old backup: nothing is as new as the cursor."""
        self.run("ALTER TABLE deals DISABLE TRIGGER USER")
        self.run("UPDATE deals SET updated_at = updated_at - interval '3 years'")
        self.run("ALTER TABLE deals ENABLE TRIGGER USER")
        return "history_moved_back"

    def writing_config(self) -> dict[str, Any]:
        return self.config() | {"key": self.sandbox.key("service_role")}

    def most_records(self, request: Request) -> int | None:
        return None if request.method == "HEAD" else super().most_records(request)

    def run(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """A statement of the administrator."""
        with self._admin.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def typed(self) -> tuple[str, list[Expected]]:
        moments = [datetime(1805, 1, 2, 3, 4, 5, 678901, UTC), None]
        amounts = [Decimal("1234567890123456789012.12345678"), Decimal("-0.00000001")]
        columns: dict[str, tuple[pa.Array, Any, list[str | None]]] = {
            "id": (pa.array([1, 2]), "integer", ["1", "2"]),
            "whole": (pa.array([-(2**63), 2**63 - 1]), "integer", ["-9223372036854775808", "9223372036854775807"]),
            "amount": (
                pa.array(amounts, pa.decimal128(38, 8)),
                "decimal",
                ["1234567890123456789012.12345678", "-0.00000001"],
            ),
            "ratio": (pa.array([0.1, -2.5]), "double", ["0.1", "-2.5"]),
            "flag": (pa.array([True, False]), "boolean", ["true", "false"]),
            "day": (pa.array([date(1789, 7, 14), date(9999, 12, 31)]), "date", ["1789-07-14", "9999-12-31"]),
            "moment": (
                pa.array(moments, pa.timestamp("us", "UTC")),
                "timestamp",
                ["1805-01-02T03:04:05.678901Z", None],
            ),
            "clock": (pa.array([time(23, 59, 58, 123456), None]), "time", ["23:59:58.123456", None]),
            "words": (pa.array([WORDS, ""]), "text", [WORDS, ""]),
            "padded": (pa.array([" 00123 ", None]), "text", [" 00123 ", None]),
            "bytes": (pa.array([b"\x00\xff\x01", None]), "binary", ["AP8B", None]),
            "nested": (pa.array([{"a": [1, 2]}, None]), "json", ['{"a": [1, 2]}', None]),
        }
        self.sandbox.load("typed", pa.table({name: given[0] for name, given in columns.items()}), "id", stamped=False)
        return "typed", [
            Expected(name, declared, dict(zip("12", texts, strict=True)))
            for name, (_, declared, texts) in columns.items()
        ]

    def _secrets(self) -> tuple[str, ...]:
        return (self.config()["key"], self.sandbox.secret, self.sandbox.key("service_role"))

    def _admin_url(self) -> str:
        return urlunsplit(urlsplit(str(self.place))._replace(scheme="postgresql"))


class SupabaseDatabaseHarness(SupabaseRestHarness):
    name = "supabase-database"
    plays: ClassVar[frozenset[FaultKind]] = frozenset(
        {"unauthorized", "forbidden", "server_error", "slow", "cut_body", "schema_change"}
    )
    unplayed = "Postgres answers with no such thing"
    _read_before = 0
    _stopped: Sequence[int] = ()
    _forbidden = False

    def config(self, **limits: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.sandbox.config("database")
        return made | {"limits": {**self.limits, **limits}}

    def bad_configs(self) -> list[BadConfig]:
        good = self.config(give_up_after_s=0.1)
        parts = urlsplit(good["database_url"])
        user, place = f"{parts.username}", f"{parts.hostname}:{parts.port}"
        elsewhere = f"postgresql://{user}:half-secret-77@127.0.0.1:{closed_port()}{parts.path}"
        return [
            (
                {**good, "database_url": f"postgresql://{user}:wrong-secret-0f3a@{place}{parts.path}"},
                CredentialsExpired,
            ),
            ({**good, "database_url": elsewhere}, SourceUnavailable),
            ({**good, "database_url": f"{good['database_url']}?passfile=/etc/passwd"}, ConfigInvalid),
            ({**good, "database_url": f"mysql://{user}:other-secret-12@{place}/db"}, ConfigInvalid),
            ({**good, "tables": ["no_such_table"]}, ConfigInvalid),
            ({}, ConfigInvalid),
            ({**good, "passwort": "typo-secret-77"}, ConfigInvalid),
        ]

    def writing_config(self) -> dict[str, Any]:
        return self.config() | {"database_url": self.sandbox.database_url("db_writer")}

    def play(self, kind: FaultKind, *, times: int = 1, retry_after: str | None = None, delay_s: float = 0) -> None:
        role = self.sandbox.store.role(LOGIN).string
        if kind == "slow":
            # Not a lock: this is a server that says nothing at all, not even that it gives up.
            found = self.run("SELECT pid FROM pg_stat_activity WHERE usename = %s", (role,))
            self._stopped = [pid for (pid,) in found]
            for pid in self._stopped:
                os.kill(pid, signal.SIGSTOP)
        elif kind == "forbidden":
            self.sandbox.forbid(self.stream, LOGIN)
            self._forbidden = True
        elif kind == "unauthorized":
            self.run(f"ALTER ROLE \"{role}\" PASSWORD 'another'")
        elif kind in ("server_error", "cut_body") and times > 10:
            self.run(f'ALTER DATABASE "{self.sandbox.store.database}" CONNECTION LIMIT 0')
        if kind not in ("slow", "forbidden"):
            self.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role,))

    def behave(self) -> None:
        for pid in self._stopped:
            os.kill(pid, signal.SIGCONT)
        self._stopped = []
        self.run(f'ALTER DATABASE "{self.sandbox.store.database}" CONNECTION LIMIT -1')
        if self._forbidden:
            self.sandbox.store.grant(self.stream)

    def stop(self) -> None:
        self.behave()
        super().stop()

    def asked_for(self) -> list[int]:
        """Records Postgres fetched from the table: told when the reader's session has ended."""
        self.run("SELECT pg_stat_force_next_flush()")
        statement = "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'deals'"
        total = int(self.run(statement)[0][0])
        fetched, self._read_before = total - self._read_before, total
        return [fetched]

    def ports(self) -> set[int]:
        return {urlsplit(self.config()["database_url"]).port or 0}

    def _secrets(self) -> tuple[str, ...]:
        return (urlsplit(self.config()["database_url"]).password or "", self.config()["database_url"])
