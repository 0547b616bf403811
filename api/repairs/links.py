"""What a signed link from a note opens without a login: one repair, to read. Deciding always needs a login."""

from datetime import UTC, datetime

from api.problems import NotFound
from api.repairs.answers import whole_approval
from api.repairs.samples import ChangeSamples
from api.schemas.approvals import LinkedApprovalOut
from api.state import AppState
from orchestration.resources.signed_links import LinkInvalid, LinkSigner
from orchestration.resources.slack_notes import DECIDE


def linked_approval(held: AppState, token: str) -> LinkedApprovalOut:
    """The repair that the token names.

    Raises:
        NotFound: it was not made here, is for something else, has expired, or its tenant or repair is gone: all alike.
    """
    try:
        claim = LinkSigner(held.settings.master_key_bytes()).read(token, DECIDE, datetime.now(UTC))
    except LinkInvalid:
        raise NotFound from None
    with held.control_plane.tenant_session(claim.tenant_id) as session:
        tenant = session.tenants.current()
        proposal = session.proposals.get(claim.subject)
        event = session.drift.get(proposal.drift_id) if proposal.drift_id else None
        samples = ChangeSamples(held.published, session).of_proposal(proposal, event)
        approval = whole_approval(session, proposal, event, samples)
    return LinkedApprovalOut(tenant=tenant.name, link_expires_at=claim.expires_at, approval=approval)
