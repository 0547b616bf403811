"""A proposal's changes put upon the mapping in force, where another version came in between."""

from collections.abc import Sequence

from assets.mapping.repairs.taking_back import rules_of, rules_without
from assets.mapping.rules import FieldRule
from orchestration.control_plane.errors import Conflict
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.tenant_session import TenantSession


class Stale(Conflict):
    """The mapping moved on since the proposal was made, and its changes do not fit it any more."""


def rebased(
    tenant: TenantSession, proposal: ProposalRecord, rules: Sequence[FieldRule], targets: Sequence[str]
) -> tuple[FieldRule, ...]:
    """The whole mapping with the proposal's changes; as proposed when nothing moved.

    Raises:
        Stale: a later version changed the same targets or the entity, or there is no mapping any more.
    """
    current = tenant.mappings.active(proposal.connection_id, proposal.stream)
    if current is None:
        if proposal.base_version:
            raise Stale("The stream has no mapping any more.")
        return tuple(rules)
    if current.version == proposal.base_version:
        return tuple(rules)
    base = tenant.mappings.version(proposal.connection_id, proposal.stream, proposal.base_version)
    moved = [target for target in targets if _of(target, rules_of(base)) != _of(target, rules_of(current))]
    if moved or base.entity != current.entity:
        what = ", ".join(moved) or "what the stream is"
        raise Stale(
            f"Version {current.version} changed {what} since the repair was proposed upon version "
            f"{proposal.base_version}; the next sync proposes it anew."
        )
    return rules_without(rules_of(current), rules, targets)


def _of(target: str, rules: Sequence[FieldRule]) -> list[tuple[object, ...]]:
    return [(rule.source, rule.transform, rule.since, rule.until) for rule in rules if rule.target == target]
