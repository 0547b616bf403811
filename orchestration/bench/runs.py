"""`bench runs`: small syncs through the real daemon and workers, how many a minute and how long one takes."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

from connectors.registry import connector_for
from orchestration.bench.figures import Figure
from orchestration.commands.sync_wait import SyncWait
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.passwords import hash_password
from orchestration.resources.settings import Settings

LEAST_A_MINUTE = 80
MOST_IDLE_P50_S = 3.0
CONNECTIONS_EACH = 4  # as in the fleet the design is sized for: 40,000 connections of 10,000 tenants
ROWS = 50
TIMEOUT_S = 600.0


class SmallSyncs:
    """Tenants with a few connections, each on a small CSV that changes before every sync."""

    def __init__(self, settings: Settings, control_plane: ControlPlane, folder: Path, tenants: int) -> None:
        self._settings = settings
        self._control_plane = control_plane
        self._folder = folder
        self._round = 0
        self.fleet = [self._tenant() for _ in range(tenants)]

    def request_all(self) -> float:
        """Seconds from asking for a sync of every connection until all are published."""
        self._change([connection for _, connections in self.fleet for connection in connections])
        started = time.perf_counter()
        wait = SyncWait(self._control_plane, self._settings.redis_url)
        for tenant_id, connections in self.fleet:
            wait.request(tenant_id, connections)
        self._until_done(wait)
        return time.perf_counter() - started

    def request_one(self, number: int) -> float:
        """Seconds from asking for a sync of one connection, while nothing else runs, until it is published."""
        tenant_id, connections = self.fleet[number % len(self.fleet)]
        connection = connections[number % len(connections)]
        self._change([connection])
        started = time.perf_counter()
        wait = SyncWait(self._control_plane, self._settings.redis_url)
        wait.request(tenant_id, [connection])
        self._until_done(wait)
        return time.perf_counter() - started

    def _until_done(self, wait: SyncWait) -> None:
        wait.until_synced(TIMEOUT_S, lambda _: None)
        failed = [sync.run.error_message for sync in wait.syncs if sync.run.status != "succeeded"]
        if failed:
            raise RuntimeError(f"{len(failed)} syncs failed: {failed[0]}")
        wait.until_published(TIMEOUT_S, lambda _: None)

    def _tenant(self) -> tuple[UUID, list[ConnectionRecord]]:
        name = f"bench {uuid4().hex[:10]}"
        with self._control_plane.operator_session() as session:
            tenant = session.create_tenant(name, f"{uuid4().hex[:10]}@bench.test", hash_password(uuid4().hex))
        return tenant.id, [self._connection(tenant.id, number) for number in range(CONNECTIONS_EACH)]

    def _connection(self, tenant_id: UUID, number: int) -> ConnectionRecord:
        folder = self._folder / str(tenant_id) / str(number)
        folder.mkdir(parents=True)
        self._write(folder)
        stream = {"name": "contacts", "pattern": "contacts.csv", "primary_key": ["id"]}
        pinned = connector_for("files", {"path": str(folder), "streams": [stream]}).pin().model_dump(mode="json")
        with self._control_plane.tenant_session(tenant_id) as session:
            return session.connections.create(f"contacts {number}", "files", pinned)

    def _change(self, connections: Sequence[ConnectionRecord]) -> None:
        self._round += 1
        for connection in connections:
            self._write(Path(str(connection.config["path"])))

    def _write(self, folder: Path) -> None:
        rows = [f"{n},First{n},Last{n},user{n}@example.com,Round {self._round}" for n in range(ROWS)]
        (folder / "contacts.csv").write_text("\n".join(["id,first_name,last_name,email,title", *rows]) + "\n")


def measure_runs(
    settings: Settings, control_plane: ControlPlane, folder: Path, tenants: int, idle: int
) -> list[Figure]:
    """Syncs a minute under load, and the latency of `idle` single syncs. Every sync changes rows and is published."""
    syncs = SmallSyncs(settings, control_plane, folder, tenants)
    first = syncs.request_all()  # makes every tenant's lake
    warm = syncs.request_all()
    count = tenants * CONNECTIONS_EACH
    latencies = sorted(syncs.request_one(number) for number in range(idle))
    return [
        Figure(
            f"{count} syncs asked for at once, a minute",
            60 * count / warm,
            "syncs/min",
            limit=LEAST_A_MINUTE,
            at_least=True,
        ),
        Figure("the same, each tenant's first", 60 * count / first, "syncs/min"),
        Figure("idle: request to published, p50", median(latencies), "s", limit=MOST_IDLE_P50_S),
        Figure("idle: request to published, slowest", latencies[-1], "s"),
    ]
