"""`autonomos approvals approve|reject|choose|edit|undo`: a person's word on a repair.

Decision, mapping version, lifted hold and the request for the replay are one transaction. `--wait` returns when what
was held is in the views.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.approvals import ProposalId, parse_proposal_id
from orchestration.commands.errors import FAILED, CommandFailed
from orchestration.commands.members import AsOption
from orchestration.commands.output import JsonOption, Output, TenantOption

if TYPE_CHECKING:
    from assets.mapping.repairs.deciding import Decided
    from orchestration.commands.access import Access
    from orchestration.control_plane.tenant_session import TenantSession

NoteOption = Annotated[str | None, typer.Option("--note", help="Why, for whoever reads the history.")]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until what was held is in the views.")]
TimeoutOption = Annotated[int, typer.Option("--timeout", min=1, help="Seconds to wait at most.")]
TIMEOUT_S = 600


def approve(
    tenant: TenantOption,
    proposal_id: ProposalId,
    note: NoteOption = None,
    by: AsOption = None,
    wait: WaitOption = False,
    timeout_s: TimeoutOption = TIMEOUT_S,
    as_json: JsonOption = False,
) -> None:
    """Approve a repair: its mapping is in force, and what was held is replayed."""
    from assets.mapping.repairs import deciding

    def decide(session: "TenantSession", actor: str) -> "Decided":
        return deciding.approve(session, parse_proposal_id(proposal_id), actor, note)

    _carry_out(Output(as_json), tenant, by, decide, wait, timeout_s)


def reject(
    tenant: TenantOption,
    proposal_id: ProposalId,
    note: NoteOption = None,
    by: AsOption = None,
    wait: WaitOption = False,
    timeout_s: TimeoutOption = TIMEOUT_S,
    as_json: JsonOption = False,
) -> None:
    """Reject a repair: the mapping stays, and what was held flows with the value empty."""
    from assets.mapping.repairs import deciding

    def decide(session: "TenantSession", actor: str) -> "Decided":
        return deciding.reject(session, parse_proposal_id(proposal_id), actor, note)

    _carry_out(Output(as_json), tenant, by, decide, wait, timeout_s)


def choose(
    tenant: TenantOption,
    proposal_id: ProposalId,
    candidate: Annotated[int, typer.Option("--candidate", min=1, help="Its number in 'approvals show'.")],
    note: NoteOption = None,
    by: AsOption = None,
    wait: WaitOption = False,
    timeout_s: TimeoutOption = TIMEOUT_S,
    as_json: JsonOption = False,
) -> None:
    """Choose another candidate than the one proposed."""
    from assets.mapping.repairs import deciding

    def decide(session: "TenantSession", actor: str) -> "Decided":
        known = len(session.proposals.get(parse_proposal_id(proposal_id)).candidates)
        if candidate > known:
            hint = f"'autonomos approvals show' numbers them from 1 to {known}." if known else ""
            raise CommandFailed(f"That repair has no candidate {candidate}.", code="no_such_candidate", hint=hint)
        return deciding.choose(session, parse_proposal_id(proposal_id), actor, candidate - 1, note)

    _carry_out(Output(as_json), tenant, by, decide, wait, timeout_s)


def edit(
    tenant: TenantOption,
    proposal_id: ProposalId,
    lines: Annotated[
        list[str] | None, typer.Option("--map", help="'source -> target | step | step:arguments', once a rule.")
    ] = None,
    rules: Annotated[
        str | None, typer.Option("--rules", help="The whole mapping: a JSON list of rules, or @FILE with one.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what it would make of sample rows.")] = False,
    note: NoteOption = None,
    by: AsOption = None,
    wait: WaitOption = False,
    timeout_s: TimeoutOption = TIMEOUT_S,
    as_json: JsonOption = False,
) -> None:
    """Put a mapping of your own in force. Steps: cast, trim, lower, upper, scale:0.01, split:' ':0, concat:last,' ',
    date_format:%d.%m.%Y, number_format:',':'.', epoch:ms, enum:a=b,c=d, boolean:yes/no, list:';', constant:x."""
    from assets.mapping.repairs import deciding
    from orchestration.commands.access import open_access
    from orchestration.commands.proposal_words import show_samples
    from orchestration.commands.rule_edits import edited_rules, preview_rules

    output = Output(as_json)
    with open_access(output, "approvals edit", everything=wait and not preview) as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            wanted = edited_rules(session, parse_proposal_id(proposal_id), lines or (), rules)
        seen = preview_rules(access, owner.id, parse_proposal_id(proposal_id), wanted)
        if preview:
            shown = {"proposal": proposal_id, "saved": False, **seen}
            output.result(shown, *seen["diff"], *show_samples(seen["samples"]))
            return

        def decide(session: "TenantSession", actor: str) -> "Decided":
            return deciding.edit(session, parse_proposal_id(proposal_id), actor, wanted, note)

        carry_out(access, output, tenant, by, decide, timeout_s if wait else None, seen)


def undo(
    tenant: TenantOption,
    proposal_id: ProposalId,
    note: NoteOption = None,
    by: AsOption = None,
    wait: WaitOption = False,
    timeout_s: TimeoutOption = TIMEOUT_S,
    as_json: JsonOption = False,
) -> None:
    """Take an applied or approved repair back: the mapping before it is in force again."""
    from assets.mapping.repairs import deciding

    def decide(session: "TenantSession", actor: str) -> "Decided":
        return deciding.undo(session, parse_proposal_id(proposal_id), actor, note)

    _carry_out(Output(as_json), tenant, by, decide, wait, timeout_s)


def _carry_out(
    output: Output,
    tenant: str,
    by: str | None,
    decide: "Callable[[TenantSession, str], Decided]",
    wait: bool,
    timeout_s: int,
) -> None:
    from orchestration.commands.access import open_access

    with open_access(output, "approvals", everything=wait) as access:
        carry_out(access, output, tenant, by, decide, timeout_s if wait else None)


def carry_out(
    access: "Access",
    output: Output,
    tenant: str,
    by: str | None,
    decide: "Callable[[TenantSession, str], Decided]",
    wait_s: int | None,
    more: dict[str, Any] | None = None,
) -> None:
    """Decide and say what came of it; with `wait_s` also what the replay brought."""
    from orchestration.commands.members import who_decides
    from orchestration.commands.replay_wait import waited_for, wake

    owner = access.tenant(tenant)
    with access.control_plane.tenant_session(owner.id) as session:
        decided = decide(session, who_decides(session, by))
    document = {**describe(decided), **(more or {})}
    lines = [decided.told or _said(decided)]
    failed = False
    if decided.sync_run_id is not None and wait_s is not None:
        seen = waited_for(access, output, owner.id, decided.sync_run_id, wait_s)
        document |= seen
        failed = seen["replay_status"] != "succeeded"
        lines.append(_replayed(seen))
    elif decided.sync_run_id is not None:
        wake(access, owner.id)
        lines.append("What was held is replayed while the stack runs.")
    output.result(document, *lines)
    if failed:
        raise typer.Exit(FAILED)


def describe(decided: "Decided") -> dict[str, Any]:
    """A decision as it is printed."""
    return {
        "proposal": decided.proposal_id and str(decided.proposal_id),
        "status": decided.status,
        "mapping_version": decided.mapping_version,
        "sync_id": decided.sync_run_id and str(decided.sync_run_id),
        "told": decided.told,
    }


def _said(decided: "Decided") -> str:
    version = f", mapping version {decided.mapping_version}" if decided.mapping_version is not None else ""
    return f"{decided.status.replace('_', ' ').capitalize()}{version}."


def _replayed(seen: dict[str, Any]) -> str:
    if seen["replay_status"] != "succeeded":
        return f"The replay {seen['replay_status']}: {seen['error'] or 'no reason was given.'}"
    return f"Replayed {seen['replayed']:,} records; {seen['held']:,} are held still. The views are published."
