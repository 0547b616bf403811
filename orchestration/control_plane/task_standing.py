"""Where a task stands, from where its runs stand. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from orchestration.control_plane.failure import RunStatus

TaskKind = Literal["sync", "sync_all", "replay", "refresh_views", "rebuild"]
TaskStatus = Literal["requested", "queued", "running", "canceling", "succeeded", "failed", "canceled"]
ENDED: tuple[TaskStatus, ...] = ("succeeded", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class RunState:
    """What of a sync run or view refresh decides on its tasks. `is_own`: asked for by the task itself, not joined."""

    status: RunStatus
    started_at: datetime | None
    is_own: bool = True
    error_code: str | None = None
    error_message: str | None = None
    error_hint: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A task's status, how many of its runs ended, and the run whose failure it tells."""

    status: TaskStatus
    runs_done: int
    failed: RunState | None = None


def standing(runs: Sequence[RunState], *, canceling: bool = False) -> Standing:
    """Where a task with these runs stands.

    One that is being canceled waits only for what it began itself: what it joined goes on for whoever asked first.
    Failures outweigh cancellations: somebody has to look at them.
    """
    counted = [run for run in runs if run.is_own] if canceling else list(runs)
    done = [run for run in counted if run.status in ENDED]
    if len(done) < len(counted):
        return Standing("canceling" if canceling else _going_on(counted), len(done))
    failed = next((run for run in counted if run.status == "failed"), None)
    if failed is not None:
        return Standing("failed", len(done), failed)
    if any(run.status == "canceled" for run in counted) or (canceling and not counted):
        return Standing("canceled", len(done))
    return Standing("succeeded", len(done))


def _going_on(runs: Sequence[RunState]) -> TaskStatus:
    if any(run.status == "running" or run.status in ENDED for run in runs):
        return "running"
    return "queued" if any(run.status == "queued" for run in runs) else "requested"
