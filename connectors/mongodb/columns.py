"""Documents as columns of text, with the types that were met.

A column whose values are all of one plain type is converted as a whole; the others value by value, to the same text.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from bson import Int64, ObjectId

from connectors.mongodb.naming import Place
from connectors.mongodb.values import double_text, json_texts, source_type, text
from connectors.protocol import SourceType

Document = dict[str, Any]
Types = Counter[SourceType]
_NUMBERS: tuple[SourceType, ...] = ("integer", "double", "decimal")
_SPACED = len("2026-01-02 03:04:05.678")
_NULL = type(None)
_INTEGERS = {int, Int64}


def keys_of(documents: Sequence[Document]) -> list[str]:
    """Top-level keys in order of first appearance."""
    return list(dict.fromkeys(key for shape in shapes_of(documents) for key in shape))


def shapes_of(documents: Sequence[Document]) -> list[tuple[str, ...]]:
    """The different sequences of keys that documents have, in order of first appearance."""
    return list(dict.fromkeys(map(tuple, documents)))


def columns_of(
    documents: Sequence[Document], places: Sequence[Place], shapes: Sequence[tuple[str, ...]]
) -> list[Sequence[Any]]:
    """The values of each place, one a document."""
    if len(shapes) == 1 and shapes[0] == tuple(places):
        return list(zip(*map(dict.values, documents), strict=True))  # all alike: by position, not by name
    return [values_at(documents, place) for place in places]


def values_at(documents: Sequence[Document], place: Place) -> list[Any]:
    """One value a document; None where it has none."""
    if isinstance(place, str):
        return [document.get(place) for document in documents]
    found: list[Any] = list(documents)
    for part in place:
        found = [value.get(part) if isinstance(value, dict) else None for value in found]
    return found


def column(values: Sequence[Any]) -> tuple[pa.Array, Types]:
    """The values as text, and how many had which type."""
    kinds = set(map(type, values))
    holes = _NULL in kinds
    kinds.discard(_NULL)
    if not kinds:
        return pa.nulls(len(values), pa.string()), Counter()
    if len(kinds) == 1 or kinds == _INTEGERS:
        whole = _whole(next(iter(kinds)), values, holes)
        if whole is not None:
            array, kind = whole
            return array, Counter({kind: len(values) - array.null_count})
    types: Types = Counter(found for found in map(source_type, values) if found is not None)
    return pa.array(list(map(text, values)), pa.string()), types


def _whole(kind: type, values: Sequence[Any], holes: bool) -> tuple[pa.Array, SourceType] | None:
    if kind is str:
        return pa.array(values, pa.string()), "text"
    if kind in _INTEGERS:
        return pa.array(values, pa.int64()).cast(pa.string()), "integer"
    if kind is bool:
        return pa.array(values, pa.bool_()).cast(pa.string()), "boolean"
    if kind is ObjectId:
        return pa.array(_mapped(str, values, holes), pa.string()), "text"
    if kind is float:
        plain = not holes and all(map(math.isfinite, values))
        return pa.array(_mapped(repr if plain else double_text, values, holes), pa.string()), "double"
    if kind is dict or kind is list:
        return pa.array(json_texts(values), pa.binary()).cast(pa.string()), "json"
    if kind is dt.datetime:
        return _instants(pa.array(values, pa.timestamp("ms")).cast(pa.string())), "timestamp"
    return None


def _instants(spaced: pa.Array) -> pa.Array:
    """`2026-01-02 03:04:05.678` as `2026-01-02T03:04:05.678Z`."""
    rows = len(spaced)
    data = spaced.buffers()[2]
    if spaced.null_count or spaced.offset or data is None or data.size < rows * _SPACED:
        return pc.binary_join_element_wise(pc.binary_replace_slice(spaced, 10, 11, "T"), "Z", "")
    # All of one length: letters are put into a table of bytes, a fortieth of the time.
    texts = np.empty((rows, _SPACED + 1), np.uint8)
    texts[:, :_SPACED] = np.frombuffer(data, np.uint8)[: rows * _SPACED].reshape(rows, _SPACED)
    texts[:, 10], texts[:, _SPACED] = ord("T"), ord("Z")
    ends = np.arange(0, (rows + 1) * (_SPACED + 1), _SPACED + 1, dtype=np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), pa.py_buffer(texts))


def _mapped(convert: Any, values: Sequence[Any], holes: bool) -> list[str | None]:
    if not holes:
        return list(map(convert, values))
    return [None if value is None else convert(value) for value in values]


def decide(types: Types) -> tuple[SourceType, tuple[tuple[str, float], ...]]:
    """The type most values have, and the mix when they differ; numbers count together, as the widest of them."""
    total = types.total()
    if not total:
        return "unknown", ()
    mix = tuple((name, round(count / total, 4)) for name, count in types.most_common()) if len(types) > 1 else ()
    numbers = {name: types[name] for name in _NUMBERS if types[name]}
    kind = types.most_common(1)[0][0]
    if sum(numbers.values()) >= types[kind] and numbers:
        kind = list(numbers)[-1]
    return kind, mix
