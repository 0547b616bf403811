"""Notes to people outside (Slack) that wait to be sent: one a thing told, however often it is told.

Put in the transaction of what it tells of, sent later. Who takes due notes has them for a while; when nothing is heard
of one by then it is due again, so a sender that died delays a note and never loses it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.repository import Repository, columns_for

LEASE_S = 60
MOST_ATTEMPTS = 8
FIRST_RETRY_S, LONGEST_RETRY_S = 30.0, 3_600.0

notes_outbox = tenant_table(
    "notes_outbox",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", StorableText, nullable=False),
    jsonb("payload"),
    timestamp("created_at"),
    timestamp("due_at", nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    timestamp("sent_at", nullable=True),
    sa.Column("error", StorableText, nullable=True),
)


@dataclass(frozen=True, slots=True)
class OutboxNote:
    """`due_at` is None once it is sent, or given up after MOST_ATTEMPTS."""

    tenant_id: UUID
    id: UUID
    kind: str
    key: str
    payload: dict[str, Json]
    created_at: datetime
    due_at: datetime | None
    attempts: int
    sent_at: datetime | None
    error: str | None


class OutboxRepository(Repository):
    """The notes of one tenant."""

    kind = "note"

    def put(self, kind: str, key: str, payload: Mapping[str, Any]) -> bool:
        """Have a note sent; False when one of this kind and key was put before."""
        new = postgresql.insert(notes_outbox).values(
            tenant_id=self._tenant_id, id=uuid4(), kind=kind, key=key, payload=dict(payload)
        )
        return self._connection.execute(new.on_conflict_do_nothing()).rowcount == 1

    def due(self, now: datetime, limit: int = 20) -> Sequence[OutboxNote]:
        """Take notes that are due, oldest first: theirs who asks for LEASE_S. Nobody else gets the same."""
        waiting = sa.select(notes_outbox.c.id).where(notes_outbox.c.due_at <= now)
        waiting = waiting.order_by(notes_outbox.c.due_at, notes_outbox.c.id).limit(limit)
        taken = sa.update(notes_outbox).where(notes_outbox.c.id.in_(waiting.with_for_update(skip_locked=True)))
        taken = taken.values(due_at=now + timedelta(seconds=LEASE_S))
        return sorted(self._all(taken.returning(*_COLUMNS), OutboxNote), key=lambda note: (note.created_at, note.id))

    def sent(self, note_id: UUID) -> OutboxNote:
        """It arrived."""
        arrived = {"sent_at": sa.func.clock_timestamp(), "due_at": None, "error": None}
        return self._change(note_id, attempts=notes_outbox.c.attempts + 1, **arrived)

    def failed(self, note_id: UUID, error: str, retry_after_s: float | None = None) -> OutboxNote:
        """It did not arrive: tried again ever more rarely, and given up after MOST_ATTEMPTS."""
        backoff_s = sa.func.least(LONGEST_RETRY_S, FIRST_RETRY_S * sa.func.power(2, notes_outbox.c.attempts))
        wait_s = backoff_s if retry_after_s is None else sa.func.greatest(backoff_s, retry_after_s)
        due_at = sa.func.clock_timestamp() + wait_s * sa.text("interval '1 second'")
        tried = notes_outbox.c.attempts + 1
        again = sa.case((tried < MOST_ATTEMPTS, due_at), else_=sa.null())
        return self._change(note_id, attempts=tried, error=error[:500], due_at=again)

    def list(self, limit: int = 100) -> Sequence[OutboxNote]:
        """The newest first, sent or not."""
        order = (notes_outbox.c.created_at.desc(), notes_outbox.c.id)
        return self._all(sa.select(*_COLUMNS).order_by(*order).limit(limit), OutboxNote)

    def _change(self, note_id: UUID, **values: Any) -> OutboxNote:
        change = sa.update(notes_outbox).where(notes_outbox.c.id == note_id).values(**values)
        return self._one(change.returning(*_COLUMNS), OutboxNote, note_id)


_COLUMNS = columns_for(OutboxNote, notes_outbox)
