"""The entities records can become, with what tables, views and SQL need to know of each.

The canonical ones are always there; a tenant's own are added to them for the length of one run, never to a registry of
the process: two tenants may declare the same name differently.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from assets.normalize.model import BOOKKEEPING, ENTITIES, CanonicalEntity, Column, columns_of


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity: the Pydantic model its rows must fit, its table in schema `canonical` and its view."""

    name: str
    view: str
    table: str
    model: type[CanonicalEntity]
    columns: tuple[Column, ...]  # its own fields; the first names the record within its connection
    is_custom: bool = False

    @property
    def identity(self) -> str:
        """The field that names a record; taken from the record's id when no rule fills it."""
        return self.columns[0].name

    @property
    def table_columns(self) -> dict[str, str]:
        """Every column of the canonical table with its DuckDB type."""
        return {column.name: column.duckdb_type for column in (*self.columns, *BOOKKEEPING)}

    def type_of(self, field: str) -> str | None:
        """DuckDB type of one of its own fields; None for another name."""
        return next((column.duckdb_type for column in self.columns if column.name == field), None)

    def declared(self, field: str) -> FieldInfo | None:
        """What the model says of a field: its limits and extras."""
        fields = self.model.model_fields.items()
        return next((info for name, info in fields if (info.alias or name) == field), None)


class EntityCatalog(Mapping[str, Entity]):
    """Entities by name, canonical ones first."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._by_name = {entity.name: entity for entity in entities}

    def __getitem__(self, name: str) -> Entity:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def custom(self) -> list[Entity]:
        """Those the tenant declared."""
        return [entity for entity in self.values() if entity.is_custom]


def _canonical(name: str, model: type[CanonicalEntity]) -> Entity:
    return Entity(name, model.view, name, model, columns_of(model))


CANONICAL = EntityCatalog(_canonical(name, model) for name, model in ENTITIES.items())
