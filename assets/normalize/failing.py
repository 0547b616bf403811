"""The rejects of one stream at this stage: forgotten when a record is taken again, written with reasons when it fails.

SQL says which rows fail; Pydantic says why, a part of them at a time.
"""

import json
from dataclasses import dataclass
from uuid import UUID

import pyarrow as pa

from assets.extract.raw_tables import BOOKKEEPING
from assets.extract.rejects import REJECT_COLUMNS, REJECTS_SCHEMA, REJECTS_TABLE
from assets.mapping.rules import StreamMapping
from assets.normalize.compile import CompiledMapping
from assets.normalize.validate import explain_row
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal

EXPLAINED_AT_ONCE = 20_000  # rejects go through Python objects, so many of them must not be in memory together
_REJECTS = name_of(REJECTS_SCHEMA, REJECTS_TABLE)


@dataclass(frozen=True, slots=True)
class StreamFailures:
    """Rejects of one stream inside the caller's transaction."""

    session: LakeSession
    connection_id: UUID
    mapping: StreamMapping
    explained_at_once: int = EXPLAINED_AT_ONCE

    def write(self, compiled: CompiledMapping, rows: str) -> None:
        """Reject these rows, SQL like `rejected_select` gives; they stay as temp table `failed`."""
        # The part of each, since the row ids of a table made in this transaction start anywhere.
        part = f"(row_number() OVER () - 1) // {self.explained_at_once}"
        self.session.execute(f"CREATE OR REPLACE TEMP TABLE failed AS SELECT *, {part} AS __part FROM ({rows})")
        for number in range(int(self.session.value("SELECT coalesce(max(__part) + 1, 0) FROM failed"))):
            self._explain(compiled, number)

    def forget(self, relation: str) -> None:
        """Delete the rejects of the records at hand."""
        self.session.ensure_table(REJECTS_SCHEMA, REJECTS_TABLE, REJECT_COLUMNS)
        own = self._own()
        if self.session.value(f"SELECT 1 FROM {_REJECTS} WHERE {own} LIMIT 1"):
            self.session.execute(f"DELETE FROM {_REJECTS} WHERE {own} AND record_key IN (SELECT __key FROM {relation})")

    def keys(self) -> str:
        """SQL of the record keys that are rejected now."""
        self.session.ensure_table(REJECTS_SCHEMA, REJECTS_TABLE, REJECT_COLUMNS)
        return f"SELECT record_key FROM {_REJECTS} WHERE {self._own()}"

    def landed_before(self, first_batch: str) -> int:
        """Records landed in this sync that an attempt before this one has rejected already."""
        if not self.session.columns(REJECTS_SCHEMA, REJECTS_TABLE):
            return 0
        since = f"{self._own()} AND batch_id >= {literal(first_batch)}"
        return int(self.session.value(f"SELECT count(*) FROM {_REJECTS} WHERE {since}"))

    def _own(self) -> str:
        """SQL condition of this stream's rejects of this stage."""
        return (
            f"connection_id = {literal(str(self.connection_id))} AND stream = {literal(self.mapping.stream)} "
            "AND stage = 'normalize'"
        )

    def _explain(self, compiled: CompiledMapping, part: int) -> None:
        """Write a part of the failed rows to the rejects, with reasons."""
        cursor = self.session.execute(f"SELECT * EXCLUDE (__part) FROM failed WHERE __part = {part}")
        names = [column[0] for column in cursor.description or ()]
        explained = [self._explained(compiled, dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
        self.session.connection.register("explained", pa.Table.from_pylist(explained))
        try:
            self.session.execute(
                f"INSERT INTO {_REJECTS} BY NAME "
                "SELECT *, md5_number_lower(record_id) AS record_key, now() AS rejected_at FROM explained"
            )
        finally:
            self.session.connection.unregister("explained")

    def _explained(self, compiled: CompiledMapping, values: dict[str, str | None]) -> dict[str, str | None]:
        """A reject with its reasons: the row goes through Pydantic for the exact message."""
        raw = {name: value for name, value in values.items() if name not in BOOKKEEPING}
        return {
            "connection_id": str(self.connection_id),
            "stream": self.mapping.stream,
            "entity": self.mapping.entity,
            "stage": "normalize",
            "record_id": values["__record_id"],
            "errors": json.dumps(explain_row(compiled, values)),
            "raw": json.dumps(raw, ensure_ascii=False),
            "batch_id": values["__batch_id"],
        }
