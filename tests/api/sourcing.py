"""A tenant with sources to connect: a stand-in org that answers, and files of its own. What it is answered is kept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pyarrow as pa
import pytest

from api.security.permissions import Role
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from orchestration.control_plane.tenant_session import TenantSession
from tests.api.serving import ServedApi, ServedTenant

AAM = "/api/v1/aam"
RECORDS = 30


@dataclass
class Sourced:
    """A tenant, its members' clients, and the org it may connect. `heard` is every body that any of them was sent."""

    api: ServedApi
    tenant: ServedTenant
    org: SalesforceSandbox
    heard: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, *, role: Role = "admin", **options: Any) -> httpx.Response:
        """One request to `/api/v1/aam`."""
        if "json" in options:  # httpx would refuse what a hostile caller may send
            options["content"] = json.dumps(options.pop("json")).encode()
            options["headers"] = {"Content-Type": "application/json", **options.get("headers", {})}
        answer = self.tenant.client(role).request(method, AAM + path, **options)
        self.heard.append(f"{answer.headers!r}\n{answer.text}")
        return answer

    def connect(self, name: str = "CRM", **told: Any) -> httpx.Response:
        """Connect the org; as a connection of its own with a `namespace`."""
        wanted = {"name": name, "kind": "salesforce", "config": self.plain, "credentials": self.credentials, **told}
        return self.ask("POST", "/connections", json=wanted)

    def connected(self, name: str = "CRM", **told: Any) -> dict[str, Any]:
        """A connection to the org."""
        answer = self.connect(name, **told)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()["connection"]
        return found

    @property
    def plain(self) -> dict[str, Any]:
        """The org's configuration without credentials; it gives up soon."""
        config = self.org.config()
        limits = {"give_up_after_s": 1, "timeout_s": 5, "requests_per_s": 1000}
        return {**{k: v for k, v in config.items() if k not in self.credentials}, "limits": limits}

    @property
    def credentials(self) -> dict[str, Any]:
        """What must never come out again."""
        logins = self.org.logins
        return {"client_secret": logins.client_secret, "refresh_token": logins.refresh_token}

    def upload(self, name: str, body: bytes, **options: Any) -> httpx.Response:
        """Send a file."""
        return self.ask("POST", "/files", params={"name": name}, content=body, **options)

    def actions(self) -> list[str]:
        """The tenant's history, oldest first, once its chain is found whole."""
        with self.tenant.session() as session:
            assert session.audit.verify() > 0
            return [event.action for event in reversed(session.audit.list(limit=1000))][1:]

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """The tenant's events by kind, oldest first."""
        import redis

        with redis.Redis.from_url(self.api.settings.redis_url) as client:
            entries = client.xrange(f"t:{self.tenant.id}:events")
        return [(entry[b"kind"].decode(), json.loads(entry[b"data"])) for _, entry in entries]


@pytest.fixture(scope="session")
def org(shared_api: ServedApi) -> Iterator[SalesforceSandbox]:
    """An org with accounts, at an address that the application may reach. Tests leave it as it was."""
    with SalesforceSandbox(bulk_polls=0) as sandbox:
        ids = [f"a0000000{number:07d}AAA" for number in range(RECORDS)]
        names = [f"name {number}" for number in range(RECORDS)]
        sandbox.load("Account", pa.table({"Id": ids, "Name": names, "Email__c": [f"{n}@x.example" for n in ids]}), "Id")
        allowed = Path(shared_api.settings.home) / "sandbox.json"
        allowed.write_text(json.dumps({"allow": list(sandbox.addresses())}))
        yield sandbox
        allowed.unlink()


@pytest.fixture
def sourced(shared_api: ServedApi, org: SalesforceSandbox) -> Iterator[Sourced]:
    """A tenant of this test's own. In the end no credential of the org stands in anything that was answered or told."""
    found = Sourced(shared_api, shared_api.new_tenant(), org)
    planted = list(found.credentials.values())
    yield found
    org.behave()
    with found.tenant.session() as session:
        history = [json.dumps(event.data, default=str) for event in session.audit.list(limit=1000)]
    everything = "\n".join([*found.heard, *history, *map(str, found.told())])
    assert [secret for secret in planted if secret in everything] == []


def ran(session: TenantSession, connection_id: UUID | str, **counts: int) -> UUID:
    """A sync of the connection that ended well, with these counts in its one stream."""
    run = session.sync_runs.request(UUID(str(connection_id)), "ann")
    session.sync_runs.start(run.id, f"run of {run.id}")
    session.sync_runs.record_stream(run.id, "Account", counts)
    return session.sync_runs.finish(run.id, 1).id
