"""One row out of an entity's records: per field, the non-empty value of the record its source changed last.

Records without a source time come last; ties go to the smaller record key, so the outcome never depends on order.
"""

from assets.normalize.catalog import Entity
from assets.resolve.keys import reference_key
from assets.unify.views import refers_to_account, view_columns
from orchestration.resources.sql_text import identifier

_LATEST_FIRST = "_source_updated_at DESC NULLS LAST, _key"


def entity_id(key: str) -> str:
    """SQL of the public id of an entity: its 64-bit key in hexadecimal."""
    return f"lower(hex({key}))"


def golden_select(entity: Entity, records: str, *, several: bool) -> str:
    """SQL of view rows from `records`: canonical rows with `_entity`; `several` when an entity may have many.

    Columns are those of `view_columns` without `account_entity_id`, which a join adds.
    """
    body = _merged(entity, records) if several else _single(entity, records)
    listed = ", ".join(identifier(name) for name in view_columns(entity) if name != "account_entity_id")
    return f"SELECT {listed} FROM ({body})"


def _single(entity: Entity, records: str) -> str:
    fields = ", ".join(identifier(column.name) for column in entity.columns)
    return (
        f"SELECT {entity_id('_entity')} AS _entity_id, {fields}, "
        "[{'connection_id': _connection_id, 'record_id': _source_record_id, 'updated_at': _source_updated_at}] "
        f"AS _sources, 1 AS _source_count, _source_updated_at, _entity, "
        f"{_account_ref(entity)} AS _account_ref FROM ({records})"
    )


def _merged(entity: Entity, records: str) -> str:
    """Fields by `first` in order of source time; lists are values like any other."""
    fields = ", ".join(
        f"first({name} ORDER BY {_LATEST_FIRST}) FILTER ({name} IS NOT NULL) AS {name}"
        for name in (identifier(column.name) for column in entity.columns)
    )
    ref = f"first(ref ORDER BY {_LATEST_FIRST}) FILTER (ref IS NOT NULL)"
    sources = (
        "list({'connection_id': _connection_id, 'record_id': _source_record_id, 'updated_at': _source_updated_at} "
        f"ORDER BY {_LATEST_FIRST})"
    )
    return (
        f"SELECT {entity_id('_entity')} AS _entity_id, {fields}, {sources} AS _sources, "
        "count(*)::INTEGER AS _source_count, max(_source_updated_at) AS _source_updated_at, _entity, "
        f"{ref} AS _account_ref FROM (SELECT *, {_account_ref(entity)} AS ref FROM ({records})) GROUP BY _entity"
    )


def _account_ref(entity: Entity) -> str:
    return reference_key("_connection_id", "account_id") if refers_to_account(entity) else "NULL::UBIGINT"
