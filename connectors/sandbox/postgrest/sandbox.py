"""The stand-in as its user sees it: start, load, change, misbehave, stop."""

import secrets
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import pyarrow as pa

from connectors.protocol import SourceType
from connectors.sandbox.faults import Fault, Faults, Request
from connectors.sandbox.http_server import HttpServer
from connectors.sandbox.postgrest.endpoints import Endpoints
from connectors.sandbox.postgrest.store import Store
from connectors.sandbox.postgrest.tokens import api_key

Way = Literal["rest", "database", "both"]


class PostgrestSandbox:
    """A Supabase project. `admin_url`: a superuser of the Postgres in which it makes a database of its own.

    With the same `secret` and `database` keys and logins are the same from start to start. `max_rows`: the most a
    page has, whatever is asked for. `plans`: whether the owner lets the API show plans (`db_plan_enabled`). With the
    `gateway` of Supabase only the project's own keys (anon, service_role) are let in, and only the latter is shown the
    root; the open one is that of a PostgREST run by oneself. The database exists from the first `start` or `load` to
    `stop`.
    """

    kind: ClassVar[str] = "supabase"

    def __init__(
        self,
        admin_url: str,
        *,
        secret: str | None = None,
        database: str | None = None,
        max_rows: int = 1000,
        plans: bool = True,
        gateway: Literal["open", "supabase"] = "open",
    ) -> None:
        self.secret = secret or secrets.token_urlsafe(24)
        self.max_rows = max_rows
        self.plans = plans
        self.gateway: Literal["open", "supabase"] = gateway
        self.store = Store(admin_url, database or f"sandbox_{secrets.token_hex(4)}", self.secret)
        self.faults = Faults()
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._exists = False
        self._endpoints = Endpoints(self)
        self._server = HttpServer(self._endpoints.application())

    @property
    def url(self) -> str:
        """Where it listens; empty before the first start."""
        return self._server.url

    def start(self, port: int = 0) -> str:
        """Make the database, listen and return the URL. Raises OSError when the port is taken."""
        self.stopping.clear()
        url = self._server.start(port)
        self._made()
        return url

    def stop(self) -> None:
        """Stop listening and drop the database."""
        self.stopping.set()
        self._server.stop()
        self._endpoints.close()
        if self._exists:
            self.store.drop()
            self._exists = False

    def __enter__(self) -> "PostgrestSandbox":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def config(self, way: Way = "rest", *, role: str = "reader", login: str = "db_reader") -> dict[str, Any]:
        """A configuration that works, secrets included; as it is, one that can only read."""
        rest = {"url": self.url, "key": self.key(role)} if way != "database" else {}
        if rest and self.gateway == "supabase" and role not in ("anon", "service_role"):
            rest |= {"key": self.key("anon"), "token": self.key(role)}
        return rest | ({"database_url": self.store.url(login)} if way != "rest" else {})

    def key(self, role: str, *, expires_in_s: float | None = None) -> str:
        """An API key: `anon`, `authenticated`, `service_role` or `reader`, which may only read."""
        return api_key(self.secret, role, expires_in_s=expires_in_s)

    def database_url(self, login: str = "db_reader") -> str:
        """For the direct path: `db_reader` may only read, `db_writer` everything."""
        return self.store.url(login)

    def addresses(self) -> tuple[str, ...]:
        """What must be allowed to reach it, both ways."""
        return tuple(
            f"{parts.hostname}:{parts.port}" for parts in (urlsplit(self.url), urlsplit(self.store.url("db_reader")))
        )

    def load(
        self,
        stream: str,
        table: pa.Table,
        key: str | None,
        *,
        stamped: bool = True,
        description: str | None = None,
        descriptions: Mapping[str, str] | None = None,
    ) -> None:
        """Make the table `stream` with typed columns, and `updated_at` if it is `stamped` and has none."""
        self._made()
        self.store.load(stream, table, key, stamped=stamped, description=description, descriptions=descriptions or {})

    def records(self, stream: str) -> pa.Table:
        """What the table holds now."""
        return self.store.records(stream)

    def upsert(self, stream: str, records: list[dict[str, Any]]) -> None:
        """Change or add records by their key; `updated_at` advances."""
        self.store.upsert(stream, records)

    def delete(self, stream: str, keys: list[str]) -> None:
        """Remove records."""
        self.store.delete(stream, keys)

    def rename_field(self, stream: str, old: str, new: str) -> None:
        self.store.rename_field(stream, old, new)

    def retype_field(self, stream: str, field: str, to: SourceType) -> None:
        self.store.retype_field(stream, field, to)

    def add_field(self, stream: str, field: str, type: SourceType, values: list[Any] | None = None) -> None:
        self.store.add_field(stream, field, type, values)

    def drop_field(self, stream: str, field: str) -> None:
        self.store.drop_field(stream, field)

    def drop_stream(self, stream: str) -> None:
        self.store.drop_stream(stream)

    def limit_rows(self, stream: str, using: str) -> None:
        """Row-level security: only the service role sees rows for which the SQL condition does not hold."""
        self.store.limit_rows(stream, using)

    def forbid(self, stream: str, role: str = "reader") -> None:
        """Take every right on the table from a role or login."""
        self.store.revoke(stream, role)

    def misbehave(self, fault: Fault) -> None:
        """Plan a fault of the Data API; the direct path is Postgres itself."""
        self.faults.plan(fault)

    def behave(self) -> None:
        """Forget the planned faults."""
        self.faults.clear()

    def _made(self) -> None:
        if not self._exists:
            self.store.create()
            self._exists = True
