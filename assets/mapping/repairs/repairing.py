"""Decides on the open drift of one stream: which repairs are drafted, tried in a shadow run, applied, asked or refused.

Reads the lake through the shadow run and writes nothing; `recording` puts the plan into the control plane.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.candidates import Decision as Remembered
from assets.mapping.policy import decide
from assets.mapping.proposal import Proposal, propose_mapping
from assets.mapping.repairs.contracts import Contract, contract_of, is_explicit
from assets.mapping.repairs.holding import Affected, affected_by, count_affected
from assets.mapping.repairs.repair import (
    RepairCandidate,
    RepairDraft,
    Surroundings,
    draft_repair,
    read_fields,
    reads_plainly,
)
from assets.mapping.repairs.replacing import replacements, with_opinion
from assets.mapping.repairs.shadowing import Shadow, ShadowResult
from assets.mapping.repairs.situation import Situation
from assets.mapping.repairs.verdict import Verdict, compare
from assets.mapping.rerank import Ranking
from assets.mapping.rules import FieldRule, StreamMapping
from assets.mapping.rules_json import rules_from_json
from assets.normalize.model import ENTITIES, identity_fields
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.mappings import MappingRecord
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.llm import Question

Outcome = Literal["apply", "ask", "refuse", "evolve", "wait"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What is done about one event. "evolve": taken over as it is; "wait": decided before, nothing is new."""

    event: DriftRecord
    outcome: Outcome
    contract: Contract
    draft: RepairDraft | None = None
    reasons: tuple[str, ...] = ()
    affected: Affected | None = None
    landed: int = 0  # live raw rows since the change
    held: int = 0  # of them, those that wait
    seen: str = ""  # digest of what the decision was made on
    figures: Mapping[str, Any] = field(default_factory=dict)  # of the shadow run: "before" and "tried"


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """One stream's: `rules` is the mapping with all that is applied; figures of before and as tried, for the watch."""

    stream: str
    base: MappingRecord | None
    rules: tuple[FieldRule, ...]
    planned: tuple[Planned, ...]
    before: ShadowResult | None = None
    tried: ShadowResult | None = None


