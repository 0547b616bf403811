"""Schema fingerprints: the shapes each stream was seen in, and which of them is the approved baseline.

The baseline moves only by `approve`. What differs from it is `drift`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.connections import lock_live
from orchestration.control_plane.repository import Repository, columns_for

schema_fingerprints = tenant_table(
    "schema_fingerprints",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("connection_id", sa.Uuid, nullable=False),
    sa.Column("stream", StorableText, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    jsonb("fields"),
    sa.Column("sync_run_id", sa.Uuid, nullable=True),
    sa.Column("is_baseline", sa.Boolean, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=True),
    timestamp("decided_at", nullable=True),
    timestamp("observed_at"),
    timestamp("last_seen_at"),
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class FingerprintRecord:
    """`fields` are dicts as the fingerprint stage made them; `sync_run_id` is the run that saw the shape first."""

    tenant_id: UUID
    id: UUID
    connection_id: UUID
    stream: str
    digest: str
    fields: list[dict[str, Json]]
    sync_run_id: UUID | None
    is_baseline: bool
    decided_by: str | None
    decided_at: datetime | None
    observed_at: datetime
    last_seen_at: datetime


class SchemaRepository(Repository):
    """The fingerprints of one tenant's streams."""

    kind = "schema fingerprint"

    def record(
        self,
        connection_id: UUID,
        stream: str,
        digest: str,
        fields: Sequence[Mapping[str, Json]],
        sync_run_id: UUID | None = None,
    ) -> FingerprintRecord:
        """The shape seen now. The newest row again, with a new last_seen_at, when its digest is the same."""
        newest = self.latest(connection_id, stream)
        if newest is not None and newest.digest == digest:
            seen = sa.update(schema_fingerprints).where(schema_fingerprints.c.id == newest.id)
            seen = seen.values(last_seen_at=sa.func.clock_timestamp())
            return self._one(seen.returning(*_COLUMNS), FingerprintRecord, newest.id)
        new = sa.insert(schema_fingerprints).values(
            tenant_id=self._tenant_id, id=uuid4(), connection_id=lock_live(self._connection, connection_id),
            stream=stream, digest=digest, fields=[dict(field) for field in fields], sync_run_id=sync_run_id,
        )  # fmt: skip
        return self._one(new.returning(*_COLUMNS), FingerprintRecord, digest)

    def get(self, fingerprint_id: UUID) -> FingerprintRecord:
        """One shape."""
        wanted = sa.select(*_COLUMNS).where(schema_fingerprints.c.id == fingerprint_id)
        return self._one(wanted, FingerprintRecord, fingerprint_id)

    def page(
        self,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
        connection_id: UUID | None = None,
        stream: str | None = None,
    ) -> Sequence[FingerprintRecord]:
        """The newest first, after the shape of that time and id."""
        place = (schema_fingerprints.c.observed_at, schema_fingerprints.c.id)
        shapes = sa.select(*_COLUMNS).order_by(place[0].desc(), place[1].desc()).limit(limit)
        if connection_id is not None:
            shapes = shapes.where(schema_fingerprints.c.connection_id == connection_id)
        if stream is not None:
            shapes = shapes.where(schema_fingerprints.c.stream == stream)
        if after is not None:
            shapes = shapes.where(sa.tuple_(*place) < after)
        return self._all(shapes, FingerprintRecord)

    def baseline(self, connection_id: UUID, stream: str) -> FingerprintRecord | None:
        """The approved shape of a stream; None before the first approval."""
        return self._first(_of(connection_id, stream).where(schema_fingerprints.c.is_baseline), FingerprintRecord)

    def baselines(self, connection_id: UUID) -> dict[str, FingerprintRecord]:
        """The approved shapes of a connection by stream."""
        approved = sa.select(*_COLUMNS).where(
            schema_fingerprints.c.connection_id == connection_id, schema_fingerprints.c.is_baseline
        )
        return {found.stream: found for found in self._all(approved, FingerprintRecord)}

    def latest(self, connection_id: UUID, stream: str) -> FingerprintRecord | None:
        """The shape seen last."""
        newest = _of(connection_id, stream).order_by(schema_fingerprints.c.seq.desc()).limit(1)
        return self._first(newest, FingerprintRecord)

    def newest(self, connection_id: UUID) -> dict[str, FingerprintRecord]:
        """The shapes seen last by stream."""
        seen = sa.select(*_COLUMNS).where(schema_fingerprints.c.connection_id == connection_id)
        seen = seen.ext(postgresql.distinct_on(schema_fingerprints.c.stream))
        ordered = seen.order_by(schema_fingerprints.c.stream, schema_fingerprints.c.seq.desc())
        return {found.stream: found for found in self._all(ordered, FingerprintRecord)}

    def streams(self, connection_id: UUID) -> list[str]:
        """Every stream ever seen on the connection, by name."""
        names = sa.select(schema_fingerprints.c.stream).where(schema_fingerprints.c.connection_id == connection_id)
        return list(self._connection.execute(names.distinct().order_by(schema_fingerprints.c.stream)).scalars())

    def approve(self, fingerprint_id: UUID, decided_by: str) -> FingerprintRecord:
        """Make this shape the baseline of its stream."""
        found = self.get(fingerprint_id)
        if found.is_baseline:
            return found
        self._connection.execute(
            sa.update(schema_fingerprints)
            .where(
                schema_fingerprints.c.connection_id == found.connection_id,
                schema_fingerprints.c.stream == found.stream,
                schema_fingerprints.c.is_baseline,
            )
            .values(is_baseline=False)
        )
        decision = sa.update(schema_fingerprints).where(schema_fingerprints.c.id == fingerprint_id)
        decision = decision.values(is_baseline=True, decided_by=decided_by, decided_at=sa.func.clock_timestamp())
        return self._one(decision.returning(*_COLUMNS), FingerprintRecord, fingerprint_id)


_COLUMNS = columns_for(FingerprintRecord, schema_fingerprints)


def _of(connection_id: UUID, stream: str) -> sa.Select[tuple[object, ...]]:
    return sa.select(*_COLUMNS).where(
        schema_fingerprints.c.connection_id == connection_id, schema_fingerprints.c.stream == stream
    )
