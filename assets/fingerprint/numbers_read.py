"""How a column's numbers came to be written or counted otherwise: marks, signs, symbols, a constant factor.

Pure; works on texts of the same records before and after. Each finding carries the transform that recovers the old
value and how many records it explains.
"""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from statistics import median
from typing import Any, Final

from assets.fingerprint.findings import Finding

_PLAIN: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_MARKS: Final = ((",", "."), (",", ""), (",", " "), (".", ","), (".", " "))
_SYMBOL: Final = re.compile(r"[$€£¥₹₽¢]|\b[A-Z]{3}\b|\b(CHF|kr)\b")
_CONSTANT_SHARE: Final = 0.9
# Factors that units differ by: powers of ten and of 1024, parts of time, dozens, and common measures.
_BINARY: Final = tuple(1024.0**power for power in (1, 2, 3))
_TIME: Final = (12.0, 24.0, 60.0, 1440.0, 3600.0, 86400.0, 365.0, 52.0, 7.0)
_MEASURES: Final = (0.3048, 0.45359237, 1.609344, 2.54, 4.54609, 3.785411784)
_TENS: Final = tuple(10.0**power for power in range(1, 10))
CLEAN_FACTORS: Final = (*_TENS, *_BINARY, *_TIME, *_MEASURES)


def plain(text: str) -> Decimal | None:
    """The number a text writes without any marks but a point; None for anything else."""
    return Decimal(text) if len(text) <= 38 and _PLAIN.fullmatch(text) else None


def marked(text: str, decimal: str, group: str) -> Decimal | None:
    """The number a text writes with these marks; None where it does not."""
    body, sign = text.strip().lstrip("+-"), -1 if "-" in text else 1
    grouping = {"": "", " ": "[ \u00a0\u202f]"}.get(group, re.escape(group))
    grouped = rf"|\d{{1,3}}({grouping}\d{{3}})+({re.escape(decimal)}\d+)?" if group else ""
    if len(body) > 38 or not re.fullmatch(rf"\d+({re.escape(decimal)}\d+)?{grouped}", body):
        return None
    bare = re.sub(grouping, "", body) if group else body
    try:
        return sign * Decimal(bare.replace(decimal, "."))
    except InvalidOperation:
        return None


def find_scale(old: Sequence[str], new: Sequence[str]) -> Finding | None:
    """A constant factor between plain numbers: a clean one is another unit, any other perhaps another currency."""
    numbers = [
        (a, b, x, y) for x, y in zip(old, new, strict=True) if (a := plain(x)) is not None and _some(b := plain(y))
    ]
    moved = [(float(a), float(b)) for a, b, _, _ in numbers if a and a != b and b is not None]
    if len(numbers) < _CONSTANT_SHARE * len(old) or len(moved) < max(5, len(numbers) // 2):
        return None
    ratio = median(b / a for a, b in moved)
    if ratio <= 0:
        return None
    clean = next((f for f in (*CLEAN_FACTORS, *(1 / f for f in CLEAN_FACTORS)) if abs(ratio / f - 1) < 0.005), None)
    factor = clean or ratio
    steady = sum(abs(float(b) - float(a) * factor) <= _half(y) + abs(float(a)) * factor * 2e-4
                 for a, b, _, y in numbers if b is not None)  # fmt: skip
    if steady < _CONSTANT_SHARE * len(numbers):
        return None
    if clean is None and (len(moved) < 20 or abs(ratio - 1) < 0.02 or _is_common_percentage(ratio)):
        return None
    back = _factor_text(1 / factor)
    explained = sum(abs(b * Decimal(back) - a) <= Decimal(_half(x)) for a, b, x, _ in numbers if b is not None)
    evidence = {"factor": factor if clean else round(ratio, 6)}
    return Finding(
        "unit" if clean else "currency", {"kind": "scale", "args": {"factor": back}}, len(old), explained,
        0.0, evidence, certainty=1.0 if clean else 0.75,
    )  # fmt: skip


def find_marks(old: Sequence[str], new: Sequence[str]) -> Finding | None:
    """The same numbers with other marks for the decimals and the thousands."""
    for transform, values, kind in _ways(new):
        if sum(value is not None for value in values) < _CONSTANT_SHARE * len(values):
            continue
        for _, before, old_kind in _ways(old):
            hits = sum(a is not None and a == b for a, b in zip(before, values, strict=True))
            if hits >= _CONSTANT_SHARE * len(old) and (kind, old_kind) != ("plain", "plain"):
                is_locale = kind.split()[0] != old_kind.split()[0]
                return Finding("locale" if is_locale else "format", transform, len(old), hits, 0.0, {})
    return None


def find_affix(old: Sequence[str], new: Sequence[str]) -> Finding | None:
    """A constant text that came before or after every value, or went: a currency sign, a code, a prefix of ids."""
    grown = _constant_affix(old, new)
    if grown is not None:
        (before, after), hits = grown
        steps: list[dict[str, Any]] = []
        if before:
            steps.append({"kind": "split", "args": {"separator": before, "index": "rest"}})
        if after:
            steps.append({"kind": "split", "args": {"separator": after, "index": 0}})
        transform = steps[0] if len(steps) == 1 else {"kind": "chain", "args": {"steps": steps}}
        return Finding(_affix_kind(before + after), transform, len(old), hits, 0.0, {"affix": "added"})
    shrunk = _constant_affix(new, old)
    if shrunk is not None:
        (before, after), hits = shrunk
        return Finding(_affix_kind(before + after), None, len(old), hits, 0.0, {"affix": "removed"})
    return None


def _constant_affix(inner: Sequence[str], outer: Sequence[str]) -> tuple[tuple[str, str], int] | None:
    counts: dict[tuple[str, str], int] = {}
    for a, b in zip(inner, outer, strict=True):
        place = b.find(a)
        if place >= 0 and len(b) > len(a):
            affix = b[:place], b[place + len(a) :]
            counts[affix] = counts.get(affix, 0) + 1
    if not counts or len(set(inner)) < 3:
        return None
    affix, hits = max(counts.items(), key=lambda item: (item[1], item[0]))
    is_zero_padding = not (affix[0] + affix[1]).strip("0")
    return (affix, hits) if hits >= _CONSTANT_SHARE * len(inner) and not is_zero_padding else None


def _affix_kind(affix: str) -> str:
    return "currency" if _SYMBOL.search(affix) else "format"


def _ways(texts: Sequence[str]) -> list[tuple[dict[str, Any], list[Decimal | None], str]]:
    ways: list[tuple[dict[str, Any], list[Decimal | None], str]] = [
        ({"kind": "cast", "args": {}}, [plain(text) for text in texts], "plain")
    ]
    for decimal, group in _MARKS:
        args = {"decimal": decimal, "group": group}
        name = "comma" if decimal == "," else "plain grouped"
        ways.append(({"kind": "number_format", "args": args}, [marked(t, decimal, group) for t in texts], name))
    return ways


def _half(text: str) -> float:
    """Half a unit of the last place a number was written to, with room for what floats lose."""
    return 0.505 * 10.0 ** -len(text.partition(".")[2])


def _factor_text(factor: float) -> str:
    text = f"{factor:.9f}".rstrip("0").rstrip(".")
    return text if text not in ("0", "") else "0.000000001"


def _is_common_percentage(ratio: float) -> bool:
    """Prices go up by whole percents in the ordinary course of business; exchange rates are not so round."""
    percents = abs(ratio - 1) * 100
    return percents <= 50 and abs(percents - round(percents)) < 0.02


def _some(value: Decimal | None) -> bool:
    return value is not None
