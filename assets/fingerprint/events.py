"""Every difference of a stream as single events: the difference of shapes, read with what the records themselves tell.

Pure. One event has one cause: what moved, was counted or was written otherwise is not told again as removed, added,
retyped or nullable.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

from assets.fingerprint.drift import ChangeKind, FieldShape, SchemaChange, diff_stream
from assets.fingerprint.findings import Finding
from assets.fingerprint.fingerprint import ObservedField, ObservedStream, normal_name
from assets.fingerprint.likeness import anomalies, rename_by_likeness, values_changed
from assets.fingerprint.moves import Move, Movement
from assets.fingerprint.pairs import FEWEST_PAIRS, Pairs, Texts
from assets.fingerprint.readings import read_change

_MEANINGS: Final = frozenset({"unit", "format", "locale", "currency", "enum"})
_LOST_IN_PART: Final = 20  # records that all lost a field: as good as a source that says so


def explain(baseline: ObservedStream, observed: ObservedStream, pairs: Pairs | None) -> list[SchemaChange]:
    """All differences between the approved shape and the observed one. Without pairs only sketches speak."""
    shapes = list(diff_stream(baseline, observed))
    news = [field.name for field in observed.fields]
    movement = Movement(pairs, [field.name for field in baseline.fields], news) if pairs else None
    changes = [] if movement is None else [_moved(baseline, observed, move) for move in movement.moves]
    if movement is not None:
        changes += _meanings(baseline, observed, movement, shapes)
        changes += _lost_in_part(baseline, observed, movement)
    else:
        changes += _by_sketches(baseline, observed, shapes)
    changes += _unless_told(anomalies(baseline, observed), changes)
    is_too_little = {name for change in shapes if change.kind == "removed" for name in change.fields_before
                     if movement is None or movement.filled_before(name) < FEWEST_PAIRS}  # fmt: skip
    return changes + [_with_evidence(change, movement, is_too_little) for change in _unless_told(shapes, changes)]


def needs_all_pairs(baseline: ObservedStream, observed: ObservedStream) -> bool:
    """Whether the shapes alone say that something changed, so that a close look is worth its time."""
    return bool(diff_stream(baseline, observed))


def _moved(baseline: ObservedStream, observed: ObservedStream, move: Move) -> SchemaChange:
    old, new = baseline.field_named(move.before[0]), observed.field_named(move.after[0])
    shapes = FieldShape.of(old) if old else None, FieldShape.of(new) if new else None
    evidence = dict(move.evidence)
    if old is not None and new is not None:
        evidence["same_type"] = old.type == new.type
    kind = cast("ChangeKind", move.kind)
    return SchemaChange(
        kind, baseline.name, move.before, move.after, *shapes, "breaking", None, move.probability, evidence
    )


def _meanings(
    baseline: ObservedStream, observed: ObservedStream, movement: Movement, shapes: Sequence[SchemaChange]
) -> list[SchemaChange]:
    """Fields under their old names whose values mean or look otherwise."""
    pairs = movement.pairs
    retyped = {change.fields_before[0] for change in shapes if change.kind == "retyped"}
    moved = movement.moved_before | movement.moved_after
    changes = []
    for name in dict.fromkeys((*movement.suspects, *sorted(retyped))):
        if name in moved or name not in pairs.before or name not in pairs.after:
            continue
        old, new = baseline.field_named(name), observed.field_named(name)
        finding = read_change(pairs.before[name], pairs.after[name])
        if old is None or new is None:
            continue
        if finding is not None and finding.kind in _MEANINGS:
            changes.append(_meaning(baseline.name, old, new, finding, pairs.count))
        elif name in retyped and finding is not None:
            changes += [_read_as(change, finding, name) for change in shapes
                        if change.kind == "retyped" and change.fields_before == (name,)]  # fmt: skip
        elif finding is None and _is_other_code(pairs.before[name], pairs.after[name]):
            about = (old.name,), (new.name,), FieldShape.of(old), FieldShape.of(new)
            evidence: dict[str, Any] = {"readings": [], "records": pairs.count, "code": name}
            changes.append(SchemaChange("currency", baseline.name, *about, "breaking", None, 0.7, evidence))
    return _one_currency(changes)


def _meaning(stream: str, old: ObservedField, new: ObservedField, finding: Finding, records: int) -> SchemaChange:
    reading = finding.reading(old.name, new.name)
    evidence = {
        "readings": [reading] if reading else [], "records": records, "same_type": old.type == new.type,
        "equality": {"compared": finding.compared, "equal": finding.explained,
                     "by_chance": round(finding.by_chance, 4)}, **finding.evidence,
    }  # fmt: skip
    kind, probability = cast("ChangeKind", finding.kind), round(finding.probability, 4)
    shapes = FieldShape.of(old), FieldShape.of(new)
    return SchemaChange(kind, stream, (old.name,), (new.name,), *shapes, "breaking", None, probability, evidence)


def _read_as(change: SchemaChange, finding: Finding, name: str) -> SchemaChange:
    """The retyping with the proof that a plain reading still gives the old values."""
    reading = finding.reading(name, name)
    evidence = {**change.evidence, "readings": [reading] if reading else [], "still_reads": True}
    return replace(change, evidence=evidence)


def _is_other_code(before: Texts, after: Texts) -> bool:
    """Whether codes of three capitals gave way to others altogether."""
    old, new = {text for text in before if text}, {text for text in after if text}
    codes = all(len(text) == 3 and text.isascii() and text.isalpha() and text.isupper() for text in old | new)
    return codes and 0 < len(old) <= 5 and 0 < len(new) <= 5 and not old & new


def _one_currency(changes: list[SchemaChange]) -> list[SchemaChange]:
    """Amounts that went over to another currency together with their code are one event."""
    code = next((change for change in changes if "code" in change.evidence), None)
    amounts = [change for change in changes if change.kind == "currency" and change is not code]
    if code is None or not amounts:
        return changes
    told = [replace(change, evidence={**change.evidence, "code": code.field}) for change in amounts]
    return [change for change in changes if change is not code and change not in amounts] + told


def _lost_in_part(baseline: ObservedStream, observed: ObservedStream, movement: Movement) -> list[SchemaChange]:
    """Of a source that names only the fields its records carry: fields that every record read anew has lost."""
    if not observed.partial:
        return []
    lost = [name for name in movement.gone if name not in movement.moved_before
            and observed.field_named(name) is None and movement.filled_before(name) >= _LOST_IN_PART]  # fmt: skip
    return [
        SchemaChange("removed", baseline.name, (field.name,), (), FieldShape.of(field), None, "breaking", None, 0.9,
                     {"records": movement.pairs.count})
        for name in lost if (field := baseline.field_named(name)) is not None
    ]  # fmt: skip


def _by_sketches(
    baseline: ObservedStream, observed: ObservedStream, shapes: Sequence[SchemaChange]
) -> list[SchemaChange]:
    gone = [f for change in shapes if change.kind == "removed" if (f := baseline.field_named(change.fields_before[0]))]
    come = [f for change in shapes if change.kind == "added" if (f := observed.field_named(change.fields_after[0]))]
    changes = rename_by_likeness(baseline.name, gone, come) if gone and come else []
    both = ((old, observed.field_named(old.name)) for old in baseline.fields)
    found = (values_changed(baseline.name, old, new) for old, new in both if new is not None)
    return changes + [change for change in found if change is not None]


def _unless_told(changes: Sequence[SchemaChange], told: Sequence[SchemaChange]) -> list[SchemaChange]:
    """Those about fields that no other event is about already."""
    before = {normal_name(name) for change in told for name in change.fields_before}
    after = {normal_name(name) for change in told for name in change.fields_after}

    def is_told(change: SchemaChange) -> bool:
        ours = {normal_name(name) for name in change.fields_before}
        theirs = {normal_name(name) for name in change.fields_after}
        return bool(ours & (before if not theirs else before | after) or theirs & after)

    return [change for change in changes if not is_told(change)]


def _with_evidence(change: SchemaChange, movement: Movement | None, too_little: set[str]) -> SchemaChange:
    evidence = dict(change.evidence)
    if change.kind == "removed" and change.fields_before[0] in too_little:
        evidence["too_little"] = True
    if change.kind == "added" and movement is not None and change.fields_after[0] in movement.copies:
        evidence["copy_of"] = movement.copies[change.fields_after[0]]
    return replace(change, evidence=evidence) if evidence else change
