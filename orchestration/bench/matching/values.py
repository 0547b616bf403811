"""Values for the columns of the bench: texts of a kind, and how another system would write the same values.

A kind's values come in canonical form (ISO dates, decimal points, true and false); `Encoding` rewrites them. Seeded.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final

from orchestration.bench.matching.concepts import Concept

_FIRST: Final = ("Anna", "Ben", "Carla", "David", "Eva", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Klara", "Liam",
                 "Mia", "Noah", "Olga", "Paul", "Rosa", "Samuel", "Tara", "Uwe", "Vera", "Wim", "Zoe")  # fmt: skip
_LAST: Final = ("Adler", "Brown", "Cruz", "Dubois", "Evans", "Fischer", "Garcia", "Huber", "Ivanov", "Jones", "Klein",
                "Lopez", "Meyer", "Nowak", "Olsen", "Petit", "Rossi", "Smith", "Taylor", "Weber", "Young")  # fmt: skip
_CITIES: Final = ("Berlin", "Lyon", "Madrid", "Boston", "Leeds", "Porto", "Vienna", "Zurich", "Austin", "Oslo", "Ghent",
                  "Turin", "Cork", "Malmo", "Bremen", "Nantes")  # fmt: skip
_COUNTRIES: Final = ("Germany", "France", "Spain", "United States", "United Kingdom", "Italy", "Norway", "Ireland")
_WORDS: Final = ("north", "valve", "blue", "service", "annual", "plan", "repair", "garden", "system", "basic", "update",
                 "review", "market", "lamp", "travel", "green", "project", "engine", "summer", "record")  # fmt: skip
_EPOCH: Final = dt.datetime(2021, 1, 1)

Encoding = Callable[[str], str]
DAY_STYLES: Final = ("%d.%m.%Y", "%m/%d/%Y", "%Y%m%d")


def seeded(seed: str) -> Random:
    """Random numbers that a text decides, the same in every process."""
    return Random(seed)  # noqa: S311 - made-up data, nothing secret


def values_of(concept: Concept, count: int, rng: Random) -> list[str | None]:
    """`count` texts in canonical form; some columns have gaps."""
    gaps = rng.choice((0.0, 0.0, 0.05, 0.4))
    prefix = "".join(rng.choice("ABCDEFGHKLMNPRSTW") for _ in range(rng.randint(1, 3)))
    return [None if rng.random() < gaps else _value(concept, rng, prefix) for _ in range(count)]


def _value(concept: Concept, rng: Random, prefix: str) -> str:
    kind = concept.kind
    if kind in ("enum", "code2", "code3"):
        return rng.choice(concept.arguments[0].split("/"))
    if kind in ("number", "amount"):
        return _number(kind, concept.arguments, rng)
    return _MAKERS[kind](rng, prefix)


def _number(kind: str, arguments: Sequence[str], rng: Random) -> str:
    low, high = (float(argument) for argument in arguments)
    number = low + (high - low) * rng.random() ** 2
    whole = kind == "number" and high - low >= 3 and low == int(low)
    return str(round(number)) if whole else f"{number:.2f}"


def _person(rng: Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def _mail(rng: Random) -> str:
    return f"{rng.choice(_FIRST)}.{rng.choice(_LAST)}{rng.randint(1, 99)}@{rng.choice(_WORDS)}.example".lower()


def _day(rng: Random) -> str:
    return f"{_EPOCH + dt.timedelta(days=rng.randint(0, 1800)):%Y-%m-%d}"


def _moment(rng: Random) -> str:
    return f"{_EPOCH + dt.timedelta(seconds=rng.randint(0, 150_000_000)):%Y-%m-%dT%H:%M:%SZ}"


_MAKERS: Final[Mapping[str, Callable[[Random, str], str]]] = {
    "id": lambda rng, prefix: f"{prefix}{rng.randint(1000, 99999)}",
    "code": lambda rng, prefix: f"{prefix}-{rng.randint(10, 999)}",
    "first": lambda rng, _: rng.choice(_FIRST),
    "last": lambda rng, _: rng.choice(_LAST),
    "name": lambda rng, _: _person(rng),
    "company": lambda rng, _: f"{rng.choice(_LAST)} {rng.choice(('GmbH', 'Ltd', 'Inc', 'SA', 'AG'))}",
    "email": lambda rng, _: _mail(rng),
    "phone": lambda rng, _: f"+{rng.randint(1, 49)} {rng.randint(20, 899)} {rng.randint(100000, 9999999)}",
    "url": lambda rng, _: f"https://www.{rng.choice(_WORDS)}{rng.randint(1, 400)}.example/{rng.choice(_WORDS)}",
    "ip": lambda rng, _: ".".join(str(rng.randint(1, 254)) for _ in range(4)),
    "iban": lambda rng, _: f"DE{rng.randint(10, 99)}{rng.randint(10**17, 10**18 - 1)}",
    "city": lambda rng, _: rng.choice(_CITIES),
    "country": lambda rng, _: rng.choice(_COUNTRIES),
    "street": lambda rng, _: f"{rng.choice(_LAST)} Street {rng.randint(1, 200)}",
    "postal": lambda rng, _: f"{rng.randint(10000, 99999)}",
    "text": lambda rng, _: " ".join(rng.choice(_WORDS) for _ in range(rng.randint(1, 5))).capitalize(),
    "date": lambda rng, _: _day(rng),
    "timestamp": lambda rng, _: _moment(rng),
    "year": lambda rng, _: str(rng.randint(1990, 2026)),
    "flag": lambda rng, _: rng.choice(("true", "false")),
}


def encoding_of(concept: Concept, rng: Random) -> Encoding:
    """One way in which another system may write the values of the concept; often as they are."""
    ways: dict[str, Sequence[Encoding]] = {
        "date": [_reformatted(style) for style in DAY_STYLES],
        "timestamp": (_epoch_seconds, lambda text: text.replace("T", " ").rstrip("Z"), lambda text: text[:10]),
        "flag": (_mapped({"true": "Y", "false": "N"}), _mapped({"true": "1", "false": "0"})),
        "amount": (lambda text: text.replace(".", ","), lambda text: str(round(float(text) * 100))),
        "enum": (str.upper, _numbered(concept), lambda text: text[:3].upper()),
        "country": (lambda text: text[:2].upper(),), "name": (lambda text: ", ".join(reversed(text.split(" "))),),
        "company": (str.upper,), "city": (str.upper,), "email": (str.upper,),
        "phone": (lambda text: "".join(char for char in text if char.isdigit()),),
    }  # fmt: skip
    return rng.choice(ways[concept.kind]) if concept.kind in ways and rng.random() < 0.5 else str


def _reformatted(style: str) -> Encoding:
    return lambda text: f"{dt.date.fromisoformat(text):{style}}"


def _epoch_seconds(text: str) -> str:
    return str(int(dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()))


def _mapped(codes: Mapping[str, str]) -> Encoding:
    return lambda text: codes[text]


def _numbered(concept: Concept) -> Encoding:
    words = concept.arguments[0].split("/") if concept.arguments else []
    return lambda text: str(words.index(text) + 1)