@dataclass(frozen=True, slots=True)
class Repairer:
    """Plans the repairs of one connection's streams. `opinion` asks a language model, where the tenant has one."""

    session: LakeSession
    connection_id: UUID
    shadow: Shadow
    situation: Situation
    memory: Sequence[Remembered] = field(default=())
    opinion: Callable[[Question], Ranking] | None = None
    _proposed: dict[str, Proposal] = field(default_factory=dict)
    _replaced: dict[UUID, tuple[RepairCandidate, ...]] = field(default_factory=dict)

    def plan(self, stream: str) -> StreamPlan:
        """Decide on every open event of the stream."""
        base = self.situation.mappings.get(stream)
        events = self.situation.events[stream]
        if base is None:
            # Nothing is mapped, so nothing can break; the first mapping is made of the shape as it is.
            return StreamPlan(stream, None, (), tuple(Planned(event, "evolve", "evolve") for event in events))
        mapping = StreamMapping(stream, base.entity, base.version, rules_from_json(base.rules))
        first = [self._first_look(event, mapping, events) for event in events]
        applied, before, tried, failures = self._tried(mapping, first)
        rules = mapping.rules
        done: list[Planned] = []
        applied_ids = {planned.event.id for planned in applied}
        for planned in first:
            if planned.event.id in applied_ids:
                draft = self._draft(planned.event, replace(mapping, rules=rules))
                assert draft is not None  # the same event drafted upon more rules
                rules = draft.rules
                done.append(replace(planned, draft=draft))
        final = replace(mapping, rules=rules)
        rest = [self._settled(planned, final, failures) for planned in first if planned.event.id not in applied_ids]
        place = {event.id: number for number, event in enumerate(events)}
        ordered = sorted([*done, *rest], key=lambda planned: place[planned.event.id])
        return StreamPlan(stream, base, rules, tuple(ordered), before, tried)

    def _first_look(self, event: DriftRecord, mapping: StreamMapping, events: Sequence[DriftRecord]) -> Planned:
        """The decision as far as it goes without a shadow run; "apply" is to be tried."""
        is_mapped = bool(read_fields(mapping.rules) & set(event.fields_before)) or (
            event.kind.startswith("stream_") and bool(mapping.rules)
        )
        contract = contract_of(event, self.situation.chosen, is_mapped)
        seen = self._seen(event, mapping.version, contract)
        waiting = self.situation.waiting.get(event.id)
        if waiting is not None and waiting.evidence.get("seen") == seen:
            return Planned(event, "wait", contract, seen=seen)
        if self._may_be_a_rename(event, events):
            return Planned(event, "wait", contract, seen=seen)
        draft = self._draft(event, mapping)
        asked_by_contract = contract != "evolve" and is_explicit(event, self.situation.chosen)
        if draft is None:
            if not asked_by_contract:
                return Planned(event, "evolve", contract, seen=seen)
            reasons = (f"the contract for {event.kind.replace('_', ' ')} changes is {contract}",)
            draft = RepairDraft(
                mapping.stream, event.kind, mapping.rules, probability=1.0, reasons=reasons, evidence=event.evidence
            )
            return Planned(event, "ask", contract, draft, reasons, seen=seen)
        decision = decide(
            draft, self.situation.settings, contract, self.situation.connection.safe_mode, past=self.situation.past
        )
        return Planned(event, decision.verdict, contract, draft, decision.reasons, seen=seen)

    def _tried(
        self, mapping: StreamMapping, planned: Sequence[Planned]
    ) -> tuple[list[Planned], ShadowResult | None, ShadowResult | None, dict[UUID, tuple[str, ...]]]:
        """Those whose repairs stand the shadow run together; the figures; why the others do not."""
        candidates = [each for each in planned if each.outcome == "apply" and each.draft is not None]
        failures: dict[UUID, tuple[str, ...]] = {}
        before: ShadowResult | None = None
        while candidates:
            rules = mapping.rules
            for each in candidates:
                draft = self._draft(each.event, replace(mapping, rules=rules))
                rules = draft.rules if draft is not None else rules
            since = min(each.event.first_version or 0 for each in candidates)
            before = before or self._before(mapping, since)
            targets = [target for each in candidates if each.draft for target in each.draft.targets]
            tried, verdict = self._try(replace(mapping, rules=rules), since, before, targets)
            if verdict.passed:
                return candidates, before, tried, failures
            candidates = self._without_failed(candidates, verdict, failures)
        return [], before, None, failures

    @staticmethod
    def _without_failed(
        candidates: Sequence[Planned], verdict: Verdict, failures: dict[UUID, tuple[str, ...]]
    ) -> list[Planned]:
        """Those that no failure is about; none where the rows as a whole failed."""
        failed_targets = set(verdict.failures) - {""}
        kept = []
        for each in candidates:
            targets = each.draft.targets if each.draft else ()
            if failed_targets and not failed_targets & set(targets):
                kept.append(each)
            else:
                failures[each.event.id] = verdict.of(targets)
        return kept

    def _before(self, mapping: StreamMapping, since: int) -> ShadowResult:
        return self.shadow.canonical(
            self.session, self.connection_id, mapping, self.situation.catalog, before_version=since
        )

    def _settled(self, planned: Planned, mapping: StreamMapping, failures: dict[UUID, tuple[str, ...]]) -> Planned:
        """The final word on what is not applied, drafted upon the mapping as it will be."""
        event = planned.event
        if planned.outcome in ("wait", "evolve"):
            return planned
        draft = self._draft(event, mapping) or planned.draft
        outcome, reasons = planned.outcome, planned.reasons
        if outcome == "apply":
            outcome, reasons = "ask", failures.get(event.id, ())
        if event.kind == "added" and outcome == "refuse" and not is_explicit(event, self.situation.chosen):
            return replace(planned, outcome="evolve", reasons=reasons)  # it stays unmapped, and visible
        if self._still_reads(event, draft, mapping):
            return replace(planned, outcome="evolve", reasons=("the mapping reads the new values as well",))
        if planned.contract == "evolve" and event.is_breaking:
            flows = "the contract is evolve: records flow, with the value empty or as it comes"
            return replace(planned, outcome="evolve", draft=draft, reasons=(*reasons, flows))
        affected = affected_by(event, planned.contract)
        landed, held = count_affected(
            self.session, self.connection_id, event.stream, affected, event.first_version or 0
        )
        figures, failed = self._figures(event, draft, mapping) if outcome == "ask" else ({}, ())
        reasons = tuple(dict.fromkeys((*reasons, *failed)))
        return replace(
            planned, outcome=outcome, draft=draft, reasons=reasons, affected=affected, landed=landed, held=held,
            figures=figures,
        )  # fmt: skip

    def _figures(
        self, event: DriftRecord, draft: RepairDraft | None, mapping: StreamMapping
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What a person is shown of a shadow run of what they are asked, and what it complains of."""
        if draft is None or not draft.changes:
            return {}, ()
        since = event.first_version or 0
        before = self._before(mapping, since)
        tried, verdict = self._try(replace(mapping, rules=draft.rules), since, before, draft.targets)
        return {"before": before.to_json(), "tried": tried.to_json()}, verdict.of(draft.targets)

    def _try(
        self, mapping: StreamMapping, since: int, before: ShadowResult, targets: Sequence[str]
    ) -> tuple[ShadowResult, Verdict]:
        """The shadow run of a mapping, and what is to be said against it."""
        made = replace(mapping, version=mapping.version + 1)
        try:
            tried = self.shadow.run(self.session, self.connection_id, made, self.situation.catalog, since)
        except ValueError as error:  # it does not compile, such as onto an entity that was retired meanwhile
            return ShadowResult(0), Verdict({"": (f"it cannot be applied: {error}",)})
        return tried, compare(tried, before, targets)

    def _still_reads(self, event: DriftRecord, draft: RepairDraft | None, mapping: StreamMapping) -> bool:
        """Whether another type or writing needs no repair: a shadow run of the mapping as it is finds nothing worse.

        Texts that are written otherwise are other values, so of those only what is read as a number or moment counts.
        """
        if draft is None or draft.changes or is_explicit(event, self.situation.chosen):
            return False
        targets = [rule.target for rule in mapping.rules if set(rule.sources()) & set(event.fields_before)]
        around = self._around(event, mapping)
        entity = self.situation.catalog.get(mapping.entity or "")
        is_text = entity is None or any(entity.type_of(target) in ("VARCHAR", None) for target in targets)
        if event.kind != "retyped" and (is_text or not reads_plainly(event)):
            return False
        if self.situation.connection.safe_mode or around.key_targets & set(targets):
            return False
        since = event.first_version or 0
        tried, verdict = self._try(mapping, since, self._before(mapping, since), targets)
        return bool(tried.rows) and verdict.passed

    def _draft(self, event: DriftRecord, mapping: StreamMapping) -> RepairDraft | None:
        return draft_repair(event, mapping, self._around(event, mapping))

    def _around(self, event: DriftRecord, mapping: StreamMapping) -> Surroundings:
        baseline = self.situation.baselines.get(event.stream)
        shape = self.situation.shapes.get(event.stream)
        known = frozenset(seen.name for seen in baseline.fields) if baseline else frozenset()
        entity = self.situation.catalog.get(mapping.entity or "")
        keys = {entity.identity} if entity else set()
        if mapping.entity in ENTITIES:
            keys |= set(identity_fields(mapping.entity))
        is_gone = event.kind == "removed" and baseline is not None and shape is not None
        return Surroundings(
            known=known,
            key_fields=frozenset(baseline.primary_key) if baseline else frozenset(),
            key_targets=frozenset(keys),
            candidates=self._replacements(event, baseline, shape, mapping) if is_gone and baseline and shape else (),
            addition=self._addition(event, mapping),
        )

    def _replacements(
        self, event: DriftRecord, baseline: ObservedStream, shape: ObservedStream, mapping: StreamMapping
    ) -> tuple[RepairCandidate, ...]:
        """Fields that could take the place of the one that went; looked for once, though drafted upon several times."""
        found = self._replaced.get(event.id)
        if found is None:
            found = replacements(event, baseline, shape, mapping)
            if self.opinion is not None:
                found = with_opinion(found, shape, self.opinion, self.situation.settings.apply_at)
            self._replaced[event.id] = found
        return found

    def _addition(self, event: DriftRecord, mapping: StreamMapping) -> FieldRule | None:
        """The rule that the new field of an `added` event would make, of what the names and values support."""
        shape = self.situation.shapes.get(event.stream)
        if event.kind != "added" or mapping.entity is None or shape is None:
            return None
        proposal = self._proposed.get(event.stream)
        if proposal is None:
            proposal = propose_mapping(shape, self.situation.vendor_hint, self.memory)
            self._proposed[event.stream] = proposal
        if proposal.entity != mapping.entity:
            return None
        filled = mapping.targets()
        found = (
            rule
            for rule in proposal.rules
            if rule.source in event.fields_after and rule.target not in filled and not rule.target.startswith("_")
        )
        return next(found, None)

    def _may_be_a_rename(self, event: DriftRecord, events: Sequence[DriftRecord]) -> bool:
        """A new field may turn out to be the one that went, once there is enough to compare."""
        if event.kind != "added":
            return False
        return any(other.kind == "removed" and other.evidence.get("too_little") for other in events)

    def _seen(self, event: DriftRecord, version: int, contract: Contract) -> str:
        settings = self.situation.settings
        seen = [
            dict(event.evidence), event.probability, event.first_version, version, contract,
            settings.apply_at, settings.ask_at, self.situation.connection.safe_mode,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()[:32]
