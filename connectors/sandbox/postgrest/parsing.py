"""PostgREST's query string as SQL: select with casts, filters, logic, order, limit.

What it does not know is refused as PostgREST refuses it (PGRST100).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg2 import sql

_COMPARISONS = {
    "eq": "=",
    "neq": "<>",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "like": "LIKE",
    "ilike": "ILIKE",
}
_IS = {"null": "NULL", "true": "TRUE", "false": "FALSE", "unknown": "UNKNOWN"}
_CAST = re.compile(r"[A-Za-z_][A-Za-z0-9_ \[\]]*")
_RESERVED = {"select", "order", "limit", "offset", "columns", "on_conflict"}


class NotUnderstood(Exception):
    """The query string is not PostgREST's language, or not the part of it spoken here."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A request's query string as pieces of SQL."""

    columns: sql.Composable
    where: sql.Composable
    order: sql.Composable
    limit: int | None
    offset: int


def parse(parameters: Iterable[tuple[str, str]], table: sql.Identifier) -> Selection:
    """The query string of a request for the table. Raises NotUnderstood."""
    given = list(parameters)
    single = dict(given)
    conditions = [_condition(name, value) for name, value in given if name not in _RESERVED]
    order = [_ordering(term, table) for term in _split(single.get("order", "")) if term]
    return Selection(
        columns=sql.SQL(", ").join(_column(term) for term in _split(single.get("select", "*"))),
        where=sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("TRUE"),
        order=sql.SQL("ORDER BY ") + sql.SQL(", ").join(order) if order else sql.SQL(""),
        limit=_number(single["limit"]) if "limit" in single else None,
        offset=_number(single.get("offset", "0")),
    )


def _condition(name: str, value: str) -> sql.Composable:
    plain = name.removeprefix("not.")
    if plain in ("or", "and"):
        return _logic(plain, value, negated=plain != name)
    if "." in name and not name.startswith('"'):
        raise NotUnderstood(name)  # the name of an embedded table before the dot
    return _filter(_name(name), value, in_logic=False)


def _logic(operator: str, value: str, *, negated: bool) -> sql.Composable:
    if not (value.startswith("(") and value.endswith(")")):
        raise NotUnderstood(value)
    parts = []
    for term in _split(value[1:-1]):
        inner = re.fullmatch(r"(not\.)?(and|or)(\(.*\))", term, re.S)
        if inner:
            parts.append(_logic(inner[2], inner[3], negated=bool(inner[1])))
        else:
            name, rest = _leading_name(term)
            parts.append(_filter(name, rest, in_logic=True))
    joined = sql.SQL(f" {operator.upper()} ").join(parts)
    return sql.SQL("NOT ({})" if negated else "({})").format(joined)


def _filter(name: str, value: str, *, in_logic: bool) -> sql.Composable:
    negated = value.startswith("not.")
    operator, dot, operand = value.removeprefix("not.").partition(".")
    if not dot:
        raise NotUnderstood(value)
    condition = _comparison(sql.Identifier(name), operator, operand, in_logic=in_logic)
    return sql.SQL("NOT ({})").format(condition) if negated else condition


def _comparison(column: sql.Identifier, operator: str, operand: str, *, in_logic: bool) -> sql.Composable:
    if operator == "is" and operand.lower() in _IS:
        return sql.SQL("{} IS {}").format(column, sql.SQL(_IS[operand.lower()]))
    if operator == "in" and operand.startswith("(") and operand.endswith(")"):
        values = [sql.Literal(_unquoted(part)) for part in _split(operand[1:-1])]
        return sql.SQL("{} IN ({})").format(column, sql.SQL(", ").join(values))
    if operator not in _COMPARISONS:
        raise NotUnderstood(operator)
    # Quotes have a meaning inside parentheses only.
    value = _unquoted(operand) if in_logic else operand
    return sql.SQL("{} {} {}").format(column, sql.SQL(_COMPARISONS[operator]), sql.Literal(value))


def _column(term: str) -> sql.Composable:
    """`*`, or `alias:name::type` with alias and type optional."""
    if term.strip() == "*":
        return sql.SQL("*")
    name, rest = _leading_name(term)
    alias = name
    if rest.startswith(":") and not rest.startswith("::"):
        name, rest = _leading_name(rest[1:])
    if not rest:
        return sql.SQL("{} AS {}").format(sql.Identifier(name), sql.Identifier(alias))
    if not (rest.startswith("::") and _CAST.fullmatch(rest[2:])):
        raise NotUnderstood(term)
    cast = sql.SQL("CAST({} AS {}) AS {}")
    return cast.format(sql.Identifier(name), sql.SQL(rest[2:]), sql.Identifier(alias))


def _ordering(term: str, table: sql.Identifier) -> sql.Composable:
    # Qualified: a bare name would be the selected, cast value.
    name, rest = _leading_name(term)
    words = [word for word in rest.split(".") if word]
    known = {"asc": "ASC", "desc": "DESC", "nullsfirst": "NULLS FIRST", "nullslast": "NULLS LAST"}
    if any(word not in known for word in words):
        raise NotUnderstood(term)
    return sql.SQL(" ").join(
        [sql.SQL("{}.{}").format(table, sql.Identifier(name)), *(sql.SQL(known[word]) for word in words)]
    )


def _leading_name(text: str) -> tuple[str, str]:
    """A name, quoted or not, and what follows it (without the dot before an operator)."""
    found = re.match(r'"((?:[^"\\]|\\.)*)"', text, re.S) or re.match(r"([^.:()\",]+)", text)
    if not found:
        raise NotUnderstood(text)
    name = _unquoted(found[0])
    return name, text[found.end() :].removeprefix(".")


def _name(text: str) -> str:
    return _unquoted(text)


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text.startswith('"') and text.endswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.S)
    return text


def _split(text: str) -> list[str]:
    """At the commas outside quotes and parentheses."""
    parts, depth, quoted, start, skip = [], 0, False, 0, False
    for at, letter in enumerate(text):
        if skip:
            skip = False
        elif quoted:
            skip = letter == "\\"
            quoted = letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _number(text: str) -> int:
    if not text.isdigit():
        raise NotUnderstood(text)
    return int(text)
