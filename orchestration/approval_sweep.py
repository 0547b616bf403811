"""Repairs that wait for a person: nobody's silence decides one, and nobody's silence makes it forgotten.

An open proposal whose time is over is escalated: it waits for as long again, and people are told again. The same sweep
rebuilds the mirror of open proposals in Redis.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

import redis

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneError, NotFound, NotInState
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.sweeps import ExpiringApproval
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.approvals_mirror import ApprovalsMirror
from orchestration.resources.events import Events

SWEEP = "approval sweep"  # the actor in the history
MOST_TENANTS = 100_000  # of whom ids are read at once
ESCALATED = "approval.escalated"

logger = logging.getLogger(__name__)


def escalate_overdue(control_plane: ControlPlane, events: Events, now: datetime, limit: int) -> int:
    """Escalate open proposals whose time is over; the number of them. What one tenant's costs, others do not pay."""
    with control_plane.operator_session() as operator:
        overdue = operator.expiring_approvals(now, limit)
    escalated = 0
    for each in overdue:
        try:
            proposal = _escalate(control_plane, each, now)
        except (NotInState, NotFound):  # somebody decided it just now
            continue
        escalated += 1
        _tell(events, each.tenant_id, proposal)
        ApprovalsMirror(events.client).put(each.tenant_id, proposal)
    return escalated


def _escalate(control_plane: ControlPlane, overdue: ExpiringApproval, now: datetime) -> ProposalRecord:
    with control_plane.tenant_session(overdue.tenant_id) as session:
        # From the time it expired on, so that it stays on the same hour; from now on when that is long ago.
        more = timedelta(days=session.repair_settings.get().approval_days)
        until = max(overdue.expires_at + more, now + more / 2)
        proposal = session.proposals.escalate(overdue.proposal_id, until)
        payload = _note(session, proposal)
        session.notes_outbox.put("approval", f"{proposal.id}:{until.isoformat()}", payload)
        told = {"stream": proposal.stream, "kind": proposal.kind, "until": until.isoformat()}
        session.audit.record(ESCALATED, f"proposal:{proposal.id}", told, SWEEP)
    return proposal


def _note(session: TenantSession, proposal: ProposalRecord) -> dict[str, object]:
    """What the note says: names, counts and since when it waits, no values."""
    waited = f"Nobody has decided on this repair since {proposal.created_at:%Y-%m-%d}; it goes on waiting."
    drift = session.drift.get(proposal.drift_id) if proposal.drift_id else None
    return {
        "connection": session.connections.get(proposal.connection_id).name, "stream": proposal.stream,
        "change": proposal.kind, "fields": [*drift.fields_before, *drift.fields_after] if drift else [],
        "severity": drift.severity if drift else "warning", "summary": waited, "reasons": proposal.reasons,
        "probability": proposal.probability, "held": proposal.impact.get("held"),
        "views": proposal.impact.get("views") or [], "proposal_id": str(proposal.id),
        "expires_at": proposal.expires_at.isoformat() if proposal.expires_at else None, "escalated": True,
    }  # fmt: skip


def _tell(events: Events, tenant_id: UUID, proposal: ProposalRecord) -> None:
    data = {"proposal_id": str(proposal.id), "connection_id": str(proposal.connection_id), "stream": proposal.stream}
    try:
        events.tell(tenant_id, ESCALATED, {**data, "kind": proposal.kind, "expires_at": proposal.expires_at})
    except redis.RedisError as error:
        logger.warning("event %s was not told: %s", ESCALATED, error)


def rebuild_mirror(control_plane: ControlPlane, mirror: ApprovalsMirror, after: UUID | None, limit: int) -> UUID | None:
    """Mirror the open proposals of up to `limit` tenants from behind `after`; where to go on, None at the end.

    At the beginning, what is still mirrored of tenants with nothing open is taken away.
    """
    with control_plane.operator_session() as operator:
        open_ones = operator.tenants_with_open_approvals(after, limit if after else MOST_TENANTS)
    page = open_ones[:limit]
    if after is None:
        known = set(open_ones)
        for tenant_id in [each for each in mirror.tenants() if each not in known]:
            mirror.rebuild(tenant_id, ())
    for tenant_id in page:
        try:
            with control_plane.tenant_session(tenant_id) as session:
                waiting = session.proposals.list("open", limit=1000)
        except ControlPlaneError as error:
            logger.warning("open approvals of tenant %s are not mirrored: %s", tenant_id, error)
            continue
        if not mirror.rebuild(tenant_id, waiting):
            return after  # Redis is away: from here on next time
    return page[-1] if len(page) == limit else None
