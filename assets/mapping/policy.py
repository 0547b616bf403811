"""What is applied without a person: the sure rules of a first mapping, and the sure repairs of a drifted one.

The gate itself. It makes no guess of its own and reads no data.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from assets.mapping.proposal import Proposal
from assets.mapping.repairs.contracts import Contract
from assets.mapping.repairs.repair import ALWAYS_ASKED, RepairDraft
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


Verdict = Literal["apply", "ask", "refuse"]


class Thresholds(Protocol):
    """A tenant's own: at least `apply_at` is applied, at least `ask_at` is asked."""

    @property
    def apply_at(self) -> float: ...
    @property
    def ask_at(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Past:
    """Digests of repairs (`RepairDraft.content`) that a person rejected or undid, and that made things worse."""

    rejected: frozenset[str] = frozenset()
    taken_back: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with a repair, and why not more."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


def decide(
    draft: RepairDraft,
    settings: Thresholds,
    contract: Contract,
    safe_mode: bool,
    shadow_failures: tuple[str, ...] = (),
    past: Past | None = None,
) -> Decision:
    """Applied, asked or refused. Whatever is never applied alone is asked; what is not sure enough to ask is refused,
    but for what only a person can know: a field or a stream that is gone."""
    known = past or Past()
    if draft.content in known.rejected and draft.changes:
        return Decision("refuse", ("a person rejected this very repair before",))
    only_people_know = draft.kind in ("removed", "stream_removed", "stream_renamed")
    if draft.probability < settings.ask_at and not only_people_know:
        return Decision("refuse", (f"{draft.probability:.2f} is below {settings.ask_at:.2f}",))
    reasons = tuple(_against(draft, settings, contract, safe_mode, known)) + shadow_failures
    return Decision("ask", reasons) if reasons else Decision("apply")


def _against(draft: RepairDraft, settings: Thresholds, contract: Contract, safe_mode: bool, past: Past) -> list[str]:
    """Why it may not be applied without a person."""
    unsure = draft.probability < settings.apply_at
    checks = (
        (draft.kind in ALWAYS_ASKED, f"a {draft.kind.replace('_', ' ')} change is always asked"),
        (unsure, f"{draft.probability:.2f} is below {settings.apply_at:.2f}"),
        (safe_mode, "the connection is in Safe Mode"),
        (contract == "freeze", "the stream's contract is freeze"),
        (draft.touches_key, "it touches the key of the records"),
        (draft.is_destructive, "something that is filled now would be filled no more"),
        (draft.content in past.taken_back and bool(draft.changes), "this very repair was taken back before"),
    )
    return [reason for is_so, reason in checks if is_so]
