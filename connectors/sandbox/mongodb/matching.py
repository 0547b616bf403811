"""Whether a document fits a filter, and what a projection leaves of it: the part of the query language readers use."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.mongodb.ordering import DATE, order_key

_MISSING = object()
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda a, b: a > b,
    "$gte": lambda a, b: a >= b,
    "$lt": lambda a, b: a < b,
    "$lte": lambda a, b: a <= b,
    "$eq": lambda a, b: a == b,
    "$ne": lambda a, b: a != b,
}
_Q = Callable[[Mapping[str, Any], Any], bool]


class BadQuery(Exception):
    """The query uses what the stand-in does not know."""


def matches(document: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    """Whether the document fits. Raises BadQuery."""
    return all(_clause(document, name, condition) for name, condition in query.items())


def project(document: dict[str, Any], projection: Mapping[str, Any]) -> dict[str, Any]:
    """The document with only the named paths, or without them."""
    named = {path: bool(keep) for path, keep in projection.items() if path != "_id"}
    if any(named.values()) or (not named and projection.get("_id")):
        kept = _kept(document, [path.split(".") for path, keep in named.items() if keep])
        identity = {"_id": document["_id"]} if projection.get("_id", True) and "_id" in document else {}
        return {**identity, **{name: value for name, value in kept.items() if name != "_id"}}
    dropped = [path.split(".") for path, keep in projection.items() if not keep]
    left: dict[str, Any] = _without(document, dropped)
    return left


def value_at(document: Any, path: str) -> Any:
    """The value at a dotted path; None when there is none."""
    for part in path.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document


def _clause(document: Mapping[str, Any], name: str, condition: Any) -> bool:
    if name == "$and":
        return all(matches(document, part) for part in condition)
    if name == "$or":
        return any(matches(document, part) for part in condition)
    if name == "$expr":
        return bool(_evaluate(document, condition))
    if name.startswith("$"):
        raise BadQuery(f"unknown top level operator: {name}")
    values = list(_values(document, name.split(".")))
    if isinstance(condition, dict) and any(key.startswith("$") for key in condition):
        return all(_compare(values, operator, operand) for operator, operand in condition.items())
    return _compare(values, "$eq", condition)


def _compare(values: list[Any], operator: str, operand: Any) -> bool:
    if operator == "$exists":
        return bool(values) == bool(operand)
    if operator == "$type":
        if operand != "date":
            raise BadQuery(f"unknown type: {operand}")
        return any(order_key(value)[0] == DATE for value in values)
    if operator == "$in":
        return any(_compare(values, "$eq", option) for option in operand)
    if operator == "$ne":
        return not _compare(values, "$eq", operand)
    if operator not in _COMPARISONS:
        raise BadQuery(f"unknown operator: {operator}")
    wanted = order_key(operand)
    found = [order_key(value) for value in values] or [order_key(None)]
    # A comparison in a query stays within one bracket of types.
    return any(key[0] == wanted[0] and _COMPARISONS[operator](key, wanted) for key in found)


def _evaluate(document: Mapping[str, Any], expression: Any) -> Any:
    if isinstance(expression, str) and expression.startswith("$"):
        return next(_values(document, expression[1:].split("."), spread=False), None)
    if not isinstance(expression, dict):
        return expression
    ((operator, operands),) = expression.items()
    if operator == "$literal":
        return operands
    if operator == "$and":
        return all(_evaluate(document, part) for part in operands)
    if operator == "$or":
        return any(_evaluate(document, part) for part in operands)
    if operator not in _COMPARISONS:
        raise BadQuery(f"Unrecognized expression '{operator}'")
    left, right = (order_key(_evaluate(document, part)) for part in operands)
    return _COMPARISONS[operator](left, right)


def _values(document: Any, parts: list[str], spread: bool = True) -> Any:
    """The values a path leads to; through arrays, to each element's and the array itself."""
    if not parts:
        yield document
        if spread and isinstance(document, list):
            yield from document
    elif isinstance(document, list):
        for item in document:
            yield from _values(item, parts, spread)
    elif isinstance(document, Mapping) and parts[0] in document:
        yield from _values(document[parts[0]], parts[1:], spread)


def _kept(document: Any, paths: Iterable[list[str]]) -> Any:
    if isinstance(document, list):
        return [_kept(item, paths) for item in document if isinstance(item, dict | list)]
    if not isinstance(document, dict):
        return {}
    kept = {}
    for name, value in document.items():
        below = [path[1:] for path in paths if path[0] == name]
        if below:
            kept[name] = value if any(not rest for rest in below) else _kept(value, below)
    return kept


def _without(document: Any, paths: list[list[str]]) -> Any:
    if isinstance(document, list):
        return [_without(item, paths) for item in document]
    if not isinstance(document, dict):
        return document
    left = {}
    for name, value in document.items():
        below = [path[1:] for path in paths if path[0] == name]
        if not any(not rest for rest in below):
            left[name] = _without(value, below) if below else value
    return left
