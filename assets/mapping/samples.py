"""Rows people look at before they decide: some records of a stream, as they were before a change and as they are now.

Values are read from the raw table when they are shown, as they landed (hashed columns stay hashed), and stored nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import duckdb

from assets.extract.raw_tables import BOOKKEEPING, RAW_SCHEMA, raw_table
from orchestration.resources.lake_reading import LakeReading
from orchestration.resources.lake_session import name_of
from orchestration.resources.sql_text import identifier, literal

SAMPLES = 5
_LOOKED_AT = 200  # records among which those that had a value before are preferred
_COMMIT = "CAST(substr(__batch_id, 1, 10) AS BIGINT)"


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One record: source field -> text. `before` is None where the record or its old row is not known any more."""

    record_id: str
    key: int
    before: dict[str, str | None] | None
    after: dict[str, str | None]


def raw_samples(
    session: LakeReading,
    connection_id: UUID,
    stream: str,
    fields_before: Sequence[str],
    fields_after: Sequence[str],
    first_version: int | None = None,
    snapshot_before: int | None = None,
    limit: int = SAMPLES,
) -> list[SampleRow]:
    """Up to `limit` live records landed since `first_version`, those first in which the changed fields hold something.

    Without such records any live ones are shown. The primary use of a row is its changed fields: nothing else is read.
    """
    table = raw_table(connection_id, stream)
    columns = {name for name in session.columns(RAW_SCHEMA, table) if name not in BOOKKEEPING}
    if not columns:
        return []
    after = [name for name in dict.fromkeys((*fields_after, *fields_before)) if name in columns]
    name = name_of(RAW_SCHEMA, table)
    found = _newest(session, name, after, fields_after, first_version)
    if not found:
        return []
    before = _as_it_was(session, name, fields_before, [row.key for row in found], snapshot_before)
    rows = [SampleRow(row.record_id, row.key, before.get(row.key), row.after) for row in found]
    rows.sort(key=lambda row: not any((row.before or {}).values()))  # stable: those with values before come first
    return rows[:limit]


def _newest(
    session: LakeReading, table: str, shown: Sequence[str], filled: Sequence[str], first_version: int | None
) -> list[SampleRow]:
    # Keys are digests, so the lowest ones are a sample over the whole stream, and the same one each time.
    listed = "".join(f", {identifier(name)}" for name in shown)
    present = [f"nullif(trim({identifier(name)}), '') IS NOT NULL" for name in filled if name in shown]
    order = (f"({' OR '.join(present)}) DESC, " if present else "") + "__key"
    for since in dict.fromkeys((first_version or 0, 0)):
        rows = session.rows(
            f"SELECT __record_id, __key{listed} FROM {table} WHERE NOT coalesce(__deleted, false) "
            f"AND {_COMMIT} >= {int(since)} ORDER BY {order} LIMIT {_LOOKED_AT}"
        )
        if rows:
            return [SampleRow(row[0], row[1], None, dict(zip(shown, row[2:], strict=True))) for row in rows]
    return []


def _as_it_was(
    session: LakeReading, table: str, fields: Sequence[str], keys: Sequence[int], snapshot: int | None
) -> dict[int, dict[str, str | None]]:
    """The same records at a snapshot of the lake; empty once that has expired."""
    if snapshot is None or not _is_kept(session, snapshot):
        return {}
    listed = ", ".join(str(int(key)) for key in keys)
    try:
        rows = session.execute(f"SELECT * FROM {table} AT (VERSION => {int(snapshot)}) WHERE __key IN ({listed})")
    except duckdb.CatalogException:  # the stream had no table then
        return {}
    names = [column[0] for column in rows.description or ()]
    wanted = {name for name in fields if name in names}
    documents = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return {document["__key"]: {name: document[name] for name in fields if name in wanted} for document in documents}


def _is_kept(session: LakeReading, snapshot: int) -> bool:
    return bool(
        session.value(f"SELECT 1 FROM ducklake_snapshots({literal('lake')}) WHERE snapshot_id = {int(snapshot)}")
    )
