"""The subset of SOQL the stand-in understands, translated to DuckDB SQL. Anything else is refused as the service does.

SELECT fields or COUNT(), FROM one object, WHERE with AND/OR/NOT, parentheses, comparisons, IN, LIKE and date literals,
ORDER BY, LIMIT, OFFSET.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.sandbox.salesforce.objects import ObjectField
from connectors.sandbox.salesforce.replies import ApiError

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_.]*(?::\d+)?)
    | (?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str

    def is_word(self, word: str) -> bool:
        return self.kind == "name" and self.text.upper() == word


@dataclass(frozen=True)
class Query:
    """A query understood: `where` and `order` are DuckDB SQL; `fields` is None for COUNT()."""

    object_name: str
    fields: tuple[ObjectField, ...] | None
    where: str | None
    order: str | None
    limit: int | None
    offset: int


Columns = Callable[[str], Mapping[str, ObjectField]]  # the visible fields of an object, by lower-case name


def object_of(soql: str) -> str | None:
    """The object a query is about, as far as can be told."""
    found = re.search(r"\bFROM\s+([A-Za-z0-9_]+)", soql, re.IGNORECASE)
    return found.group(1) if found else None


def parse(soql: str, columns: Columns, now: datetime) -> Query:
    """Understand a query. Raises ApiError (MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE)."""
    return _Parser(soql, columns, now).query()


class _Parser:
    def __init__(self, soql: str, columns: Columns, now: datetime) -> None:
        self._tokens = _tokens(soql)
        self._at = 0
        self._columns = columns
        self._now = now
        self._object = object_of(soql) or ""
        self._known: Mapping[str, ObjectField] = {}

    def query(self) -> Query:
        self._expect("SELECT")
        names: list[str] | None = self._names()
        self._expect("FROM")
        self._object = self._take("name").text
        self._known = self._columns(self._object)
        fields = None if names is None else tuple(self._field(name) for name in names)
        where = self._any_of() if self._skip("WHERE") else None
        order = self._order() if self._skip("ORDER") else None
        limit = int(self._take("number").text) if self._skip("LIMIT") else None
        offset = int(self._take("number").text) if self._skip("OFFSET") else 0
        if self._at != len(self._tokens):
            raise malformed(f"unexpected token: '{self._tokens[self._at].text}'")
        return Query(self._object, fields, where, order, limit, offset)

    def _names(self) -> list[str] | None:
        first = self._take("name").text
        if first.upper() == "COUNT":
            self._sign("(")
            self._sign(")")
            return None
        names = [first]
        while self._skip_sign(","):
            names.append(self._take("name").text)
        return names

    def _order(self) -> str:
        self._expect("BY")
        parts = []
        while True:
            part = f'"{self._field(self._take("name").text).name}"'
            part += " DESC" if self._skip("DESC") else (" ASC" if self._skip("ASC") or True else "")
            last = self._skip("NULLS") and not self._skip("FIRST") and self._skip("LAST")
            parts.append(f"{part} NULLS {'LAST' if last else 'FIRST'}")
            if not self._skip_sign(","):
                return ", ".join(parts)

    def _any_of(self) -> str:
        parts = [self._all_of()]
        while self._skip("OR"):
            parts.append(self._all_of())
        return f"({' OR '.join(parts)})"

    def _all_of(self) -> str:
        parts = [self._condition()]
        while self._skip("AND"):
            parts.append(self._condition())
        return f"({' AND '.join(parts)})"

    def _condition(self) -> str:
        if self._skip("NOT"):
            return f"(NOT {self._condition()})"
        if self._skip_sign("("):
            inner = self._any_of()
            self._sign(")")
            return inner
        field = self._field(self._take("name").text)
        if self._skip("NOT"):
            self._expect("IN")
            return f"NOT {self._in(field)}"
        if self._skip("IN"):
            return self._in(field)
        if self._skip("LIKE"):
            return f'"{field.name}" ILIKE {self._value(field)}'
        return self._comparison(field)

    def _in(self, field: ObjectField) -> str:
        self._sign("(")
        values = [self._value(field)]
        while self._skip_sign(","):
            values.append(self._value(field))
        self._sign(")")
        return f"({_operand(field)} IN ({', '.join(_folded(field, value) for value in values)}))"

    def _comparison(self, field: ObjectField) -> str:
        sign = self._take("sign").text
        if sign in "(),":
            raise malformed(f"unexpected token: '{sign}'")
        value = self._value(field)
        if value == "NULL":
            return f'"{field.name}" IS {"" if sign == "=" else "NOT "}NULL'
        if sign in ("!=", "<>"):
            return f"{_operand(field)} IS DISTINCT FROM {_folded(field, value)}"
        if sign == "=":
            return f"{_operand(field)} = {_folded(field, value)}"
        return f'"{field.name}" {sign} {value}'

    def _value(self, field: ObjectField) -> str:
        token = self._take()
        if token.is_word("NULL"):
            return "NULL"
        if field.type == "datetime":
            return self._moment(field, token)
        wanted = {"date": "date", "boolean": "name", "int": "number", "double": "number", "currency": "number"}
        if token.kind != wanted.get(field.type, "text"):
            quotes = " and should not be enclosed in quotes" if token.kind == "text" else ""
            raise invalid_field(
                f"value of filter criterion for field '{field.name}' must be of type {field.type}{quotes}"
            )
        if token.kind == "date":
            return f"DATE '{token.text}'"
        if token.kind == "text":
            plain = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found.group(1), found.group(1)), token.text[1:-1])
            return "'" + plain.replace("'", "''") + "'"
        return token.text

    def _moment(self, field: ObjectField, token: Token) -> str:
        if token.kind == "datetime":
            moment = datetime.fromisoformat(token.text).astimezone(UTC)
        elif token.kind == "name" and (days := _days_back(token.text)) is not None:
            moment = self._now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
        else:
            quotes = " and should not be enclosed in quotes" if token.kind == "text" else ""
            raise invalid_field(f"value of filter criterion for field '{field.name}' must be of type dateTime{quotes}")
        return f"'{stamp(moment)}'"

    def _field(self, name: str) -> ObjectField:
        found = self._known.get(name.lower())
        if found is None:
            raise invalid_field(f"No such column '{name}' on entity '{self._object}'.")
        return found

    def _take(self, kind: str | None = None) -> Token:
        if self._at == len(self._tokens):
            raise malformed("unexpected end of query")
        token = self._tokens[self._at]
        if kind is not None and token.kind != kind:
            raise malformed(f"unexpected token: '{token.text}'")
        self._at += 1
        return token

    def _skip(self, word: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at].is_word(word)
        self._at += found
        return found

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise malformed(f"expecting {word}")

    def _skip_sign(self, sign: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == Token("sign", sign)
        self._at += found
        return found

    def _sign(self, sign: str) -> None:
        if not self._skip_sign(sign):
            raise malformed(f"expecting '{sign}'")


def stamp(moment: datetime) -> str:
    """A moment as the stand-in stores it: ISO 8601, UTC, milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def malformed(message: str) -> ApiError:
    return ApiError(400, "MALFORMED_QUERY", message)


def invalid_field(message: str) -> ApiError:
    return ApiError(400, "INVALID_FIELD", message)


def _tokens(soql: str) -> list[Token]:
    tokens, at, end = [], 0, len(soql.rstrip())
    while at < end:
        found = _TOKEN.match(soql, at)
        if not found or not found.lastgroup:
            raise malformed(f"unexpected token: '{soql[at : at + 10].strip()}'")
        tokens.append(Token(found.lastgroup, found.group(found.lastgroup)))
        at = found.end()
    return tokens


def _operand(field: ObjectField) -> str:
    return f'lower("{field.name}")' if _ignores_case(field) else f'"{field.name}"'


def _folded(field: ObjectField, value: str) -> str:
    return value.lower() if _ignores_case(field) else value


def _ignores_case(field: ObjectField) -> bool:
    return field.type in ("string", "textarea", "picklist", "email", "phone", "url")


def _days_back(literal: str) -> int | None:
    fixed = {"TODAY": 0, "YESTERDAY": 1}.get(literal.upper())
    counted = re.fullmatch(r"LAST_N_DAYS:(\d+)", literal.upper())
    return fixed if fixed is not None or not counted else int(counted.group(1))
