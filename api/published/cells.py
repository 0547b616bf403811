"""Values of DuckDB as JSON, so that no reader loses a digit.

A number that a double cannot hold goes as text: decimals whose digits it would change, integers beyond 2**53. Times are
RFC 3339 in UTC, days ISO 8601. What is unknown is null.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

_EXACT = 2**53


def json_ready(value: Any) -> Any:
    """The value as orjson can write it and JavaScript can read it back."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -_EXACT <= value <= _EXACT else str(value)
        case Decimal():
            return _number(value)
        case dt.datetime():
            return rfc3339(value)
        case dt.date():
            return value.isoformat()
        case dict():
            return {name: json_ready(part) for name, part in value.items()}
        case list() | tuple():
            return [json_ready(part) for part in value]
    return str(value)


def rows_as_objects(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Rows as JSON objects of these columns; what a row holds beyond them is left out."""
    return [{name: json_ready(value) for name, value in zip(columns, row, strict=False)} for row in rows]


def rfc3339(moment: dt.datetime) -> str:
    """The moment in UTC."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _number(value: Decimal) -> int | float | str:
    if value == value.to_integral_value():
        whole = int(value)
        return whole if -_EXACT <= whole <= _EXACT else str(whole)
    double = float(value)
    # `repr` gives the shortest digits that read back as this double: what every JSON reader will see.
    return double if Decimal(repr(double)) == value else format(value, "f").rstrip("0")
