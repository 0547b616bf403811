"""A task: work that somebody asked for, done by sync runs and view refreshes, followed to its end.

requested -> queued -> running -> succeeded | failed | canceled, as its runs do, with `canceling` between the wish and
the end. A task joins a run that still waits, and then does not own it. At most one rebuild of a tenant is under way.
What happens when one moves on (its follow-up, its callback) is `task_advance`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.errors import NotFound, NotInState
from orchestration.control_plane.failure import RunKind, RunStatus
from orchestration.control_plane.refreshes import RefreshRepository
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.sync_runs import SyncRunRepository
from orchestration.control_plane.task_standing import ENDED, RunState, TaskKind, TaskStatus

RETRIED: tuple[TaskStatus, ...] = ("failed", "canceled")

tasks = tenant_table(
    "tasks",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("connection_id", sa.Uuid, nullable=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("trace_id", sa.Text, nullable=True),
    timestamp("requested_at"),
    timestamp("started_at", nullable=True),
    timestamp("finished_at", nullable=True),
    sa.Column("runs_done", sa.Integer, nullable=False),
    sa.Column("parent_task_id", sa.Uuid, nullable=True),
    sa.Column("retry_of", sa.Uuid, nullable=True),
    jsonb("chain"),
    sa.Column("callback_url", sa.Text, nullable=True),
    sa.Column("error_code", sa.Text, nullable=True),
    sa.Column("error_message", StorableText, nullable=True),
    sa.Column("error_hint", StorableText, nullable=True),
)
task_runs = tenant_table(
    "task_runs",
    sa.Column("task_id", sa.Uuid, primary_key=True),
    sa.Column("run_id", sa.Uuid, sa.Computed("COALESCE(sync_run_id, refresh_id)", persisted=True), primary_key=True),
    sa.Column("sync_run_id", sa.Uuid, nullable=True),
    sa.Column("refresh_id", sa.Uuid, nullable=True),
    sa.Column("is_own", sa.Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """`chain` lists the steps that follow on success (kind, connection_id); `runs_done` how many of its runs ended."""

    tenant_id: UUID
    id: UUID
    kind: TaskKind
    connection_id: UUID | None
    status: TaskStatus
    requested_by: str
    trace_id: str | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    runs_done: int
    parent_task_id: UUID | None
    retry_of: UUID | None
    chain: list[dict[str, Json]]
    callback_url: str | None
    error_code: str | None
    error_message: str | None
    error_hint: str | None

    @property
    def is_finished(self) -> bool:
        """Whether it ended, well or not."""
        return self.finished_at is not None


@dataclass(frozen=True, slots=True)
class TaskRunRecord:
    """One run that does a task: a sync or replay of a connection, or (without one) a view refresh.

    `counted` is what its streams, or the stages of a rebuild, say of how far it is.
    """

    run_id: UUID
    connection_id: UUID | None
    kind: str
    is_own: bool
    status: RunStatus
    started_at: datetime | None
    finished_at: datetime | None
    dagster_run_id: str | None
    counted: dict[str, Json]
    error_code: str | None
    error_message: str | None
    error_hint: str | None

    @property
    def state(self) -> RunState:
        """What of it decides on the task."""
        why = (self.error_code, self.error_message, self.error_hint)
        return RunState(self.status, self.started_at, self.is_own, *why)


@dataclass(frozen=True, slots=True)
class TaskWish:
    """What somebody asks for; `chain` are the steps to follow on success."""

    kind: TaskKind
    connection_id: UUID | None = None
    chain: Sequence[Mapping[str, Json]] = ()
    callback_url: str | None = None
    trace_id: str | None = None
    parent_task_id: UUID | None = None
    retry_of: UUID | None = None


class TaskRepository(Repository):
    """The tasks of one tenant."""

    kind = "task"

    def request(self, wish: TaskWish, by: str) -> TaskRecord:
        """Ask for it, and for the runs that do it.

        Raises:
            NotFound: there is no such connection.
            NotInState: a rebuild is under way already, or there is no connection to sync.
        """
        task = self._add(wish, by)
        for sync_run_id, is_own in self._syncs(task):
            self._link(task.id, is_own, sync_run_id=sync_run_id)
        if task.kind in ("refresh_views", "rebuild"):
            refreshes = RefreshRepository(self._connection, self._tenant_id)
            is_own = all(refresh.status != "requested" for refresh in refreshes.unfinished())
            refresh_id = refreshes.request(anew=task.kind == "rebuild", trace_id=task.trace_id).id
            self._link(task.id, is_own, refresh_id=refresh_id)
        return task

    def refused(self, wish: TaskWish, by: str, code: str, message: str) -> TaskRecord:
        """A task that failed before it began, as a follow-up whose connection is gone."""
        failed = {"status": "failed", "error_code": code, "error_message": message}
        return self._add(wish, by, finished_at=sa.func.clock_timestamp(), **failed)

    def get(self, task_id: UUID) -> TaskRecord:
        """One task."""
        return self._one(sa.select(*_COLUMNS).where(tasks.c.id == task_id), TaskRecord, task_id)

    def hold(self, task_id: UUID) -> TaskRecord:
        """One task, which nobody else changes until this transaction ends."""
        return self._one(sa.select(*_COLUMNS).where(tasks.c.id == task_id).with_for_update(), TaskRecord, task_id)

    def page(
        self,
        status: TaskStatus | None = None,
        kind: TaskKind | None = None,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> Sequence[TaskRecord]:
        """The newest first, from behind `before` (requested_at, id)."""
        found = sa.select(*_COLUMNS).order_by(tasks.c.requested_at.desc(), tasks.c.id.desc()).limit(limit)
        if status is not None:
            found = found.where(tasks.c.status == status)
        if kind is not None:
            found = found.where(tasks.c.kind == kind)
        if before is not None:
            found = found.where(sa.tuple_(tasks.c.requested_at, tasks.c.id) < sa.tuple_(*map(sa.literal, before)))
        return self._all(found, TaskRecord)

    def unfinished(self, limit: int = 50) -> Sequence[TaskRecord]:
        """What waits or runs, oldest first."""
        open_ones = sa.select(*_COLUMNS).where(tasks.c.finished_at.is_(None))
        return self._all(open_ones.order_by(tasks.c.requested_at, tasks.c.id).limit(limit), TaskRecord)

    def runs(self, task_id: UUID) -> Sequence[TaskRunRecord]:
        """The runs that do a task, in the order in which they were asked for."""
        return [TaskRunRecord(**row) for row in self._connection.execute(_RUNS, {"task": task_id}).mappings()]

    def follow_up(self, task_id: UUID) -> TaskRecord | None:
        """The task that followed on the success of this one."""
        return self._first(sa.select(*_COLUMNS).where(tasks.c.parent_task_id == task_id), TaskRecord)

    def of_refresh(self, refresh_id: UUID) -> Sequence[TaskRecord]:
        """The unfinished tasks that a view refresh does."""
        linked = sa.select(task_runs.c.task_id).where(task_runs.c.refresh_id == refresh_id)
        return self._all(sa.select(*_COLUMNS).where(tasks.c.id.in_(linked), tasks.c.finished_at.is_(None)), TaskRecord)

    def retry(self, task_id: UUID, by: str, trace_id: str | None = None) -> TaskRecord:
        """The same once more. Raises NotInState unless it failed or was canceled."""
        task = self.get(task_id)
        if task.status not in RETRIED:
            raise NotInState(f"Only what failed or was canceled is retried; this is {task.status}.")
        wish = TaskWish(task.kind, task.connection_id, task.chain, task.callback_url, trace_id, retry_of=task.id)
        return self.request(wish, by)

    def move(self, task_id: UUID, status: TaskStatus, **values: Any) -> TaskRecord:
        """Say where an unfinished task stands now. Raises NotInState once it has ended."""
        if status in ENDED:
            values["finished_at"] = sa.func.clock_timestamp()
        change = sa.update(tasks).where(tasks.c.id == task_id, tasks.c.finished_at.is_(None))
        moved = self._first(change.values(status=status, **values).returning(*_COLUMNS), TaskRecord)
        if moved is None:
            raise NotInState(f"The task has {self.get(task_id).status} already.")
        return moved

    def drop_waiting_runs(self, task_id: UUID) -> None:
        """Cancel the task's own runs that nobody else wants and that were not begun yet."""
        exclusive = list(self._connection.execute(_OWN_WAITING, {"task": task_id}).mappings())
        for row in exclusive:
            if row["sync_run_id"] is not None:
                SyncRunRepository(self._connection, self._tenant_id).cancel(row["sync_run_id"])
            else:
                RefreshRepository(self._connection, self._tenant_id).cancel(row["refresh_id"])
        # What somebody else wants as well is theirs from now on.
        self._connection.execute(_GIVE_AWAY, {"task": task_id})

    def _add(self, wish: TaskWish, by: str, **values: Any) -> TaskRecord:
        new = postgresql.insert(tasks).values(
            tenant_id=self._tenant_id, id=uuid4(), kind=wish.kind, connection_id=wish.connection_id, requested_by=by,
            trace_id=wish.trace_id, chain=[dict(step) for step in wish.chain], callback_url=wish.callback_url,
            parent_task_id=wish.parent_task_id, retry_of=wish.retry_of, **values,
        )  # fmt: skip
        one_rebuild = new.on_conflict_do_nothing(
            index_elements=["tenant_id"], index_where=sa.text("kind = 'rebuild' AND finished_at IS NULL")
        )
        if wish.connection_id is not None:
            self._check_connection(wish.connection_id)
        made = self._first(one_rebuild.returning(*_COLUMNS), TaskRecord)
        if made is None:
            raise NotInState("A rebuild of this tenant is under way already.")
        return made

    def _check_connection(self, connection_id: UUID) -> None:
        known = sa.text("SELECT 1 FROM connections WHERE id = :id").bindparams(sa.bindparam("id", type_=sa.Uuid))
        if self._connection.execute(known, {"id": connection_id}).first() is None:
            raise NotFound("connection", connection_id)

    def _syncs(self, task: TaskRecord) -> list[tuple[UUID, bool]]:
        """Ask for the task's syncs; the id of each, and whether nobody had asked for it yet."""
        if task.kind == "sync_all":
            chosen = list(self._connection.execute(_SYNCED).scalars())
            if not chosen:
                raise NotInState("There is no connection to sync.")
        else:
            chosen = [task.connection_id] if task.connection_id is not None else []
        kind: RunKind = "replay" if task.kind == "replay" else "sync"
        requests = SyncRunRepository(self._connection, self._tenant_id)
        asked = []
        for connection_id in chosen:
            is_own = not requests.page(connection_id, "requested", limit=1)
            run = requests.request(connection_id, task.requested_by, kind, trace_id=task.trace_id)
            asked.append((run.id, is_own))
        return asked

    def _link(self, task_id: UUID, is_own: bool, **run: UUID) -> None:
        values = {"tenant_id": self._tenant_id, "task_id": task_id, "is_own": is_own, **run}
        self._connection.execute(sa.insert(task_runs).values(**values))


