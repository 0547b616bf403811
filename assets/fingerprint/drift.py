"""How an observed shape differs from the approved one, as one event per difference.

Pure comparison: it neither moves the baseline nor decides what to do. A rename is not guessed from a removal and an
addition here; since `before` and `after` both carry a name, one event can hold it once evidence tells.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, Final, Literal, Protocol

from assets.fingerprint.fingerprint import ObservedField, ObservedStream, normal_name
from connectors.protocol import SourceType

ChangeKind = Literal[
    "added", "removed", "renamed", "split", "merged", "swapped", "retyped", "nullability", "format", "unit", "enum",
    "currency", "locale", "null_rate", "volume", "stream_added", "stream_removed", "stream_renamed",
]  # fmt: skip
Retyping = Literal["widened", "narrowed", "incompatible"]
Severity = Literal["info", "warning", "breaking"]

_TELLING_ROWS: Final = 50

# Every type whose texts all read as the key's type as well, so going from one of them to the key loses nothing.
_WITHIN: Final[Mapping[SourceType, frozenset[SourceType]]] = {
    "decimal": frozenset({"integer"}),
    "double": frozenset({"integer", "decimal"}),
    "timestamp": frozenset({"date"}),
    "text": frozenset({"integer", "decimal", "double", "boolean", "date", "timestamp", "time", "json", "binary"}),
}


@dataclass(frozen=True, slots=True)
class FieldShape:
    """The part of a field that drift is about."""

    name: str
    type: SourceType
    nullable: bool | None

    @classmethod
    def of(cls, field: ObservedField) -> "FieldShape":
        return cls(field.name, field.type, field.nullable)


class Drifted(Protocol):
    """What settling asks of an event: a `SchemaChange`, or its record in the control plane."""

    @property
    def kind(self) -> str:
        """A `ChangeKind`."""

    @property
    def fields_before(self) -> Sequence[str]:
        """Names of the fields as the baseline has them."""

    @property
    def fields_after(self) -> Sequence[str]:
        """Names of the fields as they are seen now."""


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One difference. `fields_before` is empty for what is new, `fields_after` for what is gone, both for a stream.

    `probability` (0-1) says how sure kind and fields are; `evidence` holds counts, shares, names and readings.
    """

    kind: ChangeKind
    stream: str
    fields_before: tuple[str, ...]
    fields_after: tuple[str, ...]
    before: FieldShape | None
    after: FieldShape | None
    severity: Severity
    retyping: Retyping | None = None
    probability: float = 1.0
    evidence: Mapping[str, Any] = dataclass_field(default_factory=dict)

    @property
    def field(self) -> str:
        """The name it is known by; "" for a whole stream."""
        return "+".join(self.fields_before or self.fields_after)

    def to_json(self) -> dict[str, Any]:
        """JSON object for the control plane and the dashboard."""
        return {
            "kind": self.kind, "stream": self.stream, "field": self.field, "severity": self.severity,
            "fields_before": list(self.fields_before), "fields_after": list(self.fields_after),
            "retyping": self.retyping, "probability": self.probability, "evidence": dict(self.evidence),
            "before": _shape_json(self.before), "after": _shape_json(self.after),
        }  # fmt: skip

    def told(self) -> dict[str, Any]:
        """What dashboards hear of it at once: without the evidence, which is long and may tell of values."""
        return {
            "kind": self.kind, "stream": self.stream, "field": self.field, "severity": self.severity,
            "fields_before": list(self.fields_before), "fields_after": list(self.fields_after),
            "probability": self.probability,
        }  # fmt: skip


def diff_schemas(baseline: Sequence[ObservedStream], observed: Sequence[ObservedStream]) -> tuple[SchemaChange, ...]:
    """Differences between two sets of streams, in the order of stream and field names.

    Both sides must be about the same streams: leave out of `baseline` what this window did not look for. An added
    stream is one change, not one per field.
    """
    before, after = _by_name(baseline), _by_name(observed)
    changes: list[SchemaChange] = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            changes.append(SchemaChange("stream_added", after[name].name, (), (), None, None, "info"))
        elif name not in after:
            changes.append(SchemaChange("stream_removed", before[name].name, (), (), None, None, "breaking"))
        else:
            changes.extend(diff_stream(before[name], after[name]))
    return tuple(changes)


def diff_stream(baseline: ObservedStream, observed: ObservedStream) -> tuple[SchemaChange, ...]:
    """Differences of one stream, in the order of field names."""
    before, after = _fields(baseline), _fields(observed)
    changes: list[SchemaChange] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None and new is not None:
            changes.append(SchemaChange("added", baseline.name, (), (new.name,), None, FieldShape.of(new), "info"))
        elif old is not None and new is None:
            if not observed.partial:
                changes.append(
                    SchemaChange("removed", baseline.name, (old.name,), (), FieldShape.of(old), None, "breaking")
                )
        elif old is not None and new is not None:
            changes.extend(_diff_field(baseline.name, old, new))
    return tuple(changes)


def is_breaking(change: SchemaChange, mapped_fields: Collection[str]) -> bool:
    """Whether mapped rows can lose a value by it. `mapped_fields` are the source fields of the stream in use."""
    return change.severity == "breaking" and touches(change, mapped_fields)


