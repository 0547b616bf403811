"""Waits for the run that a decision asked for, and for the views that show what it replayed."""

from typing import Any
from uuid import UUID

import redis

from orchestration.commands.access import Access
from orchestration.commands.output import Output
from orchestration.commands.sync_progress import SyncProgress
from orchestration.commands.sync_wait import Sync, SyncWait
from orchestration.resources.nudges import nudge


def wake(access: Access, tenant_id: UUID) -> None:
    """Have the run started now; without Redis the dispatcher sees the request a second later by itself."""
    with redis.Redis.from_url(access.settings.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
        nudge(client, tenant_id)


def waited_for(access: Access, output: Output, tenant_id: UUID, sync_run_id: UUID, timeout_s: float) -> dict[str, Any]:
    """Return when the run ended and the views show it: how it ended, how many records it replayed, and what is held.

    Raises:
        CommandFailed: it takes longer, or the views could not be rebuilt.
    """
    with access.control_plane.tenant_session(tenant_id) as session:
        run = session.sync_runs.get(sync_run_id)
        connection = session.connections.get(run.connection_id)
    wait = SyncWait(access.control_plane, access.settings.redis_url)
    wait.syncs.append(Sync(tenant_id, connection, run))
    wake(access, tenant_id)
    with SyncProgress(output) as progress:
        wait.until_synced(timeout_s, progress.update)
        if wait.syncs[0].run.status == "succeeded":
            wait.until_published(timeout_s, progress.update)
    ended = wait.syncs[0].run
    counts = [counts for sync in wait.syncs for counts in sync.run.streams.values()]
    return {
        "replay_status": ended.status,
        "replayed": sum(int(count.get("replayed") or 0) for count in counts),
        "held": sum(int(count.get("held") or 0) for count in counts),
        "error": ended.error_message,
    }
