"""People decide on repairs that policy would not apply alone."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Header, Response

from api.dependencies import Held, Id, Session, requires
from api.paging import CursorText, Limit, Page, write_cursor
from api.problems import Conflict, Invalid, NotFound, PreconditionFailed, problems
from api.repairs.answers import approval_answers, whole_approval
from api.repairs.decisions import Decisions, proposal_tag, read_rules, readable_rules
from api.repairs.links import linked_approval
from api.repairs.places import rank_moment_and_id
from api.repairs.samples import ChangeSamples
from api.schemas.approvals import (
    ApprovalOut,
    ChoiceIn,
    DecisionIn,
    DecisionOut,
    EditIn,
    LinkedApprovalOut,
    PreviewIn,
    ProposalKind,
    ProposalStatus,
    WholeApprovalOut,
)
from api.schemas.mappings import PreviewOut
from api.schemas.rules import RuleIn
from api.unit_of_work import TenantRoute
from assets.mapping.repairs import deciding
from assets.mapping.repairs.deciding import EditInvalid
from assets.mapping.repairs.event_words import sources_of
from assets.mapping.repairs.proposal_words import rules_diff
from assets.mapping.rules import FieldRule, StreamMapping
from assets.mapping.rules_json import rules_from_json, rules_to_json
from assets.normalize.edits import check_edit, join_edit
from orchestration.control_plane.proposals import WAITING, ProposalRecord
from orchestration.control_plane.tenant_session import TenantSession

router = APIRouter(prefix="/approvals", route_class=TenantRoute)

READ, DECIDE = requires("drift.read"), requires("approvals.decide")
DECIDED = {202: {"model": DecisionOut}, **problems(NotFound, Conflict, PreconditionFailed)}
Noted = Annotated[DecisionIn, Body()]


@router.get("", dependencies=[READ])
def list_approvals(
    session: Session,
    limit: Limit = 50,
    cursor: CursorText = None,
    status: ProposalStatus | Literal["waiting"] | None = None,
    connection_id: Id | None = None,
    kind: ProposalKind | None = None,
) -> Page[ApprovalOut]:
    """Repairs: those that people are asked about, then those too unsure to ask for, then the decided; newest first.

    `waiting` is what can be decided: open and refused.
    """
    wanted: tuple[ProposalStatus, ...] = WAITING if status == "waiting" else (status,) if status else ()  # type: ignore[assignment]  # checked by the schema
    found = session.proposals.page(limit + 1, rank_moment_and_id(cursor), wanted, connection_id, kind)
    rank, last = found[limit - 1] if len(found) > limit else (0, None)
    items = approval_answers(session, [proposal for _, proposal in found[:limit]])
    return Page(items=items, next_cursor=last and write_cursor(rank, last.created_at, last.id))


@router.get("/link", responses=problems(NotFound))
def read_approval_link(
    held: Held,
    token: Annotated[str, Header(alias="X-Link-Token", max_length=1024, description="The last part of the link.")],
) -> LinkedApprovalOut:
    """The one repair that a signed link of a note opens, to read, without a login. The token is a header, in no log."""
    return linked_approval(held, token)


@router.get("/{proposal_id}", dependencies=[READ], responses=problems(NotFound))
def get_approval(proposal_id: Id, session: Session, held: Held, response: Response) -> WholeApprovalOut:
    """One repair: rows before and after, evidence, candidates, the change of the mapping, and what it touches."""
    proposal = session.proposals.get(proposal_id)
    event = session.drift.get(proposal.drift_id) if proposal.drift_id else None
    response.headers["ETag"] = proposal_tag(proposal)
    samples = ChangeSamples(held.published, session).of_proposal(proposal, event)
    return whole_approval(session, proposal, event, samples)


@router.post("/{proposal_id}/approve", dependencies=[DECIDE], responses=DECIDED)
def approve_repair(
    proposal_id: Id,
    decisions: Annotated[Decisions, Depends()],
    said: Noted = DecisionIn(),  # noqa: B008 - FastAPI copies a default
) -> DecisionOut:
    """Put the proposed mapping in force; what was held is replayed. Where two are needed, the first one waits."""
    decisions.take_up(proposal_id)
    return decisions.answer(deciding.approve(decisions.session, proposal_id, decisions.by, said.note))


@router.post("/{proposal_id}/reject", dependencies=[DECIDE], responses=DECIDED)
def reject_repair(
    proposal_id: Id,
    decisions: Annotated[Decisions, Depends()],
    said: Noted = DecisionIn(),  # noqa: B008 - FastAPI copies a default
) -> DecisionOut:
    """Keep the mapping as it is: what was held flows with the value as it comes."""
    decisions.take_up(proposal_id)
    return decisions.answer(deciding.reject(decisions.session, proposal_id, decisions.by, said.note))


@router.post("/{proposal_id}/choose", dependencies=[DECIDE], responses={**DECIDED, **problems(Invalid)})
def choose_candidate(proposal_id: Id, choice: ChoiceIn, decisions: Annotated[Decisions, Depends()]) -> DecisionOut:
    """Put another candidate than the proposed one in force."""
    decisions.take_up(proposal_id)
    with readable_rules():
        decided = deciding.choose(decisions.session, proposal_id, decisions.by, choice.candidate - 1, choice.note)
    return decisions.answer(decided)


@router.post("/{proposal_id}/edit", dependencies=[DECIDE], responses={**DECIDED, **problems(Invalid)})
def edit_repair(proposal_id: Id, edited: EditIn, decisions: Annotated[Decisions, Depends()]) -> DecisionOut:
    """Put rules of one's own in force."""
    session = decisions.session
    proposal = decisions.take_up(proposal_id)
    with readable_rules():
        rules = _joined(session, proposal, edited.rules, edited.whole)
        decided = deciding.edit(session, proposal_id, decisions.by, rules, edited.note)
    return decisions.answer(decided)


