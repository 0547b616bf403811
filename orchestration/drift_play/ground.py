"""The platform as a play uses it: a tenant, connections, runs of the same jobs in this process, and what they leave."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import dagster as dg
import pyarrow as pa

from connectors.outbound.policy import Outbound
from connectors.registry import connector_for
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.passwords import hash_password
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.definitions import build_definitions
from orchestration.partitions import SYNC_TAG, ConnectionKey
from orchestration.resources.lake import Lake
from orchestration.resources.lake_session import name_of
from orchestration.resources.publishing import published_reader
from orchestration.resources.sources import Sources
from orchestration.resources.sql_text import literal

WHO = "drift play"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
OUTBOUND = Outbound(("127.0.0.1",))  # the stand-ins of this very process


def new_tenant(services: Mapping[str, object]) -> UUID:
    """A tenant that nobody signs in to."""
    control_plane: ControlPlane = services["control_plane"]  # type: ignore[assignment]
    name = f"{WHO} {uuid4().hex[:8]}"
    with control_plane.operator_session() as session:
        return session.create_tenant(name, f"{uuid4().hex[:8]}@play.example", hash_password(uuid4().hex)).id


class Ground(ABC):
    """One tenant of the platform: how its connections are synced, and what lies in its lake."""

    def __init__(self, control_plane: ControlPlane, lake: Lake, tenant_id: UUID) -> None:
        self.control_plane = control_plane
        self.lake = lake
        self.tenant_id = tenant_id

    @abstractmethod
    def sync(self, key: ConnectionKey) -> SyncRunRecord:
        """Sync the connection; its record."""

    @abstractmethod
    def replay(self, key: ConnectionKey) -> SyncRunRecord | None:
        """Map what is in the lake anew, as somebody's decision asked for; None where nobody did."""

    def asked(self, key: ConnectionKey) -> SyncRunRecord | None:
        """The run that waits to be started."""
        with self.control_plane.tenant_session(self.tenant_id) as session:
            runs = session.sync_runs.list(key.connection_id)
        return next((run for run in runs if run.status == "requested"), None)

    def canonical(self, key: ConnectionKey, entity: str) -> pa.Table:
        """Live canonical rows of one connection: `record_id` and the entity's columns."""
        table = name_of("canonical", entity)
        with self.lake.session(self.tenant_id) as session:
            if not session.columns("canonical", entity):
                return pa.table({"record_id": pa.array([], pa.string())})
            return session.execute(
                f"SELECT _source_record_id AS record_id, * FROM {table} "
                f"WHERE _connection_id = {literal(str(key.connection_id))} AND NOT _deleted"
            ).to_arrow_table()

    def quarantined(self, key: ConnectionKey) -> dict[str, set[str]]:
        """Records that are held, by stream."""
        found: dict[str, set[str]] = {}
        with self.lake.session(self.tenant_id) as session:
            if session.columns("canonical", "quarantine"):
                rows = session.rows(
                    f"SELECT stream, record_id FROM {name_of('canonical', 'quarantine')} "
                    f"WHERE connection_id = {literal(str(key.connection_id))}"
                )
                for stream, record in rows:
                    found.setdefault(stream, set()).add(record)
        return found

    def published(self, path: Path, view: str, key: ConnectionKey) -> pa.Table:
        """Rows of a published view that one connection has a part in: `record_id` and the view's columns."""
        with published_reader(path, f"{self.lake.location.data_path}/") as reader:
            if view not in reader.views():
                return pa.table({"record_id": pa.array([], pa.string())})
            return reader.query(
                f"SELECT source.record_id AS record_id, * EXCLUDE (source) FROM (SELECT *, unnest(_sources) AS source "
                f"FROM {name_of('unified', view)}) WHERE source.connection_id = {literal(str(key.connection_id))}"
            ).to_arrow_table()


class OwnGround(Ground):
    """A tenant of a play's own, whose jobs run in this process. `services` are the platform's, by name."""

    def __init__(self, services: Mapping[str, Any], tenant_id: UUID) -> None:
        super().__init__(services["control_plane"], services["lake"], tenant_id)
        sources = Sources(self.control_plane, lambda: OUTBOUND)
        self._definitions = build_definitions(**{**services, "sources": sources})
        self._open = ExitStack()
        self._instance = self._open.enter_context(dg.DagsterInstance.ephemeral())
        self._instance.add_dynamic_partitions("tenants", [str(tenant_id)])

    def close(self) -> None:
        """Forget the runs, with the folder they are in."""
        self._open.close()

    def connect(self, name: str, kind: str, config: Mapping[str, Any]) -> ConnectionKey:
        """A connection whose schedule is never due, credentials beside its configuration."""
        connector = connector_for(kind, dict(config), OUTBOUND)
        try:
            pinned = connector.pin() if kind == "files" else None
        finally:
            connector.close()
        plain = pinned.model_dump(mode="json") if pinned is not None else {}
        secrets = {} if pinned is not None else dict(config)
        with self.control_plane.tenant_session(self.tenant_id) as session:
            made = session.connections.create(name, kind, plain, secrets)
            if made.safe_mode:
                session.connections.lift(made.id, WHO)
        key = ConnectionKey(self.tenant_id, made.id)
        self._instance.add_dynamic_partitions("connections", [str(key)])
        return key

    def sync(self, key: ConnectionKey) -> SyncRunRecord:
        return self._run("sync_connection", key)

    def replay(self, key: ConnectionKey) -> SyncRunRecord | None:
        asked = self.asked(key)
        return self._run("replay_connection", key, {SYNC_TAG: str(asked.id)}) if asked else None

    def publish(self) -> Path:
        """Refresh the views; the published catalog."""
        self._execute("refresh_views", str(self.tenant_id))
        with self.control_plane.tenant_session(self.tenant_id) as session:
            current = session.publications.current()
        if current is None:
            raise RuntimeError("nothing was published")
        return Path(current.path)

    def _run(self, job: str, key: ConnectionKey, tags: Mapping[str, str] | None = None) -> SyncRunRecord:
        self._execute(job, str(key), tags)
        with self.control_plane.tenant_session(self.tenant_id) as session:
            return session.sync_runs.list(key.connection_id, limit=1)[0]

    def _execute(self, job: str, partition: str, tags: Mapping[str, str] | None = None) -> None:
        made = self._definitions.resolve_job_def(job)
        made.execute_in_process(partition_key=partition, instance=self._instance, run_config=_QUIET, tags=tags)
