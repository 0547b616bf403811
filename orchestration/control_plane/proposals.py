"""Repair proposals: a mapping as it could be after a drift event, and what became of it.

open (a person is asked) or refused (not sure enough to ask) wait; each becomes applied, approved, rejected or
superseded once, and an applied or approved one may be undone or rolled back later. Rules and candidates are plain
dicts: their vocabulary belongs to the mapping stage. Votes are in `votes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import Json, StorableText, jsonb, tenant_table, timestamp
from orchestration.control_plane.connections import lock_live
from orchestration.control_plane.errors import NotInState
from orchestration.control_plane.repair_settings import RepairSettings, repair_settings
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.votes import VoteRecord, cast_vote, votes_of

ProposalStatus = Literal[
    "open", "applied", "approved", "rejected", "refused", "superseded", "undone", "rolled_back"
]  # fmt: skip
WAITING = ("open", "refused")
IN_FORCE = ("applied", "approved")
TAKEN_BACK = ("undone", "rolled_back")

repair_proposals = tenant_table(
    "repair_proposals",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("connection_id", sa.Uuid, nullable=False),
    sa.Column("stream", StorableText, nullable=False),
    sa.Column("drift_id", sa.Uuid, nullable=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("probability", sa.Double, nullable=False),
    sa.Column("base_version", sa.Integer, nullable=False),
    sa.Column("entity", sa.Text, nullable=True),
    *(jsonb(name) for name in ("rules", "changes", "candidates", "evidence")),
    jsonb("shadow", nullable=True),
    jsonb("reasons"),
    jsonb("impact"),
    timestamp("created_at"),
    timestamp("expires_at", nullable=True),
    timestamp("escalated_at", nullable=True),
    timestamp("decided_at", nullable=True),
    sa.Column("decided_by", StorableText, nullable=True),
    sa.Column("note", StorableText, nullable=True),
    sa.Column("applied_version", sa.Integer, nullable=True),
    sa.Column("revision", sa.Integer, nullable=False),
)
# What newer evidence may change, and of it what a vote was about.
REFRESHABLE = (
    "status", "probability", "base_version", "entity", "rules", "changes", "candidates", "evidence", "shadow",
    "reasons", "impact", "expires_at",
)  # fmt: skip
_VOTED_ON = ("base_version", "entity", "rules", "changes", "candidates")


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """`rules` is the whole mapping as proposed upon `base_version`; `changes` and `candidates` tell what differs.

    changes: {"target", "before": rule or None, "after": rule or None}; candidates: {"old", "source", "transform",
    "probability", "evidence"}; impact: {"views", "fields", "held", "records"}. `revision` counts refreshes of what a
    vote is about.
    """

    id: UUID
    connection_id: UUID
    stream: str
    drift_id: UUID | None
    kind: str
    status: ProposalStatus
    probability: float
    base_version: int
    entity: str | None
    rules: list[dict[str, Json]]
    changes: list[dict[str, Json]]
    candidates: list[dict[str, Json]]
    evidence: dict[str, Json]
    shadow: dict[str, Json] | None
    reasons: list[str]
    impact: dict[str, Json]
    created_at: datetime
    expires_at: datetime | None
    escalated_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    note: str | None
    applied_version: int | None
    revision: int = 1

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be decided."""
        return self.status in WAITING


