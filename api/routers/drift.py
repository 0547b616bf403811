"""Differences between the approved shape of a source and the one seen."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends

from api.dependencies import Held, Id, Session, requires
from api.paging import CursorText, Limit, Page, write_cursor
from api.problems import Conflict, NotFound, problems
from api.repairs.answers import drift_answers, whole_drift
from api.repairs.decisions import Decisions
from api.repairs.places import moment_and_id
from api.repairs.samples import ChangeSamples
from api.schemas.approvals import DecisionOut
from api.schemas.drift import AcceptIn, DriftOut, DriftStatus, WholeDriftOut
from api.schemas.shapes import ChangeKind, Severity
from api.schemas.values import SourceName
from api.unit_of_work import TenantRoute
from assets.mapping.repairs import deciding

router = APIRouter(prefix="/drift", route_class=TenantRoute)


@router.get("", dependencies=[requires("drift.read")])
def list_drift(
    session: Session,
    limit: Limit = 50,
    cursor: CursorText = None,
    status: DriftStatus | None = None,
    connection_id: Id | None = None,
    stream: SourceName | None = None,
    kind: ChangeKind | None = None,
    severity: Severity | None = None,
) -> Page[DriftOut]:
    """How sources differ from what was approved, newest first."""
    found = session.drift.page(
        limit + 1,
        moment_and_id(cursor),
        stream,
        status=status,
        connection_id=connection_id,
        kind=kind,
        severity=severity,
    )
    last = found[limit - 1] if len(found) > limit else None
    items = drift_answers(session, found[:limit])
    return Page(items=items, next_cursor=last and write_cursor(last.first_seen_at, last.id))


@router.get("/{drift_id}", dependencies=[requires("drift.read")], responses=problems(NotFound))
def get_drift(drift_id: Id, session: Session, held: Held) -> WholeDriftOut:
    """One event: evidence, before and after, what it breaks, and sample rows."""
    event = session.drift.get(drift_id)
    mapping = session.mappings.active(event.connection_id, event.stream)
    samples = ChangeSamples(held.published, session).of_event(event, mapping)
    return whole_drift(session, event, samples)


@router.post(
    "/{drift_id}/accept",
    dependencies=[requires("approvals.decide")],
    responses={202: {"model": DecisionOut}, **problems(NotFound, Conflict)},
)
def accept_drift(
    drift_id: Id,
    decisions: Annotated[Decisions, Depends()],
    accepted: Annotated[AcceptIn, Body()] = AcceptIn(),  # noqa: B008 - FastAPI copies a default
) -> DecisionOut:
    """Take the new shape as it is: the mapping stays, its records flow again, and nobody is asked any more."""
    return decisions.answer(deciding.accept(decisions.session, drift_id, decisions.by, accepted.note))
