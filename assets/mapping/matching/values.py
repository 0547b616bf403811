"""Features of a pair of columns that come from types and from figures about values: sketches and profiles, no values.

All are matrices of (sources, targets), 0 where one side was not seen, with a mask beside them that says so.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from assets.mapping.matching.bert import Matrix
from assets.mapping.matching.columns import MatchColumn
from assets.mapping.matching.similarity import shared, zeros
from assets.mapping.matching.words import kinds_of_words, words_of

_TYPES: Final = (
    ("boolean", r"bool|^bit$"), ("time", r"^time($|\()"), ("timestamp", r"timestamp|datetime|date_?time"),
    ("date", r"date"), ("list", r"\[\]|list|array|json|object|struct|map|variant"),
    ("binary", r"bin|blob|byte|image"), ("identity", r"uuid|guid|uniqueidentifier|^id$|reference|lookup"),
    ("decimal", r"dec|num|money|currency|float|double|real|percent|amount"),
    ("integer", r"int|serial|long|short|number"),
    ("text", r"char|text|string|clob|enum|picklist|email|phone|url|select|memo"),
)  # fmt: skip
_TYPE_NAMES: Final = tuple(name for name, _ in _TYPES)
_ALIKE: Final = {
    ("date", "timestamp"): 0.8, ("integer", "decimal"): 0.7, ("text", "identity"): 0.8, ("integer", "identity"): 0.6,
    ("boolean", "integer"): 0.4, ("text", "list"): 0.4, ("text", "date"): 0.3, ("text", "timestamp"): 0.3,
    ("text", "integer"): 0.35, ("text", "decimal"): 0.25, ("text", "boolean"): 0.3, ("text", "time"): 0.3,
    ("time", "timestamp"): 0.4, ("boolean", "decimal"): 0.1, ("integer", "timestamp"): 0.15, ("integer", "date"): 0.15,
}  # fmt: skip
_NUMBERS: Final = ("zero_one", "compact_date", "epoch_s", "epoch_ms", "integer", "decimal", "double")
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "moment": ("date", "timestamp", "time", "day_month_dot", "slash_day_first", "slash_month_first", "slash_ambiguous",
               "compact_date", "epoch_s", "epoch_ms"),
    "whole": ("integer",), "fraction": ("decimal", "double", "decimal_comma", "decimal_grouped", "comma_ambiguous"),
    "truth": ("boolean", "yes_no", "zero_one"), "code": ("code3", "code3_lower"), "email": ("email",),
    "web": ("url", "domain"), "text": ("text", "list_comma", "list_semicolon", "list_pipe"), "nested": ("json", "arn"),
}  # fmt: skip
# What a kind of column (`vocabulary/kinds.csv`) may look like.
_LOOKS: Final[Mapping[str, tuple[str, ...]]] = {
    "moment": ("moment",), "flag": ("truth",), "money": ("whole", "fraction"), "quantity": ("whole", "fraction"),
    "share": ("whole", "fraction"), "measure": ("whole", "fraction"), "label": ("text",), "prose": ("text",),
    "currency": ("code",), "choice": ("text", "code", "whole"),
}  # fmt: skip
_TYPE_LOOKS: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("moment",), "timestamp": ("moment",), "time": ("moment",), "boolean": ("truth",), "integer": ("whole",),
    "decimal": ("fraction", "whole"), "list": ("nested", "text"),
}  # fmt: skip


def type_group(declared: str | None) -> str | None:
    """The group of a type however a system writes it ("VARCHAR(50)", "bigint"); None when it is not known."""
    text = (declared or "").strip().lower()
    return next((name for name, pattern in _TYPES if re.search(pattern, text)), None) if text else None


def type_features(left: Sequence[MatchColumn], right: Sequence[MatchColumn]) -> dict[str, Matrix]:
    """Types, keys and the kinds of column that names speak of."""
    groups = [[type_group(column.type) for column in side] for side in (left, right)]
    table = _alike_table()
    at = [np.array([_TYPE_NAMES.index(g) if g else len(_TYPE_NAMES) for g in side], dtype=int) for side in groups]
    known = [np.array([float(g is not None) for g in side], dtype=np.float32) for side in groups]
    keys = [np.array([column.is_key for column in side], dtype=bool) for side in (left, right)]
    looks = [_looks(side) for side in (left, right)]
    kinds = [[_kinds(column) for column in side] for side in (left, right)]
    sizes = [np.array([max(len(found), 1) for found in side]) for side in kinds]
    return {
        "type_alike": table[np.ix_(at[0], at[1])] if len(left) and len(right) else zeros(left, right),
        "has_types": np.outer(known[0], known[1]).astype(np.float32),
        "key_both": (keys[0][:, None] & keys[1][None, :]).astype(np.float32),
        "key_one": (keys[0][:, None] ^ keys[1][None, :]).astype(np.float32),
        "kind_shared": shared(*kinds) / np.sqrt(sizes[0][:, None] * sizes[1][None, :]),
        "looks_alike": _cosine(looks[0], looks[1]),
    }  # fmt: skip


def value_features(left: Sequence[MatchColumn], right: Sequence[MatchColumn]) -> dict[str, Matrix]:
    """Shared values, ranges of numbers, lengths, masks, forms, how many differ and how many are empty."""
    seen = [np.array([_is_seen(column) for column in side], dtype=np.float32) for side in (left, right)]
    numeric = [[_quantiles(column) for column in side] for side in (left, right)]
    numbers = [np.array([q is not None for q in side], dtype=np.float32) for side in numeric]
    overlap, contained = _overlap(left, right)
    near, shape = _ranges(numeric[0], numeric[1])
    lengths = [_histograms(side) for side in (left, right)]
    has_sketch = [np.array([bool(c.sketch and c.sketch.rows > c.sketch.nulls) for c in s]) for s in (left, right)]
    sketched = np.outer(*has_sketch).astype(np.float32)
    distinct = [np.array([_distinct_share(column) for column in side]) for side in (left, right)]
    empty = [np.array([_empty_share(column) for column in side]) for side in (left, right)]
    forms = [_form_shares(side) for side in (left, right)]
    both = np.outer(seen[0], seen[1]).astype(np.float32)
    return {
        "value_overlap": overlap,
        "value_contained": contained,
        "value_range": near,
        "value_shape": shape,
        "value_lengths": (1 - 0.5 * np.abs(lengths[0][:, None, :] - lengths[1][None, :, :]).sum(axis=2)) * sketched,
        "value_masks": _masks(left, right),
        "value_forms": np.minimum(forms[0][:, None, :], forms[1][None, :, :]).sum(axis=2),
        "value_distinct": (1 - np.abs(distinct[0][:, None] - distinct[1][None, :])) * both,
        "value_empty": (1 - np.abs(empty[0][:, None] - empty[1][None, :])) * both,
        "has_values": both,
        "has_numbers": np.outer(numbers[0], numbers[1]).astype(np.float32),
    }


def _alike_table() -> Matrix:
    size = len(_TYPE_NAMES)
    table = np.zeros((size + 1, size + 1), dtype=np.float32)
    table[:size, :size] = np.eye(size)
    for (one, other), worth in _ALIKE.items():
        a, b = _TYPE_NAMES.index(one), _TYPE_NAMES.index(other)
        table[a, b] = table[b, a] = worth
    return table


def _kinds(column: MatchColumn) -> frozenset[int]:
    """Kinds that the name's words speak for; the last word decides where it speaks for any."""
    words = words_of(column.name)
    known = kinds_of_words()[1]
    last = known.get(words[-1], frozenset())
    return last or frozenset().union(*(known.get(word, frozenset()) for word in words))


