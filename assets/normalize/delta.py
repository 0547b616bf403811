"""Brings one stream's canonical rows up to date from the raw rows that changed, in one transaction.

What does not fit its canonical type is rejected with field, value and reason; the last good version of the record
stays in place until a better one comes.
"""

import json
from dataclasses import dataclass, field, replace
from uuid import UUID

import pyarrow as pa

from assets.extract.progress import Progress, feed_start, read_progress, write_progress
from assets.extract.raw_tables import BOOKKEEPING, RAW_SCHEMA, raw_table
from assets.extract.rejects import REJECT_COLUMNS, REJECTS_SCHEMA, REJECTS_TABLE
from assets.mapping.rules import StreamMapping
from assets.normalize.catalog import CANONICAL, Entity, EntityCatalog
from assets.normalize.compile import CompiledMapping, compile_mapping
from assets.normalize.elsewhere import bury_elsewhere
from assets.normalize.validate import explain_row
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal

CANONICAL_SCHEMA = "canonical"
NOTHING_LANDED = 9_999_999_999  # greater than the version of any commit: the stream was not read by this sync
EXPLAINED_AT_ONCE = 20_000  # rejects go through Python objects, so many of them must not be in memory together


class MappingSuperseded(Exception):
    """The stream's rows were made by a newer mapping meanwhile; this one must not be applied over it."""


@dataclass(frozen=True, slots=True)
class NormalizedStream:
    """What one run did to one stream.

    Counts are of records landed since `first_version`; `recovered` counts those an interrupted run had landed before,
    or that a new mapping read again.
    """

    stream: str
    entity: str | None
    mapping_version: int
    loaded: int = 0
    rejected: int = 0
    deleted: int = 0
    recovered: int = 0
    batch_id: str = ""
    first_snapshot: int = 0
    last_snapshot: int = 0
    table: str = ""  # of schema `canonical`
    buried: int = 0  # rows the stream had in tables of other entities

    @property
    def changed(self) -> bool:
        """Whether canonical rows changed."""
        return self.loaded + self.deleted + self.recovered > 0


