"""What became of a column's values: from texts of the same records before and after to one finding.

Pure. Tried in the order of how much each way proves; the first that explains nine records in ten is taken.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

from assets.fingerprint.agreement import lower_bound
from assets.fingerprint.dates_read import find_dates
from assets.fingerprint.findings import Finding
from assets.fingerprint.numbers_read import find_affix, find_marks, find_scale, plain
from assets.fingerprint.pairs import FEWEST_PAIRS, Texts

MOST_CODES: Final = 60
_ENOUGH: Final = 0.9
_CAST: Final = {"kind": "cast", "args": {}}


def read_change(old: Texts, new: Texts, vocabulary: Collection[str] = ()) -> Finding | None:
    """How the new texts give the old values back; None where no way explains them, or too few were compared.

    Only records with both texts count. `vocabulary`: texts the old column was known to hold.
    """
    both = [(a, b) for a, b in zip(old, new, strict=True) if a is not None and b is not None]
    if len(both) < FEWEST_PAIRS:
        return None
    before, after = [a for a, _ in both], [b for _, b in both]
    same = sum(a == b for a, b in both)
    if same >= _ENOUGH * len(both):
        return Finding("same", _CAST, len(both), same, _chance(before, after))
    codes = find_codes(before, after, {*vocabulary, *before})
    found = find_dates(before, after) or find_scale(before, after) or find_marks(before, after)
    return found or find_affix(before, after) or _spelling(before, after) or codes


def find_codes(old: Sequence[str], new: Sequence[str], vocabulary: Collection[str]) -> Finding | None:
    """Other codes for the same classes: each new text stands for one old one, and chance would not do that.

    A change of state within the old vocabulary looks like one too; that is claimed only where nearly every record
    moved, and then left to a person.
    """
    together = Counter(zip(new, old, strict=True))
    news, olds = set(new), set(old)
    if not (2 <= len(news) <= MOST_CODES and 2 <= len(olds) <= MOST_CODES) or len(old) < 2 * len(news):
        return None
    values: dict[str, str] = {}
    for (code, meaning), _ in sorted(together.items(), key=lambda item: (-item[1], item[0])):
        values.setdefault(code, meaning)
    explained = sum(together[code, meaning] for code, meaning in values.items())
    chance = sum((count / len(old)) ** 2 for count in Counter(old).values())
    if explained < _ENOUGH * len(old) or len(set(values.values())) < 2:
        return _coarser(old, new, vocabulary)
    fresh = sum(code not in vocabulary for code in new) / len(new)
    moved = sum(a != b for a, b in zip(old, new, strict=True)) / len(old)
    certainty = 1.0 if fresh >= 0.5 or (fresh > 0 and fresh >= _ENOUGH * moved) else 0.0
    if fresh == 0 and moved >= 0.95 and len(old) >= 50 and len(news) >= 3:
        certainty = 0.7
    if not certainty:
        return None
    merged = len(olds - set(values.values()))  # old classes that no code gives back
    thin = sum(count < 2 for count in Counter(new).values()) / len(news)
    certainty *= (0.75 if merged else 1.0) * (1 - 0.3 * thin)
    return Finding(
        "enum", {"kind": "enum_map", "args": {"values": values, "default": "reject"}}, len(old), explained,
        min(chance, 0.99), {"codes": len(values), "lost": merged}, certainty,
    )  # fmt: skip


def _coarser(old: Sequence[str], new: Sequence[str], vocabulary: Collection[str]) -> Finding | None:
    """Several old classes under one new code: a recoding for certain, and nothing gives the old values back."""
    of_old: dict[str, Counter[str]] = {}
    for meaning, code in zip(old, new, strict=True):
        of_old.setdefault(meaning, Counter())[code] += 1
    explained = sum(max(codes.values()) for codes in of_old.values())
    fresh = sum(code not in vocabulary for code in new) / len(new)
    if fresh < 0.5 or explained < 0.98 * len(old) or len(old) < 3 * len(of_old):
        return None
    chance = sum((count / len(new)) ** 2 for count in Counter(new).values())
    lost = len(of_old) - len(set(new))
    return Finding("enum", None, len(old), explained, min(chance, 0.99), {"codes": len(set(new)), "lost": lost}, 0.9)


def _spelling(old: Sequence[str], new: Sequence[str]) -> Finding | None:
    """Another case, or zeros in front."""
    folded = sum(a.casefold() == b.casefold() for a, b in zip(old, new, strict=True))
    if folded >= _ENOUGH * len(old):
        transform = None
        if all(text == text.lower() for text in old):
            transform = {"kind": "lower", "args": {}}
        elif all(text == text.upper() for text in old):
            transform = {"kind": "upper", "args": {}}
        return Finding("format", transform, len(old), folded, _chance(old, [t.casefold() for t in old]), {"case": True})
    padded = sum(a.lstrip("0") == b.lstrip("0") and a != "" for a, b in zip(old, new, strict=True))
    if padded >= _ENOUGH * len(old) and all(text.isdecimal() for text in (*old, *new)):
        is_number = all(plain(text) is not None and (text == "0" or text[0] != "0") for text in old)
        return Finding("format", _CAST if is_number else None, len(old), padded, 0.0, {"padding": True}, 0.8)
    return None


def find_split(whole: Texts, parts: Sequence[Texts]) -> tuple[str, Finding] | None:
    """Whether one column's texts are the others' in this order with a constant text between; which, and the finding."""
    rows = [(text, kept) for text, *row in zip(whole, *parts, strict=True)
            if text is not None and (kept := [part for part in row if part is not None])]  # fmt: skip
    full = [(text, kept) for text, kept in rows if len(kept) == len(parts)]
    if len(full) < FEWEST_PAIRS or len({tuple(kept) for _, kept in full}) < 3:
        return None
    between = Counter(text[len(kept[0]) : len(text) - len(kept[-1])] for text, kept in full
                      if text.startswith(kept[0]) and text.endswith(kept[-1]) and len(text) > len(kept[0]))  # fmt: skip
    if not between:
        return None
    separator, _ = max(between.items(), key=lambda item: (item[1], item[0]))
    if not separator or len(separator) > 5 or any(character.isalnum() for character in separator):
        return None
    asked = sum(text is not None for text in whole)
    hits = sum(text == separator.join(kept) for text, kept in rows)
    if hits < 0.8 * asked or lower_bound(hits, asked) < 0.5:
        return None
    return separator, Finding("split", None, asked, hits)


def split_part(text: str | None, separator: str, index: int | str) -> str | None:
    """What the transform `split` makes of a text."""
    if text is None:
        return None
    if index == "rest":
        return text.partition(separator)[2].strip() or None
    parts, place = text.split(separator), int(index)
    return (parts[place].strip() or None) if -len(parts) <= place < len(parts) else None


def _chance(old: Sequence[str], new: Sequence[str]) -> float:
    ours, theirs = Counter(old), Counter(new)
    return sum(count * theirs[text] for text, count in ours.items()) / (len(old) * len(new))
