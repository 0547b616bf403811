"""A sync run: one reading of one connection, from the request to its counts.

requested -> queued -> running -> succeeded | failed | canceled. At most one run of a connection is requested and at
most one is active (queued or running), which unique indexes hold. Moving requests on to queued is `dispatch`.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.audit import AuditRepository
from orchestration.control_plane.circuit import record_failure
from orchestration.control_plane.columns import (
    Json,
    StorableText,
    dump_json,
    jsonb,
    storable_text,
    tenant_table,
    timestamp,
)
from orchestration.control_plane.connections import ConnectionRepository, connections, lock_live
from orchestration.control_plane.errors import NotFound, NotInState
from orchestration.control_plane.failure import ACTIVE, Failure, RunKind, RunStatus
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.safe_mode import FOLLOW_UP, GOOD_SAMPLE, POLICY, lifts_after_sample
from orchestration.control_plane.tenants import TenantRepository

AFTER_DECISION = "repair"  # who asks for a replay that a sync should have done
COUNTS = ("read", "loaded", "rejected", "unchanged", "deleted")

sync_runs = tenant_table(
    "sync_runs",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("connection_id", sa.Uuid, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    timestamp("requested_at"),
    timestamp("queued_at", nullable=True),
    timestamp("started_at", nullable=True),
    timestamp("finished_at", nullable=True),
    sa.Column("dagster_run_id", sa.Text, nullable=True),
    jsonb("streams"),
    *(sa.Column(count, sa.BigInteger, nullable=False) for count in COUNTS),
    sa.Column("snapshot_id", sa.BigInteger, nullable=True),
    sa.Column("error_code", sa.Text, nullable=True),
    sa.Column("error_message", StorableText, nullable=True),
    sa.Column("error_hint", StorableText, nullable=True),
    sa.Column("retryable", sa.Boolean, nullable=True),
    sa.Column("is_sample", sa.Boolean, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("absorbed_replay", sa.Boolean, nullable=False),
    sa.Column("trace_id", sa.Text, nullable=True),
)


@dataclass(frozen=True, slots=True)
class SyncRunRecord:
    """`streams` maps a stream to its counts; read, loaded, ... are their sums once the run succeeded.

    `is_sample`: started while its connection was in Safe Mode, so it reads a few records of each stream.
    `kind`: a replay maps raw rows anew that are in the lake already, and asks no source. `absorbed_replay`: a sync
    that is to do so as well. `trace_id`: of the request that asked for it, 32 hexadecimal digits.
    """

    tenant_id: UUID
    id: UUID
    connection_id: UUID
    status: RunStatus
    requested_by: str
    requested_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    dagster_run_id: str | None
    streams: dict[str, dict[str, Json]]
    read: int
    loaded: int
    rejected: int
    unchanged: int
    deleted: int
    snapshot_id: int | None
    error_code: str | None
    error_message: str | None
    error_hint: str | None
    retryable: bool | None
    is_sample: bool
    kind: RunKind
    absorbed_replay: bool
    trace_id: str | None

    @property
    def is_finished(self) -> bool:
        """Whether it ended, well or not."""
        return self.finished_at is not None

    @property
    def balances(self) -> bool:
        """Whether every row read is accounted for."""
        return self.read == self.loaded + self.rejected + self.unchanged


class SyncRunRepository(Repository):
    """The sync runs of one tenant."""

    kind = "sync"

    def request(
        self, connection_id: UUID, requested_by: str, kind: RunKind = "sync", *, trace_id: str | None = None
    ) -> SyncRunRecord:
        """Ask for a sync or a replay. A request that still waits is that request; one that runs already is not.

        A waiting sync replays as well, and a waiting replay becomes a sync when one is asked for.
        """
        lock_live(self._connection, connection_id)
        new = postgresql.insert(sync_runs).values(
            tenant_id=self._tenant_id, id=uuid4(), connection_id=connection_id, status="requested",
            requested_by=requested_by, kind=kind, trace_id=trace_id,
        )  # fmt: skip
        # A person who asks for what the schedule already asked for is the one who waits, so the request becomes theirs.
        person_first = sa.case(
            (sync_runs.c.requested_by == "schedule", new.excluded.requested_by), else_=sync_runs.c.requested_by
        )
        coalesced = new.on_conflict_do_update(
            index_elements=["tenant_id", "connection_id"],
            index_where=sync_runs.c.status == sa.literal_column("'requested'"),
            set_={
                "requested_by": person_first,
                "trace_id": sa.func.coalesce(sync_runs.c.trace_id, new.excluded.trace_id),
                "kind": sa.case((new.excluded.kind == "sync", "sync"), else_=sync_runs.c.kind),
                "absorbed_replay": sa.or_(sync_runs.c.absorbed_replay, sync_runs.c.kind != new.excluded.kind),
            },
        )
        run = self._one(coalesced.returning(*_COLUMNS), SyncRunRecord, connection_id)
        self._tell("sync.requested", requested_by, connection_id=connection_id, sync_run_id=run.id, kind=run.kind)
        return run

    def get(self, sync_run_id: UUID) -> SyncRunRecord:
        """One run."""
        return self._one(sa.select(*_COLUMNS).where(sync_runs.c.id == sync_run_id), SyncRunRecord, sync_run_id)

    def list(self, connection_id: UUID | None = None, limit: int = 50) -> Sequence[SyncRunRecord]:
        """The newest runs first, of one connection or of all."""
        runs = sa.select(*_COLUMNS).order_by(sync_runs.c.requested_at.desc(), sync_runs.c.id).limit(limit)
        if connection_id is not None:
            runs = runs.where(sync_runs.c.connection_id == connection_id)
        return self._all(runs, SyncRunRecord)

    def page(
        self,
        connection_id: UUID | None = None,
        status: RunStatus | None = None,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 50,
        *,
        kind: RunKind | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[SyncRunRecord]:
        """The newest runs first, those asked for before a run that `before` names by time and id.

        `since` and `until` leave those that ended then: at `since` or later, before `until`. None ended while it runs.
        """
        runs = sa.select(*_COLUMNS).order_by(sync_runs.c.requested_at.desc(), sync_runs.c.id).limit(limit)
        if connection_id is not None:
            runs = runs.where(sync_runs.c.connection_id == connection_id)
        if status is not None:
            runs = runs.where(sync_runs.c.status == status)
        if kind is not None:
            runs = runs.where(sync_runs.c.kind == kind)
        if since is not None:
            runs = runs.where(sync_runs.c.finished_at >= since)
        if until is not None:
            # None ends before it is asked for; said as well, because that is what the index knows.
            runs = runs.where(sync_runs.c.finished_at < until, sync_runs.c.requested_at < until)
        if before is not None:
            at, sync_run_id = before
            later = sa.and_(sync_runs.c.requested_at == at, sync_runs.c.id > sync_run_id)
            runs = runs.where(sync_runs.c.requested_at <= at, sa.or_(sync_runs.c.requested_at < at, later))
        return self._all(runs, SyncRunRecord)

    def start(self, sync_run_id: UUID, dagster_run_id: str) -> SyncRunRecord:
        """Say that it runs. A run that is running already is taken over: Dagster retries under a new run id.

        Raises NotInState once it has ended, or while another run of the connection is active.
        """
        run = self.get(sync_run_id)
        others = sa.select(sync_runs.c.id).where(
            sync_runs.c.connection_id == run.connection_id, sync_runs.c.status.in_(ACTIVE), sync_runs.c.id != run.id
        )
        if self._connection.execute(others).first() is not None:
            raise NotInState("Another sync of this connection is running.")
        return self._move(
            sync_run_id, ("requested", *ACTIVE), status="running", dagster_run_id=dagster_run_id,
            started_at=sa.func.coalesce(sync_runs.c.started_at, sa.func.clock_timestamp()),
            # One that began as a sample stays one: what it has read so far is no full reading.
            is_sample=sa.and_(sync_runs.c.kind == "sync", sa.or_(sync_runs.c.is_sample, _in_safe_mode())),
        )  # fmt: skip

    def record_stream(self, sync_run_id: UUID, stream: str, counts: Mapping[str, Json]) -> None:
        """Merge counts (those of COUNTS, or more) into those of a stream; the same name replaces."""
        merge = sa.text(
            "UPDATE sync_runs SET streams = streams || jsonb_build_object(CAST(:stream AS text),"
            " coalesce(streams -> CAST(:stream AS text), '{}') || CAST(:counts AS jsonb)) WHERE id = :id RETURNING id"
        ).bindparams(sa.bindparam("id", type_=sa.Uuid))
        values = {"id": sync_run_id, "stream": storable_text(stream), "counts": dump_json(dict(counts))}
        if self._connection.execute(merge, values).first() is None:
            raise NotFound(self.kind, sync_run_id)

    def finish(self, sync_run_id: UUID, snapshot_id: int | None) -> SyncRunRecord:
        """It succeeded with the counts its streams recorded. Says so on the connection, and when it is due again.

        Rows that came, changed or went make the tenant's views stale. A good sample lifts Safe Mode where policy says
        so, and asks for the full sync. A replay says nothing of the connection.
        """
        run = self._move(
            sync_run_id, ("requested", *ACTIVE), status="succeeded", snapshot_id=snapshot_id,
            finished_at=sa.func.clock_timestamp(), **self._totals(sync_run_id),
        )  # fmt: skip
        self._mark_stale(run)
        if run.kind == "replay":
            return run  # the source was not asked: nothing is known of how the connection does
        self._connection.execute(
            sa.update(connections)
            .where(connections.c.id == run.connection_id)
            .values(
                last_success_at=run.finished_at,
                failures_in_a_row=0,
                circuit_open_until=None,
                error=None,
                status=_unless_paused("active"),
                next_due_at=self._next_due(run.connection_id),
            )
        )
        if run.is_sample:
            self._end_sample(run)
        return run

    def _end_sample(self, run: SyncRunRecord) -> None:
        held = sa.select(connections).where(connections.c.id == run.connection_id, connections.c.deleted_at.is_(None))
        connection = self._connection.execute(held.with_for_update()).first()
        if connection is None:
            return
        if connection.safe_mode:
            if not lifts_after_sample(connection.risk_level):
                return
            ConnectionRepository(self._connection, self._tenant_id, None).lift(run.connection_id, POLICY)
            data = {"name": connection.name, "why": GOOD_SAMPLE, "sample": str(run.id), "read": run.read}
            subject = f"connection:{run.connection_id}"
            history = AuditRepository(self._connection, self._tenant_id)
            history.record("connection.safe_mode_lifted", subject, data, POLICY)
        if connection.status != "paused":
            self.request(run.connection_id, FOLLOW_UP)

    def fail(
        self,
        sync_run_id: UUID,
        code: str,
        message: str,
        hint: str = "",
        retryable: bool = True,
        retry_after_s: float | None = None,
    ) -> SyncRunRecord:
        """It failed, with the counts of what its streams loaded before.

        The connection says why, and is left alone for as long as `circuit` says. A failed sample lifts nothing. A
        failed replay says nothing of the source; what it left over, the next normalization does.
        """
        why = {"error_code": code, "error_message": message, "error_hint": hint, "retryable": retryable}
        run = self._move(
            sync_run_id, ("requested", *ACTIVE), status="failed", **why, **self._totals(sync_run_id),
            finished_at=sa.func.clock_timestamp(),
        )  # fmt: skip
        self._mark_stale(run)
        if run.kind == "replay":
            return run
        self._replay_what_it_absorbed(run)
        failure = Failure(code, message, hint, retryable, retry_after_s)
        record_failure(self._connection, self._tenant_id, run.connection_id, failure)
        return run

    def cancel(self, sync_run_id: UUID, *, is_begun: bool = True) -> SyncRunRecord:
        """Nobody wants it any more. Raises NotInState when it has ended, or unless `is_begun` when it has begun."""
        allowed = ("requested", *ACTIVE) if is_begun else ("requested",)
        run = self._move(sync_run_id, allowed, status="canceled", finished_at=sa.func.clock_timestamp())
        self._replay_what_it_absorbed(run)
        return run

    def _replay_what_it_absorbed(self, run: SyncRunRecord) -> None:
        """A decision does not wait for a source that is away, nor go with a sync that nobody wants any more."""
        if run.absorbed_replay:
            with suppress(NotFound):  # the connection was deleted meanwhile
                self.request(run.connection_id, AFTER_DECISION, "replay")

    def _totals(self, sync_run_id: UUID) -> dict[str, int]:
        streams = self.get(sync_run_id).streams.values()
        return {count: sum(int(counts.get(count) or 0) for counts in streams) for count in COUNTS}

    def _mark_stale(self, run: SyncRunRecord) -> None:
        made_anew = any(counts.get(count) for counts in run.streams.values() for count in ("replayed", "rederived"))
        # People decide on rows that they can see, and what they see is what is published.
        held_back = any(counts.get("landed") and counts.get("held") for counts in run.streams.values())
        if run.loaded or run.deleted or made_anew or held_back:
            TenantRepository(self._connection, self._tenant_id).mark_stale()

    def _next_due(self, connection_id: UUID) -> datetime | None:
        row = self._connection.execute(
            sa.select(connections.c.schedule, connections.c.next_due_at).where(connections.c.id == connection_id)
        ).one()
        now = datetime.now(UTC)
        if row.schedule is None or (row.next_due_at is not None and row.next_due_at > now):
            due: datetime | None = row.next_due_at
            return due
        next_due: datetime = row.schedule.next_due(row.next_due_at or now, now)
        return next_due

    def _move(self, sync_run_id: UUID, allowed: Sequence[str], **values: Any) -> SyncRunRecord:
        change = sa.update(sync_runs).where(sync_runs.c.id == sync_run_id, sync_runs.c.status.in_(allowed))
        moved = self._first(change.values(**values).returning(*_COLUMNS), SyncRunRecord)
        if moved is None:
            raise NotInState(f"The sync has {self.get(sync_run_id).status} already.")
        return moved


_COLUMNS = columns_for(SyncRunRecord, sync_runs)


def _in_safe_mode() -> sa.ScalarSelect[bool]:
    """Of the connection of the sync that is being changed."""
    its_own = (connections.c.tenant_id == sync_runs.c.tenant_id, connections.c.id == sync_runs.c.connection_id)
    return sa.select(connections.c.safe_mode).where(*its_own).scalar_subquery()


def _unless_paused(status: str) -> sa.ColumnElement[str]:
    return sa.case((connections.c.status == "paused", "paused"), else_=status)
