"""Asks for syncs by rows in the control plane, and waits for them and for the publication that carries them.

Behind a sample in Safe Mode comes the full sync that policy asks for; it is waited for as well. Looks at Postgres
only: whoever executes the syncs writes there how far they are.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import redis

from orchestration.commands.access import OPERATOR
from orchestration.commands.errors import CommandFailed
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneUnavailable, NotFound
from orchestration.control_plane.refreshes import RefreshRecord
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.nudges import nudge

_POLL_S = 0.2
_MOST_FAILED_REFRESHES = 3  # they are asked for again by themselves


@dataclass(slots=True)
class Sync:
    """One requested sync and how it stands. `follows` is the sample behind which it came by itself."""

    tenant_id: UUID
    connection: ConnectionRecord
    run: SyncRunRecord
    is_published: bool = False
    follows: UUID | None = None


OnChange = Callable[[Sequence[Sync]], None]


class SyncWait:
    """The syncs one command asked for."""

    def __init__(self, control_plane: ControlPlane, redis_url: str) -> None:
        self._control_plane = control_plane
        self._redis_url = redis_url
        self.syncs: list[Sync] = []
        self._failed_refreshes: set[UUID] = set()

    def request(self, tenant_id: UUID, connections: Iterable[ConnectionRecord]) -> None:
        """Ask for a sync of each connection of one tenant, and wake whoever starts them."""
        with self._control_plane.tenant_session(tenant_id) as session:
            for connection in connections:
                run = session.sync_runs.request(connection.id, OPERATOR)
                self.syncs.append(Sync(tenant_id, connection, run))
        # Without Redis the dispatcher sees the rows a second later by itself.
        with redis.Redis.from_url(self._redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
            nudge(client, tenant_id)

    def until_synced(self, timeout_s: float, on_change: OnChange) -> None:
        """Return when every sync, and what followed a sample, ended, well or not.

        Raises:
            CommandFailed: they take longer.
        """
        self._poll(timeout_s, on_change, self._read_runs, "The syncs are not done")

    def until_published(self, timeout_s: float, on_change: OnChange) -> None:
        """Return when the views show what the syncs brought.

        Raises:
            CommandFailed: it takes longer, or the views could not be rebuilt.
        """
        self._poll(timeout_s, on_change, self._read_publications, "The views are not published")

    def _poll(self, timeout_s: float, on_change: OnChange, look: Callable[[], bool], late: str) -> None:
        deadline = time.monotonic() + timeout_s
        while not self._look(look):
            on_change(self.syncs)
            if time.monotonic() > deadline:
                hint = "They go on while the stack runs; see 'autonomos doctor', or wait longer with --timeout."
                raise CommandFailed(f"{late} after {timeout_s:.0f} s.", code="timeout", hint=hint)
            time.sleep(_POLL_S)
        on_change(self.syncs)

    def _look(self, look: Callable[[], bool]) -> bool:
        """What `look` says; a Postgres that is being restarted says nothing yet."""
        with suppress(ControlPlaneUnavailable):
            return look()
        return False

    def _read_runs(self) -> bool:
        for tenant_id, syncs in self._by_tenant(lambda sync: not sync.run.is_finished):
            with self._control_plane.tenant_session(tenant_id) as session:
                for sync in syncs:
                    sync.run = session.sync_runs.get(sync.run.id)
                    # Asked for in the transaction that ended the sample, so it is there to be seen now.
                    self.syncs += _follow_up(session, sync)
        return all(sync.run.is_finished for sync in self.syncs)

    def _read_publications(self) -> bool:
        for tenant_id, syncs in self._by_tenant(lambda sync: not sync.is_published):
            with self._control_plane.tenant_session(tenant_id) as session:
                # Read in this order: a rebuild clears the tenant's staleness when it begins, so where it is cleared,
                # the rebuild that takes in every change is there to be seen by the second look.
                stale_since = session.tenants.current().stale_since
                newest = session.refreshes.latest()
            self._give_up_on(newest, syncs)
            if stale_since is None and (newest is None or newest.is_finished):
                for sync in syncs:
                    sync.is_published = True
        return all(sync.is_published for sync in self.syncs)

    def _give_up_on(self, newest: RefreshRecord | None, syncs: Sequence[Sync]) -> None:
        """Stop waiting when rebuilds after these syncs fail for good, or again and again."""
        if newest is None or newest.status != "failed" or newest.finished_at is None:
            return
        if any(sync.run.finished_at is None or sync.run.finished_at > newest.finished_at for sync in syncs):
            return
        self._failed_refreshes.add(newest.id)
        if newest.retryable and len(self._failed_refreshes) < _MOST_FAILED_REFRESHES:
            return
        message = f"The views could not be rebuilt: {newest.error_message or 'no reason was given.'}"
        raise CommandFailed(message, code=newest.error_code or "refresh_failed", hint=newest.error_hint or "")

    def _by_tenant(self, wanted: Callable[[Sync], bool]) -> list[tuple[UUID, list[Sync]]]:
        grouped: dict[UUID, list[Sync]] = {}
        for sync in filter(wanted, self.syncs):
            grouped.setdefault(sync.tenant_id, []).append(sync)
        return list(grouped.items())


def _follow_up(session: TenantSession, sync: Sync) -> list[Sync]:
    """The full sync behind a sample that ended well, unless Safe Mode goes on."""
    if not sync.run.is_sample or sync.run.status != "succeeded":
        return []
    connection = as_it_stands(session, sync.connection)
    newer = [run for run in session.sync_runs.list(connection.id) if run.requested_at > sync.run.requested_at]
    if connection.safe_mode or not newer:
        return []
    return [Sync(sync.tenant_id, connection, newer[-1], follows=sync.run.id)]


def as_it_stands(session: TenantSession, connection: ConnectionRecord) -> ConnectionRecord:
    """The connection now; as it was known when somebody deleted it meanwhile."""
    with suppress(NotFound):
        return session.connections.get(connection.id)
    return connection
