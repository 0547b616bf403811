"""A mapping joined to the canonical model: for each target its type, limits and readers, in rule order.

Both paths of normalize work from one plan, so they cannot differ in which rule fills what.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from annotated_types import Ge, Le

from assets.mapping.rules import FieldRule, StreamMapping
from assets.normalize import model
from assets.normalize.catalog import CANONICAL, Entity, EntityCatalog
from assets.normalize.reading_sql import identifier
from assets.normalize.text_steps import reader_of
from assets.normalize.transforms import MappingInvalid, Reader

LAST_COMMIT = 9_999_999_999  # batch ids hold ten digits
_ABSENT = "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True, slots=True)
class Source:
    """One rule of a target: the field it reads and how. `present` is false once the source dropped all it reads.

    Sources with the same key read the same value, such as one field that fills two targets. `column` is SQL of the
    field's text: NULL for a row that landed outside the rule's span. `first` and `end` are the batch ids of that span,
    "" where there is no such bound; a batch id begins with its commit in ten digits.
    """

    field: str
    reader: Reader
    present: bool
    key: str
    column: str
    first: str = ""
    end: str = ""
    others: tuple[str, ...] = ()  # columns of `reader.fields`

    @property
    def fields(self) -> tuple[str, ...]:
        """Every source field it reads, its own first."""
        return () if self.reader.is_constant else (self.field, *self.others)

    def spans(self, batch_id: object) -> bool:
        """Whether the rule reads a row of that batch."""
        if not isinstance(batch_id, str):
            return not (self.first or self.end)
        return (not self.first or self.first <= batch_id) and (not self.end or batch_id < self.end)


@dataclass(frozen=True, slots=True)
class Target:
    """A canonical field or bookkeeping target. The first source that gives a value fills it."""

    name: str
    duckdb_type: str
    sources: tuple[Source, ...]
    required: bool = False
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one stream's rows become."""

    stream: str
    entity: Entity
    version: int
    source_fields: tuple[str, ...]
    targets: tuple[Target, ...]  # those with rules, and required ones without; the model's order, bookkeeping last
    read_fields: frozenset[str]  # source fields that some rule of the whole mapping reads

    @property
    def identity(self) -> str:
        """The entity's first field, which names the record."""
        return self.entity.identity

    def target(self, name: str) -> Target | None:
        """The target of that name, if it is part of the plan."""
        return next((target for target in self.targets if target.name == name), None)

    def moments_of_change(self) -> tuple[Target, ...]:
        """Targets that tell when the source changed a record, the one that counts first. A declared `updated_at` may
        be of another type: then it tells nothing."""
        found = (self.target(name) for name in ("_source_updated_at", "updated_at"))
        return tuple(target for target in found if target and target.duckdb_type == "TIMESTAMPTZ")

    def unmapped(self) -> tuple[str, ...]:
        """Source fields that no rule reads."""
        return tuple(field for field in self.source_fields if field not in self.read_fields)

    def narrowed(self, names: Collection[str]) -> "Plan":
        """The plan of these targets alone."""
        return replace(self, targets=tuple(target for target in self.targets if target.name in names))


def plan_mapping(mapping: StreamMapping, source_fields: Sequence[str], catalog: EntityCatalog = CANONICAL) -> Plan:
    """Raises MappingInvalid for a stream without entity, an unknown target, or a transform that does not fit it."""
    entity = catalog.get(mapping.entity or "")
    if entity is None:
        raise MappingInvalid(f"stream {mapping.stream}: {mapping.entity!r} is no entity of this tenant")
    columns = {column.name: column for column in entity.columns}
    types = {name: column.duckdb_type for name, column in columns.items()} | model.BOOKKEEPING_TARGETS
    unknown = sorted(mapping.targets() - types.keys())
    if unknown:
        raise MappingInvalid(f"stream {mapping.stream}: {mapping.entity} has no field {', '.join(unknown)}")
    targets = []
    # The lake's columns know no case: a field that only changed its capitals is still the same column.
    known = {name.casefold(): name for name in reversed(source_fields)} | {name: name for name in source_fields}
    for name, duckdb_type in types.items():
        sources = _sources(mapping, name, duckdb_type, known)
        # The record's own id stands in for an identity without rule.
        required = name in columns and columns[name].required and (bool(sources) or name != entity.identity)
        if sources or required:
            targets.append(Target(name, duckdb_type, sources, required, *_limits(entity, name)))
    read = frozenset(name for target in targets for source in target.sources for name in source.fields)
    return Plan(mapping.stream, entity, mapping.version, tuple(source_fields), tuple(targets), read)