def touches(change: SchemaChange, mapped_fields: Collection[str]) -> bool:
    """Whether a mapped field takes part, under its old name or as the one that holds another's values now."""
    names = (*change.fields_before, *change.fields_after)
    if not names:
        return bool(mapped_fields)
    mapped = {normal_name(name) for name in mapped_fields}
    return any(normal_name(name) in mapped for name in names)


def settle(baseline: ObservedStream, observed: ObservedStream) -> ObservedStream:
    """The shape of the stream as known after this window; equal in digest to the baseline's when nothing drifted.

    A small delta that merely looks narrower, or holds no value at all, says nothing against what was known.
    """
    known = _fields(baseline)
    fields = [_settle_field(known.get(normal_name(field.name)), field, observed) for field in observed.fields]
    if observed.partial:
        seen = {normal_name(field.name) for field in observed.fields}
        fields += [field for name, field in known.items() if name not in seen]
    return replace(observed, fields=tuple(fields))


def settle_event(baseline: ObservedStream, observed: ObservedStream, change: Drifted) -> ObservedStream:
    """The baseline once this event is accepted: its fields as they are seen now, every other as it was approved."""
    if change.kind.startswith("stream_"):
        return observed
    if change.kind == "volume":
        return replace(baseline, rows=observed.rows)
    wanted = [normal_name(name) for name in (*change.fields_before, *change.fields_after)]
    seen, known = _fields(observed), _fields(baseline)
    fields: dict[str, ObservedField] = {}
    for name, old in known.items():
        if name not in wanted:
            fields[name] = old
        elif name in seen:
            fields[name] = _settle_field(
                None if change.kind == "renamed" else old, seen[name], observed, is_accepted=True
            )
        elif name in {normal_name(after) for after in change.fields_after}:
            fields[name] = old  # a window that happens not to hold it takes nothing back
    for name in wanted:
        if name in seen and name not in fields:
            fields[name] = seen[name]
    return replace(baseline, fields=tuple(fields.values()))


def retyping(before: ObservedField, after: ObservedField) -> Retyping | None:
    """How the type changed, None where nothing can be said to have changed."""
    old, new = before.type, after.type
    if old == new or "unknown" in (old, new):
        return None
    if old in _WITHIN.get(new, ()):
        return "widened"
    if new in _WITHIN.get(old, ()):
        # What was read from texts may look narrower by chance; only two declarations prove it.
        return "narrowed" if before.declared and after.declared else None
    return "incompatible"


def _diff_field(stream: str, old: ObservedField, new: ObservedField) -> list[SchemaChange]:
    about = (old.name,), (new.name,), FieldShape.of(old), FieldShape.of(new)
    changes: list[SchemaChange] = []
    change = retyping(old, new)
    if change is not None:
        changes.append(SchemaChange("retyped", stream, *about, _retype_severity(change, new.type), change))
    if _became_nullable(old, new):
        changes.append(SchemaChange("nullability", stream, *about, "warning"))
    elif _became_required(old, new):
        changes.append(SchemaChange("nullability", stream, *about, "info"))
    return changes


def _became_nullable(old: ObservedField, new: ObservedField) -> bool:
    return old.nullable is False and new.nullable is True


def _became_required(old: ObservedField, new: ObservedField) -> bool:
    """Only a declaration can say that no null will come; a window without one is no proof."""
    return bool(old.declared and new.declared and old.nullable is True and new.nullable is False)


def _retype_severity(change: Retyping, new: SourceType) -> Severity:
    if change == "narrowed":
        return "info"
    return "warning" if change == "widened" and new != "text" else "breaking"


def _settle_field(
    known: ObservedField | None, seen: ObservedField, window: ObservedStream, *, is_accepted: bool = False
) -> ObservedField:
    if known is None:
        return seen
    change = retyping(known, seen)
    settled = seen.type if change else known.type
    if known.type == "unknown":
        settled = seen.type
    elif change == "incompatible" and window.mode not in ("snapshot", "full_with_deletes"):
        # Rows of both types are now in the stream: only text holds them all.
        settled = "text"
    drifted = known.nullable is None or _became_nullable(known, seen) or _became_required(known, seen)
    nullable = seen.nullable if drifted and seen.nullable is not None else known.nullable
    # A handful of records does not tell what the values of a column are like.
    is_small = known.sketch is not None and (seen.sketch is None or seen.sketch.filled < _TELLING_ROWS)
    sketch = known.sketch if is_small and not is_accepted else seen.sketch
    return replace(seen, name=known.name, type=settled, nullable=nullable, sketch=sketch)


def _by_name(streams: Sequence[ObservedStream]) -> dict[str, ObservedStream]:
    return {normal_name(stream.name): stream for stream in streams}


def _fields(stream: ObservedStream) -> dict[str, ObservedField]:
    return {normal_name(field.name): field for field in stream.fields}


def _shape_json(shape: FieldShape | None) -> dict[str, Any] | None:
    return None if shape is None else {"name": shape.name, "type": shape.type, "nullable": shape.nullable}
