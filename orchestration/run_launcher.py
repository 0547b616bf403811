"""Starts runs as Celery tasks, and knows when the worker of a run is gone.

The stock launcher asks Celery's result backend, which says STARTED for ever when a whole worker is killed. Here a
worker holds a lease in Redis while it executes a run (`run_worker.py`), and the lease names its process.
"""

import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
import psutil
import redis
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter, StringSource
from dagster import _check as check
from dagster._config import Field
from dagster._config.config_schema import UserConfigSchema
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, WorkerStatus
from dagster._core.run_coordinator.queued_run_coordinator import QueuedRunCoordinator
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import ConfigurableClassData, pack_value
from dagster_celery.config import TASK_EXECUTE_JOB_NAME
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG
from dagster_celery.tasks import create_execute_job_task

QUEUE = "dagster"
LEASE_TTL_S = 15
LEASE_RENEWAL_S = 3
STOP_POLL_S = 0.5
STOP_TTL_S = 86_400
LAUNCH_MARK_TTL_S = 7 * 86400

# A message leaves the broker when its run has ended. One that comes again (its worker died, or the run is longer than
# the visibility timeout) is refused by the lease, or by Dagster when the run is over: so it can be short.
# The broker's keys share the database with ours, hence the prefix.
_KEY_PREFIX = "celery:"
_TAKEN_WITHIN_S = 1.0
CELERY_SETTINGS: dict[str, Any] = {
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {
        "visibility_timeout": 20,
        # Held while messages of dead workers are put back; a worker killed just then must not block that for long.
        "unacked_mutex_expire": 15,
        "global_keyprefix": _KEY_PREFIX,
        "socket_keepalive": True,
        "health_check_interval": 30,
        "max_retries": 3,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.5,
    },
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,  # killed between the message's arrival and the lease, when nobody else knows
    "task_default_queue": QUEUE,
    "task_ignore_result": True,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "worker_disable_prefetch": True,  # a run never waits behind another in a busy worker
    "worker_hijack_root_logger": False,
    "worker_prefetch_multiplier": 1,
}


def lease_key(run_id: str) -> str:
    """Redis key a worker renews while it executes the run."""
    return f"run:{run_id}:lease"


def launch_key(run_id: str) -> str:
    """Redis key that stands for the run's message in the broker, from the launch to the start."""
    return f"run:{run_id}:launched"


def stop_key(run_id: str) -> str:
    """Redis key that holds the signal by which the run's worker is to stop itself."""
    return f"run:{run_id}:stop"


@dataclass(frozen=True, slots=True)
class Lease:
    """The process that executes a run."""

    host: str
    pid: int
    started: float

    @classmethod
    def of_this_process(cls) -> "Lease":
        process = psutil.Process()
        return cls(socket.gethostname(), process.pid, process.create_time())

    @classmethod
    def parse(cls, text: bytes | str) -> "Lease":
        return cls(**orjson.loads(text))

    def serialize(self) -> bytes:
        return orjson.dumps({"host": self.host, "pid": self.pid, "started": self.started})

    def is_dead(self) -> bool:
        """True when the process ran on this machine and is gone. One elsewhere is judged by its lease's expiry."""
        if self.host != socket.gethostname():
            return False
        try:
            process = psutil.Process(self.pid)
            return process.create_time() != self.started or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True


