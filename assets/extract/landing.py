"""Commits a staged batch: what is new or changed, what vanished, what was rejected, and the cursor, at once.

A full first load registers the staged file as it is; later ones go by key and row hash, so the cost of writing
follows the change. Nothing of a batch is visible before its commit, and a batch that ran before changes nothing.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

from assets.extract.accounting import StreamCounts
from assets.extract.raw_tables import RAW_SCHEMA, column_names, raw_columns, raw_table
from assets.extract.rejects import REJECT_COLUMNS, REJECTS_SCHEMA, REJECTS_TABLE
from assets.extract.staging import UNREADABLE, Classify, StagedBatch, stage_batch, staged_rows
from assets.extract.state import StreamState, save_state
from connectors.protocol import Batch, Cursor, Removed, Stream, Unchanged
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import identifier, literal

_KEPT_LAST = "another row further down has the same primary key; the last one is kept"
_NO_KEY = "the primary key is empty"


@dataclass(slots=True)
class Landing:
    """Lands the batches of one stream, one after the other, and remembers where the stream stands."""

    session: LakeSession
    connection_id: UUID
    state: StreamState
    classify: Classify

    def land(self, batch: Batch) -> StreamCounts:
        """Stage and commit one batch.

        Raises:
            ConnectorError: the source cannot be read; nothing of the batch was committed.
            SyncSuperseded: another sync of this connection committed meanwhile.
        """
        after = self._next_state(batch.stream, batch.cursor)
        after.present = True
        staged = stage_batch(self.session, batch, after.batch_id or "", self.classify)
        after.origins[batch.origin] = staged.rows + staged.unreadable
        counts, registered = self.session.transaction(lambda session: self._commit(session, batch, staged, after))
        self.state = after
        if not registered:
            _discard(staged.path)
        return counts

    def skip(self, unchanged: Unchanged) -> StreamCounts:
        """Count an origin that holds what it held last time; nothing is read."""
        rows = self.state.origins.get(unchanged.origin, 0)
        if unchanged.cursor != self.state.cursor or not self.state.present:
            after = self._next_state(unchanged.stream, unchanged.cursor)
            after.present = True
            self._save(after)
        return StreamCounts(read=rows, unchanged=rows)

    def remove(self, removed: Removed) -> StreamCounts:
        """An origin is gone: its records are deleted when the stream detects deletes, and kept otherwise."""
        after = self._next_state(removed.stream, removed.cursor)
        after.origins.pop(removed.origin, None)

        def commit(session: LakeSession) -> StreamCounts:
            deleted = 0
            if removed.stream.detects_deletes:
                deleted = self._bury(session, removed.origin, None, after)
                self._forget_rejects(session, after.stream, removed.origin)
            save_state(session, self.connection_id, self.state.version, after)
            return StreamCounts(deleted=deleted)

        counts = self.session.transaction(commit)
        self.state = after
        return counts

    def mark_absent(self) -> None:
        """The source no longer has the stream: remember it, so that the fingerprint can say so."""
        if self.state.present:
            after = self._next_state(self.state.as_stream(), self.state.cursor or {})
            after.present = False
            self._save(after)

    def _next_state(self, stream: Stream, cursor: Cursor) -> StreamState:
        version = self.state.version + 1
        columns = column_names([f.name for f in stream.fields])
        return StreamState(
            stream=stream.name,
            version=version,
            cursor=cursor,
            origins=dict(self.state.origins),
            fields=[asdict(replace(f, name=columns[f.name])) for f in stream.fields] or self.state.fields,
            primary_key=[columns[name] for name in stream.primary_key] or self.state.primary_key,
            batch_id=f"{version:010d}-{uuid4().hex[:8]}",
            mode=stream.mode,
            present=self.state.present,
            detects_deletes=stream.detects_deletes,
        )

    def _save(self, after: StreamState) -> None:
        self.session.transaction(lambda s: save_state(s, self.connection_id, self.state.version, after))
        self.state = after

    def _commit(
        self, session: LakeSession, batch: Batch, staged: StagedBatch, after: StreamState
    ) -> tuple[StreamCounts, bool]:
        table = raw_table(self.connection_id, batch.stream.name)
        created = session.ensure_table(RAW_SCHEMA, table, raw_columns(staged.fields))
        counts = StreamCounts(read=after.origins[batch.origin], size_bytes=staged.size_bytes)
        self._reject(session, batch, staged, after)
        registered = created and staged.is_clean and staged.rows > 0
        if registered:
            session.register_parquet(RAW_SCHEMA, table, staged.path)
            counts.landed = staged.rows
        elif staged.rows > 0:
            counts.landed = self._upsert(
                session, table, staged, fresh=created, follow_origin=batch.stream.detects_deletes
            )
        if batch.complete and not created:
            counts.deleted = self._bury(session, batch.origin, staged, after)
        counts.rejected = staged.unreadable + staged.rows - staged.distinct
        counts.unchanged = staged.distinct - counts.landed
        save_state(session, self.connection_id, self.state.version, after)
        return counts, registered

    def _upsert(
        self, session: LakeSession, table: str, staged: StagedBatch, *, fresh: bool, follow_origin: bool
    ) -> int:
        """Replace what differs by key and hash; how many rows that were.

        Where a file that is gone takes its records along, a record that moved to another file is rewritten as well.
        """
        name = name_of(RAW_SCHEMA, table)
        rows = winners(staged)
        compared = "__key, __hash, __origin" if follow_origin else "__key, __hash"
        known = "" if fresh else f"ANTI JOIN (SELECT {compared} FROM {name}) known USING ({compared})"
        read = f"(SELECT {compared} FROM ({rows})) staged"
        session.execute(f"CREATE OR REPLACE TEMP TABLE changed AS SELECT __key FROM {read} {known}")
        changed = int(session.value("SELECT count(*) FROM changed"))
        if changed:
            if not fresh:
                session.execute(f"DELETE FROM {name} WHERE __key IN (SELECT __key FROM changed)")
            session.execute(f"INSERT INTO {name} BY NAME {rows} SEMI JOIN changed USING (__key)")
        return changed

    def _bury(self, session: LakeSession, origin: str, staged: StagedBatch | None, after: StreamState) -> int:
        """Turn the origin's records that are no longer there into tombstones; how many that were."""
        table = raw_table(self.connection_id, after.stream)
        if not session.columns(RAW_SCHEMA, table):
            return 0
        name = name_of(RAW_SCHEMA, table)
        present = "" if staged is None else f"ANTI JOIN (SELECT __key FROM ({winners(staged)})) p USING (__key)"
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE gone AS SELECT * REPLACE (true AS __deleted, 0::UBIGINT AS __hash, "
            f"{literal(after.batch_id or '')} AS __batch_id) "
            f"FROM (SELECT * FROM {name} WHERE __origin = {literal(origin)} AND NOT __deleted) {present}"
        )
        gone = int(session.value("SELECT count(*) FROM gone"))
        if gone:
            session.execute(f"DELETE FROM {name} WHERE __key IN (SELECT __key FROM gone)")
            session.execute(f"INSERT INTO {name} BY NAME SELECT * FROM gone")
        return gone

    def _reject(self, session: LakeSession, batch: Batch, staged: StagedBatch, after: StreamState) -> None:
        """Replace the origin's rejects of earlier reads by those of this one."""
        self._forget_rejects(session, batch.stream.name, batch.origin)
        name = name_of(REJECTS_SCHEMA, REJECTS_TABLE)
        fixed = f"{literal(str(self.connection_id))} AS connection_id, {literal(batch.stream.name)} AS stream"
        if staged.unreadable:
            session.execute(f"INSERT INTO {name} BY NAME {_unreadable_rows(batch, after, fixed)}")
        if not staged.is_clean:
            session.execute(f"INSERT INTO {name} BY NAME {_loser_rows(staged, fixed)}")

    def _forget_rejects(self, session: LakeSession, stream: str, origin: str) -> None:
        session.ensure_table(REJECTS_SCHEMA, REJECTS_TABLE, REJECT_COLUMNS)
        name = name_of(REJECTS_SCHEMA, REJECTS_TABLE)
        of_origin = (
            f"connection_id = {literal(str(self.connection_id))} AND stream = {literal(stream)} "
            f"AND stage = 'extract' AND origin = {literal(origin)}"
        )
        if session.value(f"SELECT 1 FROM {name} WHERE {of_origin} LIMIT 1"):
            session.execute(f"DELETE FROM {name} WHERE {of_origin}")