class ProposalRepository(Repository):
    """The repair proposals of one tenant."""

    kind = "repair proposal"

    def add(
        self,
        connection_id: UUID,
        stream: str,
        *,
        kind: str,
        status: ProposalStatus,
        probability: float,
        base_version: int,
        rules: Sequence[Mapping[str, Any]],
        changes: Sequence[Mapping[str, Any]] = (),
        drift_id: UUID | None = None,
        entity: str | None = None,
        candidates: Sequence[Mapping[str, Any]] = (),
        evidence: Mapping[str, Any] | None = None,
        shadow: Mapping[str, Any] | None = None,
        reasons: Sequence[str] = (),
        impact: Mapping[str, Any] | None = None,
        expires_at: datetime | None = None,
        decided_by: str = "policy",
        note: str | None = None,
        applied_version: int | None = None,
    ) -> ProposalRecord:
        """A new proposal. An open one expires after the tenant's approval_days unless it says when.

        `decided_by` counts for one that is decided at once. Raises NotInState while another waits for the same drift.
        """
        lock_live(self._connection, connection_id)
        waits = status in WAITING
        new = postgresql.insert(repair_proposals).values(
            tenant_id=self._tenant_id, id=uuid4(), connection_id=connection_id, stream=stream, drift_id=drift_id,
            kind=kind, status=status, probability=probability, base_version=base_version, entity=entity,
            rules=_dicts(rules), changes=_dicts(changes), candidates=_dicts(candidates),
            evidence=dict(evidence or {}), shadow=None if shadow is None else dict(shadow), reasons=list(reasons),
            impact=dict(impact or {}), note=note, applied_version=applied_version,
            expires_at=(expires_at or _in_approval_days()) if status == "open" else None,
            decided_at=None if waits else sa.func.clock_timestamp(), decided_by=None if waits else decided_by,
        )  # fmt: skip
        added = self._first(new.on_conflict_do_nothing().returning(*_COLUMNS), ProposalRecord)
        if added is None:
            raise NotInState("Another repair of that drift waits already.")
        return added

    def refresh(self, proposal_id: UUID, **values: Any) -> ProposalRecord:
        """A waiting one with newer evidence: any of REFRESHABLE. Raises NotInState once it is decided.

        Votes given on other rules or candidates do not count for these.
        """
        unknown = sorted(values.keys() - set(REFRESHABLE))
        if unknown or values.get("status", "open") not in WAITING:
            raise ValueError(f"a refresh cannot change {unknown or 'the status to ' + values['status']}")
        voted_on = [
            repair_proposals.c[name].is_distinct_from(_bound(name, values[name]))
            for name in _VOTED_ON
            if name in values
        ]
        if voted_on:
            changed = sa.case((sa.or_(*voted_on), 1), else_=0)
            values["revision"] = repair_proposals.c.revision + changed
        if values.get("status") == "open" and "expires_at" not in values:
            values["expires_at"] = sa.func.coalesce(repair_proposals.c.expires_at, _in_approval_days())
        return self._change(proposal_id, WAITING, **values)

    def get(self, proposal_id: UUID) -> ProposalRecord:
        """One proposal."""
        return self._one(_PROPOSALS.where(repair_proposals.c.id == proposal_id), ProposalRecord, proposal_id)

    def list(
        self, status: ProposalStatus | None = None, connection_id: UUID | None = None, limit: int = 200
    ) -> Sequence[ProposalRecord]:
        """The newest first."""
        found = _PROPOSALS.order_by(repair_proposals.c.created_at.desc(), repair_proposals.c.id).limit(limit)
        if status is not None:
            found = found.where(repair_proposals.c.status == status)
        if connection_id is not None:
            found = found.where(repair_proposals.c.connection_id == connection_id)
        return self._all(found, ProposalRecord)

    def page(
        self,
        limit: int,
        after: tuple[int, datetime, UUID] | None = None,
        statuses: Sequence[ProposalStatus] = (),
        connection_id: UUID | None = None,
        kind: str | None = None,
    ) -> Sequence[tuple[int, ProposalRecord]]:
        """Those a person is asked about first, then the refused ones, then the decided; of each the newest first.

        Each with its rank, which with time and id makes the place to go on after.
        """
        rank = sa.case((repair_proposals.c.status == "open", 0), (repair_proposals.c.status == "refused", 1), else_=2)
        created, id = repair_proposals.c.created_at, repair_proposals.c.id
        found = sa.select(rank.label("rank"), *_COLUMNS).order_by(rank, created.desc(), id.desc()).limit(limit)
        if statuses:
            found = found.where(repair_proposals.c.status.in_(statuses))
        if connection_id is not None:
            found = found.where(repair_proposals.c.connection_id == connection_id)
        if kind is not None:
            found = found.where(repair_proposals.c.kind == kind)
        if after is not None:
            older = sa.tuple_(created, id) < after[1:]
            found = found.where(sa.or_(rank > after[0], sa.and_(rank == after[0], older)))
        rows = [dict(row) for row in self._connection.execute(found).mappings()]
        return [(row.pop("rank"), ProposalRecord(**row)) for row in rows]

    def newest_of(self, drift_ids: Sequence[UUID]) -> dict[UUID, ProposalRecord]:
        """The newest proposal of each of these drift events that has one."""
        found = _PROPOSALS.where(repair_proposals.c.drift_id.in_(drift_ids)).order_by(repair_proposals.c.created_at)
        return {each.drift_id: each for each in self._all(found, ProposalRecord) if each.drift_id is not None}

    def open_for(self, drift_id: UUID) -> ProposalRecord | None:
        """The one that waits, open or refused, for a drift event."""
        waiting = repair_proposals.c.status.in_(WAITING)
        return self._first(_PROPOSALS.where(repair_proposals.c.drift_id == drift_id, waiting), ProposalRecord)

    def settle(
        self,
        proposal_id: UUID,
        status: ProposalStatus,
        by: str,
        note: str | None = None,
        applied_version: int | None = None,
    ) -> ProposalRecord:
        """Decide it, or take a decision back (undone, rolled_back); of two who do so at once, one does.

        Raises NotInState when it is decided already, or was not in force.
        """
        if status in WAITING:
            raise ValueError(f"a proposal is not settled by {status!r}")
        decision: dict[str, Any] = {"decided_at": sa.func.clock_timestamp(), "decided_by": by}
        decision |= {
            name: value
            for name, value in {"note": note, "applied_version": applied_version}.items()
            if value is not None
        }
        return self._change(proposal_id, IN_FORCE if status in TAKEN_BACK else WAITING, status=status, **decision)

    def escalate(self, proposal_id: UUID, until: datetime) -> ProposalRecord:
        """Nobody decided in time: it waits on, until then, and says since when. Raises NotInState unless it is open."""
        return self._change(proposal_id, ("open",), escalated_at=sa.func.clock_timestamp(), expires_at=until)

    def vote(
        self, proposal_id: UUID, by: str, verdict: str, payload: Mapping[str, Any] | None = None
    ) -> Sequence[VoteRecord]:
        """Record what one person wants, in place of what they wanted before; all votes on it as it stands.

        Whoever votes at the same time waits, and then sees this vote. Raises NotInState once it is decided.
        """
        held = _PROPOSALS.where(repair_proposals.c.id == proposal_id).with_for_update(key_share=True)
        proposal = self._one(held, ProposalRecord, proposal_id)
        if not proposal.is_waiting:
            raise _decided_already(proposal)
        cast_vote(self._connection, self._tenant_id, proposal_id, proposal.revision, by, verdict, payload)
        return self.votes(proposal_id)

    def votes(self, proposal_id: UUID) -> Sequence[VoteRecord]:
        """The votes on the proposal as it stands, oldest first."""
        current = sa.select(repair_proposals.c.revision).where(repair_proposals.c.id == proposal_id)
        return self._all(votes_of(proposal_id, current.scalar_subquery()), VoteRecord)

    def _change(self, proposal_id: UUID, allowed: Sequence[str], **values: Any) -> ProposalRecord:
        wanted = sa.and_(repair_proposals.c.id == proposal_id, repair_proposals.c.status.in_(allowed))
        change = sa.update(repair_proposals).where(wanted).values(**values)
        changed = self._first(change.returning(*_COLUMNS), ProposalRecord)
        if changed is None:
            raise _decided_already(self.get(proposal_id))
        return changed


_COLUMNS = columns_for(ProposalRecord, repair_proposals)
_PROPOSALS = sa.select(*_COLUMNS)


def _decided_already(proposal: ProposalRecord) -> NotInState:
    if proposal.is_waiting:
        return NotInState(f"That repair is {proposal.status}; nobody has decided on it yet.")
    return NotInState(f"That repair is {proposal.status.replace('_', ' ')} already, by {proposal.decided_by}.")


def _dicts(values: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(value) for value in values]


def _bound(name: str, value: Any) -> sa.ColumnElement[Any]:
    return sa.literal(value, repair_proposals.c[name].type)


def _in_approval_days() -> sa.ColumnElement[datetime]:
    days = sa.func.coalesce(
        sa.select(repair_settings.c.approval_days).scalar_subquery(), RepairSettings().approval_days
    )
    return sa.func.clock_timestamp() + days * sa.text("interval '1 day'")
