"""What follows when the runs of a task move on: its status, its story, its callback, and the task after it.

All of it in one transaction with the move itself, so a follow-up is made once and a callback is never forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.columns import Json
from orchestration.control_plane.errors import Conflict, ControlPlaneError, NotFound, NotInState
from orchestration.control_plane.repository import Repository
from orchestration.control_plane.sync_runs import COUNTS
from orchestration.control_plane.task_callbacks import CallbackRepository
from orchestration.control_plane.task_notes import TaskNoteRepository
from orchestration.control_plane.task_standing import ENDED, Standing, standing
from orchestration.control_plane.tasks import TaskRecord, TaskRepository, TaskRunRecord, TaskWish

MOST_STEPS = 10  # of a chain


class TaskLife(Repository):
    """Begins, moves and ends the tasks of one tenant."""

    kind = "task"

    def __init__(self, connection: sa.Connection, tenant_id: UUID) -> None:
        super().__init__(connection, tenant_id)
        self._tasks = TaskRepository(connection, tenant_id)
        self._notes = TaskNoteRepository(connection, tenant_id)

    def begin(self, wish: TaskWish, by: str) -> TaskRecord:
        """Ask for a task, tell its story's first sentence. Raises as `TaskRepository.request` does."""
        return self._begun(self._tasks.request(wish, by))

    def retry(self, task_id: UUID, by: str, trace_id: str | None = None) -> TaskRecord:
        """The same task once more. Raises NotInState unless it failed or was canceled."""
        again = self._begun(self._tasks.retry(task_id, by, trace_id))
        self._notes.add(task_id, "retried", f"{by} asked for it once more.")
        return again

    def cancel(self, task_id: UUID, by: str) -> TaskRecord:
        """Nobody wants it any more: at once where nothing was begun, else its runs are stopped as soon as may be.

        Raises NotInState once it has ended.
        """
        task = self._tasks.hold(task_id)
        if task.is_finished:
            raise NotInState(f"The task has {task.status} already.")
        if task.status != "canceling":
            self._notes.add(task_id, "cancel_requested", f"{by} asked for it to be canceled.")
            task = self._tasks.move(task_id, "canceling")
        return self.advance(task_id) or task

    def advance(self, task_id: UUID) -> TaskRecord | None:
        """Bring the task in line with its runs; the task if that changed it, else None."""
        task = self._tasks.hold(task_id)
        if task.is_finished:
            return None
        is_canceling = task.status == "canceling"
        if is_canceling:
            self._tasks.drop_waiting_runs(task_id)  # also those that a dispatcher gave back
        runs = self._tasks.runs(task_id)
        now = standing([run.state for run in runs], canceling=is_canceling)
        if (now.status, now.runs_done) == (task.status, task.runs_done):
            return None
        return self._moved(task, now, runs)

    def _begun(self, task: TaskRecord) -> TaskRecord:
        self._notes.add(task.id, "requested", f"{task.requested_by} asked for it.")
        self._tell_of("task.requested", task)
        return task

    def _moved(self, task: TaskRecord, now: Standing, runs: Sequence[TaskRunRecord]) -> TaskRecord:
        began = [run.started_at for run in runs if run.started_at is not None]
        values: dict[str, Any] = {"runs_done": now.runs_done, "started_at": min(began, default=None)}
        if now.failed is not None:
            values |= {"error_code": now.failed.error_code, "error_message": now.failed.error_message}
            values["error_hint"] = now.failed.error_hint
        moved = self._tasks.move(task.id, now.status, **values)
        if now.status in ENDED:
            self._ended(moved, counts_of(runs))
        elif now.status == "running" and task.status != "running":
            self._notes.add(task.id, "started", "It runs.")
            self._tell_of("task.started", moved)
        elif now.runs_done != task.runs_done:
            self._tell_of("task.progress", moved, progress={"runs_done": now.runs_done, "runs": len(runs)})
        return moved

    def _ended(self, task: TaskRecord, counts: Mapping[str, int]) -> None:
        level, text = _ENDINGS[task.status]
        self._notes.add(task.id, task.status, text.format(task.error_message or ""), level)
        self._tell_of(f"task.{task.status}", task, error_code=task.error_code)
        if task.callback_url is not None:
            CallbackRepository(self._connection, self._tenant_id).put(task.id, told(task, counts))
        if task.status == "succeeded" and task.chain:
            self._follow(task)

    def _follow(self, task: TaskRecord) -> None:
        """The next step of the chain, by whoever asked for the first; refused as a failed task of its own."""
        step, *rest = task.chain
        connection = step.get("connection_id")
        wish = TaskWish(
            step["kind"], UUID(connection) if connection else None, rest, task.callback_url, task.trace_id, task.id
        )
        try:
            with self._connection.begin_nested():
                self.begin(wish, task.requested_by)
        except ControlPlaneError as error:
            if not isinstance(error, NotFound | Conflict):
                raise
            message = "There is no such connection any more." if isinstance(error, NotFound) else str(error)
            refused = self._tasks.refused(wish, task.requested_by, type(error).__name__, message)
            self._ended(replace(refused, error_message=message), {})

    def _tell_of(self, kind: str, task: TaskRecord, **more: Json) -> None:
        data = {"task_id": task.id, "kind": task.kind, "status": task.status, "connection_id": task.connection_id}
        self._tell(kind, task.requested_by, **data, **more)


_ENDINGS: Mapping[str, tuple[Any, str]] = {
    "succeeded": ("info", "It is done."),
    "failed": ("error", "It failed. {0}"),
    "canceled": ("warning", "It was canceled."),
}


def counts_of(runs: Sequence[TaskRunRecord]) -> dict[str, int]:
    """Records read, loaded, ... by all syncs of a task, as far as their streams say so."""
    streams = [counts for run in runs if run.connection_id is not None for counts in run.counted.values()]
    return {count: sum(int(stream.get(count) or 0) for stream in streams) for count in COUNTS}


def told(task: TaskRecord, counts: Mapping[str, int]) -> dict[str, Json]:
    """What a caller is told of a task's end: ids, states and counts, no data and no names."""
    ended = None if task.finished_at is None else task.finished_at.isoformat()
    data = {
        "task_id": str(task.id), "kind": task.kind, "status": task.status,
        "requested_at": task.requested_at.isoformat(), "finished_at": ended, "error_code": task.error_code,
        "counts": dict(counts), "parent_task_id": str(task.parent_task_id) if task.parent_task_id else None,
        "retry_of": str(task.retry_of) if task.retry_of else None, "trace_id": task.trace_id,
    }  # fmt: skip
    return {"type": f"task.{task.status}", "timestamp": ended, "data": data}
