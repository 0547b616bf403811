"""A repair proposal as a document and in words: what changes in the mapping, candidates, impact, the shadow run."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from assets.mapping.repairs.event_words import evidence_in_words, sources_of
from assets.mapping.rule_syntax import format_rule, span_of
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.proposals import ProposalRecord


def describe_proposal(
    proposal: ProposalRecord, connection: str, event: DriftRecord | None, held: int | None = None
) -> dict[str, Any]:
    """A proposal as it is listed. `held` is how many records wait now, where somebody counted."""
    now = datetime.now(UTC)
    before, after = (event.fields_before, event.fields_after) if event else ([], [])
    return {
        "id": str(proposal.id),
        "connection": connection,
        "stream": proposal.stream,
        "kind": proposal.kind,
        "status": proposal.status,
        "drift": proposal.drift_id and str(proposal.drift_id),
        "fields_before": list(before),
        "fields_after": list(after),
        "severity": event.severity if event else None,
        "probability": proposal.probability,
        "held": proposal.impact.get("held") if held is None else held,
        "base_version": proposal.base_version,
        "applied_version": proposal.applied_version,
        "created_at": proposal.created_at,
        "age_s": round((now - proposal.created_at).total_seconds()),
        "expires_at": proposal.expires_at,
        "expires_in_s": proposal.expires_at and round((proposal.expires_at - now).total_seconds()),
        "escalated_at": proposal.escalated_at,
        "decided_at": proposal.decided_at,
        "decided_by": proposal.decided_by,
        "note": proposal.note,
    }


def describe_whole(proposal: ProposalRecord) -> dict[str, Any]:
    """What `show` adds to it."""
    return {
        "reasons": list(proposal.reasons),
        "evidence": measured(proposal),
        "evidence_in_words": evidence_in_words(measured(proposal)),
        "impact": proposal.impact,
        "changes": proposal.changes,
        "diff": diff_lines(proposal.changes),
        "rules": proposal.rules,
        "candidates": [
            {"number": number, **candidate, "rule": candidate_line(candidate, proposal)}
            for number, candidate in enumerate(proposal.candidates, 1)
        ],
        "shadow": shadow_run(proposal),
    }


def measured(proposal: ProposalRecord) -> Mapping[str, Any]:
    """What was measured of the drift that the proposal answers; nothing where a person wrote it."""
    return proposal.evidence.get("drift") or {}


def shadow_run(proposal: ProposalRecord) -> Mapping[str, Any] | None:
    """What its own mapping made of the rows it was tried on; None: it was not tried."""
    return (proposal.shadow or {}).get("tried")


def diff_lines(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The change of each rule: `- ` what goes, `+ ` what comes."""
    lines = []
    for change in changes:
        for sign, rule in (("-", change.get("before")), ("+", change.get("after"))):
            if rule:
                span = span_of(rule)
                lines.append(f"{sign} {format_rule(rule)}{f'   ({span})' if span else ''}")
    return lines


def rules_diff(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[str]:
    """The same between two whole mappings, in their order; an equal rule is no line."""

    old, new = {decided(rule) for rule in before}, {decided(rule) for rule in after}
    gone = [{"before": rule} for rule in before if decided(rule) not in new]
    come = [{"after": rule} for rule in after if decided(rule) not in old]
    return diff_lines([*gone, *come])


def decided(rule: Mapping[str, Any]) -> tuple[object, ...]:
    """What a stored rule does, without who decided it and how sure it was; the order of keys does not count."""
    transform = json.dumps(rule["transform"], sort_keys=True)
    return rule["source"], rule["target"], transform, rule.get("since") or 0, rule.get("until")


def shadow_in_words(shadow: Mapping[str, Any] | None) -> str:
    """What the shadow run saw."""
    if not shadow:
        return "no shadow run"
    rows, rejected = shadow.get("rows", 0), shadow.get("rejected", 0)
    reasons = "".join(f"; {reason}: {count:,}" for reason, count in (shadow.get("reasons") or {}).items())
    return f"tried on {rows:,} records, {rejected:,} would be rejected{reasons}"


def candidate_line(candidate: Mapping[str, Any], proposal: ProposalRecord) -> str:
    """The rule that a candidate would make; for none, what becomes of what the old field filled."""
    old, source = str(candidate["old"]), candidate.get("source")
    if not source:
        gone = proposal.kind in ("removed", "stream_removed")
        return f"leave {' and '.join(_filled(old, proposal))} empty" if gone else "leave the mapping as it is"
    proposed = [
        format_rule(change["after"])
        for change in proposal.changes
        if change.get("after") and source in sources_of(change["after"]) and _reads(change.get("before"), old)
    ]
    transform = candidate.get("transform") or {"kind": "cast", "args": {}}
    made = proposed or [
        format_rule({"source": source, "target": target, "transform": transform}) for target in _filled(old, proposal)
    ]
    return "; ".join(made)


def _filled(old: str, proposal: ProposalRecord) -> list[str]:
    """Targets that the old field fills, or would; its own name where no rule reads it any more."""
    changed = [c["target"] for c in proposal.changes if _reads(c.get("before"), old) or _reads(c.get("after"), old)]
    standing = [rule["target"] for rule in proposal.rules if rule.get("until") is None and _reads(rule, old)]
    return list(dict.fromkeys(map(str, changed or standing))) or [old]


def _reads(rule: Mapping[str, Any] | None, field: str) -> bool:
    return rule is not None and field in sources_of(rule)
