"""A person's word on a repair: approve, reject, choose another candidate, edit, undo, roll back, accept a shape.

Each function takes an open TenantSession and writes decision, mapping version, lifted hold, replay request and audit in
the caller's transaction: all of it stands or none. Nothing here reads the lake; the replay normalizes what was held.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from uuid import UUID

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.priors import give_priors
from assets.mapping.repairs.baselines import move_baseline
from assets.mapping.repairs.rebasing import Stale, rebased
from assets.mapping.repairs.recording import watch_baseline
from assets.mapping.repairs.repair import RepairCandidate, Surroundings, chosen_readings, redraft
from assets.mapping.repairs.rule_changes import changed_targets, keep_unchanged, reading_of, rule_changes
from assets.mapping.repairs.safe_rules import EditInvalid, check_rules
from assets.mapping.repairs.successors import inherited, successor
from assets.mapping.repairs.taking_back import in_force_since, rules_of, rules_without, take_back, targets_of
from assets.mapping.rules import FieldRule, StreamMapping
from assets.mapping.rules_json import rules_from_json, rules_to_json
from orchestration.control_plane.errors import Conflict, NotFound, NotInState
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.tenant_session import TenantSession

__all__ = [
    "Decided", "EditInvalid", "SamePerson", "Stale",
    "accept", "approve", "choose", "edit", "reject", "rollback", "undo", "write",
]  # fmt: skip

DecisionStatus = Literal["approved", "rejected", "waiting_for_second", "undone", "rolled_back", "accepted", "unchanged"]
Check = Callable[[StreamMapping], None]  # raises where the mapping cannot be applied, such as normalize's plan_mapping
WRITTEN: Final = "written"  # kind of a proposal that nothing drifted for: a person wrote the mapping
_APPROVERS: Final = 2


class SamePerson(Conflict):
    """Two persons have to approve, and this one has approved already."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of it. `mapping_version` is None where no version was made, `sync_run_id` where nothing is replayed.

    `told` is one sentence for the person that says what happens next.
    """

    proposal_id: UUID | None
    status: DecisionStatus
    mapping_version: int | None = None
    sync_run_id: UUID | None = None
    told: str = ""


def approve(tenant: TenantSession, proposal_id: UUID, by: str, note: str | None = None) -> Decided:
    """Put the proposal's mapping in force; what was held is replayed with it.

    Raises:
        NotFound: there is no such proposal, or it is another tenant's.
        NotInState: it is decided already.
        Stale: the mapping moved on, and the changes do not fit it any more.
        SamePerson: two persons have to approve, and this one did before.
    """
    proposal = _waiting(tenant, proposal_id)
    rules = rebased(tenant, proposal, rules_from_json(proposal.rules), targets_of([proposal]))
    return _put_in_force(tenant, proposal, rules, targets_of([proposal]), by, note, "approve")


def choose(tenant: TenantSession, proposal_id: UUID, by: str, candidate: int, note: str | None = None) -> Decided:
    """Put another of the proposal's candidates in force (by its place, from 0); the rest of the change as proposed.

    Raises:
        as `approve`, and EditInvalid where there is no such candidate or it cannot be joined to the mapping.
    """
    proposal = _waiting(tenant, proposal_id)
    if not 0 <= candidate < len(proposal.candidates):
        raise EditInvalid(f"There is no candidate {candidate}; there are {len(proposal.candidates)}, counted from 0.")
    wanted = RepairCandidate.from_json(proposal.candidates[candidate])
    rules, targets = _with_candidate(tenant, proposal, wanted)
    return _put_in_force(tenant, proposal, rules, targets, by, note, f"choose {candidate}")


def edit(
    tenant: TenantSession,
    proposal_id: UUID,
    by: str,
    rules: Sequence[FieldRule],
    note: str | None = None,
    check: Check | None = None,
) -> Decided:
    """Put the whole mapping in force as the person wrote it. `check` may look at it more closely than this stage can.

    Raises:
        as `approve`, and EditInvalid for a target that the entity lacks or a transform that is not safe.
    """
    proposal = _waiting(tenant, proposal_id)
    current = tenant.mappings.active(proposal.connection_id, proposal.stream)
    if (current.version if current else 0) != proposal.base_version:
        raise Stale("The mapping moved on since the repair was proposed; look at it again and edit that.")
    mapping = StreamMapping(proposal.stream, proposal.entity, proposal.base_version + 1, tuple(rules))
    check_rules(tenant, mapping)
    if check is not None:
        check(mapping)
    targets = changed_targets(rules_of(current) if current else (), mapping.rules)
    return _put_in_force(tenant, proposal, mapping.rules, targets, by, note, "edit")


def write(
    tenant: TenantSession,
    connection_id: UUID,
    stream: str,
    by: str,
    rules: Sequence[FieldRule],
    note: str | None = None,
    check: Check | None = None,
    entity: str | None = None,
) -> Decided:
    """Put a stream's mapping in force as a person wrote it, though nothing drifted.

    `entity` is what its records are, where that was not known; a known one stays.

    It is a proposal all the same, approved at once: so two persons are needed where the tenant wants two, it is
    watched, and it can be undone. The second person writes the same, or approves the proposal.

    Raises:
        NotFound: the stream has no mapping.
        EditInvalid: as `edit`.
        SamePerson: as `approve`.
    """
    tenant.mappings.take_turns(connection_id)
    current = tenant.mappings.active(connection_id, stream)
    if current is None:
        raise NotFound("mapping", stream)
    # What somebody left as it was is not theirs: it keeps its probability and its evidence.
    rules = keep_unchanged(rules_of(current), rules)
    of = current.entity or entity
    mapping = StreamMapping(stream, of, current.version + 1, rules)
    check_rules(tenant, mapping)
    if check is not None:
        check(mapping)
    targets = changed_targets(rules_of(current), rules)
    if not targets:
        return Decided(None, "unchanged", current.version, None, f"Version {current.version} says so already.")
    proposal = _written_before(tenant, current, of, rules) or tenant.proposals.add(
        connection_id, stream, kind=WRITTEN, status="open", probability=1.0, base_version=current.version,
        entity=of, rules=rules_to_json(rules), changes=rule_changes(rules_of(current), rules, targets),
        reasons=[f"written by {by}"],
    )  # fmt: skip
    return _put_in_force(tenant, proposal, rules, targets, by, note, "write")


def reject(tenant: TenantSession, proposal_id: UUID, by: str, note: str | None = None) -> Decided:
    """Keep the mapping as it is. One person is enough.

    What was held flows from now on: a field that is gone or renamed leaves its target empty, and one that comes in
    another unit or format is read as it comes. The records' last good values of it are not kept any longer.

    Raises:
        NotFound, NotInState: as `approve`.
    """
    proposal = _waiting(tenant, proposal_id)
    tenant.proposals.settle(proposal.id, "rejected", by, note=note)
    run = _let_flow(tenant, proposal, f"rejected by {by}", by)
    _audit(tenant, "repair.rejected", proposal, by, {"note": note})
    told = "Rejected: the mapping stays as it is." + (" What was held flows with the value as it comes." if run else "")
    return Decided(proposal.id, "rejected", None, run, told)


def undo(tenant: TenantSession, proposal_id: UUID, by: str, note: str | None = None) -> Decided:
    """Take an applied or approved repair back: the targets it changed are read as before it, later repairs stay.

    Raises:
        NotFound: as `approve`.
        NotInState: it is not in force.
        Stale: a later version changed the same targets; roll back to a version instead.
    """
    proposal = _in_turn(tenant, proposal_id)
    current = tenant.mappings.active(proposal.connection_id, proposal.stream)
    if proposal.status not in ("applied", "approved") or proposal.applied_version is None or current is None:
        raise NotInState(f"That repair is {proposal.status.replace('_', ' ')}; only one in force can be undone.")
    if proposal.kind == "stream_renamed":
        raise NotInState("A stream's new name is taken back by rolling both streams' mappings back.")
    of_it = tenant.mappings.version(proposal.connection_id, proposal.stream, proposal.applied_version)
    targets = targets_of([proposal])
    if any(reading_of(target, rules_of(current)) != reading_of(target, rules_of(of_it)) for target in targets):
        raise Stale("A later version changed the same fields; roll the mapping back to a version instead.")
    earlier = tenant.mappings.version(proposal.connection_id, proposal.stream, proposal.base_version)
    rules = rules_without(rules_of(current), rules_of(earlier), targets)
    why = f"undone by {by}" + (f": {note}" if note else "")
    record, _ = take_back(tenant, [proposal], rules, current.entity, "undone", by, why)
    run = tenant.sync_runs.request(proposal.connection_id, by, kind="replay").id
    told = f"Undone with version {record.version}; the change waits for a decision again."
    return Decided(proposal.id, "undone", record.version, run, told)


def rollback(
    tenant: TenantSession, connection_id: UUID, stream: str, to_version: int, by: str, note: str | None = None
) -> Decided:
    """Put the rules of an earlier version in force again, as a new one. Repairs that came after it are taken back.

    Raises:
        NotFound: there is no such version.
        NotInState: it is the one in force.
    """
    tenant.mappings.take_turns(connection_id)
    wanted = tenant.mappings.version(connection_id, stream, to_version)
    if wanted.is_active:
        raise NotInState(f"Version {to_version} is in force already.")
    since = in_force_since(tenant.proposals.list(connection_id=connection_id, limit=1000), stream, to_version)
    why = f"rolled back to version {to_version} by {by}" + (f": {note}" if note else "")
    if since:
        record, _ = take_back(tenant, since, rules_of(wanted), wanted.entity, "rolled_back", by, why)
    else:
        record = tenant.mappings.save(connection_id, stream, wanted.entity, wanted.rules, why, by)
        data = {"stream": stream, "version": record.version, "why": why}
        tenant.audit.record("mapping.rolled_back", f"connection:{connection_id}", data, by)
    run = tenant.sync_runs.request(connection_id, by, kind="replay").id
    told = f"Version {record.version} has the rules of version {to_version}; {len(since)} repairs were taken back."
    return Decided(since[0].id if since else None, "rolled_back", record.version, run, told)


def accept(tenant: TenantSession, drift_id: UUID, by: str, note: str | None = None) -> Decided:
    """Take the new shape as it is: the event is resolved, the mapping stays, a waiting repair is superseded.

    Raises:
        NotFound, NotInState: no such event, or it is resolved already.
    """
    tenant.mappings.take_turns(tenant.drift.get(drift_id).connection_id)
    event = tenant.drift.get(drift_id)
    if event.status != "open":
        raise NotInState(f"That drift was resolved by {event.resolved_by} already.")
    waiting = tenant.proposals.open_for(drift_id)
    if waiting is not None:
        tenant.proposals.settle(waiting.id, "superseded", by, note=note)
    tenant.drift.resolve(drift_id, note or "accepted", by)
    move_baseline(tenant, event.connection_id, event.stream, [event], by)
    lifted = tenant.holds.lift_of(drift_id, by)
    run = tenant.sync_runs.request(event.connection_id, by, kind="replay").id if lifted else None
    data = {"drift_id": str(drift_id), "stream": event.stream, "kind": event.kind, "note": note}
    tenant.audit.record("drift.accepted", f"connection:{event.connection_id}", data, by)
    told = "Accepted: the shape is the approved one, and the mapping stays."
    return Decided(waiting.id if waiting else None, "accepted", None, run, told)


def _in_turn(tenant: TenantSession, proposal_id: UUID) -> ProposalRecord:
    """The proposal, once nobody else decides on the connection's mappings: two at once come one after the other."""
    tenant.mappings.take_turns(tenant.proposals.get(proposal_id).connection_id)
    return tenant.proposals.get(proposal_id)


