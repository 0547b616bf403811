"""Holds: which raw rows of a stream are kept out of canonical rows until what changed in them is decided.

A hold covers rows landed from `since_version` on whose `fields` match. One drift event has at most one active hold;
normalization reads the active ones, and a lifted one is replayed by the next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.connections import lock_live
from orchestration.control_plane.errors import NotInState
from orchestration.control_plane.repository import Repository, columns_for

HoldMatch = Literal["filled", "empty", "all"]

holds = tenant_table(
    "holds",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("connection_id", sa.Uuid, nullable=False),
    sa.Column("stream", StorableText, nullable=False),
    sa.Column("drift_id", sa.Uuid, nullable=True),
    sa.Column("proposal_id", sa.Uuid, nullable=True),
    sa.Column("since_version", sa.BigInteger, nullable=False),
    jsonb("fields"),
    sa.Column("match", sa.Text, nullable=False),
    sa.Column("restore_snapshot", sa.BigInteger, nullable=True),
    jsonb("restore_targets"),
    timestamp("created_at"),
    timestamp("lifted_at", nullable=True),
    sa.Column("lifted_by", StorableText, nullable=True),
)


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """`match`: rows in which one of `fields` is filled, in which all are empty, or all rows.

    `restore_snapshot` is the lake snapshot whose canonical values of `restore_targets` were right.
    """

    id: UUID
    connection_id: UUID
    stream: str
    drift_id: UUID | None
    proposal_id: UUID | None
    since_version: int
    fields: list[str]
    match: HoldMatch
    restore_snapshot: int | None
    restore_targets: list[str]
    created_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None


class HoldRepository(Repository):
    """The holds of one tenant's streams."""

    kind = "hold"

    def place(
        self,
        connection_id: UUID,
        stream: str,
        drift_id: UUID | None,
        since_version: int,
        fields: Iterable[str],
        match: HoldMatch,
        proposal_id: UUID | None = None,
        restore_snapshot: int | None = None,
        restore_targets: Iterable[str] = (),
    ) -> HoldRecord:
        """Hold from now on. A drift event that is held already keeps its hold, from the earlier version on."""
        lock_live(self._connection, connection_id)
        new_id = uuid4()
        new = postgresql.insert(holds).values(
            tenant_id=self._tenant_id, id=new_id, connection_id=connection_id, stream=stream, drift_id=drift_id,
            proposal_id=proposal_id, since_version=since_version, fields=list(fields), match=match,
            restore_snapshot=restore_snapshot, restore_targets=list(restore_targets),
        )  # fmt: skip
        kept = new.on_conflict_do_update(
            index_elements=["tenant_id", "drift_id"],
            index_where=holds.c.lifted_at.is_(None),
            set_={
                "since_version": sa.func.least(holds.c.since_version, new.excluded.since_version),
                "proposal_id": sa.func.coalesce(new.excluded.proposal_id, holds.c.proposal_id),
                "restore_snapshot": sa.func.coalesce(holds.c.restore_snapshot, new.excluded.restore_snapshot),
            },
        )
        placed = self._one(kept.returning(*_COLUMNS), HoldRecord, stream)
        if placed.id == new_id:
            self._told("hold.placed", placed)
        return placed

    def active(self, connection_id: UUID) -> Sequence[HoldRecord]:
        """The holds in force on a connection, oldest first."""
        in_force = sa.select(*_COLUMNS).where(holds.c.connection_id == connection_id, holds.c.lifted_at.is_(None))
        return self._all(in_force.order_by(holds.c.created_at, holds.c.id), HoldRecord)

    def get(self, hold_id: UUID) -> HoldRecord:
        """One hold, in force or lifted."""
        return self._one(sa.select(*_COLUMNS).where(holds.c.id == hold_id), HoldRecord, hold_id)

    def lift(self, hold_id: UUID, by: str) -> HoldRecord:
        """End a hold; the next normalization replays what it held. Raises NotInState when it is lifted already."""
        lifted = self._all(self._lifting(holds.c.id == hold_id, by), HoldRecord)
        if not lifted:
            raise NotInState(f"That hold was lifted by {self.get(hold_id).lifted_by} already.")
        self._told("hold.lifted", lifted[0], by)
        return lifted[0]

    def lift_of(self, drift_id: UUID, by: str) -> HoldRecord | None:
        """End the hold of a drift event; None when it has none in force."""
        lifted = self._first(self._lifting(holds.c.drift_id == drift_id, by), HoldRecord)
        if lifted is not None:
            self._told("hold.lifted", lifted, by)
        return lifted

    def _told(self, kind: str, hold: HoldRecord, by: str | None = None) -> None:
        about = {name: getattr(hold, name) for name in ("connection_id", "stream", "drift_id", "proposal_id", "fields")}
        self._tell(kind, by, hold_id=hold.id, **about)

    def _lifting(self, which: sa.ColumnElement[bool], by: str) -> sa.Executable:
        end = sa.update(holds).where(which, holds.c.lifted_at.is_(None))
        return end.values(lifted_at=sa.func.clock_timestamp(), lifted_by=by).returning(*_COLUMNS)


_COLUMNS = columns_for(HoldRecord, holds)
