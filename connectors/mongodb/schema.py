"""What a sample of documents says about a collection: its fields, their types and how mixed they are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from connectors.mongodb.columns import Document, Types, column, columns_of, decide, keys_of, shapes_of, values_at
from connectors.mongodb.naming import Names, Place, label_of
from connectors.protocol import Field, SourceType

# Names that applications give to the moment of the last change, without case and underscores.
_CHANGED = ("updatedat", "modifiedat", "lastmodified", "lastmodifiedat", "lastmodifieddate", "updateddate",
            "lastupdated", "lastupdatedat", "updatedon", "modifiedon", "updatetime", "mtime")  # fmt: skip
# A field that fewer documents have would leave too many changes unseen.
CURSOR_SHARE = 0.99


@dataclass
class Seen:
    """How often a place was there, with which types."""

    present: int = 0
    types: Types = field(default_factory=Types)


@dataclass(frozen=True)
class Sample:
    """What was seen in how many documents."""

    documents: int
    seen: dict[Place, Seen]
    names: Names

    def fields(self) -> tuple[Field, ...]:
        """`_id` first, then in order of first appearance; chosen paths last."""
        return tuple(self._field(place, name) for place, name in self.names.items())

    def cursor_field(self) -> str | None:
        """The field that says when a document changed, if nearly all documents have one."""
        for place, seen in self.seen.items():
            name = place if isinstance(place, str) else ""
            if name.replace("_", "").lower() in _CHANGED and self.share_of_dates(seen) >= CURSOR_SHARE:
                return name
        return None

    def share_of_dates(self, seen: Seen | None) -> float:
        """The share of documents that have a date here."""
        return seen.types["timestamp"] / self.documents if seen and self.documents else 0.0

    def _field(self, place: Place, name: str) -> Field:
        seen = self.seen.get(place, Seen())
        kind, mix = decide(seen.types)
        share = 100 * seen.present / self.documents if self.documents else 0
        return Field(
            name,
            kind,
            nullable=place != "_id" and (seen.types.total() < self.documents or not self.documents),
            label=label_of(place, name),
            description=f"in {share:.3g} % of {self.documents:,} sampled documents",
            mix=mix,
        )


def take_sample(pages: Iterable[Sequence[Document]], paths: Sequence[str]) -> Sample:
    """Count what documents hold, page by page: a page need not be kept."""
    total = 0
    everything: dict[Place, Seen] = {"_id": Seen()}
    chosen: list[Place] = [tuple(path.split(".")) for path in paths]
    for documents in pages:
        total += len(documents)
        keys = keys_of(documents)
        for place in [*keys, *chosen]:
            found = everything.setdefault(place, Seen())
            values = values_at(documents, place)
            found.present += _present(documents, place, values)
            found.types.update(column(values)[1])
    names = Names((), ())
    # Of keys that differ by case alone the same one keeps its name, whichever the sample met first.
    for place in [*_settled(p for p in everything if isinstance(p, str)), *chosen]:
        names.of(place)
    return Sample(total, everything, names)


def _settled(keys: Iterable[str]) -> list[str]:
    alike: dict[str, list[str]] = {}
    for key in keys:
        alike.setdefault(key.casefold(), []).append(key)
    return [key for group in alike.values() for key in sorted(group)]


def _present(documents: Sequence[Document], place: Place, values: Sequence[object]) -> int:
    if isinstance(place, str):
        return sum(place in document for document in documents)
    return sum(value is not None for value in values)


class Landing:
    """Turns the documents of one read into batches: known fields first, then those that appear."""

    # From this many values on a batch may say that a field has another type than before.
    _ENOUGH = 20

    def __init__(self, known: Sequence[Field], paths: Sequence[str], select: bool) -> None:
        self._names = Names(known, () if select else paths)
        if select:
            self._names = Names(known, [p for p in paths if any(p in (f.name, f.label) for f in known)])
        self._fields = {field.name: field for field in known}
        self._select = select
        self.met: dict[str, Types] = {}
        self.renamed: dict[str, str] = {}
        self.identify: Callable[[Any], str] | None = None  # text of `_id` where the plain one is ambiguous

    def batch(self, portions: Iterable[Sequence[Document]]) -> tuple[tuple[Field, ...], pa.Table]:
        """Fields and their columns. Portions are worked on one after the other, and need not all be in memory."""
        chunks: dict[Place, list[pa.Array]] = {}
        met: dict[Place, Types] = {}
        rows = 0
        for documents in portions:
            shapes = shapes_of(documents)
            places = self._places(shapes)
            for place, values in zip(places, columns_of(documents, places, shapes), strict=True):
                array, types = column(values)
                if place == "_id" and self.identify is not None:
                    array = pa.array(map(self.identify, values), pa.string())
                chunks.setdefault(place, [pa.nulls(rows, pa.string())] if rows else []).append(array)
                met.setdefault(place, Types()).update(types)
            rows += len(documents)
        fields = tuple(self._observed(place, name, met.get(place, Types())) for place, name in self._names.items())
        columns = [pa.chunked_array(chunks.get(place, []), pa.string()) for place, _ in self._names.items()]
        return fields, pa.table(columns, names=[field.name for field in fields])

    def _places(self, shapes: Sequence[tuple[str, ...]]) -> list[Place]:
        """Known ones, and the keys that are new in documents of these shapes."""
        for key in [] if self._select else (key for shape in shapes for key in shape):
            if key not in self._names:
                name = self._names.of(key)
                if name != key:
                    self.renamed[key] = name
        return [place for place, _ in self._names.items()]

    def _observed(self, place: Place, name: str, types: Types) -> Field:
        self.met.setdefault(name, Types()).update(types)
        known = self._fields.get(name)
        kind, mix = decide(types)
        if known is not None and not self._contradicts(known.type, types):
            kind = known.type
        described = known.description if known else None
        nullable = known.nullable if known else True
        self._fields[name] = told = Field(name, kind, nullable, label_of(place, name), described, mix)
        return told

    def _contradicts(self, known: SourceType, types: Types) -> bool:
        if known == "unknown":
            return types.total() > 0
        wider = decide(types)[0] if types else known
        numbers: tuple[SourceType, ...] = ("integer", "double", "decimal")
        if known in numbers and wider in numbers:
            return numbers.index(wider) > numbers.index(known)
        return types.total() >= self._ENOUGH and not types[known]
