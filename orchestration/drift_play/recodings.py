"""Other ways to write a value: units, codes, date and number formats, types; each with what reads it back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from random import Random
from typing import Any

from assets.mapping.rules import Transform
from connectors.protocol import SourceType
from orchestration.drift_play.streams import Column, WorldStream, as_text

Pick = Callable[..., str | None]
_UNITS = (("100", "0.01"), ("0.001", "1000"), ("1000", "0.001"))
_DATES = ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d-%m-%Y")


@dataclass(frozen=True, slots=True)
class Recoding:
    """`write` takes the value as the column had it; `back` reads the new text; `lossy` says what is true where no
    reading can take it back."""

    write: Callable[[Any], Any]
    back: Transform
    type: SourceType | None = None
    lossy: Callable[[Any], Any] | None = None


def unit(random: Random, pick: Pick) -> tuple[str, Recoding] | None:
    """Cents, thousands, thousandths; of percentages the fraction of one."""
    target = pick("money", "percent", "count", fresh=True)
    if target is None:
        return None
    factor, back = random.choice(_UNITS)
    if target == "probability":
        factor, back = "0.01", "100"
    if target in ("number_of_employees", "active_users", "sessions", "duration_seconds"):
        factor, back = "1000", "0.001"  # counts stay whole numbers

    def write(value: Any) -> Any:
        scaled = Decimal(str(value)) * Decimal(factor)
        scaled = scaled.quantize(Decimal(1)) if scaled == scaled.to_integral() else scaled.normalize()
        if isinstance(value, str):
            return as_text(scaled)
        return int(scaled) if isinstance(value, int) else scaled

    return target, Recoding(write, Transform("scale", {"factor": back}))


def enum(random: Random, stream: WorldStream, pick: Pick) -> tuple[str, Recoding] | None:
    """Each of a handful of words gets a code of its own."""
    target = pick("choice", of=lambda t: t not in stream.replaced, fresh=True)
    if target is None:
        return None
    words = _words(stream, target)
    style = random.choice(("number", "letter", "word"))
    codes = {
        "number": [str(10 * (place + 1)) for place in range(len(words))],
        "letter": [f"{chr(65 + place)}{place + 1}" for place in range(len(words))],
        "word": [f"{word.upper().replace(' ', '_')[:4]}{place}" for place, word in enumerate(words)],
    }[style]
    random.shuffle(codes)
    new = dict(zip(words, codes, strict=True))
    back = {code: word for word, code in new.items()}
    return target, Recoding(lambda value: new.get(value, value), _enum_map(back))


def coarser_enum(stream: WorldStream, pick: Pick) -> tuple[str, Recoding] | None:
    """Several words share one code: what they were cannot be told from it any more."""
    target = pick("choice", of=lambda t: t not in stream.replaced, fresh=True)
    if target is None:
        return None
    words = _words(stream, target)
    new = {word: f"G{place // 2 + 1}" for place, word in enumerate(words)}

    def write(value: Any) -> Any:
        return new.get(value, value)

    return target, Recoding(write, Transform(), lossy=write)


def dates(random: Random, stream: WorldStream, pick: Pick) -> tuple[str, Recoding] | None:
    """Days as texts of another format; only where days are texts."""
    target = pick("day", fresh=True) if stream.plain_text else None
    if target is None:
        return None
    form = random.choice(_DATES)

    def write(value: str) -> str:
        return date.fromisoformat(value[:10]).strftime(form) if value[4:5] == "-" else value

    return target, Recoding(write, Transform("date_format", {"format": form}))


def numbers(stream: WorldStream, pick: Pick) -> tuple[str, Recoding] | None:
    """Numbers as texts with a decimal comma and grouped thousands; only where numbers are texts."""
    target = pick("money", fresh=True) if stream.plain_text else None
    if target is None:
        return None

    def write(value: str) -> str:
        shown = f"{Decimal(value):,.2f}"
        return shown.translate(str.maketrans(",.", ".,"))

    return target, Recoding(write, Transform("number_format", {"decimal": ",", "group": "."}))


def wider(pick: Pick, columns: Callable[..., list[Column]]) -> tuple[str, Recoding] | None:
    """A type that holds more: whole numbers as text, days as moments of midnight."""
    target = pick("count", "day", of=lambda t: all(column.type in ("integer", "date") for column in columns(t)))
    if target is None:
        return None
    if columns(target)[0].type == "integer":
        return target, Recoding(str, Transform(), "text")
    return target, Recoding(lambda day: datetime.combine(day, time(), UTC), Transform(), "timestamp")


def _words(stream: WorldStream, target: str) -> Sequence[str]:
    """All words the fact can say, also those no record says now."""
    random, draw = Random(1), stream.facts()[target].draw  # noqa: S311 - words of a game
    told = {draw(random, "") for _ in range(400)}
    held = {record.values[target] for record in stream.records.values()} - {None}
    return sorted(told | held)


def _enum_map(back: dict[str, str]) -> Transform:
    return Transform("enum_map", {"values": back, "default": "keep"})
