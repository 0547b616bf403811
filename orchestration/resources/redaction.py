"""Takes personal data out of a text before it leaves the platform, and turns values into their shapes.

What is a phone number or an account is decided by the numbering plans and check digits, not by looks alone. Names of
persons cannot be told from other words here: where a field is known to hold them, send its shapes, not its values.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import phonenumbers
from stdnum import iban, luhn
from stdnum.us import ssn

REGIONS = ("US", "GB", "DE")  # whose national way of writing is understood besides the international one
_LONGEST = 100_000  # characters; phone numbers are looked for in linear time, but slowly
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}\b")
_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])")
_SSN = re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")
_KEY = re.compile(r"\b(?:sk|pk|ghp|xox[abp]|AKIA|eyJ)[A-Za-z0-9_.-]{16,}")
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")


@dataclass(frozen=True, slots=True)
class Redacted:
    """The text with what was found replaced by `[kind]`, and how often each kind was found."""

    text: str
    found: dict[str, int] = field(default_factory=dict)


def redact(text: str) -> Redacted:
    """Replace e-mail and IP addresses, phone, card, bank account and US social security numbers, and API keys.

    Raises:
        ValueError: the text is longer than 100,000 characters; give it in parts.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"a text of {len(text):,} characters is too long to redact at once: give it in parts")
    spans = _without_overlaps(_spans(text))
    pieces, counts, at = [], dict[str, int](), 0
    for start, end, kind in spans:
        pieces += [text[at:start], f"[{kind}]"]
        counts[kind] = counts.get(kind, 0) + 1
        at = end
    return Redacted("".join([*pieces, text[at:]]), counts)


def shape(value: str, longest: int = 40) -> str:
    """The value with each letter as `a` or `A` and each digit as `9`; other signs stay, and it is cut at `longest`."""
    masked = "".join("9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else c for c in value[:longest])
    return masked + ("…" if len(value) > longest else "")


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    checks: tuple[tuple[re.Pattern[str], str, Callable[[str], bool]], ...] = (
        (_EMAIL, "email", lambda _: True),
        (_KEY, "key", lambda _: True),
        (_CARD, "card", _is_card),
        (_SSN, "ssn", ssn.is_valid),
        (_IP, "ip", lambda found: all(int(part) < 256 for part in found.split("."))),
    )
    for pattern, kind, is_valid in checks:
        for found in pattern.finditer(text):
            if is_valid(found.group()):
                yield found.start(), found.end(), kind
    for found in _IBAN.finditer(text):
        # Words after the number look like more of it: it ends where its country's check digits come right.
        for end in range(found.end(), found.start() + 14, -1):
            if iban.is_valid(text[found.start() : end]):
                yield found.start(), len(text[:end].rstrip(" -")), "iban"
                break
    for region in REGIONS:
        for number in phonenumbers.PhoneNumberMatcher(text, region):
            yield number.start, number.end, "phone"


def _is_card(digits: str) -> bool:
    bare = re.sub(r"[ -]", "", digits)
    # First digits of card issuers (ISO/IEC 7812); any other number of this length is an id that passes Luhn by chance.
    return bare[0] in "23456" and len(set(bare)) > 1 and luhn.is_valid(bare)


def _without_overlaps(spans: Iterator[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Leftmost first, the longer of two that begin alike; what overlaps a chosen one is part of it."""
    chosen: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not chosen or span[0] >= chosen[-1][1]:
            chosen.append(span)
    return chosen