@dataclass(frozen=True, slots=True)
class StreamNormalizer:
    """Normalizes one stream of one connection with the mapping in force.

    A mapping onto an entity that is not in the catalog, because it was retired, keeps the stream raw.
    """

    session: LakeSession
    connection_id: UUID
    mapping: StreamMapping
    first_version: int
    catalog: EntityCatalog = field(default_factory=lambda: CANONICAL)

    @property
    def entity(self) -> Entity | None:
        """What the stream's records become; None for raw only."""
        return self.catalog.get(self.mapping.entity or "")

    def run(self) -> NormalizedStream:
        """Take what changed in the raw table since the last run; everything when the mapping is another.

        Raises:
            MappingSuperseded: a newer mapping was applied already.
        """
        return self.session.transaction(self._run)

    def _run(self, session: LakeSession) -> NormalizedStream:
        table = raw_table(self.connection_id, self.mapping.stream)
        columns = session.columns(RAW_SCHEMA, table)
        through = session.snapshot()
        entity = self.entity
        outcome = NormalizedStream(
            self.mapping.stream,
            entity.name if entity else None,
            self.mapping.version,
            table=entity.table if entity else "",
        )
        progress = read_progress(session, progress_table(self.connection_id), self.mapping.stream)
        detail = self._detail()
        if progress is not None and int(progress.detail.split()[0]) > self.mapping.version:
            raise MappingSuperseded(f"stream {self.mapping.stream!r}: version {self.mapping.version} is an old one")
        is_continued = progress is not None and progress.detail == detail
        after = feed_start(session, progress) if is_continued else None
        if not columns or after == through:
            return replace(outcome, rejected=self._rejected_before(session))
        relation = self._delta(session, table, after, through)
        totals = self._totals(session, relation)
        if not totals.rows:
            return replace(outcome, rejected=self._rejected_before(session))
        if progress is not None and not is_continued:
            outcome = replace(outcome, buried=self._bury(session, outcome.table, totals.newest_batch))
            if entity is None:
                self._forget_rejects(session, relation)
        fields = [name for name in columns if name not in BOOKKEEPING]
        loaded, rejected = totals.landed, 0
        recovered = totals.rows - totals.landed - totals.deleted
        if entity is not None:
            compiled = compile_mapping(self.mapping, fields, str(self.connection_id), self.catalog)
            passed = self._upsert(session, entity, compiled, relation, is_first=progress is None)
            rejected_now, rejected = self._reject(session, compiled, relation, passed, totals)
            loaded = totals.landed - rejected
            recovered -= rejected_now - rejected
        write_progress(session, progress_table(self.connection_id), self.mapping.stream, Progress(through, detail))
        return replace(
            outcome,
            loaded=loaded,
            rejected=rejected,
            deleted=totals.deleted,
            recovered=recovered,
            batch_id=totals.newest_batch,
            first_snapshot=(after or 0) + 1,
            last_snapshot=through,
        )

    def _detail(self) -> str:
        """What the canonical rows were made by: another one makes them anew."""
        version = str(self.mapping.version)
        is_retired = self.entity is None and self.mapping.entity is not None
        return f"{version} raw" if is_retired else version

    def _bury(self, session: LakeSession, table: str, batch_id: str) -> int:
        """The stream may have been another entity before: its rows there are deleted."""
        stream = str(self.connection_id), self.mapping.stream
        return bury_elsewhere(session, CANONICAL_SCHEMA, table, *stream, self.mapping.version, batch_id)

    def _delta(self, session: LakeSession, table: str, after: int | None, through: int) -> str:
        """The raw rows to take, each record once in its newest version, as something that may follow FROM."""
        if after is None:
            return name_of(RAW_SCHEMA, table)
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE raw_delta AS SELECT * FROM "
            f"({session.insertions(RAW_SCHEMA, table, after, through)}) "
            "QUALIFY row_number() OVER (PARTITION BY __key ORDER BY __batch_id DESC) = 1"
        )
        return "raw_delta"

    def _totals(self, session: LakeSession, relation: str) -> "_Totals":
        """Rows to take; those landed by this sync and alive; tombstones; and the newest batch."""
        first_batch = literal(f"{self.first_version:010d}")
        found = session.rows(
            f"SELECT count(*), count(*) FILTER (NOT __deleted AND __batch_id >= {first_batch}), "
            f"count(*) FILTER (__deleted), coalesce(max(__batch_id), '') FROM {relation}"
        )[0]
        return _Totals(*found)

    def _upsert(
        self, session: LakeSession, entity: Entity, compiled: CompiledMapping, relation: str, *, is_first: bool
    ) -> int:
        """Write the rows that pass in place of their earlier versions; how many passed."""
        is_new = session.ensure_table(CANONICAL_SCHEMA, entity.table, entity.table_columns)
        name = name_of(CANONICAL_SCHEMA, entity.table)
        select = compiled.canonical_select(relation)
        if is_first or is_new:
            return int(session.value(f"INSERT INTO {name} BY NAME {select}") or 0)
        session.execute(f"CREATE OR REPLACE TEMP TABLE passed AS {select}")
        session.execute(f"DELETE FROM {name} WHERE _key IN (SELECT _key FROM passed)")
        return int(session.value(f"INSERT INTO {name} BY NAME SELECT * FROM passed") or 0)

    def _reject(
        self, session: LakeSession, compiled: CompiledMapping, relation: str, passed: int, totals: "_Totals"
    ) -> tuple[int, int]:
        """Replace the rejects of the records at hand; how many failed, and how many of them landed in this sync."""
        self._forget_rejects(session, relation)
        failed = totals.rows - passed
        if not failed:
            return 0, 0
        # The part of each, since the row ids of a table made in this transaction start anywhere.
        part = f"(row_number() OVER () - 1) // {EXPLAINED_AT_ONCE}"
        rows = compiled.rejected_select(relation)
        session.execute(f"CREATE OR REPLACE TEMP TABLE failed AS SELECT *, {part} AS __part FROM ({rows})")
        for number in range(-(-failed // EXPLAINED_AT_ONCE)):
            self._explain(session, compiled, number)
        first_batch = literal(f"{self.first_version:010d}")
        return failed, int(session.value(f"SELECT count(*) FROM failed WHERE __batch_id >= {first_batch}"))

    def _forget_rejects(self, session: LakeSession, relation: str) -> None:
        """Delete the rejects of the records at hand."""
        session.ensure_table(REJECTS_SCHEMA, REJECTS_TABLE, REJECT_COLUMNS)
        name, held = name_of(REJECTS_SCHEMA, REJECTS_TABLE), self._held()
        if session.value(f"SELECT 1 FROM {name} WHERE {held} LIMIT 1"):
            session.execute(f"DELETE FROM {name} WHERE {held} AND record_key IN (SELECT __key FROM {relation})")

    def _held(self) -> str:
        """SQL condition of this stream's rejects of this stage."""
        return (
            f"connection_id = {literal(str(self.connection_id))} AND stream = {literal(self.mapping.stream)} "
            "AND stage = 'normalize'"
        )

    def _rejected_before(self, session: LakeSession) -> int:
        """Records landed in this sync that an attempt before this one has rejected already."""
        if not session.columns(REJECTS_SCHEMA, REJECTS_TABLE):
            return 0
        name, first_batch = name_of(REJECTS_SCHEMA, REJECTS_TABLE), literal(f"{self.first_version:010d}")
        return int(session.value(f"SELECT count(*) FROM {name} WHERE {self._held()} AND batch_id >= {first_batch}"))

    def _explain(self, session: LakeSession, compiled: CompiledMapping, part: int) -> None:
        """Write a part of the failed rows to the rejects, with reasons."""
        cursor = session.execute(f"SELECT * EXCLUDE (__part) FROM failed WHERE __part = {part}")
        names = [column[0] for column in cursor.description or ()]
        explained = [self._explained(compiled, dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
        session.connection.register("explained", pa.Table.from_pylist(explained))
        try:
            session.execute(
                f"INSERT INTO {name_of(REJECTS_SCHEMA, REJECTS_TABLE)} BY NAME "
                "SELECT *, md5_number_lower(record_id) AS record_key, now() AS rejected_at FROM explained"
            )
        finally:
            session.connection.unregister("explained")

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


@dataclass(frozen=True, slots=True)
class _Totals:
    rows: int
    landed: int
    deleted: int
    newest_batch: str


def progress_table(connection_id: UUID) -> str:
    """Where the stage keeps how far it has read each stream's raw rows, and with which mapping version."""
    return f"normalized_{connection_id.hex[:12]}"
