"""What callers are told when a task of theirs ends: one message a task, tried again ever more rarely, then given up.

Put in the transaction in which the task ends, sent later. Who takes due ones has them for a while; when nothing is
heard of one by then it is due again, so it may arrive twice, under the same id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, jsonb, storable_text, tenant_table, timestamp
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.repository import Repository, columns_for

LEASE_S = 60
# Between the attempts: seven hours in all, so that a receiver may be away for a night's maintenance.
WAITS_S = (30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600)
MOST_ATTEMPTS = len(WAITS_S) + 1
_LONGEST_ERROR = 200

CallbackStatus = Literal["pending", "delivered", "dead"]

task_callbacks = tenant_table(
    "task_callbacks",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("task_id", sa.Uuid, nullable=False),
    jsonb("payload"),
    sa.Column("status", sa.Text, nullable=False),
    timestamp("created_at"),
    timestamp("due_at", nullable=True),
    timestamp("delivered_at", nullable=True),
    jsonb("tries"),
)


@dataclass(frozen=True, slots=True)
class CallbackRecord:
    """`tries` has one entry an attempt: at, status_code (null without an answer), error (null when it was taken)."""

    tenant_id: UUID
    id: UUID
    task_id: UUID
    payload: dict[str, Json]
    status: CallbackStatus
    created_at: datetime
    due_at: datetime | None
    delivered_at: datetime | None
    tries: list[dict[str, Json]]


class CallbackRepository(Repository):
    """The callbacks of one tenant's tasks."""

    kind = "callback"

    def put(self, task_id: UUID, payload: Mapping[str, Any]) -> bool:
        """Have the end of a task told; False when that was put before."""
        new = postgresql.insert(task_callbacks).values(
            tenant_id=self._tenant_id, id=uuid4(), task_id=task_id, payload=dict(payload)
        )
        return self._connection.execute(new.on_conflict_do_nothing()).rowcount == 1

    def due(self, now: datetime, limit: int = 1) -> Sequence[CallbackRecord]:
        """Take callbacks that are due, oldest first: theirs who asks for LEASE_S. Nobody else gets the same."""
        waiting = sa.select(task_callbacks.c.id).where(task_callbacks.c.due_at <= now)
        waiting = waiting.order_by(task_callbacks.c.due_at, task_callbacks.c.id).limit(limit)
        taken = sa.update(task_callbacks).where(task_callbacks.c.id.in_(waiting.with_for_update(skip_locked=True)))
        taken = taken.values(due_at=now + timedelta(seconds=LEASE_S))
        return self._all(taken.returning(*_COLUMNS), CallbackRecord)

    def delivered(self, callback_id: UUID, status_code: int) -> CallbackRecord:
        """The receiver took it."""
        arrived = {"status": "delivered", "due_at": None, "delivered_at": sa.func.clock_timestamp()}
        return self._tried(callback_id, status_code, None, arrived)

    def failed(
        self, callback_id: UUID, status_code: int | None, error: str, *, for_good: bool = False
    ) -> CallbackRecord:
        """The receiver did not take it: due again after a while, and given up in the end, or at once `for_good`."""
        tried = len(self._get(callback_id).tries)
        if for_good or tried + 1 >= MOST_ATTEMPTS:
            return self._tried(callback_id, status_code, error, {"status": "dead", "due_at": None})
        due_at = datetime.now(UTC) + timedelta(seconds=WAITS_S[tried])
        return self._tried(callback_id, status_code, error, {"due_at": due_at})

    def of_task(self, task_id: UUID) -> Sequence[CallbackRecord]:
        """The callbacks of a task; none while it goes on, or when it has no URL."""
        found = sa.select(*_COLUMNS).where(task_callbacks.c.task_id == task_id)
        return self._all(found.order_by(task_callbacks.c.created_at), CallbackRecord)

    def _get(self, callback_id: UUID) -> CallbackRecord:
        return self._one(sa.select(*_COLUMNS).where(task_callbacks.c.id == callback_id), CallbackRecord, callback_id)

    def _tried(
        self, callback_id: UUID, status_code: int | None, error: str | None, values: Mapping[str, Any]
    ) -> CallbackRecord:
        before = self._get(callback_id)
        if before.status != "pending":
            raise NotFound(self.kind, callback_id)  # nothing of this is pending any more
        why = None if error is None else storable_text(error)[:_LONGEST_ERROR]
        attempt = {"at": datetime.now(UTC).isoformat(), "status_code": status_code, "error": why}
        change = sa.update(task_callbacks).where(task_callbacks.c.id == callback_id)
        change = change.values(tries=[*before.tries, attempt], **values)
        return self._one(change.returning(*_COLUMNS), CallbackRecord, callback_id)


_COLUMNS = columns_for(CallbackRecord, task_callbacks)