def winners(staged: StagedBatch) -> str:
    """SQL of the staged rows that count: with a record id, and of several with one key the last in the file."""
    if staged.is_clean:
        return f"SELECT * FROM {staged_rows(staged.path)}"
    last = "file_row_number = max(file_row_number) OVER (PARTITION BY __key)"
    return (
        f"SELECT * EXCLUDE (file_row_number) FROM (SELECT * FROM {staged_rows(staged.path, numbered=True)} "
        f"WHERE __record_id IS NOT NULL QUALIFY {last})"
    )


def _unreadable_rows(batch: Batch, after: StreamState, fixed: str) -> str:
    """SQL of the rejects for lines the reader could not split."""
    return (
        f"SELECT {fixed}, 'extract' AS stage, {literal(batch.origin)} AS origin, line, "
        "json_array(json_object('field', NULL, 'source', NULL, 'value', NULL, 'reason', reason)) AS errors, raw, "
        f"{literal(after.batch_id or '')} AS batch_id, now() AS rejected_at FROM {UNREADABLE}"
    )


def _loser_rows(staged: StagedBatch, fixed: str) -> str:
    """SQL of the rejects for rows without a record id and for all but the last row of each key."""
    raw = ", ".join(f"{literal(name)}, {identifier(name)}" for name in staged.fields)
    last = "max(file_row_number) OVER (PARTITION BY __key)"
    return (
        f"SELECT {fixed}, 'extract' AS stage, "
        "__record_id AS record_id, __key AS record_key, __origin AS origin, NULL::BIGINT AS line, "
        "json_array(json_object('field', NULL, 'source', NULL, 'value', __record_id, 'reason', __reason)) AS errors, "
        f"json_object({raw}) AS raw, __batch_id AS batch_id, now() AS rejected_at FROM (SELECT *, "
        f"CASE WHEN __record_id IS NULL THEN {literal(_NO_KEY)} WHEN file_row_number < {last} "
        f"THEN {literal(_KEPT_LAST)} END AS __reason FROM {staged_rows(staged.path, numbered=True)}) "
        "WHERE __reason IS NOT NULL"
    )


def _discard(path: str) -> None:
    """A staged file that was copied from, not registered, is of no more use; on s3:// the orphan clean-up takes it."""
    if "://" not in path:
        Path(path).unlink(missing_ok=True)
