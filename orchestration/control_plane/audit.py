"""The history of a tenant: what was done, by whom, in a chain of hashes that shows any later change.

hash = sha256 of the event's canonical JSON, which holds the hash before it. The run-time role may add and read, nothing
else. Cutting off the newest events is not visible from the chain alone: give `verify` heads that were kept elsewhere.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, dump_json, storable_text, tenant_table, timestamp
from orchestration.control_plane.errors import AuditChainBroken, AuditChainCut
from orchestration.control_plane.news import News, put_news
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


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What events are wanted: all of what is given has to fit. `since` is included, `until` is not."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None  # what it begins with
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> Sequence[sa.ColumnElement[bool]]:
        """As conditions of a query."""
        events, subject = audit_events.c, None if self.subject is None else storable_text(self.subject)
        wanted = (
            (self.actor, events.actor.__eq__),
            (self.action, events.action.__eq__),
            (subject, lambda value: events.subject.startswith(value, autoescape=True)),
            (self.since, events.at.__ge__),
            (self.until, events.at.__lt__),
        )
        return [condition(value) for value, condition in wanted if value is not None]


EVERYTHING = AuditFilter()


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest event of a chain; `seq` is also how many events there are."""

    seq: int
    hash: str
    at: datetime


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
        put_news(self._connection, News(action, {"subject": subject, **data}, actor, is_history=True))
        return self._one(new.returning(*_COLUMNS), AuditRecord, action)

    def list(
        self, limit: int = 100, before_seq: int | None = None, wanted: AuditFilter = EVERYTHING
    ) -> Sequence[AuditRecord]:
        """The newest events first."""
        events = sa.select(*_COLUMNS).where(*wanted.conditions()).order_by(audit_events.c.seq.desc()).limit(limit)
        if before_seq is not None:
            events = events.where(audit_events.c.seq < before_seq)
        return self._all(events, AuditRecord)

    def after(self, seq: int, limit: int) -> Sequence[AuditRecord]:
        """The events that followed, oldest first."""
        events = sa.select(*_COLUMNS).where(audit_events.c.seq > seq).order_by(audit_events.c.seq).limit(limit)
        return self._all(events, AuditRecord)

    def at(self, seq: int) -> AuditRecord:
        """One event; NotFound for a number that the chain does not have."""
        return self._one(sa.select(*_COLUMNS).where(audit_events.c.seq == seq), AuditRecord, str(seq))

    def head(self) -> ChainHead:
        """The newest event; NotFound while there is none."""
        newest = sa.select(audit_events.c.seq, audit_events.c.hash, audit_events.c.at)
        return self._one(newest.order_by(audit_events.c.seq.desc()).limit(1), ChainHead, "head")

    def verify(self, kept: Mapping[int, str] = MappingProxyType({})) -> int:
        """How many events the chain has.

        `kept` are hashes of earlier heads, by their number, that were kept elsewhere. Raises AuditChainBroken where the
        chain was changed or is another one than it was, AuditChainCut where events that were there are not any more.
        """
        expected, previous_hash = 0, FIRST_PREVIOUS_HASH
        for row in self._connection.execute(_VERIFIED.execution_options(yield_per=1000)).mappings():
            expected += 1
            stored = dict(row)
            found = stored.pop("hash")
            is_chained = row["seq"] == expected and row["previous_hash"] == previous_hash and found == _hash(stored)
            if not is_chained or kept.get(expected, found) != found:
                raise AuditChainBroken(expected)
            previous_hash = found
        once = max(kept, default=1)  # every history begins when the tenant is made
        if once > expected:
            raise AuditChainCut(expected, once)
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