def _waiting(tenant: TenantSession, proposal_id: UUID) -> ProposalRecord:
    proposal = _in_turn(tenant, proposal_id)
    if not proposal.is_waiting:
        by = f", by {proposal.decided_by}" if proposal.decided_by else ""
        raise NotInState(f"That repair is {proposal.status.replace('_', ' ')} already{by}.")
    return proposal


def _with_candidate(
    tenant: TenantSession, proposal: ProposalRecord, wanted: RepairCandidate
) -> tuple[tuple[FieldRule, ...], tuple[str, ...]]:
    """The mapping in force with the candidate's reading in it, and the targets that it changes."""
    current = tenant.mappings.active(proposal.connection_id, proposal.stream)
    if current is None or proposal.drift_id is None:
        raise NotFound("mapping", proposal.stream)
    event = tenant.drift.get(proposal.drift_id)
    mapping = StreamMapping(proposal.stream, current.entity, current.version, rules_of(current))
    if event.kind == "added":
        rules = rebased(tenant, proposal, rules_from_json(proposal.rules), targets_of([proposal]))
        return rules, targets_of([proposal])
    baseline = tenant.schemas.baseline(proposal.connection_id, proposal.stream)
    shape = ObservedStream.from_json(baseline.fields[0]) if baseline else None
    known = frozenset(field.name for field in shape.fields) if shape else frozenset()
    readings = chosen_readings(event, wanted)
    draft = redraft(event, mapping, Surroundings(known=known), readings, wanted.probability)
    if wanted.source is not None and not draft.changes:
        why = draft.reasons[0] if draft.reasons else "no rule reads it"
        raise EditInvalid(f"{wanted.source} cannot take the place of {wanted.old}: {why}.")
    return draft.rules, draft.targets


