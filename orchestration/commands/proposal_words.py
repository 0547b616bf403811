"""A repair proposal in words and as a document: what changes in the mapping, candidates, impact, how long it waits."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orchestration.commands.drift_words import evidence_in_words

if TYPE_CHECKING:
    from rich.table import Table

    from orchestration.control_plane.drift import DriftRecord
    from orchestration.control_plane.proposals import ProposalRecord


def describe_proposal(
    proposal: "ProposalRecord", connection: str, event: "DriftRecord | None", held: int | None = None
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


def describe_whole(proposal: "ProposalRecord") -> dict[str, Any]:
    """What `show` adds to it."""
    return {
        "reasons": list(proposal.reasons),
        "evidence": proposal.evidence,
        "evidence_in_words": evidence_in_words(proposal.evidence),
        "impact": proposal.impact,
        "changes": proposal.changes,
        "diff": diff_lines(proposal.changes),
        "rules": proposal.rules,
        "candidates": [
            {"number": number, **candidate, "rule": _candidate_line(candidate)}
            for number, candidate in enumerate(proposal.candidates, 1)
        ],
        "shadow": proposal.shadow,
    }


def diff_lines(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The change of each rule: `- ` what goes, `+ ` what comes."""
    from assets.mapping.rule_syntax import format_rule, span_of

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


def show_proposal(document: Mapping[str, Any]) -> "list[Table | str]":
    """The whole document for people."""
    from orchestration.commands.output import table

    impact = document["impact"]
    told = [
        ("status", document["status"]),
        ("stream", f"{document['connection']} / {document['stream']}"),
        ("change", f"{document['kind']}: {names(document)}"),
        ("probability", f"{document['probability']:.2f}"),
        ("waits", waiting_in_words(document)),
        ("evidence", "; ".join(document["evidence_in_words"]) or "none"),
        ("why not by itself", "; ".join(map(str, document["reasons"]))),
        ("views", ", ".join(map(str, impact.get("views") or [])) or "none"),
        ("fields", ", ".join(map(str, impact.get("fields") or [])) or "none"),
        ("records of the stream", impact.get("records")),
        ("records held back", document["held"]),
        ("shadow run", shadow_in_words(document["shadow"])),
    ]
    shown: list[Table | str] = [table(f"Proposal {document['id']}", ("what", ""), told)]
    if document["diff"]:
        shown += ["Changes of the mapping:", *(f"  {line}" for line in document["diff"]), ""]
    if document["candidates"]:
        cells = [(c["number"], c["rule"], f"{float(c.get('probability') or 0):.2f}") for c in document["candidates"]]
        shown.append(table("Candidates", ("number", "rule", "probability"), cells))
    return [*shown, *show_samples(document.get("samples") or [])]


def show_samples(samples: Sequence[Mapping[str, Any]]) -> "list[Table | str]":
    """Sample rows: the source's fields before and now, the view's value now and as proposed."""
    from orchestration.commands.output import table

    if not samples:
        return ["No sample rows: no record of the change is in the lake."]
    cells = [
        (
            sample["record_id"],
            _values(sample["before"], "not known any more"),
            _values(sample["after"], ""),
            _values(sample.get("standing"), "not in the view"),
            "; ".join(sample.get("problems") or ()) or _values(sample.get("proposed"), ""),
        )
        for sample in samples
    ]
    columns = ("record", "source before", "source now", "view now", "view as proposed")
    return [table(f"{len(samples)} sample records", columns, cells)]


def proposal_line(document: Mapping[str, Any]) -> str:
    """A listed proposal as one line for people."""
    what = f"{document['connection']} / {document['stream']}: {document['kind'].replace('_', ' ')} {names(document)}"
    held = f"{document['held']:,} records held" if document["held"] else "nothing held"
    parts = [what.strip(), f"probability {document['probability']:.2f}", held, waiting_in_words(document)]
    return f"{document['id']}  {'; '.join(parts)}"


def names(document: Mapping[str, Any]) -> str:
    """`old -> new` of a described proposal."""
    before, after = " + ".join(document["fields_before"]), " + ".join(document["fields_after"])
    return before if before == after else " -> ".join(filter(None, (before, after)))


def waiting_in_words(document: Mapping[str, Any]) -> str:
    """How old it is, and when it is escalated or who decided."""
    if document["decided_at"]:
        return f"{document['status']} by {document['decided_by']} at {document['decided_at']:%Y-%m-%d %H:%M}"
    age = f"{document['status']} for {_span(document['age_s'])}"
    if document["escalated_at"]:
        age += ", escalated"
    return age + (f", {_span(document['expires_in_s'])} left" if document["expires_in_s"] is not None else "")


def _candidate_line(candidate: Mapping[str, Any]) -> str:
    from assets.mapping.rule_syntax import format_rule

    if not candidate.get("source"):
        return f"leave {candidate['old']} empty"
    transform = candidate.get("transform") or {"kind": "cast", "args": {}}
    return format_rule({"source": candidate["source"], "target": candidate["old"], "transform": transform})


def _values(values: Mapping[str, Any] | None, absent: str) -> str:
    if values is None:
        return absent
    return ", ".join(f"{name}={'' if value is None else value}" for name, value in values.items())


def _span(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if abs(seconds) >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{int(seconds)} s"