class LeasedCeleryRunLauncher(CeleryRunLauncher):
    """Celery launcher for warm workers which judges their health by the leases they hold."""

    def __init__(
        self,
        broker: str,
        inst_data: ConfigurableClassData | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(default_queue=QUEUE, broker=broker, config_source=CELERY_SETTINGS, inst_data=inst_data)
        self.redis = redis.Redis.from_url(broker, socket_timeout=5)
        self._silent_since: dict[str, float] = {}
        self._clock = clock
        self._execute_job = create_execute_job_task(self.celery)  # once: Celery warns of every further registration

    def launch_run(self, context: LaunchRunContext) -> None:
        run = context.dagster_run
        arguments = ExecuteRunArgs(
            job_origin=check.not_none(run.job_code_origin),
            run_id=run.run_id,
            instance_ref=self._instance.get_ref(),
        )
        self.redis.set(launch_key(run.run_id), b"1", ex=LAUNCH_MARK_TTL_S)
        self._launch_celery_task_run(
            run=run,
            task_signature=self._execute_job.si(execute_job_args_packed=pack_value(arguments)),
            routing_key=TASK_EXECUTE_JOB_NAME,
        )

    @property
    def supports_resume_run(self) -> bool:
        return False  # the in-process executor starts over; a new run says so honestly

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the run's worker lives. An unreachable Redis raises, which decides nothing.

        A missing lease counts only after it stayed away for its whole life: Redis may just have lost its memory,
        and a living worker writes the lease anew.
        """
        text = self.redis.get(lease_key(run.run_id))
        if text is not None:
            self._silent_since.pop(run.run_id, None)
            if Lease.parse(text).is_dead():
                self.redis.delete(lease_key(run.run_id))
                return CheckRunHealthResult(WorkerStatus.FAILED, "The worker process was lost.")
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        silent_since = self._silent_since.setdefault(run.run_id, self._clock())
        if self._clock() - silent_since < LEASE_TTL_S:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        del self._silent_since[run.run_id]
        return CheckRunHealthResult(WorkerStatus.FAILED, "The worker holds no lease on the run.")

    def terminate(self, run_id: str) -> bool:
        """Interrupt the run; asked again for one that is being canceled, kill its process, which Celery replaces.

        Its worker hears of it through Redis and signals itself: Celery was seen to know nothing of a task that one of
        its processes executed. What a run has committed is whole whenever it is killed.
        """
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        again = run.status is DagsterRunStatus.CANCELING
        self.redis.set(stop_key(run_id), (signal.SIGKILL if again else signal.SIGINT).name, ex=STOP_TTL_S)
        if again:
            self._kill_here(run_id)
        else:  # said twice, Dagster would begin to wait anew
            self._instance.report_run_canceling(run)
        task_id = run.tags.get(DAGSTER_CELERY_TASK_ID_TAG)
        if task_id:
            self.celery.control.revoke(task_id)  # not to be begun
        return True

    def _kill_here(self, run_id: str) -> None:
        """Kill the run's process if it is on this machine: one that hangs does not hear Redis."""
        text = self.redis.get(lease_key(run_id))
        lease = Lease.parse(text) if text is not None else None
        if lease is not None and lease.host == socket.gethostname() and not lease.is_dead():
            with suppress(ProcessLookupError):
                os.kill(lease.pid, signal.SIGKILL)

    def get_run_worker_debug_info(self, run: DagsterRun, include_container_logs: bool | None = True) -> str | None:  # noqa: ARG002
        text = self.redis.get(lease_key(run.run_id))
        return f"lease: {text!r}" if text else "no lease"

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {"broker": Field(StringSource, description="URL of the Redis that carries runs to the workers.")}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> "LeasedCeleryRunLauncher":
        return cls(inst_data=inst_data, broker=config_value["broker"])


class PromptRunCoordinator(QueuedRunCoordinator):
    """The run queue, looked at twice a second: `dequeue_interval_seconds` takes whole seconds only."""

    @property
    def dequeue_interval_seconds(self) -> float:  # type: ignore[override]  # the daemon accepts any number
        return 0.4


def fail_lost_launches(instance: DagsterInstance, broker: "redis.Redis", older_than_s: float = 30.0) -> list[str]:
    """Fail the runs whose message the broker no longer has, so that they are started again. Returns their ids.

    Needed when Redis comes back without its data, and when a worker is killed after it took a message and before it
    noted that it has it, which are two commands: a run would stay STARTING until the start timeout.
    """
    starting = instance.get_run_records(RunsFilter(statuses=[DagsterRunStatus.STARTING]))
    runs = [one.dagster_run for one in starting if time.time() - one.update_timestamp.timestamp() >= older_than_s]
    lost = [run for run in runs if not _is_on_its_way(broker, run)]
    if lost:
        time.sleep(_TAKEN_WITHIN_S)  # one that was just being taken is noted, or begun, by now
        lost = [run for run in lost if not _is_on_its_way(broker, run)]
    for run in lost:
        instance.report_run_failed(run, "The broker lost the launch of this run.")
    return [run.run_id for run in lost]


def _is_on_its_way(broker: "redis.Redis", run: DagsterRun) -> bool:
    """Whether a worker executes the run, or its message waits for one or is in the hands of one."""
    if broker.exists(lease_key(run.run_id)):
        return True
    task_id = run.tags.get(DAGSTER_CELERY_TASK_ID_TAG, "").encode()
    if not task_id or not broker.exists(launch_key(run.run_id)):
        return False
    queues = list(broker.scan_iter(match=f"{_KEY_PREFIX}{QUEUE}*", _type="list"))  # one for each priority in use
    waiting = [message for queue in queues for message in broker.lrange(queue, 0, -1)]
    return any(task_id in message for message in [*broker.hvals(f"{_KEY_PREFIX}unacked"), *waiting])
