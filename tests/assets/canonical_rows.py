"""A lake whose catalog is a DuckDB file, and canonical rows written into it as normalize writes them."""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from assets.normalize.catalog import CANONICAL, EntityCatalog
from assets.resolve.asset import resolve_entity
from assets.resolve.members import CANONICAL_SCHEMA, RESOLVE_SCHEMA, members_table, resolved_entities
from assets.unify.asset import refresh_view
from assets.unify.views import UNIFIED_SCHEMA
from orchestration.resources.duckdb_extensions import load_extensions, signature_config
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier

Row = dict[str, Any]
CRM, ERP, SHOP = "crm", "erp", "shop"
# Ids as two Salesforce-like systems make them: long, mixed, the same thing wherever they stand.
GLOBAL_IDS = ("0015g00000AbCdEAAV", "0015g00000ZyXwVAAU", "0015g00000QrStUAAT")

_batches = itertools.count(1)
_numbers = itertools.count(1)


@contextmanager
def local_lake(folder: Path) -> Iterator[LakeSession]:
    """A session on a new lake below `folder`."""
    place = folder / f"lake-{next(_numbers)}"
    place.mkdir()
    config = {"threads": 1, "autoinstall_known_extensions": False}
    with duckdb.connect(config=config | signature_config("ducklake")) as connection:
        load_extensions(connection, "ducklake")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH 'ducklake:{place}/catalog' AS lake (DATA_PATH '{place}/data/')")
        yield LakeSession(connection, f"{place}/data/", "main")


def at(hour: int) -> dt.datetime:
    """A moment of source time."""
    return dt.datetime(2026, 3, 1, hour, tzinfo=dt.UTC)


def account(key: int, connection: str = CRM, **fields: Any) -> Row:
    """A canonical account; its source record is named like its key."""
    return _row(key, connection, {"account_id": str(key), **fields})


def contact(key: int, connection: str = CRM, **fields: Any) -> Row:
    return _row(key, connection, {"contact_id": str(key), **fields})


def opportunity(key: int, connection: str = CRM, **fields: Any) -> Row:
    return _row(key, connection, {"opportunity_id": str(key), **fields})


def _row(key: int, connection: str, fields: Mapping[str, Any]) -> Row:
    bookkeeping = {
        "_key": key,
        "_connection_id": connection,
        "_source_record_id": str(key),
        "_source_updated_at": None,
        "_deleted": False,
        "_mapping_version": 1,
        "_raw": f"stream#{key}",
    }
    return {**bookkeeping, **fields}


def write(session: LakeSession, entity: str, rows: Sequence[Row], catalog: EntityCatalog = CANONICAL) -> None:
    """One batch: the rows in place of their earlier versions."""
    columns, table_name = catalog[entity].table_columns, catalog[entity].table
    batch_id = f"{next(_batches):010d}-test"
    given = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.table({name: [row.get(name) for row in rows] for name in given})
    picked = ", ".join(f"{identifier(name)}::{columns[name]} AS {identifier(name)}" for name in given)

    def commit(session: LakeSession) -> None:
        session.ensure_table(CANONICAL_SCHEMA, table_name, columns)
        name = name_of(CANONICAL_SCHEMA, table_name)
        session.connection.register("given_rows", table)
        session.execute(f"DELETE FROM {name} WHERE _key IN (SELECT _key::UBIGINT FROM given_rows)")
        session.execute(f"INSERT INTO {name} BY NAME SELECT {picked}, '{batch_id}' AS _batch_id FROM given_rows")
        session.connection.unregister("given_rows")

    session.transaction(commit)


def refresh(session: LakeSession) -> dict[str, int | None]:
    """What a refresh of the tenant does to memberships and the three views: rows written a view, None for no change."""
    for entity in resolved_entities():
        resolve_entity(session, entity)
    return {entity: refresh_view(session, CANONICAL[entity]) for entity in ("account", "contact", "opportunity")}


def entities(session: LakeSession, entity: str = "account") -> dict[int, int]:
    """Live record -> its entity."""
    table = name_of(RESOLVE_SCHEMA, members_table(entity))
    found = session.rows(f"SELECT _key, _entity FROM {table} WHERE _live")
    assert len(found) == len(dict(found)), "a record has two memberships"
    return dict(found)


def groups(session: LakeSession, entity: str = "account") -> dict[frozenset[int], int]:
    """Live records that are one entity -> its id."""
    by_id: dict[int, set[int]] = {}
    for key, entity_id in entities(session, entity).items():
        by_id.setdefault(entity_id, set()).add(key)
    return {frozenset(keys): entity_id for entity_id, keys in by_id.items()}


def partition(session: LakeSession, entity: str = "account") -> set[frozenset[int]]:
    """Which live records are one entity, whatever its id."""
    return set(groups(session, entity))


def resolved(session: LakeSession, entity: str, *rows: Row) -> set[frozenset[int]]:
    """Write the rows, resolve, and tell which are one."""
    write(session, entity, rows)
    resolve_entity(session, entity)
    return partition(session, entity)


def together(*records: Sequence[int]) -> set[frozenset[int]]:
    """A partition as tests write it."""
    return {frozenset(keys) for keys in records}


def view(session: LakeSession, entity: str, catalog: EntityCatalog = CANONICAL) -> list[Row]:
    """Rows of the unified view, in the order of their ids."""
    cursor = session.execute(f"SELECT * FROM {name_of(UNIFIED_SCHEMA, catalog[entity].view)} ORDER BY _entity_id")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
