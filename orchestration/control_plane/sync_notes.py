"""The story of a sync in sentences: what was started, waited for, skipped and done, stream by stream.

Written while the sync runs, read by people; counts and errors are on the sync itself. Never changed afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.columns import StorableText, tenant_table, timestamp
from orchestration.control_plane.repository import Repository, columns_for

MOST_NOTES = 1000  # of one sync; a source that gives cause for more is told about enough
LONGEST_MESSAGE = 2000

NoteLevel = Literal["info", "warning", "error"]

sync_notes = tenant_table(
    "sync_notes",
    sa.Column("sync_run_id", sa.Uuid, primary_key=True),
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    timestamp("at"),
    sa.Column("stream", StorableText, nullable=True),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("message", StorableText, nullable=False),
)


@dataclass(frozen=True, slots=True)
class SyncNoteRecord:
    """`stream` is None for what concerns the whole sync."""

    tenant_id: UUID
    sync_run_id: UUID
    seq: int
    at: datetime
    stream: str | None
    level: NoteLevel
    code: str
    message: str


class SyncNoteRepository(Repository):
    """The notes of one tenant's syncs."""

    kind = "note"

    def add(
        self, sync_run_id: UUID, code: str, message: str, stream: str | None = None, level: NoteLevel = "info"
    ) -> None:
        """Tell one thing; beyond MOST_NOTES of a sync nothing is kept. The sync has to exist."""
        told = sa.select(sa.func.count()).where(sync_notes.c.sync_run_id == sync_run_id)
        if self._connection.execute(told).scalar_one() >= MOST_NOTES:
            return
        values = {"stream": stream, "level": level, "code": code, "message": message[:LONGEST_MESSAGE]}
        new = sa.insert(sync_notes).values(tenant_id=self._tenant_id, sync_run_id=sync_run_id, **values)
        self._connection.execute(new)

    def list(self, sync_run_id: UUID) -> Sequence[SyncNoteRecord]:
        """The notes of a sync in the order they were told."""
        notes = sa.select(*columns_for(SyncNoteRecord, sync_notes)).where(sync_notes.c.sync_run_id == sync_run_id)
        return self._all(notes.order_by(sync_notes.c.seq), SyncNoteRecord)

    def page(self, sync_run_id: UUID, after: int | None = None, limit: int = 50) -> Sequence[SyncNoteRecord]:
        """Notes of a sync in the order they were told, those behind a number."""
        notes = sa.select(*columns_for(SyncNoteRecord, sync_notes)).where(sync_notes.c.sync_run_id == sync_run_id)
        if after is not None:
            notes = notes.where(sync_notes.c.seq > after)
        return self._all(notes.order_by(sync_notes.c.seq).limit(limit), SyncNoteRecord)
