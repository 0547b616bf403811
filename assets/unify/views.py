"""Columns of the unified views, derived from the entities."""

from assets.normalize.catalog import Entity

UNIFIED_SCHEMA = "unified"

SOURCES_TYPE = "STRUCT(connection_id VARCHAR, record_id VARCHAR, updated_at TIMESTAMPTZ)[]"


def refers_to_account(entity: Entity) -> bool:
    """Whether rows of the entity point at an account by id; a number that somebody declared is no such id."""
    return entity.name != "account" and entity.type_of("account_id") == "VARCHAR"


def view_columns(entity: Entity) -> dict[str, str]:
    """Columns of the view's table with their DuckDB types; the last two are keys for the next run, not for people."""
    columns = {"_entity_id": "VARCHAR"}
    columns |= {column.name: column.duckdb_type for column in entity.columns}
    if refers_to_account(entity):
        columns["account_entity_id"] = "VARCHAR"
    return columns | {
        "_sources": SOURCES_TYPE,
        "_source_count": "INTEGER",
        "_source_updated_at": "TIMESTAMPTZ",
        "_entity": "UBIGINT",
        "_account_ref": "UBIGINT",
    }
