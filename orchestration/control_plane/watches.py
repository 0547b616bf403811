"""Watches: the syncs after a repair, over which its figures have to stay as they were before.

`baseline` holds counts and shares of the time before, made and compared by the mapping stage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.errors import NotInState
from orchestration.control_plane.repository import Repository, columns_for

WatchStatus = Literal["watching", "passed", "regressed", "stopped"]

mapping_watches = tenant_table(
    "mapping_watches",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("connection_id", sa.Uuid, nullable=False),
    sa.Column("stream", StorableText, nullable=False),
    sa.Column("proposal_id", sa.Uuid, nullable=False),
    sa.Column("mapping_version", sa.Integer, nullable=False),
    sa.Column("previous_version", sa.Integer, nullable=False),
    sa.Column("syncs_seen", sa.Integer, nullable=False),
    sa.Column("syncs_wanted", sa.Integer, nullable=False),
    jsonb("baseline"),
    sa.Column("status", sa.Text, nullable=False),
    timestamp("started_at"),
    timestamp("ended_at", nullable=True),
)


@dataclass(frozen=True, slots=True)
class WatchRecord:
    """`mapping_version` is watched; `previous_version` is what a regression rolls back to."""

    id: UUID
    connection_id: UUID
    stream: str
    proposal_id: UUID
    mapping_version: int
    previous_version: int
    syncs_seen: int
    syncs_wanted: int
    baseline: dict[str, Json]
    status: WatchStatus


class WatchRepository(Repository):
    """The watches of one tenant's repairs."""

    kind = "watch"

    def start(
        self,
        connection_id: UUID,
        stream: str,
        proposal_id: UUID,
        mapping_version: int,
        previous_version: int,
        syncs_wanted: int,
        baseline: Mapping[str, Any],
    ) -> WatchRecord:
        """Watch the next `syncs_wanted` syncs. A proposal that is watched already begins anew."""
        begin: dict[str, Any] = {
            "mapping_version": mapping_version, "previous_version": previous_version, "syncs_wanted": syncs_wanted,
            "baseline": dict(baseline),
        }  # fmt: skip
        new = postgresql.insert(mapping_watches).values(
            tenant_id=self._tenant_id, id=uuid4(), connection_id=connection_id, stream=stream,
            proposal_id=proposal_id, **begin,
        )  # fmt: skip
        anew = new.on_conflict_do_update(
            index_elements=["tenant_id", "proposal_id"],
            index_where=mapping_watches.c.status == sa.literal_column("'watching'"),
            set_={**begin, "syncs_seen": 0},
        )
        return self._one(anew.returning(*_COLUMNS), WatchRecord, proposal_id)

    def watching(self, connection_id: UUID) -> Sequence[WatchRecord]:
        """What is watched on a connection, oldest first."""
        watched = sa.select(*_COLUMNS).where(mapping_watches.c.connection_id == connection_id, _WATCHING)
        return self._all(watched.order_by(mapping_watches.c.started_at, mapping_watches.c.id), WatchRecord)

    def get(self, watch_id: UUID) -> WatchRecord:
        """One watch."""
        return self._one(sa.select(*_COLUMNS).where(mapping_watches.c.id == watch_id), WatchRecord, watch_id)

    def seen(self, watch_id: UUID) -> WatchRecord:
        """One more sync went by. Raises NotInState when it has ended."""
        return self._change(watch_id, syncs_seen=mapping_watches.c.syncs_seen + 1)

    def end(self, watch_id: UUID, status: WatchStatus) -> WatchRecord:
        """It passed, regressed or was stopped. Raises NotInState when it has ended."""
        return self._change(watch_id, status=status, ended_at=sa.func.clock_timestamp())

    def _change(self, watch_id: UUID, **values: Any) -> WatchRecord:
        change = sa.update(mapping_watches).where(mapping_watches.c.id == watch_id, _WATCHING).values(**values)
        changed = self._first(change.returning(*_COLUMNS), WatchRecord)
        if changed is None:
            raise NotInState(f"That watch has {self.get(watch_id).status} already.")
        return changed


_COLUMNS = columns_for(WatchRecord, mapping_watches)
_WATCHING = mapping_watches.c.status == "watching"
