"""The application on a socket, over real Postgres and Valkey, with two tenants whose five roles can each ask it.

`api.client("viewer")` asks as that member of the first tenant, `api.client("owner", tenant="globex")` of the second.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from api.app import create_app
from api.dependencies import current_actor
from api.security.actor import Actor
from api.security.permissions import GRANTED, Role
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.passwords import hash_password
from orchestration.control_plane.provisioning import APP, OPERATOR
from orchestration.resources.settings import Settings
from tests.orchestration.control_plane.databases import MASTER_KEY, Database

ROLES: tuple[Role, ...] = get_args(Role)
PASSWORD = "correct horse battery staple"
TENANTS = ("acme", "globex")


@dataclass
class ServedApi:
    """The served application and who may ask it."""

    base_url: str
    settings: Settings
    control_plane: ControlPlane
    tenants: dict[str, UUID]
    _clients: dict[tuple[str, Role, bool], httpx.Client] = field(default_factory=dict)

    def client(self, role: Role = "admin", tenant: str = "acme", *, operator: bool = False) -> httpx.Client:
        """A client logged in as that role of that tenant."""
        key = (tenant, role, operator)
        if key not in self._clients:
            self._clients[key] = httpx.Client(base_url=self.base_url, timeout=30, headers=self.headers(*key))
        return self._clients[key]

    def headers(self, tenant: str, role: Role, operator: bool = False) -> dict[str, str]:
        """What proves who is asking."""
        return {"X-Test-Actor": f"{self.tenants[tenant]} {role} {email(role, tenant)} {int(operator)}"}

    def anonymous(self) -> httpx.Client:
        """A client that does not say who it is; the caller closes it."""
        return httpx.Client(base_url=self.base_url, timeout=30)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


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
    import base64

    settings = Settings(
        home=tmp_path,
        database_url=database.url(APP),
        operator_url=database.url(OPERATOR),
        redis_url=redis_url,
        master_key=base64.b64encode(MASTER_KEY).decode(),
    )
    control_plane = database.control_plane()
    tenants = {name: _new_tenant(control_plane, name, hashed_password) for name in TENANTS}
    application = create_app(settings)
    application.dependency_overrides[current_actor] = _named_actor
    with served(application) as base_url:
        api = ServedApi(base_url, settings, control_plane, tenants)
        yield api
        api.close()
    control_plane.dispose()


def _named_actor(request: Request) -> Actor:
    from api.problems import Unauthenticated

    text = request.headers.get("X-Test-Actor")
    if text is None:
        raise Unauthenticated
    tenant, role, name, operator = text.split(" ")
    return Actor(UUID(tenant), name, role, GRANTED[role], is_operator=operator == "1")  # type: ignore[arg-type, index]


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
