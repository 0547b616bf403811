"""The table of records that could not be taken, with reason and raw text: counted, exported, never lost.

It holds what is rejected now: a record leaves it when a later version of it is accepted. Older states are in the
lake's time travel.
"""

from dataclasses import dataclass
from uuid import UUID

from assets.extract.raw_writes import winners
from assets.extract.staging import UNREADABLE, StagedBatch, staged_rows
from connectors.protocol import Batch
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier, literal

REJECTS_SCHEMA = "canonical"
REJECTS_TABLE = "rejected_records"

REJECT_COLUMNS: dict[str, str] = {
    "connection_id": "VARCHAR",
    "stream": "VARCHAR",
    "entity": "VARCHAR",  # null when the record failed before it was mapped
    "stage": "VARCHAR",  # 'extract' or 'normalize'
    "record_id": "VARCHAR",
    "record_key": "UBIGINT",
    "origin": "VARCHAR",
    "line": "BIGINT",
    "errors": "VARCHAR",  # JSON list of {field, source, value, reason}
    "raw": "VARCHAR",  # the line as it stood, or a JSON object of source fields
    "batch_id": "VARCHAR",
    "rejected_at": "TIMESTAMPTZ",
}

_KEPT_LAST = "another row further down has the same primary key; the last one is kept"
_NO_KEY = "the primary key is empty"


@dataclass(frozen=True, slots=True)
class StreamRejects:
    """What extract rejects of one stream, written inside the caller's transaction."""

    session: LakeSession
    connection_id: UUID
    stream: str

    def replace(self, batch: Batch, staged: StagedBatch, batch_id: str) -> None:
        """A batch that is all of its origin: its rejects in place of those of earlier reads."""
        self.forget_origin(batch.origin)
        self._add_unreadable(batch, staged, batch_id)
        if not staged.is_clean:
            self._add_rows(self._losers(staged))

    def add(self, batch: Batch, staged: StagedBatch, batch_id: str) -> None:
        """A batch that adds to others: a record it accepts or deletes is rejected no longer.

        A record without a key is known by its text alone; read again, it is the same reject.
        """
        held = self._held()
        if staged.rows and self._any(f"{held} AND record_key IS NOT NULL"):
            self._delete(f"{held} AND record_key IN (SELECT __key FROM ({winners(staged)}))")
        self._add_unreadable(batch, staged, batch_id)
        if staged.keyless:
            self.session.execute(f"CREATE OR REPLACE TEMP TABLE keyless AS {self._keyless(staged)}")
            self._delete(f"{held} AND record_key IS NULL AND raw IN (SELECT raw FROM keyless)")
            self._add_rows("SELECT * FROM keyless")

    def forget_origin(self, origin: str) -> None:
        """The origin was read anew, or is gone."""
        self._delete(f"{self._held()} AND origin = {literal(origin)}")

    def forget_before(self, version: int) -> None:
        """A full read that began with this commit told all there is to reject."""
        self._delete(f"{self._held()} AND batch_id < {literal(f'{version:010d}')}")

    def _held(self) -> str:
        return (
            f"connection_id = {literal(str(self.connection_id))} AND stream = {literal(self.stream)} "
            "AND stage = 'extract'"
        )

    def _any(self, condition: str) -> bool:
        self.session.ensure_table(REJECTS_SCHEMA, REJECTS_TABLE, REJECT_COLUMNS)
        return bool(self.session.value(f"SELECT 1 FROM {_REJECTS} WHERE {condition} LIMIT 1"))

    def _delete(self, condition: str) -> None:
        if self._any(condition):
            self.session.execute(f"DELETE FROM {_REJECTS} WHERE {condition}")

    def _add_rows(self, rows: str) -> None:
        self.session.execute(f"INSERT INTO {_REJECTS} BY NAME {rows}")

    def _fixed(self) -> str:
        return f"{literal(str(self.connection_id))} AS connection_id, {literal(self.stream)} AS stream"

    def _add_unreadable(self, batch: Batch, staged: StagedBatch, batch_id: str) -> None:
        """The lines the reader could not split."""
        if staged.unreadable:
            self._add_rows(
                f"SELECT {self._fixed()}, 'extract' AS stage, {literal(batch.origin)} AS origin, line, "
                "json_array(json_object('field', NULL, 'source', NULL, 'value', NULL, 'reason', reason)) AS errors, "
                f"raw, {literal(batch_id)} AS batch_id, now() AS rejected_at FROM {UNREADABLE}"
            )

    def _losers(self, staged: StagedBatch) -> str:
        """SQL of the rejects for rows without a record id and for all but the last row of each key."""
        last = "max(file_row_number) OVER (PARTITION BY __key)"
        return self._as_rejects(
            staged,
            f"SELECT *, CASE WHEN __record_id IS NULL THEN {literal(_NO_KEY)} WHEN file_row_number < {last} "
            f"THEN {literal(_KEPT_LAST)} END AS __reason FROM {staged_rows(staged.path, numbered=True)}",
        )

    def _keyless(self, staged: StagedBatch) -> str:
        """SQL of the rejects for records without a record id."""
        return self._as_rejects(
            staged,
            f"SELECT *, {literal(_NO_KEY)} AS __reason FROM {staged_rows(staged.path)} "
            "WHERE __record_id IS NULL AND NOT __deleted",
        )

    def _as_rejects(self, staged: StagedBatch, rows: str) -> str:
        raw = ", ".join(f"{literal(name)}, {identifier(name)}" for name in staged.fields)
        return (
            f"SELECT {self._fixed()}, 'extract' AS stage, __record_id AS record_id, __key AS record_key, "
            "__origin AS origin, NULL::BIGINT AS line, "
            "json_array(json_object('field', NULL, 'source', NULL, 'value', __record_id, 'reason', __reason)) "
            f"AS errors, json_object({raw}) AS raw, __batch_id AS batch_id, now() AS rejected_at FROM ({rows}) "
            "WHERE __reason IS NOT NULL"
        )


_REJECTS = name_of(REJECTS_SCHEMA, REJECTS_TABLE)
