"""The order in which a MongoDB server sorts values of any types, as a key for Python's own comparison.

Types come in brackets (numbers before strings before objects ...); within a bracket the values decide.
Source of the order: "BSON Types, Comparison/Sort Order" of the MongoDB manual. Collations are not known here.
"""

import datetime as dt
from typing import Any

from bson import Code, DBRef, Decimal128, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.binary import Binary
from bson.datetime_ms import DatetimeMS

_EPOCH = dt.datetime(1970, 1, 1)
_MILLISECOND = dt.timedelta(milliseconds=1)
NULL, NUMBER, STRING, OBJECT, ARRAY, BINARY, OBJECT_ID, BOOLEAN, DATE, TIMESTAMP = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10

NAN = (NUMBER, 0)  # equals itself and is below every other number


def milliseconds(value: "dt.datetime | DatetimeMS") -> int:
    """Milliseconds since 1970 of a BSON date; a datetime is taken as UTC."""
    if isinstance(value, DatetimeMS):
        return int(value)
    naive = value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
    return (naive - _EPOCH) // _MILLISECOND


def order_key(value: Any) -> tuple[Any, ...]:
    """Compares like the value: first the type's bracket, then the value within it."""
    if isinstance(value, str) and not isinstance(value, Code):
        return STRING, value.encode("utf-8", "surrogatepass")
    if isinstance(value, ObjectId):
        return OBJECT_ID, value.binary
    if isinstance(value, bool):
        return BOOLEAN, value
    if isinstance(value, int | float | Decimal128):
        return _number(value)
    if value is None:
        return (NULL,)
    if isinstance(value, dt.datetime | DatetimeMS):
        return DATE, milliseconds(value)
    if isinstance(value, DBRef):
        value = value.as_doc()
    if isinstance(value, dict):
        return OBJECT, tuple((key[0], name, key) for name, key in ((n, order_key(v)) for n, v in value.items()))
    if isinstance(value, list | tuple):
        return ARRAY, tuple(order_key(item) for item in value)
    return _rare(value)


def _number(value: "int | float | Decimal128") -> tuple[Any, ...]:
    number = value.to_decimal() if isinstance(value, Decimal128) else value
    return NAN if number != number else (NUMBER, 1, number)


def _rare(value: Any) -> tuple[Any, ...]:
    if isinstance(value, bytes):
        return BINARY, len(value), value.subtype if isinstance(value, Binary) else 0, bytes(value)
    if isinstance(value, Timestamp):
        return TIMESTAMP, value.time, value.inc
    if isinstance(value, Regex):
        return 11, str(value.pattern), value.flags
    if isinstance(value, Code):
        return 13, str(value), order_key(value.scope or {})
    if isinstance(value, MinKey):
        return (0,)
    if isinstance(value, MaxKey):
        return (127,)
    raise TypeError(f"{type(value).__name__} is not a BSON value")
