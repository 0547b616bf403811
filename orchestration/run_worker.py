"""The Celery application of the run workers: `celery -A orchestration.run_worker worker`.

Loads the definitions before it forks, so that every worker process, also one that replaces a killed one, is warm.
Takes the broker from the environment: nothing secret is on the command line.
"""

import importlib
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import pandas  # noqa: F401 - DuckDB imports it at the first table it is given; here it is done once, before the fork
import redis
from celery import Celery
from dagster import DagsterInstance
from dagster._cli.api import _execute_run_command_body
from dagster._core.events import DagsterEvent
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import unpack_value
from dagster_celery.config import TASK_EXECUTE_JOB_NAME
from dagster_celery.make_app import make_app
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from sqlalchemy.exc import SQLAlchemyError

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneError
from orchestration.outcomes import write_back
from orchestration.partitions import TENANT_TAG
from orchestration.resources.events import Events, events_client
from orchestration.resources.nudges import nudge
from orchestration.resources.settings import load_settings
from orchestration.run_launcher import (
    CELERY_SETTINGS,
    LEASE_RENEWAL_S,
    LEASE_TTL_S,
    QUEUE,
    STOP_POLL_S,
    Lease,
    launch_key,
    lease_key,
    stop_key,
)

logger = logging.getLogger(__name__)

# SIGINT reaches Dagster's own interrupt handling, and is ignored between runs; SIGTERM would end the warm process.
STOPS = {stop.name.encode(): stop for stop in (signal.SIGINT, signal.SIGKILL)}

DEFINITIONS_MODULE = os.environ.get("AUTONOMOS_DEFINITIONS", "orchestration.definitions")


@contextmanager
def leased(broker: "redis.Redis", run_id: str) -> Iterator[bool]:
    """Hold the run's lease, renewed by a thread. Gives False when another worker holds it."""
    key, lease = lease_key(run_id), Lease.of_this_process().serialize()
    if not broker.set(key, lease, nx=True, ex=LEASE_TTL_S) and broker.get(key) != lease:
        yield False
        return
    done = threading.Event()
    renewal = threading.Thread(target=_renew, args=(broker, run_id, lease, done), name=f"lease-{run_id}", daemon=True)
    renewal.start()
    try:
        yield True
    finally:
        done.set()
        renewal.join()
        with suppress(redis.RedisError):  # the lease expires by itself
            broker.delete(key)


def _renew(broker: "redis.Redis", run_id: str, lease: bytes, done: threading.Event) -> None:
    """Keep the lease alive, and stop this process's run when somebody asks for it."""
    renewed_at = time.monotonic()
    wanted: Any = None
    stopped_by: Any = None
    while not done.wait(STOP_POLL_S):
        try:
            if time.monotonic() - renewed_at >= LEASE_RENEWAL_S:
                broker.set(lease_key(run_id), lease, ex=LEASE_TTL_S)
                renewed_at = time.monotonic()
            wanted = broker.get(stop_key(run_id))
        except redis.RedisError:
            continue  # Redis restarts: the lease is written again when it is back
        if wanted != stopped_by and wanted in STOPS:
            stopped_by = wanted
            os.kill(os.getpid(), STOPS[wanted])


def _ignore(_event: DagsterEvent) -> None:
    """Events reach Dagster's storage by themselves; nobody reads the stream."""


def execute_run(broker: "redis.Redis", run_id: str) -> None:
    """Execute one run in this process, unless it is executed already."""
    try:
        with leased(broker, run_id) as mine:
            if mine:
                instance = _instance()
                _execute_run_command_body(run_id, instance, _ignore, set_exit_code_on_failure=False)
                _report(broker, instance, run_id)
    finally:
        # Its message is used up. A run that did not start although it was launched is found by this key's absence.
        with suppress(redis.RedisError):
            broker.delete(launch_key(run_id), stop_key(run_id))


def _report(broker: "redis.Redis", instance: DagsterInstance, run_id: str) -> None:
    """Tell the control plane how the run ended and the dispatcher that there is room; sensors do it if this cannot."""
    run = instance.get_run_by_id(run_id)
    control_plane = _control_plane()
    if run is None or control_plane is None:
        return
    try:
        write_back(control_plane, instance, run)
    except (ControlPlaneError, SQLAlchemyError):
        logger.exception("the end of run %s was not reported", run_id)
    nudge(broker, run.tags.get(TENANT_TAG, ""))


@cache
def _instance() -> DagsterInstance:
    """One for the life of the process: reading dagster.yaml takes as long as a small run."""
    return DagsterInstance.get()


@cache
def _control_plane() -> ControlPlane | None:
    """None in a process that was given no operator login."""
    settings = load_settings()
    if not settings.operator_url:
        return None
    control_plane = ControlPlane(settings.database_url, settings.operator_url)
    control_plane.on_commit = Events(events_client(settings.redis_url), settings.events_kept).heard
    return control_plane


def worker_application(broker_url: str) -> Celery:
    """The Celery application whose one task executes runs."""
    arguments = {"broker": broker_url, "config_source": CELERY_SETTINGS, "task_default_queue": QUEUE}
    application: Celery = make_app(arguments)  # type: ignore[no-untyped-call]
    retry = Retry(ExponentialBackoff(cap=1.0, base=0.05), retries=10)  # outlasts a restart of Redis
    broker = redis.Redis.from_url(broker_url, socket_timeout=5, socket_keepalive=True, retry=retry)

    @application.task(name=TASK_EXECUTE_JOB_NAME)  # type: ignore[untyped-decorator]
    def execute_job(execute_job_args_packed: dict[str, Any]) -> None:
        execute_run(broker, unpack_value(execute_job_args_packed, as_type=ExecuteRunArgs).run_id)

    return application


def __getattr__(name: str) -> Celery:
    """`app`, made when Celery asks for it: importing this module needs no broker."""
    if name != "app":
        raise AttributeError(name)
    importlib.import_module(DEFINITIONS_MODULE)
    application = worker_application(os.environ["REDIS_URL"])
    globals()["app"] = application
    return application
