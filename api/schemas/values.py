"""Values that requests may hold: bounded texts, and JSON that Postgres and DuckDB can keep. No message quotes one."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, WithJsonSchema

LARGEST_INTEGER = 2**63 - 1
_LONGEST_TEXT = 64 * 1024
_DEEPEST = 12
_MOST_VALUES = 10_000


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("holds a character that cannot be stored")
    return text


def _bounded_json(value: dict[str, Any]) -> dict[str, Any]:
    count, level = 0, list[Any]([value])
    for _ in range(_DEEPEST):
        count += len(level)
        if count > _MOST_VALUES:
            raise ValueError(f"holds more than {_MOST_VALUES} values")
        level = [inner for outer in level for inner in _inner(outer)]
        if not level:
            return value
    raise ValueError(f"is nested more than {_DEEPEST} levels deep")


def _inner(value: Any) -> list[Any]:
    """What a value holds, once it is known to be fit itself."""
    match value:
        case dict():
            return [*map(str, value), *value.values()]
        case list():
            return value
        case str():
            if len(value) > _LONGEST_TEXT:
                raise ValueError(f"holds a text of more than {_LONGEST_TEXT} characters")
            _storable(value)
        case bool() | None:
            pass
        case int() if not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
            raise ValueError("holds an integer of more than 64 bits")
        case float() if not math.isfinite(value):
            raise ValueError("holds a number that is not finite")
    return []


# One line for people, such as a name.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
    AfterValidator(_storable),
]
# A word of a source's, such as the name of a column: kept as it is.
SourceName = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_storable)]
JsonObject = Annotated[
    dict[str, Any], AfterValidator(_bounded_json), WithJsonSchema({"type": "object", "additionalProperties": True})
]
# What somebody writes for others to read, in as many lines as they like.
Paragraph = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_storable)]
