"""Where a row's values come from: the winning record of every cell, those that lost, and the rules that read them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from api.published.cells import json_ready
from api.published.readers import Snapshot
from api.published.rows import SourceRecord
from api.schemas.views import CellOut, ContributionOut, RuleOut, SourceSideOut
from assets.extract.raw_tables import BOOKKEEPING, RAW_SCHEMA, raw_table
from assets.normalize.catalog import Entity
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.lake_session import name_of
from orchestration.resources.sql_text import identifier


class Origins:
    """Names of connections and rules of mapping versions, each looked up once."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session
        self._names = {str(known.id): known.name for known in session.connections.list()}
        self._rules: dict[tuple[str, str | None, int], list[dict[str, Any]]] = {}

    def about(self, record: SourceRecord) -> dict[str, Any]:
        """Fields of SourceRecordOut."""
        return {
            "connection_id": record.connection_id,
            "connection": self._names.get(record.connection_id),
            "stream": record.stream,
            "record_id": record.record_id,
            "updated_at": record.values["_source_updated_at"],
        }

    def rules(self, record: SourceRecord, column: str) -> list[RuleOut]:
        """The rules that read the record into the column, in their order."""
        return [
            RuleOut(
                source=rule["source"],
                transform=rule["transform"],
                probability=rule["probability"],
                decided_by=rule["decided_by"],
            )
            for rule in self._of_version(record)
            if rule["target"] == column
            and rule["since"] <= record.commit
            and (rule["until"] is None or record.commit <= rule["until"])
        ]

    def _of_version(self, record: SourceRecord) -> list[dict[str, Any]]:
        key = (record.connection_id, record.stream, record.mapping_version)
        if key not in self._rules:
            self._rules[key] = self._look_up(record)
        return self._rules[key]

    def _look_up(self, record: SourceRecord) -> list[dict[str, Any]]:
        if record.stream is None:
            return []
        try:
            found = self._session.mappings.version(UUID(record.connection_id), record.stream, record.mapping_version)
        except NotFound:  # of a connection that was deleted with its history
            return []
        return found.rules


def explain_cells(
    row: Mapping[str, Any], entity: Entity, records: Sequence[SourceRecord], origins: Origins
) -> list[CellOut]:
    """Every field of the row: the first record with a value wins. One that is not the row's own tells nothing."""
    cells = []
    for column in entity.columns:
        value = row.get(column.name)
        gave = [record for record in records if record.values.get(column.name) is not None]
        is_told = bool(gave) and value is not None and gave[0].values[column.name] == value
        contributions = [
            ContributionOut(
                **origins.about(record),
                value=json_ready(record.values[column.name]),
                mapping_version=record.mapping_version,
                rules=origins.rules(record, column.name),
            )
            for record in gave
        ]
        cells.append(
            CellOut(
                column=column.name,
                value=json_ready(value),
                winner=contributions[0] if is_told else None,
                others=contributions[1:] if is_told else contributions,
            )
        )
    return cells


def side_by_side(
    snapshot: Snapshot, entity: Entity, records: Sequence[SourceRecord], origins: Origins
) -> list[SourceSideOut]:
    """Each record with its canonical values, what no rule reads, and the raw record where it is kept."""
    return [
        SourceSideOut(
            **origins.about(record),
            mapping_version=record.mapping_version,
            values={column.name: json_ready(record.values.get(column.name)) for column in entity.columns},
            unmapped=orjson.loads(record.values.get("_unmapped") or "{}"),
            raw=_raw(snapshot, record),
        )
        for record in records
    ]


def _raw(snapshot: Snapshot, record: SourceRecord) -> dict[str, str | None] | None:
    """The record as it landed; None when its stream is not told, or the record is gone from it."""
    if record.stream is None:
        return None
    table = raw_table(UUID(record.connection_id), record.stream)
    fields = [name for name in snapshot.columns(RAW_SCHEMA, table) if name not in BOOKKEEPING]
    if not fields:
        return None
    listed = ", ".join(map(identifier, fields))
    found = snapshot.rows(
        f"SELECT {listed} FROM {name_of(RAW_SCHEMA, table)} WHERE __record_id = ? AND NOT coalesce(__deleted, false) "
        "ORDER BY __batch_id DESC LIMIT 1",
        [record.record_id],
    )
    return dict(zip(fields, found[0], strict=True)) if found else None
