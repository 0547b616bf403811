"""How a column's dates and times came to be written otherwise: which format old and new texts read as, proven by pairs.

Pure. A format is tried on a few texts first and holds only when both sides tell the same moments.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from assets.fingerprint.findings import Finding

_DAYS: Final = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y",
    "%d-%b-%Y", "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
    "%d-%b-%y",
)  # fmt: skip
_TIMES: Final = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", ", %H:%M", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f")
_LOOKS: Final = re.compile(r"[A-Za-z]{0,9}\.?,? ?\d{1,13}([-/. :,T].*)?")
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")
_TRIED: Final = 25
_PROVEN: Final = 0.9
_EPOCH: Final = datetime(1970, 1, 1)
Moments = list[datetime | None]


def find_dates(old: Sequence[str], new: Sequence[str]) -> Finding | None:
    """Other formats for the same moments; None where either side is no date or both read alike already."""
    if not all(_LOOKS.fullmatch(text) for text in (*old[:_TRIED], *new[:_TRIED])):
        return None
    befores = _ways(old)
    best: Finding | None = None
    for transform, after, name in _ways(new):
        for old_transform, before, old_name in befores:
            hits, is_lossy = _same(before, after)
            if hits < _PROVEN * len(old) or (best is not None and hits <= best.explained):
                continue
            if transform["kind"] == "cast" and old_transform["kind"] == "cast":
                kind = "as_before"
            else:
                kind = "locale" if _is_order(name, old_name) else "format"
            evidence = {"format": name, "format_before": old_name} | ({"day_only": True} if is_lossy else {})
            best = Finding(kind, transform, len(old), hits, 0.0, evidence)
    return best


def _ways(texts: Sequence[str]) -> list[tuple[dict[str, Any], Moments, str]]:
    """Every reading that fits the first texts, with what it makes of all of them."""
    ways: list[tuple[dict[str, Any], Callable[[str], datetime | None], str]] = []
    if all(map(_ISO.fullmatch, texts[:_TRIED])):
        ways.append(({"kind": "cast", "args": {}}, _iso, "ISO 8601"))
    elif all(re.fullmatch(r"\d{9,13}", text) for text in texts[:_TRIED]):
        for unit, per_second in (("s", 1), ("ms", 1000)):
            ways.append(({"kind": "epoch", "args": {"unit": unit}}, _epoch(per_second), f"epoch {unit}"))
    if any(character in texts[0] for character in "/.-, ") or re.fullmatch(r"\d{8}", texts[0]):
        for layout in (day + time for day in _DAYS for time in _TIMES):
            if ("%H" in layout or "%I" in layout) == (":" in texts[0]):
                args = {"format": layout, "zone": "UTC"}
                ways.append(({"kind": "date_format", "args": args}, _strptime(layout), layout))
    return [
        (transform, [read(text) for text in texts], name)
        for transform, read, name in ways
        if sum(read(text) is not None for text in texts[:_TRIED]) >= _PROVEN * len(texts[:_TRIED])
    ]


def _same(before: Moments, after: Moments) -> tuple[int, bool]:
    """How many moments agree; to the second, else, where only days came through, by day."""
    exact = sum(a is not None and b is not None and abs(a - b) < timedelta(seconds=1)
                for a, b in zip(before, after, strict=True))  # fmt: skip
    days = sum(a is not None and b is not None and a.date() == b.date() for a, b in zip(before, after, strict=True))
    if exact >= _PROVEN * days:
        return exact, False
    midnight = all(b is None or b.time() == datetime.min.time() for b in after)
    return (days, True) if midnight else (exact, False)


def _is_order(a: str, b: str) -> bool:
    """Whether two formats differ only in the order of day and month."""
    return a != b and sorted(re.findall("%.", a)) == sorted(re.findall("%.", b)) and a.find("%d") != b.find("%d")


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _epoch(per_second: int) -> Callable[[str], datetime | None]:
    def read(text: str) -> datetime | None:
        if not text.isdecimal() or not 0 < int(text) < 4_102_444_800 * per_second:  # until 2100
            return None
        return _EPOCH + timedelta(seconds=int(text) / per_second)

    return read


def _strptime(layout: str) -> Callable[[str], datetime | None]:
    def read(text: str) -> datetime | None:
        try:
            return datetime.strptime(text, layout)
        except ValueError:
            return None

    return read
