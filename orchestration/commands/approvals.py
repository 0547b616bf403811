"""`autonomos approvals list|show`: repairs that wait for a person, and all there is to know before deciding.

Deciding is `approvals_decide`.
"""

from typing import TYPE_CHECKING, Annotated, Any, get_args
from uuid import UUID

import typer

from orchestration.commands.errors import CommandFailed, did_you_mean
from orchestration.commands.output import ConnectionOption, JsonOption, Output, TenantOption

if TYPE_CHECKING:
    from orchestration.commands.access import Access
    from orchestration.control_plane.tenant_session import TenantSession
    from orchestration.control_plane.tenants import TenantRecord

ProposalId = Annotated[str, typer.Argument(help="Id of the proposal, from 'approvals list'.")]


def list_approvals(
    tenant: TenantOption,
    connection: ConnectionOption = None,
    status: Annotated[str | None, typer.Option("--status", help="Only these; what waits when left out.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Decided ones too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the repairs that wait for a decision: asked for, and those that were too unsure to ask for."""
    from orchestration.commands.access import find_connection, open_access
    from orchestration.commands.proposal_words import proposal_line

    output = Output(as_json)
    wanted = _statuses(status, everything)
    with open_access(output, "approvals list") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            chosen = find_connection(session, connection).id if connection else None
            found = _described(access, session, owner, wanted, chosen)
    output.result({"approvals": found}, *([proposal_line(one) for one in found] or ["Nothing waits for a decision."]))


def show(tenant: TenantOption, proposal_id: ProposalId, as_json: JsonOption = False) -> None:
    """Show one repair: rows before and after, evidence, candidates, the change of the mapping, and what it touches."""
    from orchestration.commands.access import open_access
    from orchestration.commands.proposal_words import show_proposal

    output = Output(as_json)
    with open_access(output, "approvals show") as access:
        owner = access.tenant(tenant)
        document = describe_one(access, owner.id, proposal_id)
    shown = show_proposal(document)
    if document["status"] in ("open", "refused"):
        shown.append(
            f"Decide with: autonomos approvals approve|reject|choose|edit --tenant {owner.name!r} {proposal_id}"
        )
    output.result(document, *shown)


def describe_one(access: "Access", tenant_id: UUID, proposal_id: str) -> dict[str, Any]:
    """The whole document of one proposal, with rows from the lake."""
    from assets.mapping.repairs.proposal_words import describe_proposal, describe_whole
    from assets.normalize.change_rows import held_records, proposal_samples
    from assets.normalize.custom import tenant_catalog
    from orchestration.commands.sample_rows import open_lake

    with access.control_plane.tenant_session(tenant_id) as session:
        proposal = session.proposals.get(parse_proposal_id(proposal_id))
        event = session.drift.get(proposal.drift_id) if proposal.drift_id else None
        name = _connection_names(session).get(proposal.connection_id, "(deleted)")
        holds = [hold for hold in session.holds.active(proposal.connection_id) if hold.drift_id == proposal.drift_id]
        votes = [{"by": v.voter, "verdict": v.verdict, "at": v.voted_at} for v in session.proposals.votes(proposal.id)]
        catalog = tenant_catalog(session.custom_entities.list())
    with open_lake(access, tenant_id) as lake:
        counts = held_records(lake) if holds else {}
        samples = proposal_samples(lake, proposal, event, catalog)
    held = sum(counts.get(str(hold.id), 0) for hold in holds) if holds else 0
    document = describe_proposal(proposal, name, event, held)
    return {**document, **describe_whole(proposal), "votes": votes, "samples": samples}


def parse_proposal_id(text: str) -> UUID:
    """An id as given on the command line. Raises CommandFailed."""
    try:
        return UUID(text)
    except ValueError:
        hint = "Copy one from 'autonomos approvals list'."
        raise CommandFailed(f"{text!r} is no id of a repair.", code="not_an_id", hint=hint) from None


def _described(
    access: "Access", session: "TenantSession", owner: "TenantRecord", wanted: "tuple[str, ...]", chosen: UUID | None
) -> list[dict[str, Any]]:
    from assets.mapping.repairs.proposal_words import describe_proposal
    from assets.normalize.change_rows import held_records
    from orchestration.commands.sample_rows import open_lake

    names = _connection_names(session)
    found = [p for status in wanted for p in session.proposals.list(status, chosen)]  # type: ignore[arg-type]  # checked
    found.sort(key=lambda proposal: proposal.created_at)
    events = {p.drift_id: session.drift.get(p.drift_id) for p in found if p.drift_id}
    holds = [hold for place in {p.connection_id for p in found} for hold in session.holds.active(place)]
    counts: dict[str, int] = {}
    if holds:
        with open_lake(access, owner.id) as lake:
            counts = held_records(lake)
    held: dict[UUID | None, int] = {}
    for hold in holds:
        held[hold.drift_id] = held.get(hold.drift_id, 0) + counts.get(str(hold.id), 0)
    return [
        describe_proposal(
            p,
            names.get(p.connection_id, "(deleted)"),
            events[p.drift_id] if p.drift_id else None,
            held.get(p.drift_id, 0) if p.drift_id else 0,
        )
        for p in found
    ]


def _connection_names(session: "TenantSession") -> dict[UUID, str]:
    return {known.id: known.name for known in session.connections.list()}


def _statuses(status: str | None, everything: bool) -> "tuple[str, ...]":
    from orchestration.control_plane.proposals import WAITING, ProposalStatus

    known = get_args(ProposalStatus)
    if status is None:
        return known if everything else WAITING
    if status not in known:
        hint = did_you_mean(status, known) or f"There is: {', '.join(known)}."
        raise CommandFailed(f"No repair is {status!r}.", code="unknown_status", hint=hint)
    return (status,)