_COLUMNS = columns_for(TaskRecord, tasks)
_TASK = sa.bindparam("task", type_=sa.Uuid)
_SYNCED = sa.text("SELECT id FROM connections WHERE deleted_at IS NULL AND status <> 'paused' ORDER BY lower(name)")
_STATE = "status, started_at, finished_at, dagster_run_id, error_code, error_message, error_hint"
_RUNS = sa.text(
    f"SELECT run_id, connection_id, kind, is_own, counted, {_STATE} FROM ("
    "SELECT l.run_id, s.connection_id, s.kind, l.is_own, s.streams AS counted, s.requested_at,"
    f" {', '.join(f's.{name}' for name in _STATE.split(', '))}"
    " FROM task_runs l JOIN sync_runs s ON s.tenant_id = l.tenant_id AND s.id = l.sync_run_id WHERE l.task_id = :task"
    " UNION ALL SELECT l.run_id, NULL, CASE WHEN v.anew THEN 'rebuild' ELSE 'refresh_views' END, l.is_own,"
    f" coalesce(v.progress, '{{}}'), v.requested_at, {', '.join(f'v.{name}' for name in _STATE.split(', '))}"
    " FROM task_runs l JOIN view_refreshes v ON v.tenant_id = l.tenant_id AND v.id = l.refresh_id"
    " WHERE l.task_id = :task) runs ORDER BY requested_at, run_id"
).bindparams(_TASK)
# Another task that wants the same run, and is not being canceled itself.
_WANTED = (
    "EXISTS (SELECT FROM task_runs o JOIN tasks t ON t.tenant_id = o.tenant_id AND t.id = o.task_id"
    " WHERE o.tenant_id = l.tenant_id AND o.run_id = l.run_id AND o.task_id <> l.task_id"
    " AND t.finished_at IS NULL AND t.status <> 'canceling')"
)
_OWN_WAITING = sa.text(
    "SELECT l.sync_run_id, l.refresh_id FROM task_runs l"
    f" WHERE l.task_id = :task AND l.is_own AND NOT {_WANTED} AND (EXISTS (SELECT FROM sync_runs s"
    " WHERE s.tenant_id = l.tenant_id AND s.id = l.sync_run_id AND s.status = 'requested')"
    " OR EXISTS (SELECT FROM view_refreshes v"
    " WHERE v.tenant_id = l.tenant_id AND v.id = l.refresh_id AND v.status = 'requested'))"
).bindparams(_TASK)
_GIVE_AWAY = sa.text(
    f"UPDATE task_runs l SET is_own = false WHERE l.task_id = :task AND l.is_own AND {_WANTED}"
).bindparams(_TASK)
