"""Every transform of a mapping rule, as SQL and as Python side by side.

A `Reader` is one rule made ready: it prepares the source text, reads the target's type from it, and says when a
reading failed. Which rules a mapping holds is `mapping`'s business; putting readers into a statement is `compile`'s.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from assets.mapping.rules import Transform, TransformKind
from assets.normalize import moments, reading, reading_sql
from assets.normalize.reading import DECIMAL_SCALE, DECIMAL_TYPE, Unreadable
from assets.normalize.reading_sql import is_filled, literal, trimmed

Args = Mapping[str, object]
NUMBERS = (DECIMAL_TYPE, "BIGINT")
MOMENTS = ("TIMESTAMPTZ", "DATE")


class MappingInvalid(ValueError):
    """The mapping cannot be compiled; the message names the stream, the field and what is wrong."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One rule made ready. `prepare`, `value` and `failed` are SQL; `read` is the same in Python.

    prepare: source column -> text expression. value: prepared column -> value or NULL. failed: value column and
    prepared column -> condition, never NULL; None for a reading that cannot fail. read: filled text -> value, None or
    Unreadable. `is_constant`: the value does not depend on the source text. `text` is `prepare` in Python, where the
    reading is a text transform and then the type's own. `fields` are further source fields it needs beside its own:
    `bind` takes their texts and gives `read`.
    """

    prepare: Callable[[str], str]
    value: Callable[[str], str]
    failed: Callable[[str, str], str] | None
    read: Callable[[str], object]
    is_constant: bool = False
    text: Callable[[str], str | None] | None = None
    fields: tuple[str, ...] = ()
    bind: Callable[[Mapping[str, str]], Callable[[str], object]] | None = None


def reader(transform: Transform, duckdb_type: str) -> Reader:
    """The transform read into a type. Raises MappingInvalid for arguments or types that do not fit it.

    `text_steps` makes ready those that are made of others.
    """
    if transform.kind not in _BUILDERS:
        raise MappingInvalid(f"{transform.kind} cannot stand here")
    targets, build = _BUILDERS[transform.kind]
    if targets and duckdb_type not in targets:
        raise MappingInvalid(f"{transform.kind} gives {' or '.join(targets)}, not {duckdb_type}")
    return build(transform.args, duckdb_type)


def _unreadable(value: str, text: str) -> str:
    return f"({value} IS NULL AND {is_filled(text)})"


def _same(x: str) -> str:
    return x


def _typed(duckdb_type: str, prepare: Callable[[str], str], prepared: Callable[[str], str | None]) -> Reader:
    """A text transform followed by the target's own reading."""
    read_type = READ[duckdb_type]

    def read(text: str) -> object:
        return read_type(prepared(text))

    failed = None if duckdb_type in ("VARCHAR", "VARCHAR[]") else _unreadable
    return Reader(prepare, reading_sql.READERS[duckdb_type], failed, read, text=prepared)


def _trim(_args: Args, duckdb_type: str) -> Reader:
    return _typed(duckdb_type, trimmed, lambda text: text.strip(reading.WHITESPACE))


def _cast(_args: Args, duckdb_type: str) -> Reader:
    return _typed(duckdb_type, _same, lambda text: text)


def _lower(_args: Args, duckdb_type: str) -> Reader:
    return _typed(duckdb_type, lambda x: f"lower({x})", lambda text: "".join(map(_lower_character, text)))


def _upper(_args: Args, duckdb_type: str) -> Reader:
    return _typed(duckdb_type, lambda x: f"upper({x})", lambda text: "".join(map(_upper_character, text)))


def _lower_character(character: str) -> str:
    # One character for one, as DuckDB does it; Python's own lower() makes two of the dotted capital I.
    return "i" if character == "\u0130" else character.lower()


def _upper_character(character: str) -> str:
    if character == "ß":
        return "ẞ"
    upper, title = character.upper(), character.title()
    return upper if len(upper) == 1 else title if len(title) == 1 else character


def _scale(args: Args, duckdb_type: str) -> Reader:
    factor = _decimal_argument(args, "factor")
    places = max(0, -cast("int", factor.as_tuple().exponent))
    digits = sum(character.isdigit() for character in f"{factor:f}")
    if not factor or places > DECIMAL_SCALE or factor.copy_abs() >= 10**9:
        raise MappingInvalid("scale needs a factor that is not zero, below 1e9, with at most nine decimal places")
    limit = Decimal(10) ** (38 - DECIMAL_SCALE - places)
    factor_sql = f"CAST('{factor:f}' AS DECIMAL({digits},{places}))"

    def value(x: str) -> str:
        product = f"CAST(TRY({reading_sql.decimal_sql(x)} * {factor_sql}) AS {DECIMAL_TYPE})"
        return product if duckdb_type == DECIMAL_TYPE else reading_sql.whole_sql(product)

    def read(text: str) -> object:
        product = reading.EXACT.multiply(_decimal(text), factor)
        if product.copy_abs() >= limit:
            raise Unreadable("too large to scale")
        number = reading.fit_decimal(product)
        return number if duckdb_type == DECIMAL_TYPE else reading.whole(number)

    return Reader(_same, value, _unreadable, read)


