"""A table the API does not describe, told from a few of its records: columns by name, types by how values look.

Each value is asked for twice, as the API's JSON and as Postgres's text: where both differ the type shows. What stays
undecided is text, which loses nothing.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.supabase.tables import Column, Table

_TIME = r"\d\d:\d\d:\d\d(\.\d+)?"
_MOMENT = re.compile(rf"\d{{4,}}-\d\d-\d\dT{_TIME}(?P<zone>[+-]\d\d(:\d\d)*)?")
_SEEN = "seen in a sample"


def sampled_table(
    name: str, columns: Mapping[str, Sequence[tuple[Any, Any]]], key: tuple[str, ...], limited: str | None
) -> Table:
    """`columns` has by name the pairs of a value in JSON and in Postgres's text."""
    return Table(
        name=name,
        columns=tuple(
            Column(column, _type(pairs), nullable=column not in key, description=_SEEN)
            for column, pairs in columns.items()
        ),
        primary_key=key if set(key) <= columns.keys() else (),
        limited=limited,
    )


def _type(pairs: Sequence[tuple[Any, Any]]) -> str:
    """Postgres's name of the type that all values have, `text` where that cannot be said."""
    types = {_type_of(value, text) for value, text in pairs if value is not None}
    if types <= {"bigint", "numeric"} and types:
        return "numeric" if "numeric" in types else "bigint"
    if types <= {"jsonb", "json list"} and types:
        return "jsonb"
    return types.pop() if len(types) == 1 else "text"


def _type_of(value: Any, text: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "bigint"
    if isinstance(value, Decimal):
        return "numeric"
    if isinstance(value, list):
        return "text[]" if str(text).startswith("{") else "json list"
    if isinstance(value, dict):
        return "jsonb"
    moment = _MOMENT.fullmatch(value)
    if moment and text != value:  # a text column gives the same text both ways
        return "timestamp with time zone" if moment["zone"] else "timestamp without time zone"
    return "text"