def _looks(columns: Sequence[MatchColumn]) -> Matrix:
    """What each column's values look like or, where none were seen, what type and name let one expect."""
    names = list(_FORMS)
    kinds = kinds_of_words()[0]
    looks = _form_shares(columns)
    for row, column in enumerate(columns):
        if looks[row].any():
            continue
        group = type_group(column.type)
        if group is not None and group in _TYPE_LOOKS:
            expected = _TYPE_LOOKS[group]
        else:
            expected = tuple(form for kind in _kinds(column) for form in _LOOKS.get(kinds[kind], ()))
        for form in expected:
            looks[row, names.index(form)] = 1
        words = words_of(column.name)
        if "email" in words:
            looks[row] = [form == "email" for form in names]
        elif {"website", "url", "domain"} & set(words):
            looks[row] = [form == "web" for form in names]
    return looks


def _form_shares(columns: Sequence[MatchColumn]) -> Matrix:
    shares = np.zeros((len(columns), len(_FORMS)), dtype=np.float32)
    for row, column in enumerate(columns):
        if column.profile is not None and column.profile.non_null:
            shares[row] = [column.profile.share(*classes) for classes in _FORMS.values()]
    return shares


def _cosine(left: Matrix, right: Matrix) -> Matrix:
    norms = np.linalg.norm(left, axis=1)[:, None] * np.linalg.norm(right, axis=1)[None, :]
    return np.asarray(left @ right.T / np.maximum(norms, 1e-6), dtype=np.float32)


