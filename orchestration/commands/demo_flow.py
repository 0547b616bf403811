"""The demo's steps: exports, tenants, connections, syncs, publication. Each does only what is not done yet."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from orchestration.commands.access import OPERATOR, Access, connect_control_plane
from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import Output
from orchestration.commands.sync_progress import SyncProgress
from orchestration.commands.sync_report import describe_syncs
from orchestration.commands.sync_wait import SyncWait
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.passwords import hash_password
from orchestration.control_plane.tenants import TenantRecord
from orchestration.demo.companies import TENANTS, DemoTenant
from orchestration.demo.generate import generate_exports, service_name
from orchestration.resources.onboarding import Onboarding
from orchestration.resources.settings import Settings


class DemoFlow:
    """One run of the demo. `on` opens the control plane that the later steps need."""

    def __init__(self, folder: Path, output: Output) -> None:
        self.folder = folder
        self.truth: dict[str, Any] = {}
        self.connections: dict[str, list[ConnectionRecord]] = {}
        self._tenants: list[TenantRecord] = []
        self._progress = SyncProgress(output)
        self._access: Access | None = None
        self._wait: SyncWait | None = None

    @contextmanager
    def on(self, settings: Settings) -> Iterator[None]:
        """Work with the servers of these settings."""
        self._access = Access(settings, connect_control_plane(settings))
        self._wait = SyncWait(self._access.control_plane, settings.redis_url)
        try:
            yield
        finally:
            self._access.control_plane.dispose()

    def generate(self) -> None:
        """Write the exports where they are not there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.truth = generate_exports(self.folder)

    def connect(self) -> None:
        """Create the tenants and connect their systems, where that was not done."""
        for company in TENANTS:
            tenant = self._tenant(company)
            self._tenants.append(tenant)
            self.connections[tenant.name] = [self._connection(tenant, company, name) for name in company.connections()]

    def sync(self, timeout_s: float) -> None:
        """Sync all connections of both tenants at once."""
        wait = self._waiting()
        for tenant in self._tenants:
            wait.request(tenant.id, self.connections[tenant.name])
        with self._progress as progress:
            wait.until_synced(timeout_s, progress.update)

    def publish(self, timeout_s: float) -> None:
        """Wait until the views show what the syncs brought."""
        with self._progress as progress:
            self._waiting().until_published(timeout_s, progress.update)

    def reports(self) -> list[dict[str, Any]]:
        """What the syncs did, a document a tenant."""
        control_plane = self._opened().control_plane
        return [describe_syncs(control_plane, tenant, self._waiting().syncs) for tenant in self._tenants]

    def _tenant(self, company: DemoTenant) -> TenantRecord:
        with self._opened().control_plane.operator_session() as session:
            try:
                return session.tenant_by_name(company.name)
            except NotFound:
                password = secrets.token_urlsafe(15)
                tenant = session.create_tenant(company.name, company.email, hash_password(password))
                self._keep_sign_in(company.email, password)
                return tenant

    def _keep_sign_in(self, email: str, password: str) -> None:
        """The generated password, for the owner of the demo's folder only."""
        path = self.folder / "sign-in.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({**known, email: password}, file, indent=2)

    def _connection(self, tenant: TenantRecord, company: DemoTenant, name: str) -> ConnectionRecord:
        access = self._opened()
        with access.control_plane.tenant_session(tenant.id) as session, suppress(NotFound):
            return session.connections.by_name(name)
        kind = company.services.get(name, "files")
        path = self.folder / company.folder / name
        config: dict[str, Any] = {"path": str(path), "streams": company.streams(name)}
        if name in company.services:
            config = self._service_config(service_name(company, name))
        intent = Intent(name=name, kind=kind, config=config, owner=company.email)
        outcome = Onboarding(access.control_plane, access.settings.outbound).connect(tenant.id, intent, OPERATOR)
        if outcome.connection is None or outcome.refusal is not None:
            reason = outcome.refusal.reason if outcome.refusal else "no reason was given"
            raise CommandFailed(f"{name} of {company.name} could not be connected: {reason}", code="demo_not_connected")
        return outcome.connection

    def _service_config(self, name: str) -> dict[str, Any]:
        """How to reach a stand-in, as it says itself."""
        served = json.loads((self._opened().settings.home / "sandbox.json").read_text())
        found = next(source for source in served["sources"] if source["name"] == name)
        config: dict[str, Any] = json.loads(Path(found["config"]).read_text())
        return config

    def _opened(self) -> Access:
        if self._access is None:
            raise CommandFailed("The demo was not connected to its servers.", code="not_connected")
        return self._access

    def _waiting(self) -> SyncWait:
        if self._wait is None:
            raise CommandFailed("The demo was not connected to its servers.", code="not_connected")
        return self._wait
