"""Drift events: how a stream differs from its approved baseline, each open until somebody or some policy resolves it.

What counts as a change is decided by the fingerprint stage; here a change seen twice is one event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.connections import lock_live
from orchestration.control_plane.errors import NotInState
from orchestration.control_plane.repository import Repository, columns_for

DriftStatus = Literal["open", "resolved"]

drift_events = tenant_table(
    "drift_events",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("connection_id", sa.Uuid, nullable=False),
    sa.Column("stream", StorableText, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("field", StorableText, nullable=False),
    sa.Column("is_breaking", sa.Boolean, nullable=False),
    jsonb("before", nullable=True),
    jsonb("after", nullable=True),
    jsonb("evidence"),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("resolution", StorableText, nullable=True),
    sa.Column("resolved_by", sa.Text, nullable=True),
    timestamp("resolved_at", nullable=True),
    timestamp("first_seen_at"),
    timestamp("last_seen_at"),
    jsonb("fields_before"),
    jsonb("fields_after"),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("probability", sa.Double, nullable=True),
    sa.Column("first_version", sa.BigInteger, nullable=True),
    sa.Column("snapshot_before", sa.BigInteger, nullable=True),
    sa.Column("reopened_by", StorableText, nullable=True),
    sa.Column("reopened_why", StorableText, nullable=True),
    timestamp("reopened_at", nullable=True),
)


@dataclass(frozen=True, slots=True)
class DriftChange:
    """One difference. `kind`: added, removed, renamed, retyped, unit, stream_added, ...

    `field` is what it is known by, "" when the change is the whole stream's; `before` and `after` describe the field,
    None where it is absent. `fields_before` and `fields_after` name all that take part. `probability` is how sure kind
    and fields are. The change came with commit `first_version` of the raw rows; `snapshot_before` is the lake's
    snapshot before it. A severity of "" follows from `is_breaking`.
    """

    stream: str
    kind: str
    field: str = ""
    is_breaking: bool = False
    before: Json = None
    after: Json = None
    evidence: dict[str, Json] = dataclass_field(default_factory=dict)
    fields_before: Sequence[str] = ()
    fields_after: Sequence[str] = ()
    severity: str = ""
    probability: float | None = None
    first_version: int | None = None
    snapshot_before: int | None = None


@dataclass(frozen=True, slots=True)
class DriftRecord:
    """`first_version` and `snapshot_before` are those of the first sight. `reopened_why`: what undid a resolution."""

    tenant_id: UUID
    id: UUID
    connection_id: UUID
    stream: str
    kind: str
    field: str
    is_breaking: bool
    before: Json
    after: Json
    evidence: dict[str, Json]
    status: DriftStatus
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    fields_before: list[str]
    fields_after: list[str]
    severity: str
    probability: float | None
    first_version: int | None
    snapshot_before: int | None
    reopened_by: str | None
    reopened_why: str | None
    reopened_at: datetime | None


class DriftRepository(Repository):
    """The drift of one tenant's connections."""

    kind = "drift event"

    def report(self, connection_id: UUID, changes: Sequence[DriftChange]) -> Sequence[DriftRecord]:
        """Open an event a change; one that is open already is seen again, with its newest description and evidence."""
        lock_live(self._connection, connection_id)
        return [self._report(connection_id, change) for change in changes]

    def open(self, connection_id: UUID | None = None) -> Sequence[DriftRecord]:
        """What waits to be resolved, oldest first."""
        return self.list(connection_id, status="open", limit=None)

    def list(
        self, connection_id: UUID | None = None, status: DriftStatus | None = None, limit: int | None = 200
    ) -> Sequence[DriftRecord]:
        """Events in the order they were first seen."""
        events = sa.select(*_COLUMNS).order_by(drift_events.c.first_seen_at, drift_events.c.id).limit(limit)
        if connection_id is not None:
            events = events.where(drift_events.c.connection_id == connection_id)
        if status is not None:
            events = events.where(drift_events.c.status == status)
        return self._all(events, DriftRecord)

    def page(
        self, limit: int, after: tuple[datetime, UUID] | None = None, stream: str | None = None, **wanted: object
    ) -> Sequence[DriftRecord]:
        """The newest first, after the event of that time and id. `wanted`: status, connection_id, kind, severity."""
        place = (drift_events.c.first_seen_at, drift_events.c.id)
        events = sa.select(*_COLUMNS).order_by(place[0].desc(), place[1].desc()).limit(limit)
        chosen = {"stream": stream, **{name: wanted.get(name) for name in _FILTERS}}
        events = events.where(*(drift_events.c[name] == value for name, value in chosen.items() if value is not None))
        if after is not None:
            events = events.where(sa.tuple_(*place) < after)
        return self._all(events, DriftRecord)

    def get(self, drift_id: UUID) -> DriftRecord:
        """One event."""
        return self._one(sa.select(*_COLUMNS).where(drift_events.c.id == drift_id), DriftRecord, drift_id)

    def resolve(self, drift_id: UUID, resolution: str, by: str) -> DriftRecord:
        """Close an open event with what was decided. NotInState when it is resolved already."""
        decision = sa.update(drift_events).where(drift_events.c.id == drift_id, drift_events.c.status == "open")
        decision = decision.values(
            status="resolved", resolution=resolution, resolved_by=by, resolved_at=sa.func.clock_timestamp()
        )
        resolved = self._first(decision.returning(*_COLUMNS), DriftRecord)
        if resolved is None:
            raise NotInState(f"That drift was resolved by {self.get(drift_id).resolved_by} already.")
        self._told("drift.resolved", resolved, by, resolution)
        return resolved

    def reopen(self, drift_id: UUID, why: str, by: str) -> DriftRecord:
        """Take a resolution back. The event that is open for the change: this one, or one reported meanwhile."""
        event = self.get(drift_id)
        lock_live(self._connection, event.connection_id, exclusive=True)  # a report of the same change waits
        same = [drift_events.c[name] == getattr(event, name) for name in _SAME]
        is_open = self._first(sa.select(*_COLUMNS).where(drift_events.c.status == "open", *same), DriftRecord)
        if is_open is not None:
            return is_open
        again = sa.update(drift_events).where(drift_events.c.id == drift_id).values(
            status="open", resolution=None, resolved_by=None, resolved_at=None, reopened_by=by, reopened_why=why,
            reopened_at=sa.func.clock_timestamp(),
        )  # fmt: skip
        reopened = self._one(again.returning(*_COLUMNS), DriftRecord, drift_id)
        self._told("drift.reopened", reopened, by, why)
        return reopened

    def _told(self, kind: str, event: DriftRecord, by: str, why: str) -> None:
        about = {"drift_id": event.id, "connection_id": event.connection_id, "stream": event.stream}
        self._tell(kind, by, **about, kind_of_drift=event.kind, field=event.field, why=why)

    def _report(self, connection_id: UUID, change: DriftChange) -> DriftRecord:
        seen = {
            "is_breaking": change.is_breaking,
            "before": change.before,
            "after": change.after,
            "evidence": change.evidence,
            "fields_before": list(change.fields_before),
            "fields_after": list(change.fields_after),
            "severity": change.severity or ("breaking" if change.is_breaking else "info"),
            "probability": change.probability,
        }
        first = {"first_version": change.first_version, "snapshot_before": change.snapshot_before}
        new = postgresql.insert(drift_events).values(
            tenant_id=self._tenant_id, id=uuid4(), connection_id=connection_id, stream=change.stream,
            kind=change.kind, field=change.field, **seen, **first,
        )  # fmt: skip
        merged = new.on_conflict_do_update(
            index_elements=["tenant_id", *_SAME],
            index_where=drift_events.c.status == sa.literal_column("'open'"),
            set_={
                "last_seen_at": sa.func.clock_timestamp(),
                **{name: new.excluded[name] for name in seen},
                **{name: sa.func.coalesce(drift_events.c[name], new.excluded[name]) for name in first},
            },
        )
        return self._one(merged.returning(*_COLUMNS), DriftRecord, change.field)


_FILTERS = ("status", "connection_id", "kind", "severity")
_SAME = ("connection_id", "stream", "kind", "field")  # what makes two reports one event
_COLUMNS = columns_for(DriftRecord, drift_events)
