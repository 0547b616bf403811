"""Custom entities as the control plane hands them over, for tests."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from assets.normalize.catalog import EntityCatalog
from assets.normalize.custom import DeclaredField, FieldType, tenant_catalog


@dataclass(frozen=True)
class Declaration:
    """What a tenant declared."""

    name: str
    view: str
    fields: list[dict[str, Any]]
    key: list[str] = field(default_factory=list)
    id: UUID = field(default_factory=uuid4)


def declaration(name: str, fields: dict[str, FieldType], key: tuple[str, ...] = ()) -> Declaration:
    """A declaration of fields by name and type; its view is the name with an s."""
    return Declaration(name, f"{name}s", [DeclaredField(*item).to_json() for item in fields.items()], list(key))


def catalog_of(*declared: Declaration) -> EntityCatalog:
    """The canonical entities and these."""
    return tenant_catalog(declared)


# Names that mean something to Pydantic, to SQL or to the statements made here.
WEIRD = declaration(
    "weird",
    {
        "json": "integer", "copy": "text", "view": "json", "model_config": "text", "order": "timestamp",
        "select": "date", "once": "decimal", "r1": "boolean", "s0": "text", "value": "decimal", "raw": "text",
        "schema": "boolean", "updated_at": "date", "model_fields": "timestamp",
    },
)  # fmt: skip
STRICT = declaration(
    "strict",
    {"count": "integer", "is_open": "boolean", "opened": "timestamp", "closed": "date", "note": "text"},
    key=("count", "is_open", "opened"),
)
