"""One stream of an invented source: its columns, its records, and the canonical values that are true of them.

Records change here for ordinary reasons only; what changes the shape is `mutations`' work. A column is written from
facts, so the truth stays what it is however the source writes it down.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from assets.mapping.rules import Transform
from connectors.protocol import SourceType
from orchestration.drift_play.facts import FACTS, Fact, Kind
from orchestration.drift_play.words import Style, styled

Values = dict[str, Any]
_LOADED_BEFORE = timedelta(hours=20)
_TYPES: dict[Kind, SourceType] = {
    "text": "text", "choice": "text", "count": "integer", "money": "decimal", "percent": "decimal", "day": "date",
    "moment": "timestamp", "flag": "boolean",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the source. `facts` are the targets it tells of; `write` makes its value from a record's facts.

    `back` takes back what was done to the values since the first writing, the newest first.
    """

    name: str
    facts: tuple[str, ...]
    type: SourceType
    write: Callable[[Mapping[str, Any]], Any] = field(compare=False)
    back: tuple[Transform, ...] = ()


@dataclass(slots=True)
class Record:
    """One record: what is known of it, and when its source changed it last."""

    values: Values
    changed_at: datetime


@dataclass(slots=True)
class WorldStream:
    """One stream. `style` is how its vendor names columns, `plain_text` whether it writes every value as text.

    `lost`: targets whose source is gone for good, so that the last value and none are right; `replaced`: targets whose
    meaning the source coarsened, with how the new value is made; `constants`: targets that always say the same.
    """

    name: str
    entity: str
    number: int
    style: Style
    key: str
    plain_text: bool = False
    columns: list[Column] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    replaced: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    told: Mapping[str, Fact] | None = None
    _made: int = 0

    def facts(self) -> dict[str, Fact]:
        """By target; those of the entity where the stream was not made from a source that runs."""
        if self.told is not None:
            return dict(self.told)
        return {fact.target: fact for fact in FACTS[self.entity]}

    def column(self, target: str) -> Column | None:
        """The column that alone tells of a target."""
        return next((column for column in self.columns if column.facts == (target,)), None)

    def replace(self, old: Column, *new: Column) -> None:
        """Put columns in the place of another."""
        at = self.columns.index(old)
        self.columns[at : at + 1] = list(new)

    def add_record(self, random: Random, changed_at: datetime) -> str:
        """A new record; its key."""
        self._made += 1
        mark = f"{_letters(self.number)}{_letters(self._made, 3)}"
        values: Values = {}
        for fact in FACTS[self.entity]:
            missing = random.random() < fact.nulls
            value = fact.draw(random, mark)
            values[fact.target] = None if missing else value
        values |= self.constants
        key = self._key(self._made)
        self.records[key] = Record({"key": key, **values}, changed_at)
        return key

    def rows(self) -> list[dict[str, Any]]:
        """What the source holds now: the key and every column, typed, by key."""
        return [self.row(key) for key in sorted(self.records)]

    def row(self, key: str) -> dict[str, Any]:
        """One record as the source holds it."""
        values = self.records[key].values
        return {self.key: key, **{column.name: column.write(values) for column in self.columns}}

    def truth(self, key: str) -> dict[str, Any]:
        """The canonical values of one record; of a replaced target what its source means by it now."""
        values = self.records[key].values
        told = {t: values[t] for t in self.facts()}
        return told | {t: None if told[t] is None else make(told[t]) for t, make in self.replaced.items()}

    def ever(self) -> list[str]:
        """Keys of all records there ever were."""
        if self.told is not None:
            return sorted(self.records)
        return [self._key(number) for number in range(1, self._made + 1)]

    def _key(self, number: int) -> str:
        if self.style == "pascal":
            return f"a0{self.number % 10}{self.number:03d}{number:09d}AAA"
        if self.style == "snake":
            return str(self.number * 100_000 + number)
        return f"{self.entity[:2]}{self.number:03d}-{number:05d}"


def build_stream(
    random: Random,
    entity: str,
    number: int,
    style: Style,
    key: str,
    records: int,
    plain_text: bool = False,
    constants: Values | None = None,
) -> WorldStream:
    """A stream with its columns in their first writing and its first records."""
    plural = {"opportunity": "opportunities", "usage": "usage"}.get(entity, f"{entity}s")
    name = styled(f"{plural}_{number}", style) + ("__c" if style == "pascal" else "")
    stream = WorldStream(name, entity, number, style, key, plain_text, constants=constants or {})
    # An org stamps records with a CreatedDate of its own, beside which a second one would only contend.
    told = [fact for fact in FACTS[entity] if not (style == "pascal" and fact.target == "created_at")]
    stream.columns = [first_column(stream, fact) for fact in told]
    now = datetime.now(UTC).replace(microsecond=0)
    for _ in range(records):
        stream.add_record(random, now - _LOADED_BEFORE - timedelta(seconds=random.randint(0, 50_000)))
    return stream


def first_column(stream: WorldStream, fact: Fact) -> Column:
    """A fact as the source writes it at first, under a name that says what it is."""
    name, target = styled(fact.target, stream.style), fact.target
    if stream.plain_text:
        return Column(name, (target,), "text", lambda values: as_text(values[target]))
    return Column(name, (target,), _TYPES[fact.kind], lambda values: values[target])


def change_ordinarily(stream: WorldStream, random: Random, *, may_delete: bool, share: float = 0.12) -> int:
    """Some records change in one or two facts, some come, some go. How many were touched."""
    now = datetime.now(UTC).replace(microsecond=0)  # as finely as the coarsest of the sources tells time
    keys = sorted(stream.records)
    chosen = random.sample(keys, max(1, int(len(keys) * share))) if keys else []
    free = [fact for fact in FACTS[stream.entity] if fact.target not in stream.constants]
    for key in chosen:
        record = stream.records[key]
        for fact in random.sample(free, random.choice((1, 1, 2))):
            if fact.target not in ("name", "website", "email", "user_email"):
                record.values[fact.target] = fact.draw(random, key)
        record.changed_at = now
    for _ in range(max(1, len(keys) // 50)):
        stream.add_record(random, now)
    gone = random.sample(keys, len(keys) // 100) if may_delete else []
    for key in gone:
        del stream.records[key]
    return len(chosen) + len(gone)


def touch_all(stream: WorldStream) -> None:
    """The source wrote every record anew, as a bulk update does."""
    now = datetime.now(UTC).replace(microsecond=0)  # as finely as the coarsest of the sources tells time
    for record in stream.records.values():
        record.changed_at = now


def as_text(value: Any) -> str | None:
    """A value as a text export writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _letters(number: int, width: int = 2) -> str:
    """A number as capital letters: marks of records must not look like numbers."""
    text = ""
    while number or len(text) < width:
        number, rest = divmod(number, 26)
        text = chr(65 + rest) + text
    return text
