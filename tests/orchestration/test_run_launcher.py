"""Who executes a run, and how it shows that nobody does any more."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import dagster as dg
import psutil
import pytest
import redis
from dagster._core.launcher import WorkerStatus
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

from orchestration.run_launcher import (
    LEASE_TTL_S,
    STOP_POLL_S,
    Lease,
    LeasedCeleryRunLauncher,
    fail_lost_launches,
    launch_key,
    lease_key,
    stop_key,
)
from orchestration.run_worker import leased

pytestmark = pytest.mark.servers
RUN = dg.DagsterRun("job", run_id="0f0f0f0f-0000-4000-8000-000000000001", status=dg.DagsterRunStatus.STARTED)


@pytest.fixture
def launcher(redis_url: str) -> Iterator[LeasedCeleryRunLauncher]:
    made = LeasedCeleryRunLauncher(redis_url)
    yield made
    made.redis.close()
    made.celery.close()


def lease_of(process: psutil.Process) -> Lease:
    return replace(Lease.of_this_process(), pid=process.pid, started=process.create_time())


def test_a_run_with_a_living_worker_is_running(launcher: LeasedCeleryRunLauncher, broker: "redis.Redis") -> None:
    with leased(broker, RUN.run_id) as mine:
        assert mine
        assert launcher.check_run_worker_health(RUN).status is WorkerStatus.RUNNING


def test_a_killed_worker_is_noticed_at_once(launcher: LeasedCeleryRunLauncher, broker: "redis.Redis") -> None:
    worker = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    broker.set(lease_key(RUN.run_id), lease_of(psutil.Process(worker.pid)).serialize(), ex=LEASE_TTL_S)
    assert launcher.check_run_worker_health(RUN).status is WorkerStatus.RUNNING
    worker.kill()
    worker.communicate()
    assert launcher.check_run_worker_health(RUN).status is WorkerStatus.FAILED


def test_another_process_under_the_same_id_does_not_hold_the_lease(
    launcher: LeasedCeleryRunLauncher, broker: "redis.Redis"
) -> None:
    stranger = replace(Lease.of_this_process(), started=1.0)
    broker.set(lease_key(RUN.run_id), stranger.serialize())
    assert launcher.check_run_worker_health(RUN).status is WorkerStatus.FAILED


def test_a_worker_on_another_machine_is_judged_by_its_lease_alone(
    launcher: LeasedCeleryRunLauncher, broker: "redis.Redis"
) -> None:
    broker.set(lease_key(RUN.run_id), Lease("elsewhere", 999_999_999, 1.0).serialize())
    assert launcher.check_run_worker_health(RUN).status is WorkerStatus.RUNNING


def test_a_missing_lease_counts_only_after_it_stayed_away(broker: "redis.Redis", redis_url: str) -> None:
    now = [0.0]
    launcher = LeasedCeleryRunLauncher(redis_url, clock=lambda: now[0])
    assert launcher.check_run_worker_health(RUN).status is WorkerStatus.RUNNING
    with leased(broker, RUN.run_id):
        assert launcher.check_run_worker_health(RUN).status is WorkerStatus.RUNNING
    assert launcher.check_run_worker_health(RUN).status is WorkerStatus.RUNNING
    now[0] = LEASE_TTL_S
    assert launcher.check_run_worker_health(RUN).status is WorkerStatus.FAILED
    launcher.redis.close()
    launcher.celery.close()


def test_a_redis_that_is_away_decides_nothing() -> None:
    launcher = LeasedCeleryRunLauncher("redis://127.0.0.1:1/0")
    with pytest.raises(redis.ConnectionError):
        launcher.check_run_worker_health(RUN)


def test_a_run_is_executed_by_one_worker_at_a_time(broker: "redis.Redis") -> None:
    other = Lease("elsewhere", 1, 1.0).serialize()
    broker.set(lease_key(RUN.run_id), other)
    with leased(broker, RUN.run_id) as mine:
        assert not mine
    assert broker.get(lease_key(RUN.run_id)) == other
    broker.delete(lease_key(RUN.run_id))
    with leased(broker, RUN.run_id) as mine:
        assert mine
    assert not broker.exists(lease_key(RUN.run_id))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Interrupts are heard, also where whoever started the tests ignores them; a run sees to that itself."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_worker_that_is_told_to_stop_interrupts_its_own_run(broker: "redis.Redis") -> None:
    broker.set(stop_key(RUN.run_id), "no signal of ours")
    with leased(broker, RUN.run_id), pytest.raises(KeyboardInterrupt):
        time.sleep(3 * STOP_POLL_S)
        broker.set(stop_key(RUN.run_id), "SIGINT")
        time.sleep(10)


def test_a_run_is_interrupted_first_and_killed_when_asked_again(
    launcher: LeasedCeleryRunLauncher, broker: "redis.Redis"
) -> None:
    worker = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    broker.set(lease_key(RUN.run_id), lease_of(psutil.Process(worker.pid)).serialize(), ex=LEASE_TTL_S)
    with dg.DagsterInstance.ephemeral() as instance:
        launcher.register_instance(instance)
        instance.add_run(RUN)
        assert launcher.terminate(RUN.run_id)
        assert (broker.get(stop_key(RUN.run_id)), worker.poll()) == (b"SIGINT", None)
        canceling = instance.get_run_by_id(RUN.run_id)
        assert canceling is not None and canceling.status is dg.DagsterRunStatus.CANCELING
        assert launcher.terminate(RUN.run_id)
        assert broker.get(stop_key(RUN.run_id)) == b"SIGKILL"
        assert worker.wait(10) == -signal.SIGKILL
        assert launcher.check_run_worker_health(RUN).status is WorkerStatus.FAILED
        instance.report_run_canceled(canceling)
        assert not launcher.terminate(RUN.run_id)
    worker.communicate()


def test_only_launches_that_the_broker_lost_are_failed(broker: "redis.Redis") -> None:
    """Without a trace of them, or with a mark alone: a worker was killed right after it took the message."""
    with dg.DagsterInstance.ephemeral() as instance:
        waiting, taken, executing, lost, dropped = (
            instance.add_run(
                dg.DagsterRun("job", status=dg.DagsterRunStatus.STARTING, tags={DAGSTER_CELERY_TASK_ID_TAG: name})
            ).run_id
            for name in ("task-waiting", "task-taken", "task-executing", "task-lost", "task-dropped")
        )
        for launched in (waiting, taken, dropped):
            broker.set(launch_key(launched), "1")
        broker.lpush("celery:dagster", '{"headers": {"id": "task-waiting"}}')
        broker.hset("celery:unacked", "tag", '[{"headers": {"id": "task-taken"}}]')
        broker.set(lease_key(executing), "1")
        assert fail_lost_launches(instance, broker, older_than_s=60) == []
        assert set(fail_lost_launches(instance, broker, older_than_s=0)) == {lost, dropped}
        failed = {run.run_id for run in instance.get_runs() if run.status is dg.DagsterRunStatus.FAILURE}
        broker.delete("celery:dagster", "celery:unacked")
    assert failed == {lost, dropped}
