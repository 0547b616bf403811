"""What people are told of a repair: the difference in words, as lines that a note or a page shows. Names, no values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from assets.mapping.repairs.composing import RuleChange
from assets.mapping.rules import FieldRule, Transform


class Told(Protocol):
    """What a note tells of a drift event."""

    @property
    def id(self) -> UUID: ...
    @property
    def stream(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def fields_before(self) -> Sequence[str]: ...
    @property
    def fields_after(self) -> Sequence[str]: ...
    @property
    def probability(self) -> float | None: ...


def note_of(event: Told, connection: str, summary: str, **more: Any) -> dict[str, Any]:
    """The payload of a note: what came differently, what was done about it, and what the caller adds."""
    return {
        "connection": connection, "stream": event.stream, "drift_id": str(event.id), "change": event.kind,
        "fields": fields_in_words(event), "severity": event.severity, "probability": event.probability,
        "summary": summary, **more,
    }  # fmt: skip


def fields_in_words(event: Told) -> list[str]:
    """The fields that take part, old before new."""
    return list(dict.fromkeys((*event.fields_before, *event.fields_after)))


def change_in_words(event: Told) -> str:
    """One line: `renamed: phone -> mobile`."""
    before, after = ", ".join(event.fields_before), ", ".join(event.fields_after)
    kind = event.kind.replace("_", " ")
    if before == after or not (before and after):
        return f"{kind}: {before or after or event.stream}"
    return f"{kind}: {before} -> {after}"


def diff_lines(changes: Iterable[RuleChange]) -> list[str]:
    """A line a rule that goes and one a rule that comes."""
    lines = []
    for change in changes:
        if change.before is not None:
            lines.append(f"- {change.target} <- {rule_in_words(change.before)}")
        if change.after is not None:
            lines.append(f"+ {change.target} <- {rule_in_words(change.after)}")
    return lines


def rule_in_words(rule: FieldRule) -> str:
    """The fields a rule reads and how."""
    how = transform_in_words(rule.transform)
    return f"{' + '.join(rule.sources())} ({how})" if how else " + ".join(rule.sources())


def transform_in_words(transform: Transform) -> str:
    """The kind with its small arguments; a table of values is told by its size, since values stay in the mapping."""
    if transform.kind == "cast":
        return ""
    if transform.kind == "chain":
        steps = transform.args.get("steps")
        listed = steps if isinstance(steps, list | tuple) else []
        return ", then ".join(transform_in_words(Transform(step["kind"], step.get("args") or {})) for step in listed)
    shown = [
        f"{len(value)} {name}" if isinstance(value, Mapping | list | tuple) else f"{name} {value!r}"
        for name, value in transform.args.items()
        if name != "fields"
    ]
    return " ".join([transform.kind, *shown])
