"""A publication: the frozen catalog that readers of a tenant's views open.

One is current; older ones wait until their files are collected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from orchestration.control_plane.columns import Json, jsonb, tenant_table, timestamp
from orchestration.control_plane.errors import NotInState
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.tenants import tenants

publications = tenant_table(
    "publications",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("snapshot_id", sa.BigInteger, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    jsonb("views"),
    timestamp("published_at"),
    timestamp("superseded_at", nullable=True),
)


@dataclass(frozen=True, slots=True)
class PublicationRecord:
    """`views` maps a view to its rows, sources and what else its stage recorded."""

    tenant_id: UUID
    id: UUID
    snapshot_id: int
    path: str
    views: dict[str, dict[str, Json]]
    published_at: datetime
    superseded_at: datetime | None


class PublicationRepository(Repository):
    """The publications of one tenant."""

    kind = "publication"

    def current(self) -> PublicationRecord | None:
        """What readers open now; None before the first one."""
        return self._first(sa.select(*_COLUMNS).where(publications.c.superseded_at.is_(None)), PublicationRecord)

    def list(self, limit: int = 200) -> Sequence[PublicationRecord]:
        """Those that are kept, newest first."""
        newest = sa.select(*_COLUMNS).order_by(publications.c.published_at.desc(), publications.c.id).limit(limit)
        return self._all(newest, PublicationRecord)

    def of_snapshot(self, snapshot_id: int) -> PublicationRecord | None:
        """The newest publication of that snapshot; None when none is kept."""
        wanted = sa.select(*_COLUMNS).where(publications.c.snapshot_id == snapshot_id)
        return self._first(wanted.order_by(publications.c.published_at.desc()).limit(1), PublicationRecord)

    def at(self, moment: datetime) -> PublicationRecord | None:
        """What was current at that moment; None when it is not kept, or nothing was published yet."""
        wanted = sa.select(*_COLUMNS).where(publications.c.published_at <= moment)
        return self._first(wanted.order_by(publications.c.published_at.desc()).limit(1), PublicationRecord)

    def publish(self, snapshot_id: int, path: str, views: Mapping[str, Json]) -> PublicationRecord:
        """Move the pointer: this one is current, the one before is superseded now."""
        # Two publishers at once take turns on the tenant's row, or both would insert a current one.
        self._connection.execute(sa.select(tenants.c.id).with_for_update(key_share=True))
        self._connection.execute(
            sa.update(publications)
            .where(publications.c.superseded_at.is_(None))
            .values(superseded_at=sa.func.clock_timestamp())
        )
        new = sa.insert(publications).values(
            tenant_id=self._tenant_id, id=uuid4(), snapshot_id=snapshot_id, path=path, views=dict(views)
        )
        return self._one(new.returning(*_COLUMNS), PublicationRecord, path)

    def superseded(self, before: datetime) -> Sequence[PublicationRecord]:
        """Those superseded before that time, oldest first: their files may go once readers have left."""
        old = sa.select(*_COLUMNS).where(publications.c.superseded_at < before)
        return self._all(old.order_by(publications.c.superseded_at), PublicationRecord)

    def forget(self, publication_id: UUID) -> None:
        """Its files are gone. Raises NotInState for the current one."""
        found = self._one(
            sa.select(*_COLUMNS).where(publications.c.id == publication_id), PublicationRecord, publication_id
        )
        if found.superseded_at is None:
            raise NotInState("The current publication cannot be forgotten.")
        self._connection.execute(sa.delete(publications).where(publications.c.id == publication_id))


_COLUMNS = columns_for(PublicationRecord, publications)
