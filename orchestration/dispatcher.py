"""Asks Dagster for runs as soon as somebody wants one: `python -m orchestration.dispatcher --workspace FILE`.

Claims requests in the control plane and launches each under the claim's own id, so a crash in between costs a moment
and never a second run. Sensors tick every five seconds at best; they are the net below this, not the way.
"""

import argparse
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import redis
from dagster import DagsterError, DagsterInstance
from dagster_postgres.utils import DagsterPostgresException
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import SQLAlchemyError

from orchestration.batch_streams import BatchStreams
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.dispatch import ClaimedRefresh, ClaimedSync
from orchestration.control_plane.errors import ControlPlaneError
from orchestration.resources.events import Events, events_client
from orchestration.resources.nudges import wait_for_nudges
from orchestration.resources.settings import load_settings
from orchestration.run_requests import RunRequester
from orchestration.run_wishes import RunWish
from orchestration.sweeping import room_left
from orchestration.task_sweep import Stop, Stopper, advance_tasks, run_stopper

LOOK_INTERVAL_S = 1.0
SWEEP_INTERVAL_S = 60.0
ALIVE_KEY = "dispatcher:alive"
ALIVE_TTL_S = 15
REFRESHES_AT_ONCE = 16

logger = logging.getLogger(__name__)

# Servers that are away; any of them comes back by itself.
AWAY = (ControlPlaneError, DagsterError, DagsterPostgresException, SQLAlchemyError, redis.RedisError, OSError)
Launch = Callable[[RunWish], None]


class Dispatcher:
    """One look after another at what is wanted; each may fail without harm to the next."""

    def __init__(
        self,
        control_plane: ControlPlane,
        client: "redis.Redis",
        launch: Launch,
        workers: int = 2,
        stop_run: Stop | None = None,
    ) -> None:
        self._control_plane = control_plane
        self._stopper = Stopper(control_plane, stop_run) if stop_run is not None else None
        self._redis = client
        self._launch = launch
        self._workers = workers
        self._streams = BatchStreams(client, f"{socket.gethostname()}-{os.getpid()}")
        self._swept_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            nudged = self._wait(stop)
            try:
                self.look(nudged)
            except AWAY as error:
                logger.warning("a server is away, trying again: %s", error)
                stop.wait(LOOK_INTERVAL_S)

    def look(self, nudged: Sequence[UUID] | frozenset[UUID] = frozenset()) -> int:
        """Launch what is wanted, after turning new batches into refreshes. Returns how many runs were asked for."""
        try:
            self._consume_batches(nudged)
        except redis.RedisError as error:
            # The sweep over stale tenants finds those batches; requests do not need Redis to be heard.
            logger.warning("streams cannot be read: %s", error)
        launched = sum(self._launched(claim) for claim in self._claim())
        self._follow_tasks()
        return launched

    def _follow_tasks(self) -> None:
        """Tasks stand where their runs do; those that nobody wants any more are stopped."""
        advance_tasks(self._control_plane)
        if self._stopper is not None:
            self._stopper.look()

    def _wait(self, stop: threading.Event) -> frozenset[UUID]:
        try:
            self._redis.set(ALIVE_KEY, "1", ex=ALIVE_TTL_S)
            return wait_for_nudges(self._redis, LOOK_INTERVAL_S)
        except redis.RedisError as error:
            logger.warning("nudges cannot be heard: %s", error)
            stop.wait(LOOK_INTERVAL_S)
            return frozenset()

    def _consume_batches(self, nudged: Sequence[UUID] | frozenset[UUID]) -> None:
        tenants = set(nudged)
        if time.monotonic() - self._swept_at > SWEEP_INTERVAL_S:
            tenants.update(self._streams.tenants())
            self._swept_at = time.monotonic()
        for tenant_id in tenants:
            self._streams.consume(tenant_id, self._request_refresh)

    def _request_refresh(self, tenant_id: UUID) -> None:
        with self._control_plane.operator_session() as session:
            session.request_refreshes([tenant_id])

    def _claim(self) -> list[ClaimedSync | ClaimedRefresh]:
        with self._control_plane.operator_session() as session:
            room = room_left(len(session.active_runs()), self._workers)
            refreshes = session.claim_refreshes(REFRESHES_AT_ONCE)
            syncs = session.claim_syncs(room) if room else ()
        return [*refreshes, *syncs]

    def _launched(self, claim: ClaimedSync | ClaimedRefresh) -> bool:
        wish = RunWish.of(claim)
        try:
            self._launch(wish)
        except AWAY as error:
            logger.warning("Dagster could not be asked for %s %s: %s", wish.job, wish.run_id, error)
            with self._control_plane.operator_session() as session:
                session.release(claim)
            return False
        with self._control_plane.operator_session() as session:
            session.launched(claim, wish.run_id)
        return True


def launcher(instance: DagsterInstance, requester: RunRequester) -> Launch:
    """Launches wishes through Dagster, registering partitions it has not seen yet."""
    registered: set[str] = set()

    def launch(wish: RunWish) -> None:
        if wish.partition_key not in registered:
            instance.add_dynamic_partitions(str(wish.partitions.name), [wish.partition_key])
            if len(registered) > 100_000:
                registered.clear()
            registered.add(wish.partition_key)
        requester.request(wish.job, wish.run_id, wish.partition_key, wish.tags)

    return launch


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, required=True)
    workspace = parser.parse_args().workspace
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = load_settings()
    control_plane = ControlPlane(settings.database_url, settings.operator_url)
    control_plane.on_commit = Events(events_client(settings.redis_url), settings.events_kept).heard
    # No retries inside the client: the loop is one, and looks at Postgres in between.
    client = redis.Redis.from_url(
        settings.redis_url, socket_timeout=5 + LOOK_INTERVAL_S, socket_keepalive=True, retry=Retry(NoBackoff(), 0)
    )
    with DagsterInstance.get() as instance, RunRequester(instance, workspace) as requester:
        stop_run = run_stopper(control_plane, instance)
        Dispatcher(control_plane, client, launcher(instance, requester), settings.workers, stop_run).run(stop)


if __name__ == "__main__":
    main()
