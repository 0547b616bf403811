"""Columns of the unified views, derived from the canonical model."""

from assets.normalize.model import ENTITIES, VIEWS, canonical_columns

UNIFIED_SCHEMA = "unified"

SOURCES_TYPE = "STRUCT(connection_id VARCHAR, record_id VARCHAR, updated_at TIMESTAMPTZ)[]"


def canonical_fields(entity: str) -> tuple[str, ...]:
    """Names of the entity's own fields, in model order."""
    return tuple(column.name for column in canonical_columns(entity))


def refers_to_account(entity: str) -> bool:
    """Whether rows of the entity point at an account by id."""
    return entity != "account" and "account_id" in ENTITIES[entity].model_fields


def view_columns(entity: str) -> dict[str, str]:
    """Columns of the view's table with their DuckDB types; the last two are keys for the next run, not for people."""
    columns = {"_entity_id": "VARCHAR"}
    columns |= {column.name: column.duckdb_type for column in canonical_columns(entity)}
    if refers_to_account(entity):
        columns["account_entity_id"] = "VARCHAR"
    return columns | {
        "_sources": SOURCES_TYPE,
        "_source_count": "INTEGER",
        "_source_updated_at": "TIMESTAMPTZ",
        "_entity": "UBIGINT",
        "_account_ref": "UBIGINT",
    }


def view_name(entity: str) -> str:
    """The view of an entity: account -> accounts."""
    return VIEWS[entity]
