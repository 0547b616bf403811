"""Transforms made of others: `concat` joins further source fields, `chain` runs text steps one after the other.

SQL and Python side by side, as in `transforms`, which knows every single transform. A chain is text to text up to its
last step, and only that one reads a type: so a text no step understands always fails in one place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from assets.mapping.rules import Transform, TransformKind
from assets.normalize.reading import DECIMAL_TYPE, WHITESPACE
from assets.normalize.reading_sql import identifier, literal, trimmed
from assets.normalize.transforms import NUMBERS, Args, MappingInvalid, Reader, reader

MOST_STEPS = 8
MOST_FIELDS = 16
LONGEST_SEPARATOR = 20  # characters

# `typed` ones read a type, so they end a chain; a cast or trim after one has nothing left to do.
_TEXT_STEPS = ("trim", "lower", "upper", "split", "concat", "number_format", "enum_map", "cast")
_TYPED_STEPS = ("scale", "date_format", "epoch")
_IDLE = ("cast", "trim")

Column = Callable[[str], str]
Others = Mapping[str, str]  # texts of the further source fields; what is NULL or absent is not in it


@dataclass(frozen=True, slots=True)
class _Step:
    """Text to text: as SQL of a text expression, and in Python. A NULL and a blank text are the same."""

    sql: Callable[[str], str]
    read: Callable[[str, Others], str]


def reader_of(transform: Transform, duckdb_type: str, column: Column = identifier) -> Reader:
    """Any transform made ready; `column` gives the SQL of a further source field. Raises MappingInvalid."""
    if transform.kind == "concat":
        return _read_last((_concat(transform.args, column),), Transform(), duckdb_type, _fields(transform.args))
    if transform.kind == "chain":
        return _chain(transform.args, duckdb_type, column)
    return reader(transform, duckdb_type)


def _chain(args: Args, duckdb_type: str, column: Column) -> Reader:
    steps = _steps(args)
    while len(steps) > 1 and steps[-1].kind in _IDLE and steps[-2].kind in (*_TYPED_STEPS, *_IDLE):
        steps = steps[:-1]
    if steps[-1].kind == "concat":
        steps = [*steps, Transform()]
    *texts, last = steps
    joined = [name for step in texts if step.kind == "concat" for name in _fields(step.args)]
    if len(joined) > MOST_FIELDS:
        raise MappingInvalid(f"a chain joins at most {MOST_FIELDS} fields")
    made = [_text_step(step, duckdb_type, column) for step in texts]
    return _read_last(made, last, duckdb_type, tuple(dict.fromkeys(joined)))


def _steps(args: Args) -> list[Transform]:
    """The steps as transforms. Raises MappingInvalid unless they are a short list of allowed ones."""
    given = args.get("steps")
    if not isinstance(given, list | tuple) or not 1 <= len(given) <= MOST_STEPS:
        raise MappingInvalid(f"chain needs a list of 1 to {MOST_STEPS} steps")
    steps = []
    for step in given:
        kind = step.get("kind") if isinstance(step, Mapping) else None
        own = step.get("args", {}) if isinstance(step, Mapping) else None
        if kind not in (*_TEXT_STEPS, *_TYPED_STEPS) or not isinstance(own, Mapping):
            raise MappingInvalid(f"a step of a chain is one of {', '.join((*_TEXT_STEPS, *_TYPED_STEPS))}")
        steps.append(Transform(next(known for known in get_args(TransformKind) if known == kind), own))
    return steps


def _read_last(steps: Sequence[_Step], last: Transform, duckdb_type: str, fields: tuple[str, ...]) -> Reader:
    """The text after all steps, read by the last transform."""
    final = reader(last, duckdb_type)

    def prepare(x: str) -> str:
        for step in steps:
            x = step.sql(x)
        return x if last.kind == "cast" else _once(x, final.prepare)

    def bind(others: Others) -> Callable[[str], object]:
        def read(text: str) -> object:
            for step in steps:
                text = step.read(text, others)
            return final.read(text) if text.strip(WHITESPACE) else None

        return read

    return replace(final, prepare=prepare, read=bind({}), bind=bind, fields=fields, text=None)


def _text_step(step: Transform, duckdb_type: str, column: Column) -> _Step:
    """A step that more follow. Raises MappingInvalid for one that reads a type, or whose failure nobody would see."""
    if step.kind in _TYPED_STEPS:
        raise MappingInvalid(f"{step.kind} reads a value, so it is the last step of a chain")
    if step.kind == "concat":
        return _concat(step.args, column)
    if step.kind == "enum_map":
        if step.args.get("default", "keep") == "reject":
            raise MappingInvalid('an enum_map with default "reject" is the last step of a chain')
        mapped = reader(step, "VARCHAR")
        return _Step(
            lambda x: _once(x, lambda text: mapped.value(mapped.prepare(text))),
            lambda text, _: str(mapped.read(text) or "") if text.strip(WHITESPACE) else "",
        )
    if step.kind == "number_format" and duckdb_type not in NUMBERS:
        raise MappingInvalid("number_format is for numbers: as text a number that is none would pass")
    made = reader(step, DECIMAL_TYPE if step.kind == "number_format" else "VARCHAR")
    rewrite = made.text
    if rewrite is None:
        raise MappingInvalid(f"{step.kind} does not give a text")
    return _Step(lambda x: _once(x, made.prepare), lambda text, _: rewrite(text) or "")


def _concat(args: Args, column: Column) -> _Step:
    fields, separator = _fields(args), args.get("separator", " ")
    if not isinstance(separator, str) or len(separator) > LONGEST_SEPARATOR:
        raise MappingInvalid(f"concat needs a separator of at most {LONGEST_SEPARATOR} characters")

    def sql(x: str) -> str:
        parts = ", ".join(f"nullif({trimmed(part)}, '')" for part in (x, *map(column, fields)))
        return f"concat_ws({literal(separator)}, {parts})"

    def read(text: str, others: Others) -> str:
        parts = (part.strip(WHITESPACE) for part in (text, *(others.get(name, "") for name in fields)))
        return separator.join(filter(None, parts))

    return _Step(sql, read)


def _fields(args: Args) -> tuple[str, ...]:
    fields = args.get("fields")
    names = tuple(fields) if isinstance(fields, list | tuple) else ()
    if not 1 <= len(names) <= MOST_FIELDS or not all(isinstance(n, str) and n and "\0" not in n for n in names):
        raise MappingInvalid(f"concat needs 1 to {MOST_FIELDS} names of further source fields")
    return names


def _once(x: str, build: Callable[[str], str]) -> str:
    """The expression with `x` computed once however often it is mentioned: steps would multiply it otherwise."""
    return f"list_transform([{x}], lambda __text: {build('__text')})[1]"
