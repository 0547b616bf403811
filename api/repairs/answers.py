"""Records of the repair loop as the answers that callers get."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from api.schemas.approvals import ApprovalOut, CandidateOut, ShadowOut, VoteOut, WholeApprovalOut
from api.schemas.drift import DriftOut, DriftProposalOut, WholeDriftOut
from api.schemas.mappings import MappingOut
from api.schemas.rules import ChangeOut, RuleOut
from api.schemas.samples import SamplesOut
from assets.mapping.repairs.event_words import breaks, evidence_in_words, names_of
from assets.mapping.repairs.proposal_words import candidate_line, diff_lines, measured, shadow_run
from assets.mapping.rule_syntax import format_rule
from assets.normalize.catalog import EntityCatalog
from assets.normalize.custom import tenant_catalog
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.control_plane.votes import VoteRecord

Names = Mapping[UUID, str]


def connection_names(session: TenantSession) -> Names:
    """Names of the tenant's connections; those of deleted ones are not known."""
    return {known.id: known.name for known in session.connections.list()}


def catalog_of(session: TenantSession) -> EntityCatalog:
    """The canonical entities and the tenant's own."""
    return tenant_catalog(session.custom_entities.list())


def rule_out(rule: Mapping[str, Any]) -> RuleOut:
    """A stored rule."""
    return RuleOut(line=format_rule(rule), **rule)


def change_out(change: Mapping[str, Any]) -> ChangeOut:
    """A stored change of one target."""
    before, after = change.get("before"), change.get("after")
    return ChangeOut(
        target=str(change["target"]),
        before=rule_out(before) if before else None,
        after=rule_out(after) if after else None,
    )


def mapping_fields(mapping: MappingRecord, names: Names) -> dict[str, Any]:
    """What every answer about a version of a mapping holds."""
    return {
        "connection_id": mapping.connection_id, "connection": names.get(mapping.connection_id),
        "stream": mapping.stream, "version": mapping.version, "entity": mapping.entity,
        "is_in_force": mapping.is_active, "reason": mapping.reason, "decided_by": mapping.decided_by,
        "decided_at": mapping.decided_at, "rules": [rule_out(rule) for rule in mapping.rules],
    }  # fmt: skip


def mapping_out(mapping: MappingRecord, names: Names) -> MappingOut:
    """One version of a mapping."""
    return MappingOut(**mapping_fields(mapping, names))


def drift_answers(session: TenantSession, events: Sequence[DriftRecord]) -> list[DriftOut]:
    """Drift events with what they break and the newest repair proposed for each."""
    return [DriftOut(**fields) for fields in _drift_fields(session, events)]


def whole_drift(session: TenantSession, event: DriftRecord, samples: SamplesOut) -> WholeDriftOut:
    """One event with all there is to know."""
    (fields,) = _drift_fields(session, [event])
    return WholeDriftOut(
        **fields, before=event.before, after=event.after, evidence=event.evidence, reopened_why=event.reopened_why,
        samples=samples,
    )  # fmt: skip


def approval_answers(session: TenantSession, proposals: Sequence[ProposalRecord]) -> list[ApprovalOut]:
    """Repairs as they are listed."""
    names = connection_names(session)
    events = {each.id: session.drift.get(each.drift_id) for each in proposals if each.drift_id}
    return [ApprovalOut(**_approval_fields(each, events.get(each.id), names)) for each in proposals]


def whole_approval(
    session: TenantSession, proposal: ProposalRecord, event: DriftRecord | None, samples: SamplesOut
) -> WholeApprovalOut:
    """One repair with all there is to know."""
    return WholeApprovalOut(
        **_approval_fields(proposal, event, connection_names(session)),
        rules=[rule_out(rule) for rule in proposal.rules],
        changes=[change_out(change) for change in proposal.changes],
        candidates=list(_candidates(proposal)),
        evidence=dict(measured(proposal)),
        evidence_in_words=evidence_in_words(measured(proposal)),
        shadow=_shadow(shadow_run(proposal)),
        votes=[_vote(vote) for vote in session.proposals.votes(proposal.id)],
        needs_two=session.repair_settings.get().two_person,
        samples=samples,
    )


def _drift_fields(session: TenantSession, events: Sequence[DriftRecord]) -> list[dict[str, Any]]:
    names = connection_names(session)
    views = {entity.name: entity.view for entity in catalog_of(session).values()}
    places = {event.connection_id for event in events}
    mappings = {(m.connection_id, m.stream): m for place in places for m in session.mappings.list(place)}
    proposals = session.proposals.newest_of([event.id for event in events])
    found = []
    for event in events:
        touched = breaks(event, mappings.get((event.connection_id, event.stream)), views)
        proposal = proposals.get(event.id)
        same = (
            "id", "connection_id", "stream", "kind", "severity", "is_breaking", "fields_before", "fields_after",
            "probability", "status", "resolution", "resolved_by", "resolved_at", "reopened_by", "reopened_at",
            "first_seen_at", "last_seen_at",
        )  # fmt: skip
        found.append(
            {
                **{name: getattr(event, name) for name in same},
                "connection": names.get(event.connection_id), "names": names_of(event),
                "breaks_views": touched["views"], "breaks_fields": touched["fields"],
                "evidence_in_words": evidence_in_words(event.evidence),
                "proposal": proposal and DriftProposalOut(id=proposal.id, status=proposal.status),
            }
        )  # fmt: skip
    return found


def _approval_fields(proposal: ProposalRecord, event: DriftRecord | None, names: Names) -> dict[str, Any]:
    same = (
        "id", "connection_id", "stream", "entity", "kind", "status", "drift_id", "probability", "reasons",
        "base_version", "applied_version", "created_at", "expires_at", "escalated_at", "decided_at", "decided_by",
        "note",
    )  # fmt: skip
    impact = proposal.impact
    return {
        **{name: getattr(proposal, name) for name in same},
        "connection": names.get(proposal.connection_id), "severity": event.severity if event else None,
        "fields_before": list(event.fields_before) if event else [],
        "fields_after": list(event.fields_after) if event else [],
        "views": impact.get("views") or [], "fields": impact.get("fields") or [],
        "records_held": impact.get("held"), "records": impact.get("records"), "diff": diff_lines(proposal.changes),
    }  # fmt: skip


def _candidates(proposal: ProposalRecord) -> Iterable[CandidateOut]:
    for number, candidate in enumerate(proposal.candidates, 1):
        yield CandidateOut(
            number=number, old=candidate["old"], source=candidate.get("source"),
            line=candidate_line(candidate, proposal), probability=candidate.get("probability") or 0.0,
            # Of none there is nothing to be said but what its line says.
            evidence=list(candidate.get("evidence") or ()) if candidate.get("source") else [],
        )  # fmt: skip


def _shadow(stored: Mapping[str, Any] | None) -> ShadowOut | None:
    if not stored:
        return None
    return ShadowOut(
        rows=stored.get("rows") or 0, rejected=stored.get("rejected") or 0, reasons=stored.get("reasons") or {}
    )


def _vote(vote: VoteRecord) -> VoteOut:
    return VoteOut(by=vote.voter, verdict=vote.verdict, at=vote.voted_at)
