"""Counts over a snapshot: records by stream, and how many of them fill which field. Counted once a snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.published.readers import Snapshot
from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.normalize.catalog import Entity
from assets.resolve.members import CANONICAL_SCHEMA, RESOLVE_SCHEMA, members_table
from orchestration.control_plane.mappings import MappingRecord
from orchestration.resources.lake_session import name_of
from orchestration.resources.publishing import VIEWS_SCHEMA
from orchestration.resources.sql_text import identifier

StreamKey = tuple[str, str]  # connection id, stream
_STREAM = "left(_raw, greatest(0, length(_raw) - length(_source_record_id) - 1))"  # `_raw` is stream#record


@dataclass(frozen=True, slots=True)
class Filled:
    """Rows, and of them those with a value, by column."""

    rows: int
    columns: Mapping[str, int]


def filled_by_stream(snapshot: Snapshot, entity: Entity) -> Mapping[StreamKey, Filled]:
    """Live canonical records of the entity, by stream."""

    def count() -> Mapping[StreamKey, Filled]:
        present = snapshot.columns(CANONICAL_SCHEMA, entity.table)
        names = [column.name for column in entity.columns if column.name in present]
        if not names:
            return {}
        counts = ", ".join(f"count({identifier(name)})" for name in names)
        rows = snapshot.rows(
            f"SELECT _connection_id, {_STREAM}, count(*), {counts} "
            f"FROM {name_of(CANONICAL_SCHEMA, entity.table)} WHERE NOT _deleted GROUP BY 1, 2"
        )
        return {(row[0], row[1]): Filled(row[2], dict(zip(names, row[3:], strict=True))) for row in rows}

    found: Mapping[StreamKey, Filled] = snapshot.fact(f"filled {entity.table}", count)
    return found


def filled_in_view(snapshot: Snapshot, entity: Entity) -> Filled | None:
    """Rows of the entity's view; None when it is not published."""

    def count() -> Filled | None:
        names = [one.name for one in entity.columns if one.name in snapshot.columns(VIEWS_SCHEMA, entity.view)]
        if not names:
            return None
        counts = ", ".join(f"count({identifier(name)})" for name in names)
        row = snapshot.rows(f"SELECT count(*), {counts} FROM {name_of(VIEWS_SCHEMA, entity.view)}")[0]
        return Filled(row[0], dict(zip(names, row[1:], strict=True)))

    found: Filled | None = snapshot.fact(f"filled {VIEWS_SCHEMA} {entity.view}", count)
    return found


def raw_records(snapshot: Snapshot, mapping: MappingRecord) -> int | None:
    """Live raw records of the mapping's stream; None where its table is not in the snapshot."""
    table = raw_table(mapping.connection_id, mapping.stream)
    if not snapshot.columns(RAW_SCHEMA, table):
        return None
    counted = f"SELECT count(*) FROM {name_of(RAW_SCHEMA, table)} WHERE NOT coalesce(__deleted, false)"
    found: int = snapshot.fact(f"raw {table}", lambda: int(snapshot.value(counted)))
    return found


def clusters(snapshot: Snapshot, entity: Entity) -> int | None:
    """How many entities the live records are; None for an entity that is not resolved, or has no records."""
    table = members_table(entity.name)
    if entity.is_custom or not snapshot.columns(RESOLVE_SCHEMA, table):
        return None
    counted = f"SELECT count(DISTINCT _entity) FROM {name_of(RESOLVE_SCHEMA, table)} WHERE _live"
    found: int = snapshot.fact(f"clusters {table}", lambda: int(snapshot.value(counted)))
    return found
