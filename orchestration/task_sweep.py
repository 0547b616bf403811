"""Tasks brought in line with their runs, and runs stopped that nobody wants any more.

The dispatcher does it at every look; a sensor does it while no dispatcher lives. Doing it twice is harmless.
"""

import logging
import time
from collections.abc import Callable

from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.launcher import WorkerStatus

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneUnavailable
from orchestration.outcomes import write_back

TASKS_AT_ONCE = 100
RUNS_AT_ONCE = 20
STOP_AGAIN_AFTER_S = 5.0
_REMEMBERED = 10_000

logger = logging.getLogger(__name__)

Stop = Callable[[str], None]


def advance_tasks(control_plane: ControlPlane, limit: int = TASKS_AT_ONCE) -> int:
    """Move on every task that is behind its runs, each in its own transaction; how many moved."""
    with control_plane.operator_session() as operator:
        behind = operator.tasks_to_advance(limit)
    moved = 0
    for each in behind:
        try:
            with control_plane.tenant_session(each.tenant_id) as session:
                session.trace_id = session.tasks.get(each.task_id).trace_id
                moved += session.task_life.advance(each.task_id) is not None
        except ControlPlaneUnavailable:
            raise
        except Exception:  # what is wrong with one task is logged, and the others get their turn
            logger.exception("task %s did not move on", each.task_id)
    return moved


class Stopper:
    """Stops the runs of canceled tasks, and asks again now and then while one does not end."""

    def __init__(self, control_plane: ControlPlane, stop: Stop, clock: Callable[[], float] = time.monotonic) -> None:
        self._control_plane = control_plane
        self._stop = stop
        self._clock = clock
        self._asked: dict[str, float] = {}

    def look(self) -> int:
        """Ask Dagster to stop what is to be stopped; how many runs were asked to."""
        with self._control_plane.operator_session() as operator:
            wanted = operator.runs_to_stop(RUNS_AT_ONCE)
        now = self._clock()
        due = [run for run in wanted if now - self._asked.get(run, float("-inf")) >= STOP_AGAIN_AFTER_S]
        for run in due:
            self._asked[run] = now
            self._stop(run)
        if len(self._asked) > _REMEMBERED:
            self._asked = {run: self._asked[run] for run in wanted if run in self._asked}
        return len(due)


def run_stopper(control_plane: ControlPlane, instance: DagsterInstance) -> Stop:
    """Stops a run through Dagster: out of the queue at once, in a worker by an interrupt, and asked again by a kill."""

    def stop(run_id: str) -> None:
        run = instance.get_run_by_id(run_id)
        if run is None:
            return  # asked for and not made: `unreported_runs` gives the claim back, and the task drops it then
        if run.status is DagsterRunStatus.CANCELING and _is_dead(instance, run):
            instance.report_run_canceled(run)  # nobody else is left to say so
        elif not run.is_finished:
            instance.run_coordinator.cancel_run(run_id)
        ended = instance.get_run_by_id(run_id)
        if ended is not None:
            write_back(control_plane, instance, ended)

    return stop


def _is_dead(instance: DagsterInstance, run: DagsterRun) -> bool:
    return instance.run_launcher.check_run_worker_health(run).status is WorkerStatus.FAILED
