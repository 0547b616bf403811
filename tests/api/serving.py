"""The application on a socket, over real Postgres and Valkey, with tenants whose five roles can each ask it.

`api` is a test's own, with two tenants: `api.client("viewer")` asks as that member of the first one,
`api.client("owner", tenant="globex")` of the second. `shared_api` is made once for all tests, so that they cost little:
each takes tenants of its own with `shared_api.new_tenant()` and asks with `tenant.client("viewer")`.
"""

import base64
import itertools
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.security.access_tokens import issue
from api.security.key_ring import KeyRing
from api.security.opaque import new_refresh_token, sha256_hex
from api.security.permissions import Role
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.passwords import hash_password
from orchestration.control_plane.provisioning import APP, IDENTITY, OPERATOR
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.settings import Settings
from tests.orchestration.control_plane.databases import MASTER_KEY, Database, throwaway

ROLES: tuple[Role, ...] = get_args(Role)
PASSWORD = "correct horse battery staple"
TENANTS = ("acme", "globex")
_TOKEN_USED_FOR_S = 300  # of its 600


@dataclass(frozen=True)
class ServedTenant:
    """One tenant of a served application."""

    id: UUID
    name: str
    _api: "ServedApi"

    def client(self, role: Role = "admin", *, operator: bool = False) -> httpx.Client:
        """A client logged in as that role of it."""
        return self._api.client(role, self.name, operator=operator)

    def headers(self, role: Role = "admin", *, operator: bool = False) -> dict[str, str]:
        """What proves who is asking, for clients of one's own."""
        return self._api.headers(self.name, role, operator)

    def session(self) -> AbstractContextManager[TenantSession]:
        """A transaction of it, to prepare and to look."""
        return self._api.control_plane.tenant_session(self.id)