@router.post("/{proposal_id}/undo", dependencies=[DECIDE], responses=DECIDED)
def undo_repair(
    proposal_id: Id,
    decisions: Annotated[Decisions, Depends()],
    said: Noted = DecisionIn(),  # noqa: B008 - FastAPI copies a default
) -> DecisionOut:
    """Take an applied or approved repair back: the mapping before it is in force again."""
    decisions.take_up(proposal_id)
    return decisions.answer(deciding.undo(decisions.session, proposal_id, decisions.by, said.note))


@router.post("/{proposal_id}/preview", dependencies=[DECIDE], responses=problems(NotFound, Invalid))
def preview_repair_rules(proposal_id: Id, wanted: PreviewIn, session: Session, held: Held) -> PreviewOut:
    """What an edit would change of the mapping and make of sample rows. Nothing is written."""
    proposal = session.proposals.get(proposal_id)
    with readable_rules():
        documents = rules_to_json(_joined(session, proposal, wanted.rules, wanted.whole))
    event = session.drift.get(proposal.drift_id) if proposal.drift_id else None
    current = session.mappings.active(proposal.connection_id, proposal.stream)
    samples = ChangeSamples(held.published, session)
    return PreviewOut(
        diff=rules_diff(current.rules if current else [], documents),
        samples=samples.of_proposal(proposal, event, documents),
    )


def _joined(
    session: TenantSession, proposal: ProposalRecord, written: list[RuleIn], whole: bool
) -> tuple[FieldRule, ...]:
    """The whole mapping that the person wants, checked. Raises EditInvalid and RuleUnreadable."""
    rules = read_rules(written)
    if not whole:
        if any(rule.since or rule.until is not None for rule in written):
            raise EditInvalid("A rule that takes the place of the proposal's reads what that reads: give no span.")
        current = session.mappings.active(proposal.connection_id, proposal.stream)
        in_force = rules_from_json(current.rules) if current else ()
        rules = join_edit(in_force, rules_from_json(proposal.rules), rules)
    mapping = StreamMapping(proposal.stream, proposal.entity, proposal.base_version + 1, rules)
    check_edit(session, proposal.connection_id, mapping, {name for rule in proposal.rules for name in sources_of(rule)})
    return rules