def _number_format(args: Args, duckdb_type: str) -> Reader:
    point, group = str(args.get("decimal", ".")), str(args.get("group", ""))
    if point not in (",", ".") or group not in (",", ".", " ", "") or point == group:
        raise MappingInvalid('number_format needs decimal "," or "." and a different group: ",", ".", " " or none')
    # Spreadsheets group with no-break spaces too. SAP writes the minus after the number.
    separator = {"": "", " ": "[ \u00a0\u202f]"}.get(group, f"[{group}]")
    body = f"[0-9]*[{point}]?[0-9]*" + (f"|[0-9]{{1,3}}({separator}[0-9]{{3}})+([{point}][0-9]*)?" if group else "")
    pattern = f"([+-]?)({body})|({body})-"

    def prepare(x: str) -> str:
        text = trimmed(x)
        bare = f"regexp_replace({text}, {literal(separator)}, '', 'g')" if group else text
        plain = f"replace({bare}, {literal(point)}, '.')"
        signed = f"CASE WHEN suffix({plain}, '-') THEN '-' || rtrim({plain}, '-') ELSE {plain} END"
        return f"CASE WHEN regexp_full_match({text}, {literal(pattern)}) THEN {signed} ELSE {text} || '?' END"

    return _typed(duckdb_type, prepare, _NumberFormat(pattern, separator, point))


@dataclass(frozen=True, slots=True)
class _NumberFormat:
    """Rewrites a number written with other marks as a plain one; anything else becomes unreadable."""

    pattern: str
    separator: str
    point: str

    def __call__(self, text: str) -> str:
        text = text.strip(reading.WHITESPACE)
        if not re.fullmatch(self.pattern, text):
            return text + "?"
        plain = (re.sub(self.separator, "", text) if self.separator else text).replace(self.point, ".")
        return "-" + plain[:-1] if plain.endswith("-") else plain


def _epoch(args: Args, duckdb_type: str) -> Reader:
    unit = str(args.get("unit", "s"))
    if unit not in moments.MICROS:
        raise MappingInvalid('epoch needs unit "s", "ms" or "us"')
    convert = moments.day_of if duckdb_type == "DATE" else moments.same_moment
    return Reader(
        _same,
        lambda x: moments.as_type(moments.epoch_sql(x, unit), duckdb_type),
        _unreadable,
        lambda text: convert(moments.read_epoch(_decimal(text), unit)),
    )


def _date_format(args: Args, duckdb_type: str) -> Reader:
    try:
        layout = moments.Layout.parse(str(args.get("format", "")), str(args.get("zone", "UTC")))
    except ValueError as error:
        raise MappingInvalid(f"date_format: {error}") from error
    if duckdb_type == "DATE":
        return Reader(trimmed, layout.day_sql, _unreadable, layout.read_day)
    return Reader(trimmed, layout.moment_sql, _unreadable, layout.read_moment)


def _enum_map(args: Args, duckdb_type: str) -> Reader:
    values, default = args.get("values"), args.get("default", "keep")
    by_key: dict[str, object] = {}
    for key, target in values.items() if isinstance(values, Mapping) else ():
        by_key.setdefault(str(key).strip(reading.WHITESPACE), target)
    by_key.pop("", None)  # a blank text is no value, whatever a mapping says
    if not by_key or default not in ("keep", "null", "reject"):
        raise MappingInvalid('enum_map needs values {text: text} and default "keep", "null" or "reject"')
    read_type = READ[duckdb_type]
    known = {key: _constant_value(target, duckdb_type) for key, target in by_key.items()}
    cases = "".join(f" WHEN {literal(key)} THEN {_constant_sql(target, duckdb_type)}" for key, target in by_key.items())
    otherwise = reading_sql.READERS[duckdb_type] if default == "keep" else lambda _: f"CAST(NULL AS {duckdb_type})"
    nulls = ", ".join(literal(key) for key, target in known.items() if target is None)

    def failed(value: str, text: str) -> str:
        return f"({_unreadable(value, text)}{f' AND {text} NOT IN ({nulls})' if nulls else ''})"

    def read(text: str) -> object:
        key = text.strip(reading.WHITESPACE)
        if key in known or default == "null":
            return known.get(key)
        if default == "reject":
            raise Unreadable("not one of the values the mapping knows")
        return read_type(key)

    may_fail = default == "reject" or (default == "keep" and duckdb_type not in ("VARCHAR", "VARCHAR[]"))
    return Reader(trimmed, lambda x: f"CASE {x}{cases} ELSE {otherwise(x)} END", failed if may_fail else None, read)


