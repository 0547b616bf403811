"""Entities a tenant declares: what a declaration may say, and the Pydantic model made from it.

The model stands on the same base as the canonical ones, so everything derived from those works for it as well.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, Protocol, get_args
from uuid import UUID

from pydantic import BeforeValidator, Field, create_model

from assets.extract.raw_tables import column_names
from assets.normalize import reading
from assets.normalize.catalog import CANONICAL, Entity, EntityCatalog
from assets.normalize.model import DUCKDB_TYPES, CanonicalEntity, columns_of

FieldType = Literal["text", "integer", "decimal", "boolean", "date", "timestamp", "json"]
TABLE_PREFIX: Final = "custom_"

_READ: Final[Mapping[FieldType, tuple[type, Callable[[object], object]]]] = {
    "text": (str, reading.read_text),
    "json": (str, reading.read_text),  # kept as the text that came
    "integer": (int, reading.read_integer),
    "decimal": (Decimal, reading.read_decimal),
    "boolean": (bool, reading.read_boolean),
    "date": (dt.date, reading.read_date),
    "timestamp": (dt.datetime, reading.read_timestamp),
}
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED: Final = frozenset({"account_entity_id"})  # what views add to rows that point at an account
_CANONICAL_NAMES: Final = frozenset(CANONICAL) | {entity.view for entity in CANONICAL.values()}


class DeclarationInvalid(ValueError):
    """The declaration cannot be taken; `str()` says what is wrong with it, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """One field of a custom entity."""

    name: str
    type: FieldType
    description: str = ""
    required: bool = False

    def to_json(self) -> dict[str, Any]:
        """JSON object for the control plane."""
        return {"name": self.name, "type": self.type, "description": self.description, "required": self.required}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "DeclaredField":
        return cls(document["name"], document["type"], document["description"], document["required"])


class Declared(Protocol):
    """A declaration as the control plane keeps it."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def view(self) -> str: ...
    @property
    def fields(self) -> list[dict[str, Any]]: ...
    @property
    def key(self) -> list[str]: ...


def identity_of(name: str) -> str:
    """The field that every entity of that name opens with: the record's own id."""
    return f"{name}_id"


def check_declaration(name: str, view: str, fields: Sequence[DeclaredField], key: Sequence[str]) -> None:
    """Raises DeclarationInvalid when these cannot be an entity beside the canonical ones."""
    _check_name("name", name)
    _check_name("view", view)
    for taken in {name, view} & _CANONICAL_NAMES:
        raise DeclarationInvalid(
            f"{taken!r} is a canonical entity or view.", f"Choose another name, such as 'custom_{taken}'."
        )
    if not fields:
        raise DeclarationInvalid("An entity needs at least one field.", "Add --field SOURCE:TARGET:TYPE.")
    check_fields(name, fields)
    for missing in sorted(set(key) - {field.name for field in fields}):
        raise DeclarationInvalid(f"The key {missing!r} is no field of the entity.", "Name one of its fields.")


def check_fields(entity: str, fields: Sequence[DeclaredField]) -> None:
    """Raises DeclarationInvalid when fields of these names and types cannot be columns of the entity."""
    seen: set[str] = set()
    for field in fields:
        _check_name("field", field.name)
        if field.name in seen:
            raise DeclarationInvalid(f"The field {field.name!r} is named twice.", "Give each one a target of its own.")
        seen.add(field.name)
        if is_reserved(field.name):
            raise DeclarationInvalid(f"The field name {field.name!r} is reserved.", "Choose another target name.")
        column_type(field.type)
        if field.name == identity_of(entity) and field.type != "text":
            raise DeclarationInvalid(f"The field {field.name!r} names the record and is text.", "Leave out its type.")


def column_type(type: str) -> str:
    """DuckDB type of a declared type. Raises DeclarationInvalid for one that does not exist."""
    for known, (python_type, _) in _READ.items():
        if known == type:
            return DUCKDB_TYPES[python_type]
    raise DeclarationInvalid(f"{type!r} is no type of a field.", f"There is: {', '.join(get_args(FieldType))}.")


def is_reserved(field: str) -> bool:
    """Whether the lake or the views keep this column name for themselves."""
    return field in _RESERVED or column_names([field])[field] != field


def _check_name(what: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise DeclarationInvalid(
            f"{name!r} is no {what} of an entity.",
            "Use small letters, digits and underscores, a letter first, 63 at most.",
        )


def tenant_catalog(declared: Iterable[Declared]) -> EntityCatalog:
    """The canonical entities and these."""
    return EntityCatalog((*CANONICAL.values(), *map(declared_entity, declared)))


def declared_entity(declared: Declared) -> Entity:
    """The entity of a declaration. Its table carries the declaration's id: a name used again starts empty."""
    fields = tuple(DeclaredField.from_json(field) for field in declared.fields)
    return _entity(declared.id, declared.name, declared.view, fields, tuple(declared.key))


@lru_cache(maxsize=512)  # making a model costs milliseconds, and runs come by the second
def _entity(id: UUID, name: str, view: str, fields: tuple[DeclaredField, ...], key: tuple[str, ...]) -> Entity:
    model = _model(name, view, fields, key)
    return Entity(name, view, f"{TABLE_PREFIX}{name}_{id.hex[:8]}", model, columns_of(model), is_custom=True)


def _model(name: str, view: str, fields: Sequence[DeclaredField], key: Sequence[str]) -> type[CanonicalEntity]:
    """Fields go by their place, their names are aliases: 'json', 'copy' or 'view' are taken on every model."""
    identity = identity_of(name)
    described = {field.name: field.description for field in fields}
    first = Field(min_length=1, alias=identity, description=described.get(identity) or "Identifier of the record")
    definitions: dict[str, Any] = {"f0": (Annotated[str, BeforeValidator(reading.read_text)], first)}
    for at, field in enumerate((field for field in fields if field.name != identity), start=1):
        definitions[f"f{at}"] = _definition(field, required=field.required or field.name in key)
    model = create_model(f"Custom_{name}", __base__=CanonicalEntity, **definitions)
    model.view = view
    return model


def _definition(field: DeclaredField, *, required: bool) -> tuple[Any, Any]:
    python_type, read = _READ[field.type]
    extra: dict[str, Any] = {"declared_type": field.type}
    if required:
        info = Field(alias=field.name, description=field.description, json_schema_extra=extra)
        return Annotated[python_type, BeforeValidator(read)], info
    info = Field(default=None, alias=field.name, description=field.description, json_schema_extra=extra)
    return Annotated[python_type | None, BeforeValidator(read)], info
