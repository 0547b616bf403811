"""The fields of a canonical entity as targets to match: name, type, meaning. The model itself is `normalize.model`."""

from typing import NamedTuple

from assets.normalize.model import ENTITIES, columns_of, identity_fields


class CanonicalField(NamedTuple):
    """One target. `entity_about` says what the entity is."""

    name: str
    type: str
    description: str | None
    is_identity: bool
    entity_about: str | None


def canonical_fields(entity: str) -> tuple[CanonicalField, ...]:
    """The entity's own fields, in model order. Raises KeyError for an entity that the model does not have."""
    model = ENTITIES[entity]
    about = (model.__doc__ or "").strip().split("\n")[0] or None
    keys = identity_fields(entity)
    types = {column.name: column.duckdb_type for column in columns_of(model)}
    return tuple(
        CanonicalField(name, types[name], info.description, name in keys, about)
        for name, info in model.model_fields.items()
    )
