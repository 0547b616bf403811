"""The story of a task in sentences, with what its syncs tell beside it; never changed afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.columns import StorableText, tenant_table, timestamp
from orchestration.control_plane.repository import Repository
from orchestration.control_plane.sync_notes import LONGEST_MESSAGE, NoteLevel

LogSource = Literal["task", "sync"]
Place = tuple[datetime, LogSource, int]

task_notes = tenant_table(
    "task_notes",
    sa.Column("task_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    timestamp("at"),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("message", StorableText, nullable=False),
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One sentence of a task's own story, or of one of its syncs (`sync_run_id`, and `stream` where it is of one)."""

    at: datetime
    source: LogSource
    seq: int
    sync_run_id: UUID | None
    stream: str | None
    level: NoteLevel
    code: str
    message: str

    @property
    def place(self) -> Place:
        """Where it stands in the log."""
        return self.at, self.source, self.seq


class TaskNoteRepository(Repository):
    """The stories of one tenant's tasks."""

    kind = "task"

    def add(self, task_id: UUID, code: str, message: str, level: NoteLevel = "info") -> None:
        """Tell one thing. The task has to exist."""
        values = {"level": level, "code": code, "message": message[:LONGEST_MESSAGE]}
        self._connection.execute(sa.insert(task_notes).values(tenant_id=self._tenant_id, task_id=task_id, **values))

    def log(self, task_id: UUID, after: Place | None = None, limit: int = 100) -> Sequence[LogLine]:
        """What was told of the task and of its syncs, oldest first, from behind `after`."""
        at, source, seq = after if after is not None else (None, None, None)
        values = {"task": task_id, "at": at, "source": source, "seq": seq, "limit": limit}
        return [LogLine(**row) for row in self._connection.execute(_LOG, values).mappings()]


# A sync that several tasks share is told of from its beginning in each of them.
_LOG = sa.text(
    """
    SELECT * FROM (
        SELECT at, 'task' AS source, seq, CAST(NULL AS uuid) AS sync_run_id, CAST(NULL AS text) AS stream, level,
               code, message
        FROM task_notes WHERE task_id = :task
        UNION ALL
        SELECT n.at, 'sync', n.seq, n.sync_run_id, n.stream, n.level, n.code, n.message
        FROM task_runs l JOIN sync_notes n ON n.tenant_id = l.tenant_id AND n.sync_run_id = l.sync_run_id
        WHERE l.task_id = :task
    ) log
    WHERE CAST(:at AS timestamptz) IS NULL
       OR (at, source, seq) > (CAST(:at AS timestamptz), CAST(:source AS text), CAST(:seq AS bigint))
    ORDER BY at, source, seq LIMIT :limit
    """
).bindparams(sa.bindparam("task", type_=sa.Uuid))
