"""Columns of a published view as callers know them: which there are, of what kind, and how a text becomes a value."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from api.problems import Invalid

Kind = Literal["text", "integer", "decimal", "boolean", "date", "timestamp", "texts", "sources"]

# Numbers by which the pipeline finds rows again; they mean nothing outside of it.
INTERNAL: Final = frozenset({"_entity", "_account_ref"})
KEY: Final = "_entity"  # a number that every row of a view has, and no two have the same
_KINDS: Final[Mapping[str, Kind]] = {
    "VARCHAR": "text", "BIGINT": "integer", "INTEGER": "integer", "BOOLEAN": "boolean", "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "timestamp", "TIMESTAMPTZ": "timestamp", "VARCHAR[]": "texts",
}  # fmt: skip
LISTS: Final = frozenset[Kind]({"texts", "sources"})
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,29}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})")
_LEAST, _MOST = -(2**63), 2**63 - 1


def kind_of(duckdb_type: str) -> Kind:
    """What a column of that type holds."""
    if duckdb_type.startswith("DECIMAL"):
        return "decimal"
    return "sources" if duckdb_type.startswith("STRUCT") else _KINDS[duckdb_type]


def public_columns(columns: Mapping[str, str]) -> dict[str, Kind]:
    """The columns callers may ask for, in their order, of a table's columns with their types."""
    return {name: kind_of(duckdb_type) for name, duckdb_type in columns.items() if name not in INTERNAL}


def read_value(field: str, kind: Kind, text: str) -> object:
    """The text as a value to compare a column of that kind with. Raises Invalid, naming the field."""
    try:
        return _READERS[kind](text)
    except (ValueError, InvalidOperation, OverflowError):
        raise Invalid(f"The field {field} holds {_MEANT[kind]}; this is not one.", field=field) from None


def write_value(value: object) -> str | None:
    """The text that `read_value` makes that value of."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def read_moment(text: str) -> dt.datetime:
    """An RFC 3339 time or an ISO 8601 day; one without offset is UTC. Raises ValueError or OverflowError."""
    moment = dt.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


def _text(text: str) -> str:
    if "\0" in text:
        raise ValueError
    text.encode()  # a lone surrogate is no text
    return text


def _integer(text: str) -> int:
    if not _WHOLE.fullmatch(text) or not _LEAST <= int(text) <= _MOST:
        raise ValueError
    return int(text)


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError
    return Decimal(text)


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text] if text in ("true", "false") else _refuse()


def _refuse() -> Any:
    raise ValueError


_READERS: Final[Mapping[Kind, Callable[[str], object]]] = {
    "text": _text, "integer": _integer, "decimal": _decimal, "boolean": _boolean, "date": dt.date.fromisoformat,
    "timestamp": read_moment, "texts": _text, "sources": _text,
}  # fmt: skip
_MEANT: Final[Mapping[Kind, str]] = {
    "text": "text", "integer": "integers of 64 bits", "decimal": "numbers with up to 9 decimals",
    "boolean": "true or false", "date": "days (2026-03-01)", "timestamp": "times (2026-03-01T08:00:00Z)",
    "texts": "texts", "sources": "connection ids",
}  # fmt: skip