def _put_in_force(
    tenant: TenantSession,
    proposal: ProposalRecord,
    rules: Sequence[FieldRule],
    targets: Sequence[str],
    by: str,
    note: str | None,
    verdict: str,
) -> Decided:
    """Save the version, settle what it settles, lift the hold, ask for the replay; or wait for the second person."""
    if tenant.repair_settings.get().two_person and not _is_second(tenant, proposal, rules, by, verdict):
        _audit(tenant, "repair.vote", proposal, by, {"verdict": verdict, "note": note})
        told = "Your approval is kept; another person has to approve the same before it is put in force."
        return Decided(proposal.id, "waiting_for_second", None, None, told)
    if proposal.kind == "stream_renamed":
        return _succeed(tenant, proposal, by, note)
    confirmed = [_confirmed(rule) if rule.target in targets else rule for rule in rules]
    current = tenant.mappings.active(proposal.connection_id, proposal.stream)
    previous = current.version if current else 0
    version: int | None = None
    if current is None or rules_to_json(rules) != rules_to_json(rules_of(current)):
        what = "written" if proposal.kind == WRITTEN else f"repair {proposal.kind.replace('_', ' ')} approved"
        reason = f"{what} by {by}" + (f": {note}" if note else "")
        saved = tenant.mappings.save(
            proposal.connection_id, proposal.stream, proposal.entity, rules_to_json(confirmed), reason, by
        )
        version = saved.version
        connector = tenant.connections.get(proposal.connection_id).kind
        give_priors(tenant, connector, proposal.entity, [rule for rule in confirmed if rule.target in targets])
    tenant.proposals.settle(proposal.id, "approved", by, note=note, applied_version=version)
    run = _let_flow(tenant, proposal, f"approved by {by}" + (f", version {version}" if version else ""), by, version)
    if version is not None and targets:
        baseline = watch_baseline(targets, proposal.shadow or {}, None)
        wanted = tenant.repair_settings.get().watch_syncs
        tenant.watches.start(
            proposal.connection_id, proposal.stream, proposal.id, version, previous, wanted, baseline
        )  # fmt: skip
    _audit(tenant, "repair.approved", proposal, by, {"verdict": verdict, "version": version, "note": note})
    told = f"Version {version} is in force; what was held is replayed." if version else "Approved; the mapping stays."
    return Decided(proposal.id, "approved", version, run, told)


