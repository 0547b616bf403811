"""What people decide about a connection, and how it is doing: pause, resume, Safe Mode, health."""

from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Response

from api.conditional import Conditional
from api.dependencies import Id, Session, requires
from api.problems import Conflict, NotFound, PreconditionFailed, problems
from api.routers.connections import answered, tag_of
from api.schemas.connections import ConnectionOut, HealthOut, SyncFailureOut
from api.schemas.syncs import failure_of
from api.tenant_sources import Sources
from api.unit_of_work import TenantRoute
from orchestration.control_plane import connection_decisions
from orchestration.control_plane.circuit import FAILURES_THAT_OPEN
from orchestration.control_plane.connections import ConnectionRecord

router = APIRouter(prefix="/connections/{connection_id}", route_class=TenantRoute)
_LAST_ERRORS = 5
_RESPONSES = problems(NotFound, Conflict, PreconditionFailed)


@router.post("/pause", dependencies=[requires("connections.write")], responses=_RESPONSES)
def pause_connection(
    connection_id: Id, session: Session, sources: Sources, conditions: Conditional, response: Response
) -> ConnectionOut:
    """Take a connection out of the schedule."""
    record = session.connections.held(connection_id)
    conditions.check(tag_of(record))
    return answered(connection_decisions.pause(session, record, sources.actor.name), session, sources, response)


@router.post("/resume", dependencies=[requires("connections.write")], responses=_RESPONSES)
def resume_connection(
    connection_id: Id, session: Session, sources: Sources, conditions: Conditional, response: Response
) -> ConnectionOut:
    """Go on with a connection that is paused, or was left alone after failures."""
    record = session.connections.held(connection_id)
    conditions.check(tag_of(record))
    return answered(connection_decisions.resume(session, record, sources.actor.name), session, sources, response)


@router.post("/lift", dependencies=[requires("approvals.decide")], responses=_RESPONSES)
def lift_safe_mode(
    connection_id: Id, session: Session, sources: Sources, conditions: Conditional, response: Response
) -> ConnectionOut:
    """Lift Safe Mode: syncs read everything from now on, and a full one is asked for unless it is paused."""
    record = session.connections.held(connection_id)
    conditions.check(tag_of(record))
    if connection_decisions.lift(session, record, sources.actor.name) is not None:
        sources.nudge()
    return answered(session.connections.get(connection_id), session, sources, response)


@router.post("/hold", dependencies=[requires("approvals.decide")], responses=_RESPONSES)
def hold_connection(
    connection_id: Id, session: Session, sources: Sources, conditions: Conditional, response: Response
) -> ConnectionOut:
    """Put a connection into Safe Mode again: its next syncs are samples, until a person lifts it."""
    record = session.connections.held(connection_id)
    conditions.check(tag_of(record))
    return answered(connection_decisions.hold(session, record, sources.actor.name), session, sources, response)


@router.get("/health", dependencies=[requires("connections.read")], responses=problems(NotFound))
def get_connection_health(connection_id: Id, session: Session, sources: Sources) -> HealthOut:
    """Circuit, failures, freshness, and why its last syncs failed."""
    record = session.connections.get(connection_id)
    overview = session.overviews.of([connection_id])[connection_id]
    failed = session.sync_runs.page(connection_id, "failed", limit=_LAST_ERRORS)
    newest, now = overview.last_sync, datetime.now(UTC)
    told = [(run, failure_of(run, sources.told)) for run in failed]
    return HealthOut(
        status=record.status, error=sources.told(record.error) if record.error else None,
        circuit=circuit_of(record, now), circuit_open_until=record.circuit_open_until,
        failures_in_a_row=record.failures_in_a_row, safe_mode=record.safe_mode,
        last_success_at=record.last_success_at, freshness_s=_since(record.last_success_at, now),
        next_due_at=record.next_due_at, overdue_s=_overdue_s(record, now),
        syncing=newest.id if newest is not None and not newest.is_finished else None,
        last_errors=[
            SyncFailureOut(sync_id=run.id, at=run.finished_at, **why.model_dump()) for run, why in told if why
        ],
        open_drift=overview.open_drift, breaking_drift=overview.breaking_drift,
        open_approvals=overview.open_approvals,
    )  # fmt: skip


def circuit_of(record: ConnectionRecord, now: datetime) -> Literal["closed", "open", "half_open"]:
    """The circuit breaker's state."""
    if record.circuit_open_until is not None and record.circuit_open_until > now:
        return "open"
    is_trial = record.circuit_open_until is not None and record.failures_in_a_row >= FAILURES_THAT_OPEN
    return "half_open" if is_trial else "closed"


def _since(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else round(max(0.0, (now - moment).total_seconds()), 3)


def _overdue_s(record: ConnectionRecord, now: datetime) -> float | None:
    """A paused connection is due at no time."""
    if record.next_due_at is None or record.next_due_at > now or record.status == "paused":
        return None
    return _since(record.next_due_at, now)