@dataclass
class ServedApi:
    """The served application and who may ask it."""

    base_url: str
    settings: Settings
    control_plane: ControlPlane
    password_hash: str
    tenants: dict[str, UUID] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _clients: dict[tuple[str, Role, bool], httpx.Client] = field(default_factory=dict)
    _logins: dict[tuple[str, Role, bool], tuple[UUID, UUID]] = field(default_factory=dict)
    _tokens: dict[tuple[str, Role, bool], tuple[float, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ring = KeyRing(self.control_plane)

    def new_tenant(self, name: str = "") -> ServedTenant:
        """A tenant with a member of every role; without a name, one that no other test has."""
        name = name or f"tenant-{next(self._numbers)}"
        self.tenants[name] = _new_tenant(self.control_plane, name, self.password_hash)
        return ServedTenant(self.tenants[name], name, self)

    def client(self, role: Role = "admin", tenant: str = "acme", *, operator: bool = False) -> httpx.Client:
        """A client logged in as that role of that tenant."""
        key = (tenant, role, operator)
        if key not in self._clients:
            self._clients[key] = httpx.Client(base_url=self.base_url, timeout=30, auth=_Member(self, *key))
        return self._clients[key]

    def headers(self, tenant: str, role: Role, operator: bool = False) -> dict[str, str]:
        """What proves who is asking."""
        return {"Authorization": f"Bearer {self.token(tenant, role, operator)}"}

    def token(self, tenant: str, role: Role, operator: bool = False) -> str:
        """An access token of a log-in that the member has, without the password's price."""
        key = (tenant, role, operator)
        if key not in self._logins:
            self._logins[key] = self._logged_in(*key)
        issued_at, token = self._tokens.get(key, (0.0, ""))
        if time.monotonic() - issued_at > _TOKEN_USED_FOR_S or not token:
            token = issue(*self._ring.signing(), self.tenants[tenant], *self._logins[key])
            self._tokens[key] = (time.monotonic(), token)
        return token

    def new_token(self, tenant: str, role: Role) -> str:
        """An access token of a log-in of its own, which may be ended without taking others with it."""
        return issue(*self._ring.signing(), self.tenants[tenant], *self._logged_in(tenant, role, False))

    def _logged_in(self, tenant: str, role: Role, operator: bool) -> tuple[UUID, UUID]:
        with self.control_plane.tenant_session(self.tenants[tenant]) as session:
            if operator:
                member = session.users.add(email(f"operator-{role}", tenant), self.password_hash, role)
            else:
                member = session.users.by_email(email(role, tenant))
            login = session.logins.begin(member.user_id, sha256_hex(new_refresh_token()), "tests")
        if operator:
            with self.control_plane.operator_session() as session_of_operator:
                session_of_operator.set_operator(member.user_id, True)
        return member.user_id, login.id

    def anonymous(self) -> httpx.Client:
        """A client that does not say who it is; the caller closes it."""
        return httpx.Client(base_url=self.base_url, timeout=30)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@dataclass(frozen=True)
class _Member(httpx.Auth):
    """Says who asks, with a token that has not run out, however long the tests take."""

    api: ServedApi
    tenant: str
    role: Role
    operator: bool

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.api.token(self.tenant, self.role, self.operator)}"
        yield request


def email(role: str, tenant: str) -> str:
    """The address of that member."""
    return f"{role}@{tenant}.example"


@pytest.fixture(scope="session")
def hashed_password() -> str:
    """Hashing takes its time on purpose: once is enough."""
    return hash_password(PASSWORD)


@pytest.fixture
def api(database: Database, redis_url: str, tmp_path: Path, hashed_password: str) -> Iterator[ServedApi]:
    """An application of this test's own, with a member of every role in two tenants."""
    with serving(database, redis_url, tmp_path, hashed_password) as api:
        for name in TENANTS:
            api.new_tenant(name)
        yield api


@pytest.fixture(scope="session")
def shared_api(
    postgres_admin_url: str,
    migrated_template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    hashed_password: str,
) -> Iterator[ServedApi]:
    """One application and database for many tests, which take tenants of their own. Do not stop or reconfigure it."""
    home = tmp_path_factory.mktemp("shared_api")
    with (
        throwaway(postgres_admin_url, migrated_template) as made,
        serving(made, redis_url, home, hashed_password) as api,
    ):
        yield api


# All tests are one address, and some are one member thousands of times.
_UNLIMITED = dict.fromkeys(("rate_limit_tenant", "rate_limit_actor", "rate_limit_address"), 1_000_000)


@contextmanager
def serving(
    database: Database,
    redis_url: str,
    home: Path,
    password_hash: str,
    *,
    prepare: Callable[[FastAPI], object] = lambda _: None,
    **changed: object,
) -> Iterator[ServedApi]:
    """The application over that database, with settings changed as given; it has no tenants yet.

    `prepare` may add routes of a test's own before it is served.
    """
    settings = Settings(
        home=home,
        database_url=database.url(APP),
        operator_url=database.url(OPERATOR),
        identity_url=database.url(IDENTITY),
        # All tests come from one address, and some are there to be wrong.
        login_failures_per_account=1_000,
        login_failures_per_address=100_000,
        redis_url=redis_url,
        master_key=base64.b64encode(MASTER_KEY).decode(),
    ).model_copy(update={**_UNLIMITED, **changed})
    control_plane = database.control_plane()
    application = create_app(settings)
    prepare(application)
    with served(application) as base_url:
        api = ServedApi(base_url, settings, control_plane, password_hash)
        yield api
        api.close()
    control_plane.dispose()


def _new_tenant(control_plane: ControlPlane, name: str, password_hash: str) -> UUID:
    with control_plane.operator_session() as operator:
        tenant_id = operator.create_tenant(name, email("owner", name), password_hash).id
    with control_plane.tenant_session(tenant_id) as session:
        for role in ROLES[1:]:
            session.users.add(email(role, name), password_hash, role)
    return tenant_id


@contextmanager
def served(application: FastAPI) -> Iterator[str]:
    """The application on a port of its own; its base URL."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
