"""One row of a view with the source records it is made of, as they were when the view was made.

Records may be committed between the making of a view and its publication: the catalog remembers both, so the records
are read as of the moment the view took in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.problems import NotFound
from api.published.columns import KEY, public_columns
from api.published.readers import Snapshot
from assets.extract.state import STATE_SCHEMA
from assets.normalize.catalog import Entity
from assets.resolve.members import CANONICAL_SCHEMA, RESOLVE_SCHEMA, members_table, resolved_entities
from assets.unify.tables import PROGRESS_TABLE
from orchestration.resources.lake_session import CATALOG, name_of
from orchestration.resources.publishing import VIEWS_SCHEMA
from orchestration.resources.sql_text import identifier, literal

_ID = re.compile(r"0|[1-9a-f][0-9a-f]{0,15}")
LATEST_FIRST = "_source_updated_at DESC NULLS LAST, _key"  # as survivorship orders them


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One canonical record: where it comes from, and its values by field."""

    connection_id: str
    stream: str | None
    record_id: str
    batch_id: str
    mapping_version: int
    values: Mapping[str, Any]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "SourceRecord":
        """The record of a canonical row. Its pointer to the raw row is stream#record."""
        record_id, pointer = values["_source_record_id"], values["_raw"]
        stream = pointer.removesuffix(f"#{record_id}")
        is_told = pointer == f"{stream}#{record_id}"
        return cls(
            values["_connection_id"], stream if is_told else None, record_id, values["_batch_id"],
            values["_mapping_version"], values,
        )  # fmt: skip

    @property
    def commit(self) -> int:
        """The commit of its stream that brought it."""
        return int(self.batch_id.partition("-")[0])


def entity_key(entity_id: str) -> int:
    """The number behind a row's public id. Raises NotFound for what is no such id."""
    if not _ID.fullmatch(entity_id):
        raise NotFound
    return int(entity_id, 16)


def read_row(snapshot: Snapshot, view: str, key: int, version: int | None = None) -> dict[str, Any] | None:
    """The row's public columns, at another version of the lake if one is given; None when there is no such row."""
    columns = public_columns(snapshot.view_columns(view))
    at = "" if version is None else f" AT (VERSION => {version})"
    table = f"{name_of(VIEWS_SCHEMA, view)}{at}"
    listed = "*" if version is not None else ", ".join(map(identifier, columns))
    found = _dicts(snapshot, f"SELECT {listed} FROM {table} WHERE {KEY} = ?::UBIGINT", [key])
    return {name: found[0].get(name) for name in columns} if found else None


def read_records(snapshot: Snapshot, entity: Entity, key: int) -> list[SourceRecord]:
    """The live records that the row with that key is made of, in order of precedence."""
    if not snapshot.columns(CANONICAL_SCHEMA, entity.table):
        return []
    at = _as_the_view_saw(snapshot, entity)
    keys: Sequence[int] = [key]
    if entity.name in resolved_entities():
        members = f"{name_of(RESOLVE_SCHEMA, members_table(entity.name))}{at}"
        keys = [k for (k,) in snapshot.rows(f"SELECT _key FROM {members} WHERE _entity = ?::UBIGINT AND _live", [key])]
    if not keys:
        return []
    marks = ", ".join("?::UBIGINT" for _ in keys)
    rows = _dicts(
        snapshot,
        f"SELECT * FROM {name_of(CANONICAL_SCHEMA, entity.table)}{at} "
        f"WHERE _key IN ({marks}) AND NOT _deleted ORDER BY {LATEST_FIRST}",
        keys,
    )
    return [SourceRecord.of(row) for row in rows]


def made_since(snapshot: Snapshot, view: str) -> int:
    """The first version of the lake that has the view's table."""
    metadata = f"__ducklake_metadata_{CATALOG}.main"
    return int(
        snapshot.value(
            f"SELECT t.begin_snapshot FROM {metadata}.ducklake_table t JOIN {metadata}.ducklake_schema s "
            "ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL "
            "WHERE t.table_name = ? AND s.schema_name = ? AND t.end_snapshot IS NULL",
            [view, VIEWS_SCHEMA],
        )
    )


def is_remembered(snapshot: Snapshot, version: int) -> bool:
    """Whether the catalog still knows that version of the lake."""
    known = f"SELECT 1 FROM ducklake_snapshots({literal(CATALOG)}) WHERE snapshot_id = ?"
    return snapshot.value(known, [version]) is not None


def _as_the_view_saw(snapshot: Snapshot, entity: Entity) -> str:
    """What pins a table to the version the view took in; nothing where that has expired: no record changed since."""
    if not snapshot.columns(STATE_SCHEMA, PROGRESS_TABLE):
        return ""
    progress = f"SELECT snapshot FROM {name_of(STATE_SCHEMA, PROGRESS_TABLE)} WHERE scope = ?"
    version = snapshot.value(progress, [entity.table])
    if version is None or not is_remembered(snapshot, int(version)):
        return ""
    return f" AT (VERSION => {int(version)})"


def _dicts(snapshot: Snapshot, sql: str, params: Sequence[object]) -> list[dict[str, Any]]:
    names, rows = snapshot.named_rows(sql, params)
    return [dict(zip(names, row, strict=True)) for row in rows]