def _is_seen(column: MatchColumn) -> bool:
    sketched = column.sketch is not None and column.sketch.rows > column.sketch.nulls
    return sketched or (column.profile is not None and column.profile.non_null > 0)


def _quantiles(column: MatchColumn) -> tuple[float, ...] | None:
    if column.sketch is not None and column.sketch.quantiles:
        return column.sketch.quantiles
    profile = column.profile
    if profile is None or profile.low is None or profile.high is None or profile.share(*_NUMBERS) < 0.8:
        return None
    return tuple(float(x) for x in np.linspace(profile.low, profile.high, 7))


def _overlap(left: Sequence[MatchColumn], right: Sequence[MatchColumn]) -> tuple[Matrix, Matrix]:
    """Jaccard and containment of distinct values, estimated from the smallest hashes (Beyer et al. 2007, KMV)."""
    hashes = [[column.sketch.kmv if column.sketch else () for column in side] for side in (left, right)]
    common = shared(hashes[0], hashes[1])
    sizes = [[column.sketch.distinct if column.sketch else 0 for column in side] for side in (left, right)]
    tops = [
        np.array(
            [kmv[-1] if kmv and count > len(kmv) else 2**64 - 1 for kmv, count in zip(h, s, strict=True)], np.uint64
        )
        for h, s in zip(hashes, sizes, strict=True)
    ]
    jaccard, contained = zeros(left, right), zeros(left, right)
    right_sorted = [np.array(kmv, dtype=np.uint64) for kmv in hashes[1]]
    for row, kmv in enumerate(hashes[0]):
        hits = np.nonzero(common[row])[0]
        own = np.array(kmv, dtype=np.uint64)
        for at in hits:
            # Below the smaller of the two largest kept hashes, both sketches are complete.
            limit = min(tops[0][row], tops[1][at])
            mine, others = int((own <= limit).sum()), int((right_sorted[at] <= limit).sum())
            jaccard[row, at] = common[row, at] / max(mine + others - common[row, at], 1)
            contained[row, at] = min(common[row, at] / max(min(mine, others), 1), 1)
    return jaccard, contained


def _ranges(
    left: Sequence[tuple[float, ...] | None], right: Sequence[tuple[float, ...] | None]
) -> tuple[Matrix, Matrix]:
    """Nearness of the quantiles of numbers, and of their shape when a unit's factor may lie between them."""
    logs = [np.array([np.arcsinh(q) if q else np.zeros(7) for q in side]).reshape(-1, 7) for side in (left, right)]
    known = np.outer([bool(q) for q in left], [bool(q) for q in right]).astype(np.float32)
    gaps = logs[0][:, None, 1:6] - logs[1][None, :, 1:6]
    near = np.exp(-np.abs(gaps).mean(axis=2))
    shape = np.exp(-2 * np.abs(gaps - np.median(gaps, axis=2, keepdims=True)).mean(axis=2))
    return (near * known).astype(np.float32), (shape * known).astype(np.float32)


def _histograms(columns: Sequence[MatchColumn]) -> Matrix:
    shares = np.zeros((len(columns), 8), dtype=np.float32)
    for row, column in enumerate(columns):
        lengths = np.array(column.sketch.lengths if column.sketch is not None else (), dtype=np.float32)
        if lengths.any():
            shares[row] = lengths / lengths.sum()
    return shares


def _masks(left: Sequence[MatchColumn], right: Sequence[MatchColumn]) -> Matrix:
    """How much of the texts have the same character mask on both sides."""
    patterns = [[dict(column.sketch.patterns) if column.sketch else {} for column in side] for side in (left, right)]
    index = {mask: at for at, mask in enumerate(sorted({m for side in patterns for found in side for m in found}))}
    shares = [np.zeros((len(side), max(len(index), 1)), dtype=np.float32) for side in patterns]
    for side, into in zip(patterns, shares, strict=True):
        for row, found in enumerate(side):
            for mask, share in found.items():
                into[row, index[mask]] = share
    return _cosine(shares[0], shares[1])


def _distinct_share(column: MatchColumn) -> float:
    if column.sketch is not None and column.sketch.rows > column.sketch.nulls:
        return min(column.sketch.distinct / (column.sketch.rows - column.sketch.nulls), 1.0)
    profile = column.profile
    return min(profile.distinct / profile.non_null, 1.0) if profile is not None and profile.non_null else 0.0


def _empty_share(column: MatchColumn) -> float:
    if column.sketch is not None and column.sketch.rows:
        return column.sketch.nulls / column.sketch.rows
    profile = column.profile
    return 1 - profile.non_null / profile.sampled_rows if profile is not None and profile.sampled_rows else 0.0
