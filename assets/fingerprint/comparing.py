"""One stream against its baseline: which records are compared, and how what is seen joins what is open already.

A change stays one event however often it is seen: what an open event covers is not told again under another name, and
comparisons go back to the snapshot before its first sight as long as the lake still has that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from assets.fingerprint.drift import ChangeKind, Drifted, FieldShape, SchemaChange, Severity, diff_stream
from assets.fingerprint.events import explain
from assets.fingerprint.fingerprint import ObservedStream, normal_name
from assets.fingerprint.pairs import FEWEST_PAIRS, MOST_CELLS, QUIET_CELLS, load_pairs
from orchestration.control_plane.drift import DriftRecord
from orchestration.resources.lake_session import LakeSession

_MEANINGS: Final = frozenset({"unit", "format", "locale", "currency", "enum"})
_TELLING: Final = frozenset({"renamed", "split", "merged", "swapped"}) | _MEANINGS
_SHAPES: Final = frozenset({"added", "removed", "retyped", "nullability", "null_rate"})
_FIELD_MOVES: Final = frozenset({"added", "removed", "renamed", "split", "merged"})


@dataclass(frozen=True, slots=True)
class Window:
    """What a sync landed of a stream: raw rows since a commit, and the lake's snapshot before it, where known."""

    session: LakeSession
    table: str
    first_version: int
    snapshot_before: int | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A change, and the first commit and snapshot it was told by."""

    change: SchemaChange
    first_version: int | None = None
    snapshot_before: int | None = None


def compare(
    approved: ObservedStream, observed: ObservedStream, window: Window | None, opened: Sequence[DriftRecord]
) -> list[Sighting]:
    """What differs from the approved shape, as far as this window and the events open since earlier ones tell."""
    if window is None or window.snapshot_before is None:
        return [Sighting(change) for change in _joined(explain(approved, observed, None), opened)]
    is_loud = bool(diff_stream(approved, observed))
    landed = max((field.sampled_rows for field in observed.fields), default=0)
    since = _first_sight(opened) if is_loud else None
    sightings: list[Sighting] = []
    if since is not None and since[0] < window.first_version and landed:
        changes = _explained(
            approved, observed, replace(window, first_version=since[0], snapshot_before=since[1]), True
        )
        if changes is not None:
            sightings = [Sighting(change, *since) for change in changes]
    told = {(s.change.kind, s.change.field) for s in sightings}
    own = _explained(approved, observed, window, is_loud) if landed >= FEWEST_PAIRS else None
    if own is None and not sightings:
        own = explain(approved, observed, None)
    earlier = [sighting.change for sighting in sightings]
    for change in own or ():
        # What only this window tells of fields that moved earlier is less than what was found from there.
        is_told = change.kind in _FIELD_MOVES or (change.kind, change.field) in told or _is_covered(change, earlier)
        if not earlier or not is_told:
            sightings.append(Sighting(change, window.first_version, window.snapshot_before))
    by_change = {id(s.change): s for s in sightings}
    joined = _joined([s.change for s in sightings], opened)
    return [by_change.get(id(change), Sighting(change)) for change in joined]


def superseded(changes: Sequence[SchemaChange], opened: Sequence[DriftRecord]) -> list[tuple[DriftRecord, str]]:
    """Open events about fields of which more is known now, with what they were seen as."""
    telling = [change for change in changes if change.kind in _TELLING]
    found = []
    for event in opened:
        if event.kind not in _SHAPES | {"renamed"} or event.kind == "null_rate":
            continue
        for change in telling:
            if (event.kind, event.field) != (change.kind, change.field) and _covers(change, event):
                names = "+".join(change.fields_before), "+".join(change.fields_after)
                moved = f" {names[0]} -> {names[1]}" if names[0] != names[1] else f" {names[0]}"
                found.append((event, f"seen as {change.kind}{moved}"))
                break
    return found


def _explained(
    approved: ObservedStream, observed: ObservedStream, window: Window, is_loud: bool
) -> list[SchemaChange] | None:
    cells = MOST_CELLS if is_loud else QUIET_CELLS
    width = len(approved.fields) + len(observed.fields)
    pairs = load_pairs(
        window.session, window.table, width // 2, window.first_version, window.snapshot_before or 0, cells
    )
    return None if pairs is None else explain(approved, observed, pairs)


def _first_sight(opened: Sequence[DriftRecord]) -> tuple[int, int] | None:
    """First commit and snapshot of the oldest open event about fields that went, came or moved."""
    seen = [
        (event.first_version, event.snapshot_before)
        for event in opened
        if event.kind in _FIELD_MOVES and event.first_version is not None and event.snapshot_before is not None
    ]
    return min(seen, default=None)  # fmt: skip


def _joined(changes: Sequence[SchemaChange], opened: Sequence[DriftRecord]) -> list[SchemaChange]:
    """The changes; an open event that tells more of the same fields takes the place of what tells less."""
    telling = [event for event in opened if event.kind in _TELLING]
    joined: list[SchemaChange] = []
    kept: set[Any] = set()
    for change in changes:
        known = next((event for event in telling if _tells_more(event, change)), None)
        if known is None:
            joined.append(change)
        elif known.id not in kept:
            kept.add(known.id)
            joined.append(from_record(known))
    return joined


def _tells_more(event: DriftRecord, change: SchemaChange) -> bool:
    if change.kind in _SHAPES:
        return _covers(event, change)
    is_same = (event.kind, tuple(event.fields_before), tuple(event.fields_after)) == (
        change.kind, change.fields_before, change.fields_after,
    )  # fmt: skip
    return is_same and (event.probability or 0.0) > change.probability


def from_record(event: DriftRecord) -> SchemaChange:
    """An open event as the change it was told as."""
    before, after = (_shape(of) for of in (event.before, event.after))
    return SchemaChange(
        cast("ChangeKind", event.kind), event.stream, tuple(event.fields_before), tuple(event.fields_after),
        before, after, cast("Severity", event.evidence.get("severity") or "breaking"), None,
        event.probability or 0.0, dict(event.evidence),
    )  # fmt: skip


def _shape(described: Any) -> FieldShape | None:
    return FieldShape(described["name"], described["type"], described["nullable"]) if described else None


def _is_covered(change: SchemaChange, others: Sequence[SchemaChange]) -> bool:
    return any(_covers(other, change) for other in others)


def _covers(one: Drifted, other: Drifted) -> bool:
    """Whether all fields of the other take part in the one."""
    return _fields(other) <= _fields(one) and bool(_fields(other))


def _fields(change: Drifted) -> set[str]:
    return {normal_name(name) for name in (*change.fields_before, *change.fields_after)}