def _succeed(tenant: TenantSession, proposal: ProposalRecord, by: str, note: str | None) -> Decided:
    """The new stream gets the mapping of the old one, whose rows are buried: it becomes raw only."""
    event = tenant.drift.get(proposal.drift_id) if proposal.drift_id else None
    name = successor(event) if event else None
    current = tenant.mappings.active(proposal.connection_id, proposal.stream)
    if event is None or name is None or current is None:
        raise Stale("It is not known any more which stream took its place.")
    reason = f"{proposal.stream} comes as {name}, approved by {by}" + (f": {note}" if note else "")
    rules = rules_to_json(inherited(rules_of(current)))
    saved = tenant.mappings.save(proposal.connection_id, name, current.entity, rules, reason, by)
    retired = tenant.mappings.save(proposal.connection_id, proposal.stream, None, [], reason, by)
    tenant.proposals.settle(proposal.id, "approved", by, note=note, applied_version=retired.version)
    if event.status == "open":
        tenant.drift.resolve(event.id, reason, by)
    tenant.holds.lift_of(event.id, by)
    run = tenant.sync_runs.request(proposal.connection_id, by, kind="replay").id
    _audit(tenant, "repair.approved", proposal, by, {"renamed_to": name, "version": saved.version, "note": note})
    told = f"{name} has the mapping of {proposal.stream} now, as version {saved.version}; the old records go."
    return Decided(proposal.id, "approved", saved.version, run, told)


