"""One raw row through Pydantic: its canonical values, or what is wrong with it, field by field.

The slow twin of `compile`, for the rows that SQL rejected and people will read about. A property test holds both to
the same verdicts and values.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from assets.normalize import model
from assets.normalize.compile import CompiledMapping
from assets.normalize.plan import Plan, Source, Target
from assets.normalize.reading import WHITESPACE, Unreadable

SHOWN_CHARACTERS = 200  # of a value in a message; the raw row keeps the whole
DISAGREEMENT = "internal error: the compiled mapping rejected this row, the canonical model accepts it"

_MESSAGES = dict.fromkeys(
    ("missing", "string_type", "int_type", "bool_type", "decimal_type", "date_type", "datetime_type", "is_instance_of"),
    "a value is required",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is rejected: the canonical field, the source field and its text, and the reason for people."""

    field: str | None
    source: str | None
    value: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A raw row read. With problems, `values` holds what could be read all the same.

    Beside the entity's fields `values` holds `_deleted`, `_source_updated_at` and `_unmapped` (a dict or None).
    """

    values: dict[str, Any]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Reading:
    """The row at hand, with what its targets gave so far."""

    row: Mapping[str, object]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    read_from: dict[str, str] = field(default_factory=dict)


def explain_row(compiled: CompiledMapping, row: Mapping[str, object]) -> list[dict[str, str | None]]:
    """Why the compiled mapping rejects this row, as JSON. The row is one of `rejected_select`; never empty."""
    read = read_row(compiled.plan, row, str(row["__record_id"]))
    return [asdict(problem) for problem in read.problems or (Problem(None, None, None, DISAGREEMENT),)]


def read_row(
    plan: Plan,
    row: Mapping[str, object],
    record_id: str,
    *,
    deleted: bool = False,
    updated_at: datetime | None = None,
) -> ReadRow:
    """The canonical values of a raw row of texts, and its problems. A deleted record has none."""
    reading = _Reading(row)
    for target in plan.targets:
        _read_target(reading, target)
    bookkeeping = {name: reading.values.pop(name, None) for name in model.BOOKKEEPING_TARGETS}
    gone = deleted or bool(bookkeeping["_deleted"])
    has_identity = plan.target(plan.identity) is not None
    if gone or not has_identity:
        reading.values[plan.identity] = reading.values.get(plan.identity) or record_id
    values = _validated(plan, reading) if not gone else {column.name: None for column in plan.entity.columns}
    said = (bookkeeping.get(target.name) or reading.values.get(target.name) for target in plan.moments_of_change())
    changed_at = next(filter(None, said), updated_at)
    unmapped = {name: row[name] for name in plan.unmapped() if row[name] is not None}
    return ReadRow(
        values | reading.values | {"_deleted": gone, "_source_updated_at": changed_at, "_unmapped": unmapped or None},
        () if gone else tuple(reading.problems),
    )


def _read_target(reading: _Reading, target: Target) -> None:
    """The first source that gives a value; an unreadable text is a problem unless an earlier source gave one."""
    for source in target.sources:
        if not source.spans(reading.row.get("__batch_id")):
            continue
        text = reading.row.get(source.field)
        others = {
            name: reading.row.get(column) for name, column in zip(source.reader.fields, source.others, strict=True)
        }
        if not any(map(_is_filled, (text, *others.values()))) and not source.reader.is_constant:
            continue
        reading.read_from.setdefault(target.name, source.field)
        try:
            value = _read(source, text, others)
        except Unreadable as unreadable:
            reading.problems.append(Problem(target.name, source.field, _shown(text), str(unreadable)))
            continue
        if value is not None:
            reading.read_from[target.name] = source.field
            reading.values[target.name] = value
            return


def _read(source: Source, text: object, others: Mapping[str, object]) -> object:
    """The value of a source's text; raises Unreadable."""
    bind = source.reader.bind
    read = (
        bind({name: str(other) for name, other in others.items() if other is not None}) if bind else source.reader.read
    )
    return read(str(text) if text is not None and (bind or _is_filled(text)) else "")


def _is_filled(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip(WHITESPACE))


def _validated(plan: Plan, reading: _Reading) -> dict[str, Any]:
    """The entity as Pydantic sees it; its findings become problems, except where reading failed already."""
    try:
        return plan.entity.model.model_validate(reading.values).model_dump(by_alias=True)
    except ValidationError as invalid:
        unreadable = {problem.field for problem in reading.problems}
        for error in invalid.errors(include_url=False):
            name = str(error["loc"][0])
            if name not in unreadable:
                reading.problems.append(_problem(plan, reading, name, error["type"], error["msg"]))
        return {}


def _problem(plan: Plan, reading: _Reading, name: str, kind: str, message: str) -> Problem:
    target = plan.target(name)
    sources = target.sources if target else ()
    source = reading.read_from.get(name) or (sources[0].field if sources else None)
    reason = _MESSAGES.get(kind, message)
    if not sources:
        reason += ", and no source field is mapped to it"
    elif not any(source.present for source in sources):
        reason += ", and the source no longer has the field"
    return Problem(name, source, _shown(reading.row.get(source)) if source else None, reason)


def _shown(text: object) -> str | None:
    if not isinstance(text, str):
        return None
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
