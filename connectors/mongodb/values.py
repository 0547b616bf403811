"""BSON values as text, exactly, and which type of ours each is.

Doubles are Python's shortest exact form (`1.0`, `1e+16`, `NaN`); dates are UTC with milliseconds, years outside
0001..9999 in ISO 8601's expanded form (`+012026-...`); what has no plain form is canonical Extended JSON. Nested values
are JSON in which ObjectId, Decimal128, dates, UUIDs and binary are strings in their plain forms.
"""

import datetime as dt
import math
import uuid
from base64 import b64encode
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from bson import (
    Code,
    DatetimeConversion,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
    json_util,
)
from bson.binary import Binary
from bson.datetime_ms import DatetimeMS

from connectors.protocol import SourceType

_UUIDS = (3, 4)
_DAY_MS = 86_400_000
_QUICK = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
_TYPES: dict[type, SourceType] = {
    str: "text", ObjectId: "text", int: "integer", Int64: "integer", float: "double", bool: "boolean",
    dt.datetime: "timestamp", DatetimeMS: "timestamp", Decimal128: "decimal", bytes: "binary",
    dict: "json", list: "json", Regex: "json", Code: "json", Timestamp: "json", MinKey: "json", MaxKey: "json",
    DBRef: "json",
}  # fmt: skip


def source_type(value: Any) -> SourceType | None:
    """The type of a value; None of null."""
    if isinstance(value, Binary):
        return "text" if value.subtype in _UUIDS else "binary"
    return _TYPES.get(type(value))


def text(value: Any) -> str | None:
    """The value as text; None of null."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, dict | list):
        return json_text(value)
    plain = _plain(value)
    return plain if isinstance(plain, str) else json_text(plain)


def double_text(value: float) -> str:
    """`1.5`, `1e+16`, `NaN`, `Infinity`, `-Infinity`."""
    if math.isfinite(value):
        return repr(value)
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def date_text(value: "dt.datetime | DatetimeMS") -> str:
    """`2026-01-02T03:04:05.000Z`."""
    if isinstance(value, DatetimeMS):
        return _far_date(int(value))
    return f"{value.replace(tzinfo=None).isoformat('T', 'milliseconds')}Z"


def _plain(value: Any) -> Any:
    """Text of what has a plain form; of the rest an object of Extended JSON."""
    if isinstance(value, ObjectId):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return double_text(value)
    if isinstance(value, dt.datetime | DatetimeMS):
        return date_text(value)
    if isinstance(value, Decimal128):
        return _decimal_text(value.to_decimal())
    if isinstance(value, bytes):
        return _binary_text(value)
    return json_util.default(value, json_util.CANONICAL_JSON_OPTIONS)


def _decimal_text(value: Decimal) -> str:
    if value.is_nan():
        return "NaN"
    return format(value, "f")  # an infinity is spelled Infinity


def _binary_text(value: bytes) -> str:
    if isinstance(value, Binary) and value.subtype in _UUIDS and len(value) == 16:
        return str(uuid.UUID(bytes=bytes(value)))
    return b64encode(value).decode()


def json_texts(values: Sequence[Any]) -> list[bytes | None]:
    """Many nested values as `json_text` writes them, in UTF-8; None of null."""
    try:
        written = [None if value is None else orjson.dumps(value, default=_plain, option=_QUICK) for value in values]
    except (orjson.JSONEncodeError, RecursionError):
        return [None if value is None else json_text(value).encode() for value in values]
    return [json_text(value).encode() if told and b"null" in told else told
            for told, value in zip(written, values, strict=True)]  # fmt: skip


def json_text(value: Any) -> str:
    """A nested value as relaxed JSON.

    The quick way writes `null` for NaN and infinities, so a null sends it the careful way.
    """
    try:
        written = orjson.dumps(value, default=_plain, option=_QUICK)
        if b"null" in written:
            written = orjson.dumps(_careful(value), option=_QUICK)
    except (orjson.JSONEncodeError, RecursionError):
        # Nested deeper than the quick writer goes, or integers it has no form for.
        return json_util.dumps(_careful(value), json_options=json_util.RELAXED_JSON_OPTIONS)
    return written.decode()


def _careful(value: Any) -> Any:
    """The same with every value that JSON has no exact form for written out."""
    if isinstance(value, dict):
        return {name: _careful(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_careful(item) for item in value]
    if value is None or isinstance(value, bool) or type(value) is str:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else double_text(value)
    if isinstance(value, int):
        return int(value)
    plain = _plain(value)
    return plain if isinstance(plain, str) else _careful(plain)


def _far_date(milliseconds: int) -> str:
    """Days to year, month and day by the proleptic Gregorian calendar, for years Python's dates do not reach."""
    days, rest = divmod(milliseconds, _DAY_MS)
    # 400 years are exactly 146,097 days: shift into a range that Python knows, then shift the year back.
    cycles, day = divmod(days, 146_097)
    near = dt.datetime(1970, 1, 1) + dt.timedelta(days=day, milliseconds=rest)
    year = near.year + 400 * cycles
    if 1 <= year <= 9999:
        return date_text(near.replace(year=year))
    sign = "-" if year < 0 else "+"
    return f"{sign}{abs(year):06d}{date_text(near)[4:]}"


def to_json(value: Any) -> Any:
    """A BSON value as a JSON document that `from_json` turns back into the same value."""
    options = json_util.CANONICAL_JSON_OPTIONS
    return orjson.loads(json_util.dumps({"": value}, json_options=options))[""]


_READ_BACK = json_util.JSONOptions(
    json_mode=json_util.JSONMode.CANONICAL,
    tz_aware=False,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)


def from_json(stored: Any) -> Any:
    """The value that `to_json` wrote."""
    return json_util.loads(orjson.dumps({"": stored}).decode(), json_options=_READ_BACK)[""]
