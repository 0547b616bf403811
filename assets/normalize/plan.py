"""A mapping joined to the canonical model: for each target its type, limits and readers, in rule order.

Both paths of normalize work from one plan, so they cannot differ in which rule fills what.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from annotated_types import Ge, Le

from assets.mapping.rules import StreamMapping
from assets.normalize import model
from assets.normalize.catalog import CANONICAL, Entity, EntityCatalog
from assets.normalize.transforms import MappingInvalid, Reader, reader


@dataclass(frozen=True, slots=True)
class Source:
    """One rule of a target: the field it reads and how. `present` is false once the source dropped the field.

    Sources with the same key read the same value, such as one field that fills two targets.
    """

    field: str
    reader: Reader
    present: bool
    key: str


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
        read = {source.field for target in self.targets for source in target.sources if not source.reader.is_constant}
        return tuple(field for field in self.source_fields if field not in read)


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
    for name, duckdb_type in types.items():
        sources = _sources(mapping, name, duckdb_type, frozenset(source_fields))
        # The record's own id stands in for an identity without rule.
        required = name in columns and columns[name].required and (bool(sources) or name != entity.identity)
        if sources or required:
            targets.append(Target(name, duckdb_type, sources, required, *_limits(entity, name)))
    return Plan(mapping.stream, entity, mapping.version, tuple(source_fields), tuple(targets))


def unfilled_required(mapping: StreamMapping, catalog: EntityCatalog = CANONICAL) -> tuple[str, ...]:
    """Required fields that no rule fills: with any of them, every row of the stream would be rejected."""
    entity = catalog.get(mapping.entity or "")
    if entity is None:
        return ()
    filled = mapping.targets() | {entity.identity}
    return tuple(column.name for column in entity.columns if column.required and column.name not in filled)


def _sources(mapping: StreamMapping, target: str, duckdb_type: str, fields: frozenset[str]) -> tuple[Source, ...]:
    sources = []
    for rule in mapping.rules:
        if rule.target != target:
            continue
        try:
            made_ready = reader(rule.transform, duckdb_type)
        except MappingInvalid as error:
            raise MappingInvalid(f"stream {mapping.stream}: {rule.source} to {target}: {error}") from error
        key = json.dumps([rule.source, rule.transform.kind, dict(rule.transform.args), duckdb_type], sort_keys=True)
        sources.append(Source(rule.source, made_ready, rule.source in fields, key))
    return tuple(sources)


def _limits(entity: Entity, name: str) -> tuple[Decimal | None, Decimal | None]:
    field = entity.declared(name)
    least = most = None
    for limit in field.metadata if field else ():
        if isinstance(limit, Ge):
            least = Decimal(str(limit.ge))
        if isinstance(limit, Le):
            most = Decimal(str(limit.le))
    return least, most
