"""The observed shape of a stream: its fields, what each reads as, and one digest for all of it.

Types come from the source where it declares them, else from the tightest reading all sampled texts share.
Nothing here compares two shapes: that is `drift`.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from assets.fingerprint.profile import ColumnProfile
from assets.fingerprint.sketches import Sketch
from connectors.protocol import Mode, SourceType, Stream

_INTEGER: Final = frozenset({"zero_one", "compact_date", "epoch_s", "epoch_ms", "integer"})
# Tightest first; a column has the first type whose classes hold every sampled text.
_READINGS: Final[tuple[tuple[SourceType, frozenset[str]], ...]] = (
    ("boolean", frozenset({"boolean"})),
    ("integer", _INTEGER),
    ("decimal", _INTEGER | {"decimal"}),
    ("double", _INTEGER | {"decimal", "double"}),
    ("date", frozenset({"date"})),
    ("timestamp", frozenset({"date", "timestamp"})),
    ("time", frozenset({"time"})),
    ("json", frozenset({"json"})),
)
READABLE_AS: Final[Mapping[SourceType, frozenset[str]]] = dict(_READINGS)


@dataclass(frozen=True, slots=True)
class ObservedField:
    """One column as it was seen. `nullable` is None where no row was seen; counts are of the sample, not the stream.

    `mix` says how often values of which type came, where the source itself holds several.
    """

    name: str
    type: SourceType
    declared: SourceType | None = None
    nullable: bool | None = None
    sampled_rows: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    max_length: int = 0
    distinct: int = 0
    low: float | None = None
    high: float | None = None
    label: str | None = None
    description: str | None = None
    mix: tuple[tuple[str, float], ...] = ()
    sketch: Sketch | None = None

    @property
    def non_null(self) -> int:
        """Sampled texts which are neither NULL nor blank."""
        return sum(self.classes.values())

    def share(self, *classes: str) -> float:
        """Part of the sampled texts in these classes of `profile`; 0 when none was seen."""
        return sum(self.classes.get(name, 0) for name in classes) / self.non_null if self.non_null else 0.0

    def to_json(self) -> dict[str, Any]:
        """JSON object for the control plane; counts and the range of numbers, never a text."""
        return {
            "name": self.name, "type": self.type, "declared": self.declared, "nullable": self.nullable,
            "sampled_rows": self.sampled_rows, "classes": dict(self.classes), "max_length": self.max_length,
            "distinct": self.distinct, "low": self.low, "high": self.high,
            "label": self.label, "description": self.description,
            **({"mix": [list(part) for part in self.mix]} if self.mix else {}),
            **({"sketch": self.sketch.to_json()} if self.sketch else {}),
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "ObservedField":
        sketch = document.get("sketch")
        mix = tuple((kind, share) for kind, share in document.get("mix", ()))
        return cls(**{**document, "mix": mix, "sketch": Sketch.from_json(sketch) if sketch else None})


@dataclass(frozen=True, slots=True)
class ObservedStream:
    """The shape of one stream in one window.

    `partial`: the window may have missed fields that still exist, as a delta of JSON objects names only the keys it
    carries. `rows` is how many records the source held, where it was read whole; older shapes lack it.
    """

    name: str
    fields: tuple[ObservedField, ...]
    primary_key: tuple[str, ...] = ()
    mode: Mode = "snapshot"
    partial: bool = False
    rows: int | None = None

    @property
    def digest(self) -> str:
        """SHA-256, hex, of the names, types and nullability in the order of names.

        Names are compared in Unicode NFC. How the source was encoded, where a column stood, how many rows were seen
        and whether a type was declared or read do not count; neither do keys and mode, which are decided, not observed.
        """
        shape = sorted(json.dumps([normal_name(field.name), field.type, field.nullable]) for field in self.fields)
        text = json.dumps([normal_name(self.name), shape])
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def field_named(self, name: str) -> ObservedField | None:
        """The field of this name, or None."""
        wanted = normal_name(name)
        return next((field for field in self.fields if normal_name(field.name) == wanted), None)

    def to_json(self) -> dict[str, Any]:
        """JSON object for the control plane."""
        return {
            "name": self.name, "fields": [field.to_json() for field in self.fields],
            "primary_key": list(self.primary_key), "mode": self.mode, "partial": self.partial,
            **({} if self.rows is None else {"rows": self.rows}),
        }  # fmt: skip

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "ObservedStream":
        fields = tuple(ObservedField.from_json(entry) for entry in document["fields"])
        key, rows = tuple(document["primary_key"]), document.get("rows")
        return cls(document["name"], fields, key, document["mode"], document["partial"], rows)


def normal_name(name: str) -> str:
    """The form in which names are compared: Unicode NFC, case kept."""
    return unicodedata.normalize("NFC", name)


def read_type(profile: ColumnProfile) -> SourceType:
    """Tightest type that every sampled text reads as; "unknown" when there was none."""
    seen = {name for name, count in profile.classes.items() if count}
    if not seen:
        return "unknown"
    return next((reading for reading, classes in _READINGS if seen <= classes), "text")


def observe(
    stream: Stream,
    profiles: Mapping[str, ColumnProfile],
    null_counts: Mapping[str, int] | None = None,
    partial: bool = False,
    declares_types: bool = False,
    sketches: Mapping[str, Sketch] | None = None,
    rows: int | None = None,
) -> ObservedStream:
    """The shape of a window: what the connector declares, completed by what its texts look like.

    A stream where some field declares more than text is a typed source, and its declared types hold; in any other, text
    only means that nobody looked yet, unless the source `declares_types` whatever they are. A field of several types is
    what its texts say. `null_counts` are exact counts over the window and replace the sample's.
    """
    typed = declares_types or any(source.type not in ("text", "unknown") for source in stream.fields)
    fields = []
    for source in stream.fields:
        profile = profiles.get(source.name, ColumnProfile())
        declared = source.type if typed and source.type != "unknown" and not source.mix else None
        nulls = (null_counts or {}).get(source.name, profile.sampled_rows - profile.non_null)
        seen_null = nulls > 0 if profile.sampled_rows else None
        nullable = (source.nullable or nulls > 0) if declared else seen_null
        field = ObservedField(
            source.name, declared or read_type(profile), declared, nullable, profile.sampled_rows, profile.classes,
            profile.max_length, profile.distinct, profile.low, profile.high, source.label, source.description,
            source.mix, (sketches or {}).get(source.name),
        )  # fmt: skip
        fields.append(field)
    return ObservedStream(stream.name, tuple(fields), stream.primary_key, stream.mode, partial, rows)
