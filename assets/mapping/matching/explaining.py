"""Why two columns were matched, in short true sentences: only what the figures of the pair say."""

from collections.abc import Mapping
from typing import Final

from assets.mapping.matching.columns import MatchColumn
from assets.mapping.matching.values import type_group
from assets.mapping.matching.words import words_of

_MOST: Final = 5


def explain(source: MatchColumn, target: MatchColumn, figures: Mapping[str, float]) -> tuple[str, ...]:
    """Sentences about the pair, the strongest kind of evidence first; what speaks against it last."""
    found = [*_of_names(source, target, figures), *_of_values(figures), *_of_texts(figures)]
    return (*found[:_MOST], *_against(source, target, figures))


def _of_names(source: MatchColumn, target: MatchColumn, figures: Mapping[str, float]) -> list[str]:
    ours, theirs = words_of(source.name), words_of(target.name)
    shared = [word for word in ours if word in theirs]
    if figures["name_same"]:
        verb = "are named" if source.name == target.name else "names read"
        return [f'both {verb} "{source.name if source.name == target.name else " ".join(ours)}"']
    found = []
    if figures["name_concept"]:
        found.append("both names are known for the same business field")
    if shared:
        found.append(f"names share {', '.join(dict.fromkeys(shared))}")
    elif figures["name_soft"] >= 0.5:
        found.append(f'"{" ".join(ours)}" and "{" ".join(theirs)}" mean much the same ({figures["name_soft"]:.2f})')
    elif figures["name_acronym"]:
        found.append("one name is the initials of the other")
    elif figures["name_edit"] >= 0.7:
        found.append(f"names are spelled alike ({figures['name_edit']:.2f})")
    if not found and figures["embed_name"] >= 0.5:
        found.append(f"names are near in meaning ({figures['embed_name']:.2f})")
    return found


def _of_values(figures: Mapping[str, float]) -> list[str]:
    if not figures["has_values"]:
        return []
    if figures["value_overlap"] >= 0.05:
        return [f"about {figures['value_overlap']:.0%} of the different values are the same"]
    if figures["value_contained"] >= 0.5:
        return ["values of one are found in the other"]
    if figures["value_masks"] >= 0.8 and figures["value_forms"] >= 0.8:
        return ["values are written in the same form"]
    if figures["has_numbers"] and figures["value_range"] >= 0.7:
        return ["numbers lie in the same range"]
    return []


def _of_texts(figures: Mapping[str, float]) -> list[str]:
    found = []
    if figures["has_text"] and figures["embed_text"] >= 0.5:
        found.append(f"descriptions are near in meaning ({figures['embed_text']:.2f})")
    if figures["text_names"] >= 0.6 or figures["name_in_text"] >= 0.6:
        found.append("the description of one names the other")
    if figures["blend_mutual"]:
        found.append("each is the other's nearest")
    return found


def _against(source: MatchColumn, target: MatchColumn, figures: Mapping[str, float]) -> list[str]:
    found = []
    if figures["has_types"] and figures["type_alike"] < 0.3:
        found.append(f"types differ: {type_group(source.type)} and {type_group(target.type)}")
    if figures["has_values"] and figures["value_forms"] < 0.2:
        found.append("values are written in different forms")
    if figures["blend_row_rank"] == 1 and figures["blend_row_lead"] < 0.02:
        found.append("another target is nearly as near")
    return found
