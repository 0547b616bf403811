"""Field rules as JSON for the control plane, and back. A round trip changes nothing.

Documents of before rules had a span lack `since` and `until`: such a rule reads every row.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from assets.mapping.rules import FieldRule, Transform, TransformKind


def rules_to_json(rules: Sequence[FieldRule]) -> list[dict[str, Any]]:
    """One object a rule, in rule order; that order decides among rules which share a target."""
    return [
        {
            "source": rule.source, "target": rule.target,
            "transform": {"kind": rule.transform.kind, "args": dict(rule.transform.args)},
            "probability": rule.probability, "decided_by": rule.decided_by, "evidence": list(rule.evidence),
            "since": rule.since, "until": rule.until,
        }
        for rule in rules
    ]  # fmt: skip


def rules_from_json(documents: Sequence[Mapping[str, Any]]) -> tuple[FieldRule, ...]:
    """The rules again. Raises ValueError for a transform that does not exist."""
    return tuple(_rule(document) for document in documents)


def _rule(document: Mapping[str, Any]) -> FieldRule:
    kind = document["transform"]["kind"]
    if kind not in get_args(TransformKind):
        raise ValueError(f"unknown transform {kind!r} for target {document['target']!r}")
    transform = Transform(kind, dict(document["transform"]["args"]))
    return FieldRule(
        document["source"], document["target"], transform, document["probability"], document["decided_by"],
        tuple(document["evidence"]), since=document.get("since") or 0, until=document.get("until"),
    )  # fmt: skip
