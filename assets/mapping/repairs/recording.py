"""Puts a stream's plan into the control plane in one transaction: version, proposals, holds, watch, baseline, history.

A plan made upon a mapping that is not in force any more is dropped: the next run plans anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assets.mapping.repairs.baselines import move_baseline
from assets.mapping.repairs.repair import RepairDraft
from assets.mapping.repairs.repairing import Planned, StreamPlan
from assets.mapping.repairs.situation import Situation
from assets.mapping.repairs.telling import change_in_words, diff_lines, note_of
from assets.mapping.rules import FieldRule
from assets.mapping.rules_json import rules_to_json
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.proposals import ProposalRecord, ProposalStatus
from orchestration.control_plane.tenant_session import TenantSession

POLICY = "policy"


@dataclass(slots=True)
class Recorded:
    """What was written: the new version if there is one, and proposals by decision."""

    versions: list[MappingRecord] = field(default_factory=list)
    applied: list[ProposalRecord] = field(default_factory=list)
    asked: list[ProposalRecord] = field(default_factory=list)
    refused: list[ProposalRecord] = field(default_factory=list)
    rolled_back: list[ProposalRecord] = field(default_factory=list)
    evolved: int = 0

    def add(self, other: "Recorded") -> None:
        """Take over what another stream's plan wrote."""
        for name in ("versions", "applied", "asked", "refused", "rolled_back"):
            getattr(self, name).extend(getattr(other, name))
        self.evolved += other.evolved

    def counts(self) -> dict[str, int]:
        """Proposals by decision."""
        return {name: len(getattr(self, name)) for name in ("applied", "asked", "refused", "rolled_back")}

    @property
    def proposals(self) -> list[ProposalRecord]:
        """Every proposal written."""
        return [*self.applied, *self.asked, *self.refused, *self.rolled_back]


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes plans of one connection; `snapshot` is the lake's, of before the repaired rows are normalized."""

    tenant: TenantSession
    situation: Situation
    snapshot: int

    def record(self, plan: StreamPlan) -> Recorded:
        """Write the plan; nothing where mapping or events moved on meanwhile."""
        done = Recorded()
        planned = [each for each in plan.planned if each.outcome != "wait"]
        if not planned:
            return done
        self.tenant.mappings.take_turns(self.situation.connection.id)
        if not self._still_holds(plan):
            return done
        still_open = {event.id for event in self.tenant.drift.open(self.situation.connection.id)}
        if any(each.event.id not in still_open for each in planned):
            return done
        version = plan.base.version if plan.base else 0
        applied = [each for each in planned if each.outcome == "apply"]
        if applied and plan.base is not None:
            version = self._apply(plan, plan.base, applied, done)
        evolved = [each for each in planned if each.outcome == "evolve"]
        for each in evolved:
            self._evolve(each, done)
        taken_over = [each.event for each in (*applied, *evolved)]
        move_baseline(self.tenant, self.situation.connection.id, plan.stream, taken_over, POLICY)
        for each in planned:
            if each.outcome in ("ask", "refuse") and plan.base is not None:
                self._wait(each, plan.base, version, done)
        return done

    def _still_holds(self, plan: StreamPlan) -> bool:
        current = self.tenant.mappings.active(self.situation.connection.id, plan.stream)
        return (current.version if current else None) == (plan.base.version if plan.base else None)

    def _apply(self, plan: StreamPlan, base: MappingRecord, applied: Sequence[Planned], done: Recorded) -> int:
        what = "; ".join(change_in_words(each.event) for each in applied)
        rules = rules_to_json(plan.rules)
        reason = f"repaired: {what}"
        record = self.tenant.mappings.save(base.connection_id, plan.stream, base.entity, rules, reason, POLICY)
        done.versions.append(record)
        tried = {"before": plan.before, "tried": plan.tried}
        figures = {name: result.to_json() for name, result in tried.items() if result is not None}
        proposals = [self._applied(replace(each, figures=figures), base, record) for each in applied]
        done.applied += proposals
        targets = {target for each in applied if each.draft for target in each.draft.targets}
        baseline = watch_baseline(targets, figures, self.snapshot)
        self.tenant.watches.start(
            base.connection_id, plan.stream, proposals[0].id, record.version, base.version,
            self.situation.settings.watch_syncs, baseline,
        )  # fmt: skip
        subject = {
            "stream": plan.stream, "entity": base.entity, "version": record.version,
            "repairs": [str(each.id) for each in proposals],
        }  # fmt: skip
        self._audit("mapping.applied", subject)
        for each, proposal in zip(applied, proposals, strict=True):
            summary = f"Repaired by itself with mapping version {record.version}."
            self._note("drift", each, summary, proposal)
            self.tenant.tell("drift.repaired", {**_told(each, proposal), "version": record.version}, POLICY)
        return record.version

    def _applied(self, each: Planned, base: MappingRecord, record: MappingRecord) -> ProposalRecord:
        proposal = self._proposal(each, base, base.version, "applied", record.version)
        self.tenant.drift.resolve(each.event.id, f"repaired by version {record.version}", POLICY)
        self.tenant.holds.lift_of(each.event.id, POLICY)
        return proposal

    def _evolve(self, each: Planned, done: Recorded) -> None:
        waiting = self.situation.waiting.get(each.event.id)
        if waiting is not None:
            self.tenant.proposals.settle(waiting.id, "superseded", POLICY, note="; ".join(each.reasons) or None)
        self.tenant.drift.resolve(each.event.id, "; ".join(("evolve", *each.reasons)), POLICY)
        self.tenant.holds.lift_of(each.event.id, POLICY)
        done.evolved += 1
        if each.event.severity != "info" or each.event.is_breaking:
            self._note("drift", each, "Taken over as it is.", None)
            about = {"drift_id": str(each.event.id), "stream": each.event.stream, "reasons": list(each.reasons)}
            self._audit("drift.evolved", about)

    def _wait(self, each: Planned, base: MappingRecord, version: int, done: Recorded) -> None:
        """Ask a person, or say that it is not sure enough to ask; hold what it affects either way."""
        is_asked = each.outcome == "ask"
        proposal = self._proposal(each, base, version, "open" if is_asked else "refused")
        self._hold(each, proposal)
        (done.asked if is_asked else done.refused).append(proposal)
        if is_asked:
            self._note("approval", each, "A repair waits for a decision.", proposal)
        else:
            self._note("drift", each, "No repair is sure enough; what it affects is held.", proposal)
        subject = {**_told(each, proposal), "reasons": list(each.reasons)}
        self._audit("drift.asked" if is_asked else "drift.refused", subject)

    def _hold(self, each: Planned, proposal: ProposalRecord) -> None:
        event, affected = each.event, each.affected
        if affected is None or event.first_version is None:
            self.tenant.holds.lift_of(event.id, POLICY)
            return
        wanted = (
            event.connection_id, event.stream, event.id, event.first_version, list(affected.fields), affected.match,
        )  # fmt: skip
        placed = self.tenant.holds.place(*wanted, proposal_id=proposal.id)
        is_as_wanted = (placed.fields, placed.match) == (list(affected.fields), affected.match)
        if not is_as_wanted and not placed.restore_targets:
            # The contract is another one now: what it held is looked at anew. One that restores what a bad repair
            # spoiled stays as it is.
            self.tenant.holds.lift(placed.id, POLICY)
            self.tenant.holds.place(*wanted, proposal_id=proposal.id)

    def _proposal(
        self, each: Planned, base: MappingRecord, version: int, status: ProposalStatus, applied: int | None = None
    ) -> ProposalRecord:
        draft = each.draft
        assert draft is not None  # only what was drafted is proposed
        values = proposal_values(draft, each, self._impact(each, base))
        waiting = self.situation.waiting.get(each.event.id)
        if waiting is None:
            return self.tenant.proposals.add(
                base.connection_id, base.stream, kind=each.event.kind, status=status, base_version=version,
                drift_id=each.event.id, entity=base.entity, applied_version=applied, **values,
            )  # fmt: skip
        waits: dict[str, Any] = {} if applied is not None else {"status": status}
        refreshed = self.tenant.proposals.refresh(
            waiting.id, base_version=version, entity=base.entity, **waits, **values
        )
        if applied is None:
            return refreshed
        return self.tenant.proposals.settle(waiting.id, "applied", POLICY, applied_version=applied)

    def _impact(self, each: Planned, base: MappingRecord) -> dict[str, Any]:
        """What it is about downstream: the view, its fields, the records that came with the change, those held."""
        entity = self.situation.catalog.get(base.entity or "")
        about = set(each.event.fields_before)
        fields = [rule["target"] for rule in base.rules if rule["source"] in about]
        fields += [target for target in each.draft.targets if target not in fields] if each.draft else []
        views = [entity.view] if entity else []
        return {"views": views, "fields": list(dict.fromkeys(fields)), "held": each.held, "records": each.landed}

    def _note(self, kind: str, each: Planned, summary: str, proposal: ProposalRecord | None) -> None:
        more: dict[str, Any] = {"reasons": list(each.reasons)}
        if each.draft is not None:
            more["diff"] = diff_lines(each.draft.changes)
        if proposal is not None:
            more |= {"proposal_id": str(proposal.id), "views": proposal.impact["views"], "held": each.held}
            more["expires_at"] = proposal.expires_at.isoformat() if proposal.expires_at else None
        payload = note_of(each.event, self.situation.connection.name, summary, **more)
        self.tenant.notes_outbox.put(kind, f"{each.event.id}", payload)

    def _audit(self, action: str, data: dict[str, Any]) -> None:
        self.tenant.audit.record(action, f"connection:{self.situation.connection.id}", data, POLICY)


