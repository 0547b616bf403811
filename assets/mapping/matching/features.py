"""The features of every pair of columns, in one array. Their order is `FEATURES`; a model names those it uses.

Nothing is ever missing: what is not known is 0, and a `has_...` feature says that it was not known.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.mapping.matching.bert import Matrix
from assets.mapping.matching.columns import MatchColumn
from assets.mapping.matching.naming import Named, meaning_features, name_features, table_features, text_features
from assets.mapping.matching.structure import context_features, structure_features
from assets.mapping.matching.values import type_features, value_features

_RANKED: Final = ("lexical", "meaning", "likeness", "blend", "located")
_CONTEXT: Final = ("row_rank", "column_rank", "row_lead", "column_lead", "mutual")
FEATURES: Final = (
    "name_same", "name_grams", "name_edit", "name_jaccard", "name_soft", "name_covers_source", "name_covers_target",
    "name_acronym", "name_head", "name_concept", "name_opposed", "name_one_side", "name_heads_apart",
    "name_left_source", "name_left_target", "name_left_both",
    "text_tfidf", "full_tfidf", "name_in_text", "text_names", "text_opposed", "has_text",
    "embed_name", "embed_text", "embed_full", "embed_placed", "embed_table", "embed_crossed", "has_embedding",
    "table_soft", "placed_soft", "has_tables",
    "type_alike", "has_types", "key_both", "key_one", "kind_shared", "looks_alike",
    "value_overlap", "value_contained", "value_range", "value_shape", "value_lengths", "value_masks", "value_forms",
    "value_distinct", "value_empty", "has_values", "has_numbers",
    "near_match", "table_match", "table_rank", "in_table_row_rank", "in_table_column_rank", "blend", "located",
    *(f"{name}_{part}" for name in _RANKED for part in _CONTEXT),
)  # fmt: skip


def features(sources: Sequence[MatchColumn], targets: Sequence[MatchColumn]) -> npt.NDArray[np.float32]:
    """(sources, targets, FEATURES), float32, never NaN."""
    found = feature_planes(sources, targets)
    return np.stack([found[name] for name in FEATURES], axis=2)


def feature_planes(sources: Sequence[MatchColumn], targets: Sequence[MatchColumn]) -> dict[str, Matrix]:
    """The same by name, one (sources, targets) matrix each."""
    if not sources or not targets:
        return {name: np.zeros((len(sources), len(targets)), dtype=np.float32) for name in FEATURES}
    left, right = Named.of(sources), Named.of(targets)
    planes = name_features(left, right) | text_features(left, right) | meaning_features(left, right)
    planes |= table_features(left, right) | type_features(sources, targets) | value_features(sources, targets)
    planes["blend"] = _blend(planes)
    planes |= structure_features(planes["blend"], planes["embed_full"], sources, targets)
    ranked = {
        "lexical": np.maximum(planes["name_soft"], planes["name_grams"]),
        "meaning": planes["embed_placed"],
        "likeness": _likeness(planes),
        "blend": planes["blend"],
        "located": planes["located"],
    }
    for name in _RANKED:
        planes |= context_features(name, ranked[name].astype(np.float32))
    return {name: plane.astype(np.float32, copy=False) for name, plane in planes.items()}


def _likeness(planes: dict[str, Matrix]) -> Matrix:
    """How alike the values are, of a pair with values on both sides."""
    shape = 0.4 * planes["value_forms"] + 0.25 * planes["value_masks"] + 0.15 * planes["value_lengths"]
    return np.asarray(shape + 0.2 * planes["value_range"] + planes["value_overlap"], dtype=np.float32)


def _blend(planes: dict[str, Matrix]) -> Matrix:
    """A first score, 0 to 1, weighted by hand: what ranks and neighbours are reckoned from."""
    name = 0.45 * planes["name_soft"] + 0.2 * planes["name_grams"] + 0.2 * planes["embed_name"]
    name += 0.15 * np.maximum(planes["name_concept"], planes["name_same"])
    text = 0.5 * planes["embed_full"] + 0.5 * planes["full_tfidf"]
    score = np.where(planes["has_text"] > 0, 0.6 * name + 0.4 * text, name)
    values = 0.5 * planes["value_overlap"] + 0.3 * planes["value_forms"] + 0.2 * planes["value_masks"]
    score = np.where(planes["has_values"] > 0, 0.7 * score + 0.3 * values, score)
    score = np.where(planes["has_tables"] > 0, 0.85 * score + 0.15 * planes["placed_soft"], score)
    typed = np.where(planes["has_types"] > 0, 0.8 + 0.2 * planes["type_alike"], 1.0)
    score = score * (1 - 0.25 * np.maximum(planes["name_opposed"], 0.6 * planes["text_opposed"]))
    return np.asarray(np.clip(score * typed, 0, 1), dtype=np.float32)
