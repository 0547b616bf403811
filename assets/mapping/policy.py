"""What of a proposal is applied: the sure rules of a sure entity; all else stays unmapped, raw and visible.

The gate itself. It makes no guess of its own and reads no data.
"""

from dataclasses import dataclass

from assets.mapping.proposal import Proposal
from assets.mapping.rules import FieldRule, StreamMapping
from assets.normalize.model import identity_fields, required_fields


@dataclass(frozen=True, slots=True)
class Policy:
    """Least probabilities. `apply_at` holds for a field's rule, `entity_at` for what the stream is."""

    apply_at: float = 0.85
    entity_at: float = 0.85


def to_mapping(proposal: Proposal, policy: Policy | None = None, version: int = 1) -> StreamMapping:
    """The mapping that may be put in force without a person.

    The entity is None when it is not sure, or when a field that every record needs would stay empty: then each row
    would be rejected, which hides the stream instead of showing it.
    """
    limits = policy or Policy()
    rules = tuple(rule for rule in proposal.rules if _applies(rule, limits))
    if proposal.entity is None or proposal.entity_probability < limits.entity_at:
        return StreamMapping(proposal.stream, None, version)
    needed = set(required_fields(proposal.entity)) - set(identity_fields(proposal.entity))
    if not rules or not needed <= {rule.target for rule in rules}:
        return StreamMapping(proposal.stream, None, version)
    return StreamMapping(proposal.stream, proposal.entity, version, rules)


def held_back(proposal: Proposal, mapping: StreamMapping) -> tuple[str, ...]:
    """Fields of the stream that no applied rule reads, in the order of their names."""
    read = {rule.source for rule in mapping.rules}
    every = {*proposal.unmapped, *(rule.source for rule in proposal.rules)}
    return tuple(sorted(every - read))


def _applies(rule: FieldRule, limits: Policy) -> bool:
    return rule.decided_by == "person" or rule.probability >= limits.apply_at
