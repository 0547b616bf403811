"""Filters of a listing: `field:op:value` read into SQL with bound parameters, typed by the field's column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from api.problems import Invalid
from api.published.columns import LISTS, Kind, read_value
from assets.normalize.reading import DECIMAL_TYPE
from orchestration.resources.sql_text import identifier

MOST_VALUES = 100
# Without its type a parameter is compared as whatever its digits look like.
_MARKS: Final[Mapping[Kind, str]] = {"decimal": f"?::{DECIMAL_TYPE}", "integer": "?::BIGINT"}
_COMPARISONS: Final = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_EVERY_KIND: Final = frozenset({"isnull", "notnull"})
_EQUAL: Final = frozenset({"eq", "ne", "in"}) | _EVERY_KIND
_ORDERED: Final = _EQUAL | _COMPARISONS.keys()
OPERATORS: Final[Mapping[Kind, frozenset[str]]] = {
    "text": _ORDERED | {"contains", "starts"}, "integer": _ORDERED, "decimal": _ORDERED, "date": _ORDERED,
    "timestamp": _ORDERED, "boolean": _EQUAL, "texts": _EVERY_KIND | {"contains"},
    "sources": _EVERY_KIND | {"contains"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL of one truth with its parameters."""

    sql: str
    params: tuple[object, ...] = ()


def read_condition(text: str, columns: Mapping[str, Kind]) -> Condition:
    """The condition that `field:op:value` states. Raises Invalid, naming the field."""
    field, _, rest = text.partition(":")
    op, colon, value = rest.partition(":")
    kind = columns.get(field)
    if kind is None:
        raise Invalid("A filter names a field that the view does not have.", field=field[:100])
    if op not in OPERATORS[kind]:
        raise Invalid(f"The field {field} can be asked: {', '.join(sorted(OPERATORS[kind]))}.", field=field)
    if op in _EVERY_KIND:
        if value:
            raise Invalid(f"{op} takes no value.", field=field)
        return Condition(f"{identifier(field)} IS {'' if op == 'isnull' else 'NOT '}NULL")
    if not colon:
        raise Invalid(f"The filter of {field} has no value: write field:op:value.", field=field)
    return _compare(field, kind, op, value)


def mark_of(kind: Kind) -> str:
    """The place of a parameter that is compared with a column of that kind."""
    return _MARKS.get(kind, "?")


def search(text: str, columns: Mapping[str, Kind]) -> Condition:
    """The text stands in one of the text columns, in whatever case."""
    wanted = read_value("q", "text", text)
    parts = [f"contains(lower({identifier(name)}), lower(?))" for name, kind in columns.items() if kind == "text"]
    return Condition(f"({' OR '.join(parts)})", (wanted,) * len(parts)) if parts else Condition("false")


def _compare(field: str, kind: Kind, op: str, text: str) -> Condition:
    name, mark = identifier(field), mark_of(kind)
    if op == "in":
        values = [read_value(field, kind, one) for one in _listed(field, text)]
        return Condition(f"{name} IN ({', '.join(mark for _ in values)})", tuple(values))
    value = read_value(field, kind, text)
    if kind in LISTS:
        within = name if kind == "texts" else f"list_transform({name}, lambda s: s.connection_id)"
        return Condition(f"coalesce(list_contains({within}, ?), false)", (value,))
    match op:
        case "eq":
            return Condition(f"{name} = {mark}", (value,))
        case "ne":
            return Condition(f"{name} IS DISTINCT FROM {mark}", (value,))
        case "contains":
            return Condition(f"contains(lower({name}), lower(?))", (value,))
        case "starts":
            return Condition(f"starts_with(lower({name}), lower(?))", (value,))
    return Condition(f"{name} {_COMPARISONS[op]} {mark}", (value,))


def _listed(field: str, text: str) -> Sequence[str]:
    """Values between commas, or a JSON list of texts for values that hold commas themselves."""
    values: object = text.split(",")
    if text.startswith("["):
        try:
            values = orjson.loads(text)
        except orjson.JSONDecodeError:
            values = None
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise Invalid(f"The filter of {field} takes values between commas, or a JSON list of texts.", field=field)
    if not 1 <= len(values) <= MOST_VALUES:
        raise Invalid(f"The filter of {field} takes 1 to {MOST_VALUES} values.", field=field)
    return values
