"""Postgres's texts brought into the canonical ones: ISO timestamps in UTC, base64 binaries, arrays as JSON text.

JSON stays as Postgres writes it, to the last digit and blank.
"""

import base64
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.supabase.tables import Column

_UTC = r"^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+00(?::?00)?|Z)$"
_NAIVE = r"^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)$"
_WRITTEN_OUT = 400  # digits before or after the point
_OFFSET = re.compile(r"[+-]\d\d(:?\d\d)?(:?\d\d)?$")


def canonical(column: Column, values: pa.Array) -> pa.Array:
    """The column's texts (arrays: JSON already, binaries: `\\x` and hexadecimal digits) in their canonical form."""
    if column.form == "timestamp":
        return _timestamps(values)
    if column.form == "array":
        return pa.array([None if value is None else _compact(value) for value in values.to_pylist()], pa.string())
    if column.form == "binary":
        return pa.array([_base64(value) for value in values.to_pylist()], pa.string())
    return values


def json_text(value: Any) -> str:
    """JSON of a decoded value without blanks; a Decimal keeps every digit it had."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except TypeError:  # a Decimal is in it
        pass
    if isinstance(value, list):
        return f"[{','.join(json_text(part) for part in value)}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{json_text(v)}" for k, v in value.items()) + "}"
    # A number such as 1e999999999 is not written out.
    return f"{value:f}" if abs(value.adjusted()) <= _WRITTEN_OUT else str(value)


def _compact(text: str) -> str:
    try:
        return json_text(json.loads(text, parse_float=Decimal))
    except (ValueError, RecursionError):  # numbers of thousands of digits, nesting of thousands of levels
        return text


def instant(text: str) -> datetime | None:
    """The moment a timestamp or date names, in UTC; None for what Python's calendar lacks (infinity, BC)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _timestamps(values: pa.Array) -> pa.Array:
    values = pc.replace_substring_regex(values, _UTC, r"\1T\2Z")
    values = pc.replace_substring_regex(values, _NAIVE, r"\1T\2")
    # The server was asked for UTC; one that answers in another zone is converted value by value.
    elsewhere = pc.match_substring_regex(values, r"[0-9][+-]\d\d(:?\d\d)*$")
    if not pc.any(elsewhere).as_py():
        return values
    return pa.array([_in_utc(value) for value in values.to_pylist()], pa.string())


def _in_utc(value: str | None) -> str | None:
    moment = instant(value) if value and _OFFSET.search(value) else None
    if value is None or moment is None:
        return value
    fraction = re.search(r"\.\d+", value)
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction.group() if fraction else ''}Z"


def _base64(value: str | None) -> str | None:
    if value is None or not value.startswith("\\x"):
        return value
    return base64.b64encode(bytes.fromhex(value[2:])).decode()
