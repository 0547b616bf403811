"""Which texts are a number, a boolean, a day, a moment: the closed grammar that both paths of normalize follow.

`compile` says the same in SQL; a property test holds the two together. Reading a text gives a value, None for an
empty or blank one, or `Unreadable` with the reason. Nothing is guessed: "no" is no boolean, "1,000" no number.
A leaf: standard library only.
"""

import datetime as dt
import json
import re
from decimal import ROUND_HALF_UP, Context, Decimal

WHITESPACE = " \t\n\r\v\f"  # what is trimmed and what counts as blank: ASCII only, as DuckDB's own casts do

DECIMAL_SCALE = 9
DECIMAL_TYPE = f"DECIMAL(38,{DECIMAL_SCALE})"
DECIMAL_LIMIT = Decimal(10) ** (38 - DECIMAL_SCALE)  # exclusive
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1

# A JSON list of texts, spelled out since JSON parsers differ (trailing commas, NaN, half a surrogate pair).
_CHARACTER = (
    r'[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u(?:[0-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}'
    r"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_TEXT = f'[ \t\n\r]*"(?:{_CHARACTER})*"[ \t\n\r]*'
JSON_TEXTS = rf"\[(?:{_TEXT}(?:,{_TEXT})*|[ \t\n\r]*)\]"

_STEP = Decimal(1).scaleb(-DECIMAL_SCALE)
EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,3}))?")
_JSON_TEXTS = re.compile(JSON_TEXTS)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"(?:Z| UTC|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?"
)


class Unreadable(ValueError):
    """The text is not a value of the wanted type; the message says what was expected."""


def read_text(value: object) -> object:
    """The text exactly as it came; a blank text is None."""
    return None if isinstance(value, str) and not value.strip(WHITESPACE) else value


def read_decimal(value: object) -> object:
    """Digits with an optional sign, point and exponent, rounded half away from zero to nine decimal places."""
    text = _trimmed(value)
    return parse_decimal(text) if isinstance(text, str) else text


def read_integer(value: object) -> object:
    """A decimal without a fraction ("5", "5.0", "1e3") that fits 64 bits."""
    text = _trimmed(value)
    if not isinstance(text, str):
        return text
    return whole(parse_decimal(text))


def read_boolean(value: object) -> object:
    """Only true and false, in any case. Other words need a boolean_map."""
    text = _trimmed(value)
    if not isinstance(text, str):
        return text
    match text.lower():
        case "true":
            return True
        case "false":
            return False
    raise Unreadable("not true or false")


def read_date(value: object) -> object:
    """An ISO date, or the day, as written, of an ISO timestamp."""
    text = _trimmed(value)
    if not isinstance(text, str):
        return text
    if not _DATE.fullmatch(text):
        parse_timestamp(text)
    return _day(text[:10])


def read_timestamp(value: object) -> object:
    """An ISO date or timestamp with T or a space, optional seconds, fraction and zone; no zone means UTC."""
    text = _trimmed(value)
    return parse_timestamp(text) if isinstance(text, str) else text


def read_list(value: object) -> object:
    """The texts of a JSON list of texts; any other text is a list of that one text."""
    text = _trimmed(value)
    if not isinstance(text, str):
        return text
    return json.loads(text) if _JSON_TEXTS.fullmatch(text) else [value]


def parse_decimal(text: str) -> Decimal:
    """The decimal a trimmed text writes. Raises Unreadable."""
    if not _DECIMAL.fullmatch(text):
        raise Unreadable("not a decimal number")
    return fit_decimal(Decimal(text))


def fit_decimal(number: Decimal) -> Decimal:
    """The number as the canonical decimal type holds it. Raises Unreadable when it is too large."""
    if number.copy_abs() >= DECIMAL_LIMIT:
        raise Unreadable(f"larger than {38 - DECIMAL_SCALE} digits before the point")
    rounded = number.quantize(_STEP, context=EXACT)
    if rounded.copy_abs() >= DECIMAL_LIMIT:
        raise Unreadable(f"larger than {38 - DECIMAL_SCALE} digits before the point")
    return rounded


def whole(number: Decimal) -> int:
    """The number as a 64-bit integer. Raises Unreadable when it has a fraction or does not fit."""
    if number != number.to_integral_value():
        raise Unreadable("not a whole number")
    if not INTEGER_MIN <= number <= INTEGER_MAX:
        raise Unreadable("does not fit 64 bits")
    return int(number)


def parse_timestamp(text: str) -> dt.datetime:
    """The moment, in UTC, that a trimmed text writes; digits past the microsecond are cut. Raises Unreadable."""
    match = _TIMESTAMP.fullmatch(text)
    if not match:
        raise Unreadable("not an ISO date or timestamp")
    day, hour, minute, second, fraction, sign, zone_hours, zone_minutes = match.groups()
    start = dt.datetime.combine(_day(day), dt.time(), dt.UTC)
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise Unreadable("no such time of day")
    micros = int((fraction or "").ljust(6, "0")[:6])
    offset = dt.timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
    if int(zone_hours or 0) > 15 or int(zone_minutes or 0) > 59:
        raise Unreadable("no such time zone offset")
    try:
        local = start + dt.timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
        return local + offset if sign == "-" else local - offset
    except OverflowError:
        raise Unreadable("outside the years 1 to 9999") from None


def _trimmed(value: object) -> object:
    return (value.strip(WHITESPACE) or None) if isinstance(value, str) else value


def _day(text: str) -> dt.date:
    try:
        return dt.date(int(text[:4]), int(text[5:7]), int(text[8:]))
    except ValueError:
        raise Unreadable("no such day") from None