def _boolean_map(args: Args, _type: str) -> Reader:
    sides = {text: side for side in (True, False) for text in _texts(args, "true" if side else "false")}
    if not sides or set(_texts(args, "true")) & set(_texts(args, "false")):
        raise MappingInvalid("boolean_map needs lists true and false of different texts")
    cases = "".join(f" WHEN {literal(text)} THEN {str(side).lower()}" for text, side in sides.items())

    def read(text: str) -> object:
        side = sides.get(text.strip(reading.WHITESPACE))
        if side is None:
            raise Unreadable("not one of the texts the mapping takes for true or false")
        return side

    return Reader(trimmed, lambda x: f"CASE {x}{cases} END", _unreadable, read)


def _split(args: Args, duckdb_type: str) -> Reader:
    separator, index = args.get("separator"), args.get("index", 0)
    is_index = isinstance(index, int) and not isinstance(index, bool)
    if not isinstance(separator, str) or not separator or not (is_index or index == "rest"):
        raise MappingInvalid('split needs a separator and an index: 0 and up, -1 and down from the end, or "rest"')

    def prepare(x: str) -> str:
        text, mark = trimmed(x), literal(separator)
        if index == "rest":
            start = f"strpos({text}, {mark}) + {len(separator)}"
            part = f"CASE WHEN contains({text}, {mark}) THEN substr({text}, {start}) END"
        else:
            number = cast("int", index)
            part = f"split_part({text}, {mark}, {number + 1 if number >= 0 else number})"
        return trimmed(part)

    return _typed(duckdb_type, prepare, lambda text: _part(text.strip(reading.WHITESPACE), separator, index))


def _part(text: str, separator: str, index: object) -> str | None:
    if not isinstance(index, int):
        return text.partition(separator)[2].strip(reading.WHITESPACE)
    parts = text.split(separator)
    return parts[index].strip(reading.WHITESPACE) if -len(parts) <= index < len(parts) else None


def _list(args: Args, _type: str) -> Reader:
    separator = args.get("separator")
    if not isinstance(separator, str) or not separator:
        raise MappingInvalid("list needs a separator")

    def value(x: str) -> str:
        item = trimmed("item")
        items = f"list_filter(list_transform(string_split({x}, {literal(separator)}), lambda item: {item}), "
        items += "lambda item: item <> '')"
        return f"CASE WHEN {is_filled(x)} THEN {items} END"

    def read(text: str) -> object:
        return [item for part in text.split(separator) if (item := part.strip(reading.WHITESPACE))]

    return Reader(_same, value, None, read)


def _constant(args: Args, duckdb_type: str) -> Reader:
    value = _constant_value(args.get("value"), duckdb_type)
    if value is None:
        raise MappingInvalid("constant needs a value")
    sql = _constant_sql(args["value"], duckdb_type)
    return Reader(lambda _: "''", lambda _: sql, None, lambda _: value, is_constant=True)


def _constant_value(value: object, duckdb_type: str) -> object:
    """The JSON value of a mapping's argument, read as the type."""
    try:
        return None if value is None else READ[duckdb_type](_json_text(value))
    except Unreadable as error:
        raise MappingInvalid(f"{value!r} does not read as {duckdb_type}: {error}") from error


def _constant_sql(value: object, duckdb_type: str) -> str:
    if value is None:
        return f"CAST(NULL AS {duckdb_type})"
    return reading_sql.READERS[duckdb_type](f"CAST({literal(_json_text(value))} AS VARCHAR)")


def _json_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(args: Args, name: str) -> list[str]:
    texts = args.get(name, [])
    if not isinstance(texts, list | tuple):
        return []
    return [text for value in texts if (text := _json_text(value).strip(reading.WHITESPACE))]


def _decimal(text: str) -> Decimal:
    return reading.parse_decimal(text.strip(reading.WHITESPACE))


def _decimal_argument(args: Args, name: str) -> Decimal:
    try:
        return reading.parse_decimal(_json_text(args.get(name, ""))).normalize(reading.EXACT)
    except Unreadable as error:
        raise MappingInvalid(f"{name} is {error}") from error


READ: dict[str, Callable[[object], object]] = {
    "VARCHAR": reading.read_text,
    DECIMAL_TYPE: reading.read_decimal,
    "BIGINT": reading.read_integer,
    "BOOLEAN": reading.read_boolean,
    "DATE": reading.read_date,
    "TIMESTAMPTZ": reading.read_timestamp,
    "VARCHAR[]": reading.read_list,
}

_BUILDERS: dict[TransformKind, tuple[tuple[str, ...], Callable[[Args, str], Reader]]] = {
    "cast": ((), _cast),
    "trim": ((), _trim),
    "lower": (("VARCHAR",), _lower),
    "upper": (("VARCHAR",), _upper),
    "epoch": (MOMENTS, _epoch),
    "date_format": (MOMENTS, _date_format),
    "scale": (NUMBERS, _scale),
    "number_format": (NUMBERS, _number_format),
    "enum_map": ((), _enum_map),
    "boolean_map": (("BOOLEAN",), _boolean_map),
    "split": ((), _split),
    "list": (("VARCHAR[]",), _list),
    "constant": ((), _constant),
}