def proposal_values(draft: RepairDraft, each: Planned, impact: dict[str, Any]) -> dict[str, Any]:
    """What a proposal holds of a draft."""
    return {
        "probability": min(1.0, max(0.0, draft.probability)),
        "rules": rules_to_json(draft.rules),
        "changes": changes_json(draft),
        "candidates": [candidate.to_json() for candidate in draft.candidates],
        "evidence": {"drift": dict(each.event.evidence), "seen": each.seen, "content": draft.content},
        "reasons": list(dict.fromkeys((*each.reasons, *draft.reasons))),
        "impact": impact,
        "shadow": dict(each.figures) or None,
    }


def changes_json(draft: RepairDraft) -> list[dict[str, Any]]:
    """The changes as a proposal holds them."""
    return [{"target": each.target, "before": _rule(each.before), "after": _rule(each.after)} for each in draft.changes]


def watch_baseline(targets: Iterable[str], figures: Mapping[str, Any], snapshot: int | None) -> dict[str, Any]:
    """What the next syncs are compared with: figures of before the drift, and of the repair as it was tried."""
    return {"targets": sorted(targets), "snapshot": snapshot, **figures}


def _rule(rule: FieldRule | None) -> dict[str, Any] | None:
    return rules_to_json([rule])[0] if rule is not None else None


def _told(each: Planned, proposal: ProposalRecord) -> dict[str, Any]:
    return {
        "drift_id": str(each.event.id), "connection_id": str(proposal.connection_id),
        "proposal_id": str(proposal.id), "stream": each.event.stream,
        "kind": each.event.kind, "change": change_in_words(each.event), "probability": proposal.probability,
    }  # fmt: skip