def _is_second(
    tenant: TenantSession, proposal: ProposalRecord, rules: Sequence[FieldRule], by: str, verdict: str
) -> bool:
    """Whether another person wanted exactly this before. The policy that proposed counts as nobody."""
    payload: dict[str, Any] = {"rules": rules_to_json(rules)}
    if any(vote.voter == by and vote.payload == payload for vote in tenant.proposals.votes(proposal.id)):
        raise SamePerson("Two persons have to approve, and you have approved this already.")
    votes = tenant.proposals.vote(proposal.id, by, verdict, payload)
    return len({vote.voter for vote in votes if vote.payload == payload}) >= _APPROVERS


def _let_flow(
    tenant: TenantSession, proposal: ProposalRecord, resolution: str, by: str, version: int | None = None
) -> UUID | None:
    """Resolve the event, move the baseline, lift the hold; the replay's id where there is something to do for one."""
    lifted = None
    if proposal.drift_id is not None:
        event = tenant.drift.get(proposal.drift_id)
        if event.status == "open":
            tenant.drift.resolve(event.id, resolution, by)
        move_baseline(tenant, event.connection_id, event.stream, [event], by)
        lifted = tenant.holds.lift_of(event.id, by)
    if lifted is None and version is None:
        return None
    return tenant.sync_runs.request(proposal.connection_id, by, kind="replay").id


def _confirmed(rule: FieldRule) -> FieldRule:
    return replace(rule, decided_by="person")


def _written_before(
    tenant: TenantSession, current: MappingRecord, entity: str | None, rules: Sequence[FieldRule]
) -> ProposalRecord | None:
    """The proposal that waits because somebody wrote exactly this upon the same version."""
    waiting = tenant.proposals.list("open", current.connection_id)
    written = (each for each in waiting if each.kind == WRITTEN and each.stream == current.stream)
    same = (each for each in written if each.entity == entity)
    wanted = rules_to_json(rules)
    return next((each for each in same if each.base_version == current.version and each.rules == wanted), None)


def _audit(tenant: TenantSession, action: str, proposal: ProposalRecord, by: str, data: dict[str, Any]) -> None:
    about = {"proposal_id": str(proposal.id), "stream": proposal.stream, "kind": proposal.kind}
    tenant.audit.record(action, f"connection:{proposal.connection_id}", {**about, **data}, by)
