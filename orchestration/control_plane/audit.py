"""The history of a tenant: what was done, by whom, in a chain of hashes that shows any later change.

hash = sha256 of the event's canonical JSON, which holds the hash before it. The run-time role may add and read, nothing
else. Cutting off the newest events is not visible from the chain alone: compare with a hash kept elsewhere for that.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, dump_json, storable_text, tenant_table, timestamp
from orchestration.control_plane.errors import AuditChainBroken
from orchestration.control_plane.repository import Repository, columns_for

FIRST_PREVIOUS_HASH = "0" * 64

audit_events = tenant_table(
    "audit_events",
    sa.Column("seq", sa.BigInteger, primary_key=True),
    timestamp("at"),
    sa.Column("actor", StorableText, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", StorableText, nullable=False),
    # json, not jsonb: it keeps the text as written, and the hash is over that text.
    sa.Column("data", postgresql.JSON, nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    tenant_id: UUID
    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    data: dict[str, Json]
    previous_hash: str
    hash: str


class AuditRepository(Repository):
    """The history of one tenant."""

    kind = "audit event"

    def record(self, action: str, subject: str, data: Mapping[str, Json], actor: str) -> AuditRecord:
        """Add an event in this transaction. Those of one tenant are added one after the other."""
        self._connection.execute(_lock(self._tenant_id))
        newest = sa.select(audit_events.c.seq, audit_events.c.hash).order_by(audit_events.c.seq.desc()).limit(1)
        before = self._connection.execute(newest).first()
        seq, previous_hash = (before.seq + 1, before.hash) if before else (1, FIRST_PREVIOUS_HASH)
        event = chained_event(self._tenant_id, seq, previous_hash, action, subject, data, actor)
        new = sa.insert(audit_events).values(**event)
        return self._one(new.returning(*_COLUMNS), AuditRecord, action)

    def list(self, limit: int = 100, before_seq: int | None = None) -> Sequence[AuditRecord]:
        """The newest events first."""
        events = sa.select(*_COLUMNS).order_by(audit_events.c.seq.desc()).limit(limit)
        if before_seq is not None:
            events = events.where(audit_events.c.seq < before_seq)
        return self._all(events, AuditRecord)

    def verify(self) -> int:
        """How many events the chain has; AuditChainBroken where it was changed."""
        expected, previous_hash = 0, FIRST_PREVIOUS_HASH
        for row in self._connection.execute(_VERIFIED.execution_options(yield_per=1000)).mappings():
            expected += 1
            stored = dict(row)
            found = stored.pop("hash")
            if row["seq"] != expected or row["previous_hash"] != previous_hash or found != _hash(stored):
                raise AuditChainBroken(expected)
            previous_hash = found
        return expected


def _lock(tenant_id: UUID) -> sa.Select[tuple[object]]:
    return sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"audit {tenant_id}", 0)))


def chained_event(
    tenant_id: UUID, seq: int, previous_hash: str, action: str, subject: str, data: Mapping[str, Json], actor: str
) -> dict[str, Any]:
    """The columns of an event with its hash, stamped now."""
    event = {
        "tenant_id": tenant_id,
        "seq": seq,
        "at": datetime.now(UTC),
        "actor": storable_text(actor),
        "action": action,
        "subject": storable_text(subject),
        "previous_hash": previous_hash,
    }
    return {**event, "data": dict(data), "hash": _hash({**event, "data": dump_json(dict(data))})}


def _hash(event: Mapping[str, Any]) -> str:
    """`data` as the text stored, `at` in UTC to the microsecond."""
    at = event["at"].astimezone(UTC).isoformat("T", "microseconds")
    return hashlib.sha256(dump_json({**event, "tenant_id": str(event["tenant_id"]), "at": at}).encode()).hexdigest()


_COLUMNS = columns_for(AuditRecord, audit_events)
_VERIFIED = sa.select(
    *(column for column in _COLUMNS if column.name != "data"), sa.cast(audit_events.c.data, sa.Text).label("data")
).order_by(audit_events.c.seq)
