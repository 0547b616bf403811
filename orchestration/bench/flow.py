"""The whole flow of one connection and its tenant, in this process on real servers, with the seconds of each stage."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import dagster as dg

from connectors.registry import connector_for
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.passwords import hash_password
from orchestration.definitions import build_definitions
from orchestration.partitions import ConnectionKey
from orchestration.resources.services import services
from orchestration.resources.settings import load_settings

_QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}


@dataclass(slots=True)
class FlowTimes:
    """Seconds of one pass, by stage, and the counts of its sync."""

    stages: dict[str, float] = field(default_factory=dict)
    total: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def after_extraction(self) -> float:
        """Seconds of every stage behind extract."""
        return sum(seconds for stage, seconds in self.stages.items() if stage != "extract")


class BenchTenant:
    """A tenant with one files connection, and the two jobs that bring its files to published views."""

    def __init__(self, home: Path, folder: Path, mode: str = "append") -> None:
        self._services = services(load_settings(home))
        self._definitions = build_definitions(**self._services)
        self._instance = dg.DagsterInstance.ephemeral()
        self.control_plane: ControlPlane = self._services["control_plane"]  # type: ignore[assignment]
        self.tenant_id = _make_tenant(self.control_plane)
        stream = {"name": "contacts", "pattern": "contacts*.csv", "primary_key": ["id"], "mode": mode}
        config = {"path": str(folder), "streams": [stream]}
        pinned = connector_for("files", config).pin().model_dump(mode="json")
        with self.control_plane.tenant_session(self.tenant_id) as session:
            connection = session.connections.create("contacts", "files", pinned)
        self.key = ConnectionKey(self.tenant_id, connection.id)
        self._instance.add_dynamic_partitions("connections", [str(self.key)])
        self._instance.add_dynamic_partitions("tenants", [str(self.tenant_id)])

    def run(self) -> FlowTimes:
        """Sync the connection and refresh the views; raises what a stage raises."""
        times = FlowTimes()
        started = time.perf_counter()
        self._job("sync_connection", str(self.key), times)
        self._job("refresh_views", str(self.tenant_id), times)
        times.total = time.perf_counter() - started
        with self.control_plane.tenant_session(self.tenant_id) as session:
            run = session.sync_runs.list(self.key.connection_id, limit=1)[0]
        times.counts = {name: getattr(run, name) for name in ("read", "loaded", "rejected", "unchanged")}
        return times

    def _job(self, name: str, partition: str, times: FlowTimes) -> None:
        job = self._definitions.resolve_job_def(name)
        result = job.execute_in_process(partition_key=partition, instance=self._instance, run_config=_QUIET)
        for event in result.all_events:
            if event.is_step_success:
                data: Any = event.event_specific_data
                stage = str(event.step_key).split("__", maxsplit=1)[0]
                times.stages[stage] = times.stages.get(stage, 0.0) + data.duration_ms / 1000


def _make_tenant(control_plane: ControlPlane) -> UUID:
    name = f"bench {uuid4().hex[:8]}"
    with control_plane.operator_session() as session:
        return session.create_tenant(name, f"{uuid4().hex[:8]}@bench.test", hash_password(uuid4().hex)).id
