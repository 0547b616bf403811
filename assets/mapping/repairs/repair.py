"""From one drift event and the mapping in force to a repair: new rules, what they change, and how sure they are.

Pure: it reads no data and decides nothing (`policy` does), and it takes what the event's evidence carries, no more.
How rules and readings are joined is `composing`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Any, Final, Protocol

from assets.mapping.repairs.composing import Reading, RuleChange, Unfit, readings_of, rederive
from assets.mapping.rules import FieldRule, StreamMapping, Transform
from assets.mapping.rules_json import rules_to_json

READ_ANEW: Final = frozenset(
    ("renamed", "split", "merged", "swapped", "retyped", "format", "unit", "enum", "currency", "locale")
)
ALWAYS_ASKED: Final = frozenset(("removed", "swapped", "currency", "stream_removed", "stream_renamed"))
_TOO_LITTLE: Final = 0.3  # most that a repair can be sure of where there was too little to compare
_UNPAIRED: Final = 0.8  # most that a changed reading can be sure of which no pair of records proves
_Z: Final = 1.2816  # one-sided 90 %


class DriftEvent(Protocol):
    """What a repair asks of a drift event, as the control plane keeps it."""

    @property
    def stream(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def fields_before(self) -> Sequence[str]: ...
    @property
    def fields_after(self) -> Sequence[str]: ...
    @property
    def probability(self) -> float | None: ...
    @property
    def first_version(self) -> int | None: ...
    @property
    def evidence(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class RepairCandidate:
    """One way to fill what `old` filled; `source` None is "leave it empty"."""

    old: str
    source: str | None
    transform: Transform
    probability: float
    evidence: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON object for a proposal."""
        return {
            "old": self.old, "source": self.source,
            "transform": {"kind": self.transform.kind, "args": dict(self.transform.args)},
            "probability": self.probability, "evidence": list(self.evidence),
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "RepairCandidate":
        transform = Transform(document["transform"]["kind"], dict(document["transform"]["args"]))
        return cls(document["old"], document["source"], transform, document["probability"], tuple(document["evidence"]))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the event: fields known before it, the keys, and what the matcher found for it.

    `key_fields` name the record at the source, `key_targets` in the entity. `addition` is the rule that the new field
    of an `added` event would make.
    """

    known: frozenset[str] = frozenset()
    key_fields: frozenset[str] = frozenset()
    key_targets: frozenset[str] = frozenset()
    candidates: tuple[RepairCandidate, ...] = ()
    addition: FieldRule | None = None


@dataclass(frozen=True, slots=True)
class RepairDraft:
    """The whole mapping of the stream as it would be, and the part of it that the repair changes."""

    stream: str
    kind: str
    rules: tuple[FieldRule, ...]
    changes: tuple[RuleChange, ...] = ()
    candidates: tuple[RepairCandidate, ...] = ()
    probability: float = 0.0
    is_destructive: bool = False
    touches_key: bool = False
    reasons: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def targets(self) -> tuple[str, ...]:
        """Targets that the repair changes."""
        return tuple(dict.fromkeys(change.target for change in self.changes))

    @property
    def content(self) -> str:
        """Digest of what the repair would do: two with the same are the same decision. Spans and evidence do not
        count, since each new sync may see the same change from another commit on."""
        does = sorted(
            json.dumps([change.target, *(_said(rule) for rule in (change.before, change.after))], sort_keys=True)
            for change in self.changes
        )
        return hashlib.sha256(json.dumps([self.stream, self.kind, does]).encode()).hexdigest()[:32]


def draft_repair(event: DriftEvent, mapping: StreamMapping, around: Surroundings) -> RepairDraft | None:
    """What could be done about the event; None where the mapping has no part in it."""
    if event.kind == "added":
        return _addition(event, mapping, around)
    if event.kind in ("removed", "stream_removed", "stream_renamed"):
        return _gone(event, mapping, around)
    if event.kind not in READ_ANEW or not _mapped(event, mapping):
        return None
    readings = tuple(each for each in readings_of(event.evidence) if not _is_plain(each))
    if not readings:
        return _unread(event, mapping, "nothing recovers the old value from what comes now")
    draft = redraft(event, mapping, around, readings, probability_of(event, readings))
    return replace(draft, candidates=(*_main(readings, draft.probability), *_rivals(event), *around.candidates))


def redraft(
    event: DriftEvent, mapping: StreamMapping, around: Surroundings, readings: Sequence[Reading], probability: float
) -> RepairDraft:
    """The repair that these readings make, whoever chose them."""
    try:
        made = rederive(mapping.rules, readings, event.first_version or 0, around.known, probability)
    except Unfit as error:
        return _unread(event, mapping, str(error))
    draft = RepairDraft(
        mapping.stream, event.kind, made.rules, made.changes, probability=probability,
        is_destructive=bool(made.displaced), evidence=dict(event.evidence),
    )  # fmt: skip
    return replace(draft, touches_key=_touches_key(draft, around), reasons=_displaced(made.displaced))


def probability_of(event: DriftEvent, readings: Sequence[Reading]) -> float:
    """How sure the repair is: the event's own probability times the least share of pairs that a reading explains
    (lower end of Wilson's interval, one-sided 90 %). Equality is what a plain rename's probability was made of, so
    it is not counted twice."""
    sure = event.probability or 0.0
    if event.evidence.get("too_little"):
        return min(sure, _TOO_LITTLE)
    changed = [reading for reading in readings if reading.transform.kind != "cast" or event.kind == "retyped"]
    if any(not reading.compared for reading in changed):
        return min(sure, _UNPAIRED)
    return round(sure * min((lower_bound(r.explained, r.compared) for r in changed), default=1.0), 4)


def reads_plainly(event: DriftEvent) -> bool:
    """Whether the evidence says that the values are read as before, though they are written otherwise."""
    readings = readings_of(event.evidence)
    return bool(readings) and all(_is_plain(reading) for reading in readings)


def lower_bound(hits: int, tries: int) -> float:
    """Lower end of Wilson's score interval for a share, one-sided 90 %; 0 without tries."""
    if tries <= 0:
        return 0.0
    share, z2 = hits / tries, _Z * _Z
    centre = share + z2 / (2 * tries)
    spread = _Z * sqrt(share * (1 - share) / tries + z2 / (4 * tries * tries))
    return max(0.0, (centre - spread) / (1 + z2 / tries))


def chosen_readings(event: DriftEvent, candidate: RepairCandidate) -> tuple[Reading, ...]:
    """The event's readings with the candidate in place of what was proposed for its field."""
    others = tuple(reading for reading in readings_of(event.evidence) if reading.old != candidate.old)
    if candidate.source is None:
        return others
    return (*others, Reading(candidate.old, candidate.source, candidate.transform))


def _addition(event: DriftEvent, mapping: StreamMapping, around: Surroundings) -> RepairDraft | None:
    rule = around.addition
    if rule is None or event.evidence.get("copy_of") or rule.target in mapping.targets():
        return None
    change = RuleChange(rule.target, None, rule)
    draft = RepairDraft(
        mapping.stream, event.kind, (*mapping.rules, rule), (change,), probability=rule.probability,
        candidates=(RepairCandidate(rule.source, rule.source, rule.transform, rule.probability, rule.evidence),),
        reasons=(f"{rule.source} looks like {rule.target}, which nothing fills",), evidence=dict(event.evidence),
    )  # fmt: skip
    return replace(draft, touches_key=_touches_key(draft, around))


def _gone(event: DriftEvent, mapping: StreamMapping, around: Surroundings) -> RepairDraft | None:
    """A field or stream that went: a person says what takes its place, or that nothing does."""
    if not _mapped(event, mapping):
        return None
    empty = tuple(RepairCandidate(old, None, Transform(), 0.0, ("leave it empty",)) for old in event.fields_before)
    candidates = (*around.candidates, *empty)
    best = max((candidate.probability for candidate in candidates), default=0.0)
    reason = {
        "removed": "a field that was mapped is gone; nothing takes its place unless a person says so",
        "stream_removed": "the stream is gone; its records stay as they were last seen",
        "stream_renamed": "the stream comes under another name; approving moves its records there",
    }[event.kind]
    sure = (event.probability or 0.0) if event.kind == "stream_renamed" else best
    return RepairDraft(
        mapping.stream, event.kind, mapping.rules, candidates=candidates, probability=sure, is_destructive=True,
        reasons=(reason,), evidence=dict(event.evidence),
    )  # fmt: skip


def _unread(event: DriftEvent, mapping: StreamMapping, reason: str) -> RepairDraft:
    return RepairDraft(
        mapping.stream, event.kind, mapping.rules, reasons=(reason,), evidence=dict(event.evidence),
        candidates=tuple(
            RepairCandidate(old, None, Transform(), 0.0, ("leave the mapping as it is",))
            for old in event.fields_before
        ),
    )  # fmt: skip


def _is_plain(reading: Reading) -> bool:
    return reading.source == reading.old and reading.transform.kind == "cast"


def _mapped(event: DriftEvent, mapping: StreamMapping) -> bool:
    if not event.fields_before:
        return bool(mapping.rules)
    return bool(read_fields(mapping.rules) & set(event.fields_before))


def _touches_key(draft: RepairDraft, around: Surroundings) -> bool:
    if any(target in around.key_targets or target == "_deleted" for target in draft.targets):
        return True
    rules = [rule for change in draft.changes for rule in (change.before, change.after) if rule is not None]
    return any(around.key_fields & set(rule.sources()) for rule in rules)


def _displaced(rules: Sequence[FieldRule]) -> tuple[str, ...]:
    return tuple(f"{rule.source} filled {rule.target} until now, and nothing would fill it any more" for rule in rules)


def _main(readings: Sequence[Reading], probability: float) -> tuple[RepairCandidate, ...]:
    return tuple(
        RepairCandidate(
            reading.old, reading.source, reading.transform, probability,
            (f"explains {reading.explained} of {reading.compared} compared values",) if reading.compared else (),
        )
        for reading in readings
    )  # fmt: skip


def _rivals(event: DriftEvent) -> tuple[RepairCandidate, ...]:
    """Other fields that the evidence names for the same old field."""
    found = []
    for rival in event.evidence.get("rivals") or ():
        source = rival if isinstance(rival, str) else str(rival.get("source") or rival.get("field") or "")
        if source and len(event.fields_before) == 1:
            found.append(RepairCandidate(event.fields_before[0], source, Transform(), 0.0, ("a rival",)))
    return tuple(found)


def _said(rule: FieldRule | None) -> Any:
    if rule is None:
        return None
    (document,) = rules_to_json([rule])
    return [document["source"], document["transform"]]


def read_fields(rules: Sequence[FieldRule]) -> frozenset[str]:
    """Source fields that some rule without end reads."""
    return frozenset(source for rule in rules if rule.until is None for source in rule.sources())
