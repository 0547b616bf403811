"""Drift in words: which names became which, what that breaks downstream, and what speaks for it."""

from collections.abc import Mapping
from typing import Any

from assets.mapping.rule_syntax import format_rule
from assets.mapping.rules_json import rules_from_json
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.proposals import ProposalRecord


def describe_event(
    event: DriftRecord,
    connection: str,
    mapping: MappingRecord | None,
    views: Mapping[str, str],
    proposal: ProposalRecord | None = None,
) -> dict[str, Any]:
    """A drift event as it is shown and printed. `views`: entity -> view."""
    return {
        "id": str(event.id),
        "connection": connection,
        "stream": event.stream,
        "kind": event.kind,
        "field": event.field,
        "fields_before": list(event.fields_before),
        "fields_after": list(event.fields_after),
        "names": names_of(event),
        "severity": event.severity,
        "breaking": event.is_breaking,
        "breaks": breaks(event, mapping, views),
        "probability": event.probability,
        "before": event.before,
        "after": event.after,
        "evidence": event.evidence,
        "evidence_in_words": evidence_in_words(event.evidence),
        "proposal": proposal and {"id": str(proposal.id), "status": proposal.status},
        "status": event.status,
        "resolution": event.resolution,
        "resolved_by": event.resolved_by,
        "first_seen_at": event.first_seen_at,
        "last_seen_at": event.last_seen_at,
    }


def names_of(event: DriftRecord) -> str:
    """`amount -> total`, `name -> first + last`; one name where it stayed, nothing for a whole stream."""
    before, after = " + ".join(event.fields_before), " + ".join(event.fields_after)
    if not before and not after:
        return event.field
    if before == after or not after:
        return before
    return f"{before} -> {after}" if before else after


def breaks(event: DriftRecord, mapping: MappingRecord | None, views: Mapping[str, str]) -> dict[str, list[str]]:
    """Views and their fields that are filled from what changed; both empty when nothing is."""
    touched = set(event.fields_before) or ({event.field} - {""} if event.kind != "added" else set())
    view = views.get(mapping.entity or "") if mapping else None
    if mapping is None or view is None:
        return {"views": [], "fields": []}
    whole = not touched and event.kind not in ("added", "stream_added")
    rules = [rule for rule in mapping.rules if whole or touched & set(sources_of(rule))]
    fields = dict.fromkeys(str(rule["target"]) for rule in rules)
    return {"views": [view] if fields else [], "fields": [f"{view}.{name}" for name in fields]}


def sources_of(rule: Mapping[str, Any]) -> list[str]:
    """Every source field that a stored rule reads."""
    return list(rules_from_json([rule])[0].sources())


def evidence_in_words(evidence: Mapping[str, Any]) -> list[str]:
    """What speaks for an event, a sentence each, the strongest first."""
    told = []
    equality = evidence.get("equality")
    if isinstance(equality, Mapping) and equality.get("compared"):
        compared, equal = int(equality["compared"]), int(equality.get("equal") or 0)
        by_chance = equality.get("by_chance")
        chance = f" ({_percent(by_chance)} would be by chance)" if isinstance(by_chance, int | float) else ""
        told.append(f"{equal:,} of {compared:,} records hold the same value under the new name{chance}")
    if isinstance(evidence.get("overlap"), int | float):
        told.append(f"their values overlap by {_percent(evidence['overlap'])}")
    if isinstance(evidence.get("name"), int | float):
        told.append(f"the names are alike to {_percent(evidence['name'])}")
    if evidence.get("same_type") is not None:
        told.append("the type is the same" if evidence["same_type"] else "the type is another")
    if evidence.get("copy_of"):
        told.append(f"it copies {evidence['copy_of']}")
    if rivals := evidence.get("rivals"):
        told.append(f"it could also be {', '.join(_rival(rival) for rival in rivals)}")
    if evidence.get("too_little"):
        told.append("too few records tell to be sure")
    told += [_reading(reading) for reading in evidence.get("readings") or () if _says_something(reading)]
    return told


def _says_something(reading: Mapping[str, Any]) -> bool:
    """A name that is read as it comes, compared with nothing, is the change itself."""
    return bool(reading.get("compared")) or reading["transform"]["kind"] != "cast"


def _reading(reading: Mapping[str, Any]) -> str:
    line = format_rule({"source": reading["source"], "target": reading["old"], "transform": reading["transform"]})
    compared, explained = reading.get("compared"), reading.get("explained")
    counted = f" explains {int(explained):,} of {int(compared):,} records" if compared and explained is not None else ""
    return f"reading {line}{counted}"


def _rival(rival: Any) -> str:
    if isinstance(rival, Mapping):
        return str(rival.get("name") or rival.get("field") or rival.get("source") or rival)
    return str(rival)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