def unfilled_required(mapping: StreamMapping, catalog: EntityCatalog = CANONICAL) -> tuple[str, ...]:
    """Required fields that no rule fills: with any of them, every row of the stream would be rejected."""
    entity = catalog.get(mapping.entity or "")
    if entity is None:
        return ()
    filled = mapping.targets() | {entity.identity}
    return tuple(column.name for column in entity.columns if column.required and column.name not in filled)


def _sources(mapping: StreamMapping, target: str, duckdb_type: str, known: Mapping[str, str]) -> tuple[Source, ...]:
    sources = []
    for rule in mapping.rules:
        if rule.target != target:
            continue
        try:
            sources.append(_source(rule, duckdb_type, known))
        except MappingInvalid as error:
            raise MappingInvalid(f"stream {mapping.stream}: {rule.source} to {target}: {error}") from error
    return tuple(sources)


def _source(rule: FieldRule, duckdb_type: str, known: Mapping[str, str]) -> Source:
    """One rule made ready; `known` finds a source field's column, also by its name without capitals."""
    first, end = _span(rule)

    def column(name: str) -> str:
        found = known.get(name, known.get(name.casefold()))
        return within(identifier(found), first, end) if found is not None else _ABSENT

    made_ready = reader_of(rule.transform, duckdb_type, column)
    field = known.get(rule.source, known.get(rule.source.casefold(), rule.source))
    others = tuple(known.get(name, known.get(name.casefold(), name)) for name in made_ready.fields)
    key = json.dumps(
        [rule.source, rule.transform.kind, dict(rule.transform.args), duckdb_type, first, end], sort_keys=True
    )
    is_present = any(name in known for name in (field, *others))
    return Source(field, made_ready, is_present, key, column(rule.source), first, end, others)


def _span(rule: FieldRule) -> tuple[str, str]:
    """Batch ids between which a rule reads: from the first, up to but without the second; "" for no bound."""
    for commit in (rule.since, 0 if rule.until is None else rule.until):
        if not isinstance(commit, int) or isinstance(commit, bool) or commit < 0:
            raise MappingInvalid("since and until are commit versions: whole numbers from 0 up")
    first = batch_from(rule.since) if rule.since else ""
    end = batch_from(rule.until + 1) if rule.until is not None and rule.until < LAST_COMMIT else ""
    return first, end


def batch_from(commit: int) -> str:
    """The text that every batch id of this commit and of later ones sorts after."""
    return f"{min(commit, LAST_COMMIT):010d}"


def within(expression: str, first: str, end: str) -> str:
    """SQL of the expression for rows whose batch lies in the span, NULL for others."""
    bounds = [f"__batch_id >= '{first}'"] if first else []
    bounds += [f"__batch_id < '{end}'"] if end else []
    return f"CASE WHEN {' AND '.join(bounds)} THEN {expression} END" if bounds else expression


def _limits(entity: Entity, name: str) -> tuple[Decimal | None, Decimal | None]:
    field = entity.declared(name)
    least = most = None
    for limit in field.metadata if field else ():
        if isinstance(limit, Ge):
            least = Decimal(str(limit.ge))
        if isinstance(limit, Le):
            most = Decimal(str(limit.le))
    return least, most
