"""The person of a play: knows what is true, looks at each proposal that waits, and decides as it is right.

A proposal is judged by what its rules make of the source's own rows, not by what it says of itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assets.mapping.repairs import deciding
from assets.mapping.rules import FieldRule
from assets.mapping.rules_json import rules_from_json
from orchestration.control_plane.errors import ControlPlaneError
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.drift_play.mutation import Mutation
from orchestration.drift_play.reading import Rule, read_target, same
from orchestration.drift_play.streams import WorldStream, as_text

NAME = "the person of the play"
ROWS = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the person did with one proposal; `error` where the product refused it."""

    proposal_id: UUID
    kind: str
    status: str
    decision: str
    error: str | None = None


def is_right(stream: WorldStream, rules: Sequence[Rule], targets: Sequence[str]) -> bool:
    """Whether the rules read the rows as they are now truly, in these targets."""
    facts = stream.facts()
    keys = sorted(stream.records)
    for key in keys[:: max(1, len(keys) // ROWS)]:
        row = {name: as_text(value) for name, value in stream.row(key).items()}
        told = stream.truth(key)
        for target in targets:
            if target in facts:
                found = read_target(rules, target, facts[target].kind, row)
                if not (same(told[target], found) or (target in stream.lost and found is None)):
                    return False
    return True


def decide(
    tenant: TenantSession, proposal: ProposalRecord, stream: WorldStream, mutation: Mutation, first_version: int
) -> Verdict:
    """Approve what is right, choose or write what would be, reject what nothing has to be done about."""
    targets = [str(change["target"]) for change in proposal.changes] or list(mutation.answers)
    decision, error = "none", None
    try:
        decision = _decide(tenant, proposal, stream, mutation, targets, first_version)
    except (ControlPlaneError, ValueError) as refused:
        error = f"{type(refused).__name__}: {refused}"
    return Verdict(proposal.id, proposal.kind, proposal.status, decision, error)


def _decide(
    tenant: TenantSession,
    proposal: ProposalRecord,
    stream: WorldStream,
    mutation: Mutation,
    targets: Sequence[str],
    first_version: int,
) -> str:
    if proposal.kind == "stream_renamed":
        deciding.approve(tenant, proposal.id, NAME)
        return "approve"
    if proposal.changes and is_right(stream, proposal.rules, targets):
        deciding.approve(tenant, proposal.id, NAME)
        return "approve"
    active = tenant.mappings.active(proposal.connection_id, proposal.stream)
    in_force = active.rules if active is not None else []
    for place, candidate in enumerate(proposal.candidates):
        if _candidate_is_right(stream, in_force, candidate):
            deciding.choose(tenant, proposal.id, NAME, place)
            return "choose"
    written = right_rules(in_force, mutation, targets, first_version)
    if is_right(stream, in_force, targets) or written is None:
        deciding.reject(tenant, proposal.id, NAME)
        return "reject"
    deciding.edit(tenant, proposal.id, NAME, written)
    return "edit"


def _candidate_is_right(stream: WorldStream, in_force: Sequence[Rule], candidate: Mapping[str, Any]) -> bool:
    """Whether reading the candidate where its old field was read is true of every target that field filled."""
    filled = [rule for rule in in_force if rule["source"] == candidate["old"] and rule.get("until") is None]
    targets = [str(rule["target"]) for rule in filled if not str(rule["target"]).startswith("_")]
    if not targets:
        return False
    if candidate["source"] is None:
        return all(target in stream.lost for target in targets)
    new = [{**rule, "source": candidate["source"], "transform": candidate["transform"]} for rule in filled]
    return is_right(stream, [*new, *(rule for rule in in_force if rule not in filled)], targets)


def right_rules(
    in_force: Sequence[Rule], mutation: Mutation, targets: Sequence[str], first_version: int
) -> list[FieldRule] | None:
    """The whole mapping with the true reading of these targets; None where the mutation says of none how it is read."""
    rules = list(rules_from_json(list(in_force)))
    changed = False
    for target in targets:
        answer = mutation.answers.get(target)
        if answer is None:
            continue
        changed = True
        old = [rule for rule in rules if rule.target == target]
        others = [rule for rule in rules if rule.target != target]
        since = first_version if answer.same_name else 0
        new = [FieldRule(answer.source, target, answer.transform, 1.0, "person", ("known to be so",), since=since)]
        kept = [_ended(rule, first_version) for rule in old] if answer.same_name else old
        rules = [*others, *(new if answer.source else []), *(rule for rule in kept if rule is not None)]
    return rules if changed else None


def _ended(rule: FieldRule, before: int) -> FieldRule | None:
    """The rule for rows that landed before; None where it would read none."""
    from dataclasses import replace

    if rule.since >= before:
        return None
    return replace(rule, until=before - 1 if rule.until is None else min(rule.until, before - 1))
