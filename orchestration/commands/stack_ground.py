"""A tenant as a play with a running source uses it: syncs and replays go through the stack, and are waited for."""

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.files.config import FilesConfig
from orchestration.commands.access import Access
from orchestration.commands.errors import CommandFailed
from orchestration.commands.replay_wait import wake
from orchestration.commands.sync_wait import Sync, SyncWait
from orchestration.drift_play.ground import Ground
from orchestration.drift_play.sources.running import NotForPlay, RunningFolder, RunningSource, RunningStandIn
from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location

if TYPE_CHECKING:
    from orchestration.control_plane.connections import ConnectionRecord
    from orchestration.control_plane.sync_runs import SyncRunRecord
    from orchestration.partitions import ConnectionKey

TIMEOUT_S = 600


class StackGround(Ground):
    """Runs are asked for by rows in the control plane, as people ask for them."""

    def __init__(self, access: Access, tenant_id: UUID) -> None:
        super().__init__(access.control_plane, Lake(lake_location(access.settings)), tenant_id)
        self._access = access

    def sync(self, key: "ConnectionKey") -> "SyncRunRecord":
        with self.control_plane.tenant_session(self.tenant_id) as session:
            connection = session.connections.get(key.connection_id)
        wait = SyncWait(self.control_plane, self._access.settings.redis_url)
        wait.request(self.tenant_id, [connection])
        return self._ended(wait)

    def replay(self, key: "ConnectionKey") -> "SyncRunRecord | None":
        """The run that a decision asked for, which the stack may have begun already."""
        with self.control_plane.tenant_session(self.tenant_id) as session:
            newest = session.sync_runs.list(key.connection_id, limit=1)
            connection = session.connections.get(key.connection_id)
        if not newest or newest[0].kind != "replay":
            return None
        wait = SyncWait(self.control_plane, self._access.settings.redis_url)
        wait.syncs.append(Sync(self.tenant_id, connection, newest[0]))
        wake(self._access, self.tenant_id)
        return self._ended(wait)

    def _ended(self, wait: SyncWait) -> "SyncRunRecord":
        wait.until_synced(TIMEOUT_S, lambda _: None)
        run = wait.syncs[0].run
        if run.status != "succeeded":
            message = f"The {run.kind} did not end well: {run.error_message or run.status}"
            raise CommandFailed(message, code=run.error_code or "run_failed", hint=run.error_hint or "")
        with suppress(CommandFailed):  # what is published late is told by the rows, not by waiting
            wait.until_published(TIMEOUT_S, lambda _: None)
        return run


def running_source(home: Path, connection: "ConnectionRecord") -> RunningSource:
    """The doors to the source of a connection. Raises NotForPlay where it is no stand-in and no folder of ours."""
    if connection.kind == "files":
        config = FilesConfig.model_validate(connection.config)
        return RunningFolder(home, Path(config.path), {stream.name: stream for stream in config.streams or ()})
    state = home / "sandbox.json"
    served = json.loads(state.read_text())["sources"] if state.exists() else []
    for source in served:
        known = json.loads(Path(source["config"]).read_text())
        if source["kind"] == connection.kind and _is_same(connection, known, source["name"]):
            return RunningStandIn(home, source["name"])
    raise NotForPlay(
        f"{connection.name!r} is no stand-in that runs here: only the demo's sources are changed on purpose. "
        "Start it with 'autonomos demo'."
    )


def _is_same(connection: "ConnectionRecord", served: dict[str, Any], name: str) -> bool:
    """By its address where that is no secret; a MongoDB URL is one, there the name of the stand-in has to do."""
    places = [value for key in ("instance_url", "url") if (value := connection.config.get(key)) is not None]
    if places:
        return bool({served.get("instance_url"), served.get("url")} & set(places))
    return name.endswith(f"/{connection.name}")
