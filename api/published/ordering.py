"""The order of a listing and where a page begins: after a row, nulls last, the row's key as tie-break."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.problems import Invalid
from api.published.columns import KEY, LISTS, Kind
from api.published.conditions import Condition, mark_of
from orchestration.resources.sql_text import identifier

MOST_COLUMNS = 5
NEWEST_FIRST = "-_source_updated_at"


@dataclass(frozen=True, slots=True)
class SortBy:
    """One column of the order."""

    column: str
    kind: Kind
    descending: bool


def read_order(text: str, columns: Mapping[str, Kind]) -> tuple[SortBy, ...]:
    """The order that `-amount,name` states. Raises Invalid."""
    parts = text.split(",")
    order = []
    for part in parts:
        name = part.removeprefix("-")
        kind = columns.get(name)
        if kind is None:
            raise Invalid("The order names a field that the view does not have.", field=name[:100])
        if kind in LISTS:
            raise Invalid(f"The field {name} holds lists and gives no order.", field=name)
        order.append(SortBy(name, kind, part != name))
    if len(order) > MOST_COLUMNS or len({by.column for by in order}) < len(order):
        raise Invalid(f"An order takes up to {MOST_COLUMNS} fields, each once.", field="sort")
    return tuple(order)


def order_sql(order: Sequence[SortBy]) -> str:
    """What follows ORDER BY; no two rows are equal in it."""
    parts = [f"{identifier(by.column)} {'DESC' if by.descending else 'ASC'} NULLS LAST" for by in order]
    return ", ".join([*parts, KEY])


def after(order: Sequence[SortBy], values: Sequence[object], key: int) -> Condition:
    """The rows that come after the one with these values and this key."""
    alternatives: list[Condition] = []
    same = Condition("true")
    for by, value in zip(order, values, strict=True):
        name, mark = identifier(by.column), mark_of(by.kind)
        if value is not None:
            beyond = Condition(f"({name} {'<' if by.descending else '>'} {mark} OR {name} IS NULL)", (value,))
            alternatives.append(_both(same, beyond))
            same = _both(same, Condition(f"{name} = {mark}", (value,)))
        else:  # nulls come last: nothing is beyond them
            same = _both(same, Condition(f"{name} IS NULL"))
    alternatives.append(_both(same, Condition(f"{KEY} > ?::UBIGINT", (key,))))
    return Condition(
        f"({' OR '.join(one.sql for one in alternatives)})",
        tuple(value for one in alternatives for value in one.params),
    )


def _both(one: Condition, other: Condition) -> Condition:
    return Condition(f"({one.sql} AND {other.sql})", (*one.params, *other.params))
