"""A repair taken back: the rules of before for the targets it changed, its event open again, its rows held again.

Used by the watch over a repair, by a person's undo and by a rollback to a version.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from assets.mapping.repairs.holding import Affected, affected_by
from assets.mapping.rules import FieldRule
from assets.mapping.rules_json import rules_from_json, rules_to_json
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.tenant_session import TenantSession

TakenBack = Literal["undone", "rolled_back"]


def rules_without(
    current: Sequence[FieldRule], earlier: Sequence[FieldRule], targets: Sequence[str]
) -> tuple[FieldRule, ...]:
    """The current rules, with those of the targets as they were earlier: later repairs of other targets stay."""
    wanted = set(targets)
    back: dict[str, list[FieldRule]] = {target: [] for target in targets}
    for rule in earlier:
        if rule.target in wanted:
            back[rule.target].append(rule)
    rules: list[FieldRule] = []
    for rule in current:
        if rule.target not in wanted:
            rules.append(rule)
        else:
            rules += back.pop(rule.target, [])
    return (*rules, *(rule for left in back.values() for rule in left))


def targets_of(proposals: Sequence[ProposalRecord]) -> tuple[str, ...]:
    """Targets that the proposals changed."""
    return tuple(dict.fromkeys(str(change["target"]) for each in proposals for change in each.changes))


def take_back(
    tenant: TenantSession,
    proposals: Sequence[ProposalRecord],
    rules: Sequence[FieldRule],
    entity: str | None,
    status: TakenBack,
    by: str,
    why: str,
    snapshot: int | None = None,
) -> tuple[MappingRecord, list[DriftRecord]]:
    """A new version with `rules`, and the proposals' events open and held as before them; those events.

    `snapshot` is the lake's of before the repaired rows were normalized, used where the event knows none.
    """
    first = proposals[0]
    record = tenant.mappings.save(first.connection_id, first.stream, entity, rules_to_json(rules), why, by)
    reopened = []
    for proposal in proposals:
        tenant.proposals.settle(proposal.id, status, by, note=why)
        event = reopen(tenant, proposal, by, why, snapshot)
        if event is not None:
            reopened.append(event)
    stopped = {proposal.id for proposal in proposals}
    for watch in tenant.watches.watching(first.connection_id):
        if watch.proposal_id in stopped:
            tenant.watches.end(watch.id, "regressed" if by.startswith("policy") else "stopped")
    data: dict[str, Any] = {"stream": first.stream, "version": record.version, "why": why}
    data["repairs"] = [str(proposal.id) for proposal in proposals]
    tenant.audit.record(f"mapping.{status}", f"connection:{first.connection_id}", data, by)
    return record, reopened


def reopen(
    tenant: TenantSession, proposal: ProposalRecord, by: str, why: str, snapshot: int | None
) -> DriftRecord | None:
    """The proposal's event waits again, and what it affects is held; None for one that cost nothing, as a new field."""
    if proposal.drift_id is None or proposal.kind == "added":
        return None
    event = tenant.drift.get(proposal.drift_id)
    if event.status != "open":
        event = tenant.drift.reopen(event.id, why, by)
    affected = damaged_by(event) if by.startswith("policy") else affected_by(event, "hold")
    if affected is not None and event.first_version is not None:
        tenant.holds.lift_of(event.id, by)  # one without anything to restore
        tenant.holds.place(
            event.connection_id, event.stream, event.id, event.first_version, affected.fields, affected.match,
            restore_snapshot=event.snapshot_before if event.snapshot_before is not None else snapshot,
            restore_targets=targets_of([proposal]),
        )  # fmt: skip
    return event


def damaged_by(event: DriftRecord) -> Affected:
    """Rows that a bad repair may have spoiled: all in which the old fields say nothing, so also those where the new
    ones came empty; all of the change where the fields kept their names."""
    if set(event.fields_before) & set(event.fields_after) or not event.fields_before:
        return Affected((), "all")
    return Affected(tuple(event.fields_before), "empty")


def rules_of(record: MappingRecord) -> tuple[FieldRule, ...]:
    """A stored version's rules."""
    return rules_from_json(record.rules)


def in_force_since(proposals: Sequence[ProposalRecord], stream: str, version: int) -> list[ProposalRecord]:
    """The stream's repairs that later versions than this one brought, the newest first."""
    found = [
        each
        for each in proposals
        if each.stream == stream
        and each.status in ("applied", "approved")
        and each.applied_version is not None
        and each.applied_version > version
    ]
    return sorted(found, key=lambda each: -(each.applied_version or 0))


def landed(counted: Mapping[str, Mapping[str, Any]], stream: str) -> int | None:
    """First commit of what this run landed of the stream; None when it landed nothing."""
    counts = counted.get(stream, {})
    first = counts.get("first_version")
    return int(first) if first is not None and int(counts.get("landed") or 0) > 0 else None
