"""Names that vendors give to their fields, and which vendor's object a stream is, told from its field set.

The table is data: `aliases/*.csv`, each row with the documentation it was taken from. A row without a target says that
the field is known and has no canonical counterpart, so nothing is guessed for it.
"""

import csv
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, cast, get_args

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.names import is_common_name
from assets.mapping.rules import Transform, TransformKind

_TABLES: Final = Path(__file__).parent / "aliases"
_COMMON: Final = 0.25  # weight of a field whose name any vendor might use
_OTHER_SPELLING: Final = 0.7  # weight of a field whose case or separators differ from the vendor's
_NAMED: Final = 1.5  # weight of the vendor's or the object's name in the stream's name or the connection's
_ENOUGH: Final = 1.0  # vendor score below which no vendor is claimed
_MOST: Final = 0.8  # part of the fields which, with one name only this vendor uses, is proof enough
_MOST_KNOWN: Final = 0.6  # part of the fields an object must know when the stream's name does not say so
_WRAPPED: Final = re.compile(r"^(properties|fields|attributes|record|data)[._/]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Alias:
    """One row. `target` is None for a field known to have none; `position` is its place in the table."""

    vendor: str
    stream_pattern: str
    source_field: str
    entity: str
    target: str | None
    transform: Transform | None
    source: str
    position: int


@dataclass(frozen=True, slots=True)
class VendorMatch:
    """The vendor's object a stream was recognised as: `vendor_probability` x `entity_probability` says how surely.

    `entity` is None for an object that is known and is none of ours, such as a vendor's own users.
    """

    vendor: str
    entity: str | None
    stream_pattern: str
    vendor_probability: float
    entity_probability: float
    evidence: tuple[str, ...]

    def aliases(self, field: str) -> tuple[Alias, ...]:
        """Rows about the field, in the order of the table: the order in which they fill a shared target."""
        return _objects()[self.vendor, self.stream_pattern].get(alias_key(field), ())


def alias_key(name: str) -> str:
    """The form in which field names are compared: letters and digits only, case folded, envelopes left out."""
    return "".join(char for char in _WRAPPED.sub("", name).lower() if char.isalnum())


@cache
def documented_names() -> Mapping[str, frozenset[tuple[str, str]]]:
    """Canonical fields (entity, field) that some vendor's field of this `alias_key` fills."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for alias in _table():
        if alias.target is not None:
            found[alias_key(alias.source_field)].add((alias.entity, alias.target))
    return {key: frozenset(targets) for key, targets in found.items()}


def recognise_vendor(stream: ObservedStream, vendor_hint: str | None = None) -> VendorMatch | None:
    """The vendor's object whose fields these are, or None when the evidence is thin or two objects fit alike."""
    names = {alias_key(field.name): field.name for field in stream.fields}
    scores = {vendor: _vendor_score(vendor, names, stream.name, vendor_hint) for vendor in _vendors()}
    ranked = sorted(scores, key=lambda vendor: (-scores[vendor], vendor))
    best = ranked[0]
    if scores[best] < _ENOUGH:
        return None
    rival = scores[ranked[1]]
    vendor_probability = min(0.99, 1 - math.exp(-1.6 * scores[best])) * _margin(scores[best] - rival)
    found = _vendor_object(best, names, stream.name)
    if found is None:
        return None
    pattern, object_probability = found
    rows = _objects()[best, pattern]
    first = next(iter(rows.values()))[0]
    known = sum(key in rows for key in names)
    evidence = (f"{known} of {len(names)} fields are named as in {first.source}",)
    return VendorMatch(best, first.entity or None, pattern, round(vendor_probability, 4), object_probability, evidence)


def _vendor_score(vendor: str, names: Mapping[str, str], stream: str, hint: str | None) -> float:
    score, own, known = 0.0, 0, 0
    for key, name in names.items():
        owners = _owners().get(key, {})
        if vendor in owners:
            common = is_common_name(name)
            spelling = 1.0 if _WRAPPED.sub("", name) in owners[vendor] else _OTHER_SPELLING
            score += spelling / len(owners) * (_COMMON if common else 1.0)
            own, known = own + (not common), known + 1
    brand = vendor.split("_")[0].rstrip("0123456789")
    if known and (brand in (hint or "").lower() or brand in stream.lower()):
        score, own = score + _NAMED, own + 1
    # Names that anybody might use prove no vendor, however many there are.
    return score if own >= 2 or (own and known >= _MOST * len(names)) else 0.0


def _vendor_object(vendor: str, names: Mapping[str, str], stream: str) -> tuple[str, float] | None:
    groups = {pattern: group for (owner, pattern), group in _objects().items() if owner == vendor}
    shared = Counter(key for group in groups.values() for key in group)
    scores: dict[str, float] = {}
    exclusive: dict[str, int] = {}
    sure: dict[str, bool] = {}
    for pattern, group in groups.items():
        hits = [key for key in names if key in group]
        named = re.search(rf"(?<![a-z])(?:{pattern})(?![a-z])", stream.lower().replace("_", " "))
        scores[pattern] = sum(1 / shared[key] for key in hits) + (_NAMED if named else 0.0)
        exclusive[pattern] = sum(shared[key] == 1 for key in hits) + (2 if named and len(hits) >= 2 else 0)
        sure[pattern] = bool(named) or len(hits) >= _MOST_KNOWN * len(names)
    ranked = sorted(scores, key=lambda pattern: (-scores[pattern], pattern))
    best = ranked[0]
    if exclusive[best] < 2:
        return None
    rival = scores[ranked[1]] if len(ranked) > 1 else 0.0
    return best, _margin(scores[best] - rival) if sure[best] else _margin(0.0)


def _margin(lead: float) -> float:
    """How surely the first is the right one, from its lead over the second."""
    return 0.99 if lead >= 1.5 else 0.97 if lead >= 0.8 else 0.92 if lead >= 0.4 else 0.7


@cache
def _table() -> tuple[Alias, ...]:
    rows: list[dict[str, str]] = []
    for path in sorted(_TABLES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return tuple(_alias(row, position) for position, row in enumerate(rows))


def _alias(row: Mapping[str, str], position: int) -> Alias:
    transform = None
    if row["transform_kind"]:
        if row["transform_kind"] not in get_args(TransformKind):
            raise ValueError(f"unknown transform {row['transform_kind']!r} of {row['vendor']}.{row['source_field']}")
        transform = Transform(cast(TransformKind, row["transform_kind"]), json.loads(row["transform_args"] or "{}"))
    pattern, target = row["stream_pattern"], row["target"] or None
    return Alias(row["vendor"], pattern, row["source_field"], row["entity"], target, transform, row["source"], position)


@cache
def _vendors() -> tuple[str, ...]:
    return tuple(sorted({alias.vendor for alias in _table()}))


@cache
def _objects() -> Mapping[tuple[str, str], Mapping[str, tuple[Alias, ...]]]:
    groups: dict[tuple[str, str], dict[str, tuple[Alias, ...]]] = defaultdict(dict)
    for alias in _table():
        group, key = groups[alias.vendor, alias.stream_pattern], alias_key(alias.source_field)
        group[key] = (*group.get(key, ()), alias)
    return groups


@cache
def _owners() -> Mapping[str, Mapping[str, frozenset[str]]]:
    owners: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for alias in _table():
        owners[alias_key(alias.source_field)][alias.vendor].add(alias.source_field)
    return {key: {vendor: frozenset(names) for vendor, names in found.items()} for key, found in owners.items()}
