"""Drift where no record can be compared: told by what columns' sketches have in common, and never surer than a person.

For streams that only grow, and those whose records have no key of their own. Also the anomalies that are no change of
shape: more nulls than before, far fewer or more records.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Any, Final

from assets.fingerprint.agreement import name_likeness
from assets.fingerprint.drift import FieldShape, SchemaChange
from assets.fingerprint.fingerprint import ObservedField, ObservedStream
from assets.fingerprint.numbers_read import CLEAN_FACTORS
from assets.fingerprint.sketches import Sketch, value_overlap

SUREST: Final = 0.8  # below the default threshold for repairing alone, on purpose
_FEWEST: Final = 100  # filled rows on both sides
_NULLS_MORE: Final = 0.2
_NULLS_SIGMA: Final = 6.0


def rename_by_likeness(stream: str, gone: Sequence[ObservedField], come: Sequence[ObservedField]) -> list[SchemaChange]:
    """Renames among fields that went and came, by overlap of values, spread of numbers, type and name."""
    ranked = sorted(
        ((score, old, new, evidence) for old in gone for new in come
         if (result := _score(old, new)) is not None for score, evidence in (result,)),
        key=lambda entry: (-entry[0], entry[1].name, entry[2].name),
    )  # fmt: skip
    taken: set[str] = set()
    changes = []
    for score, old, new, evidence in ranked:
        if f"-{old.name}" in taken or f"+{new.name}" in taken:
            continue
        taken |= {f"-{old.name}", f"+{new.name}"}
        rivals = [n.name if o is old else o.name for s, o, n, _ in ranked
                  if (o is old) != (n is new) and s >= score - 0.05]  # fmt: skip
        probability = round(score * (0.8 if rivals else 1.0), 4)
        if probability < 0.5:
            continue
        reading = {"old": old.name, "source": new.name, "transform": {"kind": "cast", "args": {}},
                   "compared": 0, "explained": 0}  # fmt: skip
        full = {**evidence, "rivals": rivals, "readings": [reading], "by": "sketches"}
        shapes = FieldShape.of(old), FieldShape.of(new)
        names = (old.name,), (new.name,)
        changes.append(SchemaChange("renamed", stream, *names, *shapes, "breaking", None, probability, full))
    return changes


def values_changed(stream: str, old: ObservedField, new: ObservedField) -> SchemaChange | None:
    """Another unit or other codes under the same name and type, as far as sketches tell."""
    a, b = old.sketch, new.sketch
    if a is None or b is None or min(a.filled, b.filled) < _FEWEST:
        return None
    factor = _clean_factor(a, b)
    about = (old.name,), (new.name,), FieldShape.of(old), FieldShape.of(new)
    if factor is not None:
        transform = {"kind": "scale", "args": {"factor": f"{1 / factor:.9f}".rstrip("0").rstrip(".")}}
        reading = {"old": old.name, "source": new.name, "transform": transform, "compared": 0, "explained": 0}
        evidence = {"factor": factor, "readings": [reading], "by": "sketches"}
        return SchemaChange("unit", stream, *about, "breaking", None, 0.65, evidence)
    if 2 <= len(a.enum) <= 25 and 2 <= len(b.enum) <= 25 and not set(a.enum) & set(b.enum):
        evidence = {"overlap": 0.0, "readings": [], "by": "sketches"}
        return SchemaChange("enum", stream, *about, "breaking", None, 0.6, evidence)
    return None


def anomalies(baseline: ObservedStream, observed: ObservedStream) -> list[SchemaChange]:
    """Fields with many more nulls than chance allows, and a stream far smaller or larger than its baseline."""
    changes = []
    for new in observed.fields:
        old = baseline.field_named(new.name)
        evidence = None if old is None else _more_nulls(old.sketch, new.sketch)
        if old is not None and evidence is not None:
            about = (old.name,), (new.name,), FieldShape.of(old), FieldShape.of(new)
            changes.append(SchemaChange("null_rate", baseline.name, *about, "warning", None, 0.9, evidence))
    before, now = baseline.rows, observed.rows
    if before is not None and now is not None and before >= 50 and not 0.5 * before <= now <= 5 * before:
        evidence = {"rows_before": before, "rows": now}
        changes.append(SchemaChange("volume", baseline.name, (), (), None, None, "warning", None, 0.9, evidence))
    return changes


def _more_nulls(a: Sketch | None, b: Sketch | None) -> dict[str, Any] | None:
    """A two-sample test of shares with the pooled variance; six sigma, as every field of every sync is tried."""
    if a is None or b is None or min(a.rows, b.rows) < 50 or a.null_share > 0.75:
        return None
    more = b.null_share - a.null_share
    pooled = (a.nulls + b.nulls) / (a.rows + b.rows)
    sigma = sqrt(max(pooled * (1 - pooled), 1e-6) * (1 / a.rows + 1 / b.rows))
    if more < _NULLS_MORE or more < _NULLS_SIGMA * sigma:
        return None
    return {"nulls_before": round(a.null_share, 4), "nulls": round(b.null_share, 4), "records": b.rows}


def _score(old: ObservedField, new: ObservedField) -> tuple[float, dict[str, Any]] | None:
    a, b = old.sketch, new.sketch
    if a is None or b is None or min(a.filled, b.filled) < 20 or min(a.distinct, b.distinct) < 2:
        return None
    overlap = value_overlap(a, b) or 0.0
    name = name_likeness(old.name, new.name)
    is_telling = min(a.distinct, b.distinct) >= 10
    alike = max(overlap * (1.0 if is_telling else 0.6), 0.7 * _spread_likeness(a, b))
    if alike < 0.3 or (not is_telling and name < 0.4):
        return None
    score = 0.75 * alike + 0.25 * name - (0.0 if old.type == new.type else 0.15)
    evidence = {"overlap": round(overlap, 4), "name": round(name, 3), "same_type": old.type == new.type}
    return min(SUREST, score), evidence


def _spread_likeness(a: Sketch, b: Sketch) -> float:
    """1 where the numbers are spread alike, falling with how far the quartiles lie apart in units of the range."""
    if not a.quantiles or not b.quantiles:
        return 0.0
    span = max(a.quantiles[-2], b.quantiles[-2]) - min(a.quantiles[1], b.quantiles[1])
    apart = max(abs(x - y) for x, y in zip(a.quantiles[1:-1], b.quantiles[1:-1], strict=True))
    return max(0.0, 1 - 4 * apart / span) if span else 0.0


def _clean_factor(a: Sketch, b: Sketch) -> float | None:
    """The factor by which all inner quantiles moved, if units differ by it: at least ten, and within 15 %."""
    if not a.quantiles or not b.quantiles:
        return None
    ratios = [y / x for x, y in zip(a.quantiles[1:-1], b.quantiles[1:-1], strict=True) if x]
    factors = [f for clean in CLEAN_FACTORS if clean >= 10 for f in (clean, 1 / clean)]
    if len(ratios) < 4 or min(a.distinct, b.distinct) < 20:
        return None
    return next((f for f in factors if all(abs(ratio / f - 1) < 0.15 for ratio in ratios)), None)
