"""The stand-in as its user sees it: start, load, change, misbehave, stop."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import pyarrow as pa

from connectors.protocol import SourceType
from connectors.sandbox.faults import Fault, Faults, Request
from connectors.sandbox.http_server import HttpServer
from connectors.sandbox.salesforce.endpoints import Endpoints
from connectors.sandbox.salesforce.jobs import Jobs
from connectors.sandbox.salesforce.oauth import Logins
from connectors.sandbox.salesforce.objects import ObjectField
from connectors.sandbox.salesforce.queries import Queries
from connectors.sandbox.salesforce.store import Store

Auth = Literal["refresh_token", "client_credentials", "jwt_bearer"]


class SalesforceSandbox:
    """An org with one login. `writes`: the login may also change records; `page_size`: records a REST page.

    `clock` is the org's time: it stamps changes, empties the recycle bin and stands in the Date header. With the same
    `secret` the credentials are the same from start to start, except the key of jwt_bearer.
    """

    kind: ClassVar[str] = "salesforce"

    def __init__(
        self,
        *,
        secret: str | None = None,
        writes: bool = False,
        page_size: int = 2000,
        bulk_polls: int = 1,
        daily_api_requests: int = 100_000,
        gzip: bool = True,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.clock = clock or (lambda: datetime.now(UTC))
        self.writes = writes
        self.page_size = page_size
        self.gzip = gzip
        self.daily_api_requests = daily_api_requests
        self.api_requests_used = 0
        self.store = Store(self.now)
        self.queries = Queries(self.store)
        self.jobs = Jobs(self.store, bulk_polls)
        self.logins = Logins(secret)
        self.faults = Faults()
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._server = HttpServer(Endpoints(self).application(), own_date=True)

    def now(self) -> datetime:
        """The org's time; a test may set another `clock`."""
        return self.clock()

    @property
    def url(self) -> str:
        """Where it listens; empty before the first start."""
        return self._server.url

    def start(self, port: int = 0) -> str:
        """Listen and return the URL. Raises OSError when the port is taken."""
        self.stopping.clear()
        return self._server.start(port)

    def stop(self) -> None:
        """Stop listening; what is loaded stays."""
        self.stopping.set()
        self._server.stop()

    def __enter__(self) -> "SalesforceSandbox":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self.store.close()

    def config(self, auth: Auth = "refresh_token") -> dict[str, Any]:
        """A configuration that works, secrets included."""
        logins = self.logins
        chosen: dict[str, Any] = {"instance_url": self.url, "client_id": logins.client_id}
        if auth == "jwt_bearer":
            return chosen | {"username": logins.username, "private_key": logins.private_key}
        chosen |= {"client_secret": logins.client_secret}
        return chosen | ({"refresh_token": logins.refresh_token} if auth == "refresh_token" else {})

    def addresses(self) -> tuple[str, ...]:
        """What must be allowed to reach it."""
        parts = urlsplit(self.url)
        return (f"{parts.hostname}:{parts.port}",)

    def load(
        self,
        stream: str,
        table: pa.Table,
        key: str,
        *,
        labels: Mapping[str, str] | None = None,
        descriptions: Mapping[str, str] | None = None,
    ) -> None:
        """Make the object `stream` of a table with typed columns; `key` names its records in `upsert` and `delete`.

        Without a column `Id` the records get Ids, without a SystemModstamp stamps spread over the day before.
        """
        self.store.load(stream, table, key, labels or {}, descriptions or {})

    def records(self, stream: str) -> pa.Table:
        """What the object holds now, without what is deleted."""
        return self.store.records(stream)

    def upsert(self, stream: str, records: list[dict[str, Any]]) -> None:
        """Change or add records by their key."""
        self.store.upsert(stream, records)

    def delete(self, stream: str, keys: list[str]) -> None:
        """Put records into the recycle bin."""
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
        self.store.drop(stream)

    def hide_fields(self, stream: str, *names: str) -> None:
        """Take fields from the login's sight, by field-level security."""
        self.store.objects[stream].hidden |= set(names)

    def forbid(self, stream: str) -> None:
        """Take the whole object from the login's sight."""
        self.store.objects[stream].forbidden = True

    def add_compound(self, stream: str, name: str, kind: Literal["address", "location"]) -> None:
        """Add a compound field, which bulk queries cannot list."""
        self.store.add_field(stream, name, "text", None)
        self.store.objects[stream].fields[name] = ObjectField(name, kind, label=name)

    def expire_tokens(self) -> None:
        """Every access token given so far stops working."""
        self.logins.expire_tokens()

    def revoke_login(self) -> None:
        """The user is made inactive: no token works, and none is given."""
        self.logins.revoked = True
        self.logins.expire_tokens()

    def misbehave(self, fault: Fault) -> None:
        """Plan a fault."""
        self.faults.plan(fault)

    def behave(self) -> None:
        """Forget the planned faults."""
        self.faults.clear()
