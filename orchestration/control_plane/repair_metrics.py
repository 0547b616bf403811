"""How the repair loop does, counted by Postgres from the rows it leaves: nothing is estimated, and no data is None.

Counts are of proposals made and drift seen within a span. What stands now (holds, circuits, memory) has no span.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.audit import audit_events
from orchestration.control_plane.connections import connections
from orchestration.control_plane.drift import drift_events
from orchestration.control_plane.holds import holds
from orchestration.control_plane.mappings import field_mappings, stream_mappings
from orchestration.control_plane.proposals import IN_FORCE, TAKEN_BACK, repair_proposals
from orchestration.control_plane.repository import Repository
from orchestration.control_plane.watches import mapping_watches

Step = Literal["hour", "day", "week"]
PREDICTED_BUCKETS = 10
_AS_PROPOSED = "approve"  # verdict of who took a proposal as it was; others chose or wrote something else
_REPAIR = repair_proposals.c.drift_id.is_not(None)  # what a person wrote without drift is no repair


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """Proposals made within one step of time, by what became of them until now."""

    starts_at: datetime
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class RepairTotals:
    """`asked`: a person was asked, whatever came of it. Seconds run from the drift's first sight to the mapping in
    force, over repairs that are in force; None without any."""

    proposed: int
    asked: int
    applied_by_policy: int
    approved_by_people: int
    rejected: int
    refused: int
    superseded: int
    undone: int
    rolled_back: int
    waiting: int
    repaired: int
    repair_p50_s: float | None
    repair_p95_s: float | None


@dataclass(frozen=True, slots=True)
class DetectionCount:
    """Drift first seen within the span; `open` of them wait now."""

    kind: str
    severity: str
    count: int
    open: int


@dataclass(frozen=True, slots=True)
class PredictedBucket:
    """Repairs that people decided, by the probability predicted: `low` <= p < `low` + 0.1; the last includes 1.

    `changed`: somebody chose another candidate or wrote the rules; `unknown`: approved, but nobody knows any more how.
    """

    low: float
    approved: int
    changed: int
    rejected: int
    taken_back: int
    unknown: int
    mean_predicted: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands now. `memory` counts rules in force that the matcher learns from, `by_people` those confirmed."""

    holds: int
    watching: int
    circuits_open: int
    memory: int
    memory_by_people: int


class RepairMetricsRepository(Repository):
    """The figures of one tenant's repair loop."""

    kind = "repair metric"

    def outcomes(self, since: datetime, until: datetime, step: Step) -> Sequence[OutcomeCount]:
        """Proposals by the step of time they were made in (UTC) and what became of them, oldest first."""
        made = sa.func.date_trunc(step, repair_proposals.c.created_at, "UTC").label("starts_at")
        counted = sa.select(made, repair_proposals.c.status, sa.func.count().label("count"))
        counted = counted.where(_REPAIR, repair_proposals.c.created_at.between(since, until))
        return self._all(counted.group_by(sa.text("1, 2")).order_by(sa.text("1, 2")), OutcomeCount)

    def totals(self, since: datetime, until: datetime) -> RepairTotals:
        """The sums of the span, and how long repairs took."""
        status = repair_proposals.c.status
        took = sa.extract("epoch", repair_proposals.c.decided_at - drift_events.c.first_seen_at)
        in_force = sa.and_(status.in_(IN_FORCE), repair_proposals.c.applied_version.is_not(None))
        figures: dict[str, sa.ColumnElement[Any]] = {
            "proposed": sa.func.count(),
            "asked": _count(repair_proposals.c.expires_at.is_not(None)),
            "applied_by_policy": _count(status == "applied"),
            "approved_by_people": _count(status == "approved"),
            **{name: _count(status == name) for name in ("rejected", "refused", "superseded", *TAKEN_BACK)},
            "waiting": _count(status == "open"),
            "repaired": _count(in_force),
            **{f"repair_p{n}_s": _percentile(n / 100, took, in_force) for n in (50, 95)},
        }
        joined = repair_proposals.join(drift_events, repair_proposals.c.drift_id == drift_events.c.id)
        within = repair_proposals.c.created_at.between(since, until)
        summed = sa.select(*(figure.label(name) for name, figure in figures.items())).select_from(joined)
        return self._one(summed.where(within), RepairTotals, "totals")

    def detections(self, since: datetime, until: datetime) -> Sequence[DetectionCount]:
        """Drift by kind and severity."""
        kind, severity = drift_events.c.kind, drift_events.c.severity
        is_open = _count(drift_events.c.status == "open").label("open")
        counted = sa.select(kind, severity, sa.func.count().label("count"), is_open)
        counted = counted.where(drift_events.c.first_seen_at.between(since, until))
        return self._all(counted.group_by(kind, severity).order_by(kind, severity), DetectionCount)

    def calibration(self, since: datetime, until: datetime) -> Sequence[PredictedBucket]:
        """What people decided on repairs made in the span, by the probability predicted for them; decided buckets only.

        How a repair was approved stands in the history alone; one taken back counts as that, whoever did it.
        """
        history = sa.cast(audit_events.c.data, postgresql.JSONB)
        said = (
            sa.select(history["proposal_id"].astext.label("id"), history["verdict"].astext.label("verdict"))
            .where(audit_events.c.action == "repair.approved", audit_events.c.at >= since)
            .subquery()
        )
        status, probability = repair_proposals.c.status, repair_proposals.c.probability
        place = sa.func.least(sa.func.floor(probability * PREDICTED_BUCKETS), PREDICTED_BUCKETS - 1)
        joined = repair_proposals.outerjoin(said, said.c.id == sa.cast(repair_proposals.c.id, sa.Text))
        approved = status == "approved"
        counted = sa.select(
            (place / PREDICTED_BUCKETS).label("low"),
            _count(approved, said.c.verdict == _AS_PROPOSED).label("approved"),
            _count(approved, said.c.verdict != _AS_PROPOSED).label("changed"),
            _count(status == "rejected").label("rejected"),
            _count(status.in_(TAKEN_BACK)).label("taken_back"),
            _count(approved, said.c.verdict.is_(None)).label("unknown"),
            sa.func.avg(probability).label("mean_predicted"),
        ).select_from(joined)
        decided = status.in_(("approved", "rejected", *TAKEN_BACK))
        within = repair_proposals.c.created_at.between(since, until)
        return self._all(
            counted.where(_REPAIR, decided, within).group_by(sa.text("1")).order_by(sa.text("1")), PredictedBucket
        )

    def standing(self) -> Standing:
        """What stands now."""
        learned = field_mappings.join(stream_mappings, field_mappings.c.mapping_id == stream_mappings.c.id)
        rules = sa.select(sa.func.count()).select_from(learned).where(stream_mappings.c.is_active)
        is_open = sa.and_(connections.c.deleted_at.is_(None), connections.c.circuit_open_until > sa.func.now())
        figures = {
            "holds": _all_of(holds, holds.c.lifted_at.is_(None)),
            "watching": _all_of(mapping_watches, mapping_watches.c.status == "watching"),
            "circuits_open": _all_of(connections, is_open),
            "memory": rules,
            "memory_by_people": rules.where(field_mappings.c.decided_by == "person"),
        }
        together = sa.select(*(figure.scalar_subquery().label(name) for name, figure in figures.items()))
        return self._one(together, Standing, "standing")


def _all_of(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(table).where(condition)


def _count(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(*conditions)


def _percentile(share: float, value: sa.ColumnElement[Any], where: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    return sa.func.percentile_cont(share).within_group(value).filter(where)
