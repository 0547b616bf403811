"""Commits a staged batch: what is new or changed, what vanished, what was rejected, and the cursor, at once.

Rows that are all new register the staged file as it is; others go by key and row hash, so the cost of writing
follows the change. Nothing of a batch is visible before its commit, and a batch that ran before changes nothing.
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from assets.extract.accounting import StreamCounts
from assets.extract.raw_tables import RAW_SCHEMA, column_names, raw_table
from assets.extract.raw_writes import bury, keys_said_gone, winners, write_rows
from assets.extract.rejects import StreamRejects
from assets.extract.selection import visible
from assets.extract.staging import Classify, Intake, StagedBatch, stage_batch
from assets.extract.state import StreamState, new_batch_id, save_state
from assets.extract.sweeps import forget_seen, note_seen, seen_keys
from connectors.errors import StreamMisbehaves
from connectors.protocol import Batch, Cursor, Field, Removed, Stream, Swept, Unchanged
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal

SAME_PAGES = 5  # so many batches of the same content one after the other are one page that does not move on


@dataclass(slots=True)
class Landing:
    """Lands the batches of one stream, one after the other, and remembers where the stream stands.

    `asked` is kept with the state: what the next sync's plan compares with.
    """

    session: LakeSession
    connection_id: UUID
    state: StreamState
    classify: Classify
    intake: Intake = field(default_factory=Intake)
    asked: dict[str, Any] = field(default_factory=dict)
    _page: tuple[int, int, int] = (0, 0, 0)
    _repeats: int = 0

    def land(self, batch: Batch) -> StreamCounts:
        """Stage and commit one batch.

        Raises:
            ConnectorError: the source cannot be read; nothing of the batch was committed.
            SyncSuperseded: another sync of this connection committed meanwhile.
        """
        batch = replace(batch, stream=visible(batch.stream, self.intake.settings))
        after = self._next_state(batch.stream, batch.cursor)
        after.present = True
        staged = stage_batch(self.session, batch, after.batch_id or "", self.classify, self.intake)
        if batch.delta:
            self._refuse_repetition(batch, staged)
        commit = self._commit_sample if self.intake.records is not None else self._commit_whole
        if batch.delta and self.intake.records is None:
            commit = self._commit_delta
        counts, registered = self.session.transaction(lambda session: commit(session, batch, staged, after))
        self.state = after
        if not registered:
            _discard(staged.path)
        return counts

    def skip(self, unchanged: Unchanged) -> StreamCounts:
        """Count an origin that holds what it held last time; nothing is read."""
        rows = self.state.origins.get(unchanged.origin, 0)
        after = self._next_state(visible(unchanged.stream, self.intake.settings), unchanged.cursor)
        after.present = True
        # A service may tell a new shape before any record has it.
        is_other = after.mode == "incremental" and after.fields != self.state.fields
        moved = (after.cursor, after.present, after.asked) != (self.state.cursor, self.state.present, self.state.asked)
        if moved or is_other:
            self._save(after)
        return StreamCounts(read=rows, unchanged=rows)

    def remove(self, removed: Removed) -> StreamCounts:
        """An origin is gone: its records are deleted when the stream detects deletes, and kept otherwise."""
        after = self._next_state(visible(removed.stream, self.intake.settings), removed.cursor)
        after.origins.pop(removed.origin, None)

        def commit(session: LakeSession) -> StreamCounts:
            deleted = 0
            if removed.stream.detects_deletes:
                deleted = self._bury(session, _live(self._table, removed.origin), after)
                self._rejects(session).forget_origin(removed.origin)
            save_state(session, self.connection_id, self.state.version, after)
            return StreamCounts(deleted=deleted)

        counts = self.session.transaction(commit)
        self.state = after
        return counts

    def sweep(self, swept: Swept) -> StreamCounts:
        """A full read is over: what it has not met is deleted, and what it has not rejected is rejected no longer."""
        after = self._next_state(visible(swept.stream, self.intake.settings), swept.cursor)
        after.present, after.sweep, after.sweep_from = True, None, 0

        def commit(session: LakeSession) -> StreamCounts:
            seen = seen_keys(session, self.connection_id, self.state.stream, swept.sweep)
            gone = f"{_live(self._table, swept.origin)} EXCEPT {seen}"
            counts = StreamCounts(deleted=self._bury(session, gone, after))
            first = self.state.sweep_from if self.state.sweep == swept.sweep else after.version
            self._rejects(session).forget_before(first)
            forget_seen(session, self.connection_id, self.state.stream)
            save_state(session, self.connection_id, self.state.version, after)
            return counts

        counts = self.session.transaction(commit)
        self.state = after
        return counts

    def end(self) -> StreamCounts:
        """The stream was read to its end: records of a sample before it that the source has no longer are deleted."""
        until = self.state.sampled_until
        if not until or self.intake.records is not None:
            return StreamCounts()
        after = self._next_state(self.state.as_stream(), self.state.cursor)
        after.fields, after.primary_key, after.sampled_until = self.state.fields, self.state.primary_key, 0
        sampled = f"SELECT __key FROM {self._table} WHERE NOT __deleted AND __batch_id < {literal(f'{until + 1:010d}')}"

        def commit(session: LakeSession) -> StreamCounts:
            counts = StreamCounts(deleted=self._bury(session, sampled, after))
            save_state(session, self.connection_id, self.state.version, after)
            return counts

        counts = self.session.transaction(commit)
        self.state = after
        return counts

    def mark_absent(self) -> None:
        """The source no longer has the stream: remember it, so that the fingerprint can say so."""
        if self.state.present:
            after = self._next_state(self.state.as_stream(), self.state.cursor)
            after.fields, after.primary_key, after.present = self.state.fields, self.state.primary_key, False
            self._save(after)

    @property
    def _table(self) -> str:
        return name_of(RAW_SCHEMA, raw_table(self.connection_id, self.state.stream))

    def _rejects(self, session: LakeSession) -> StreamRejects:
        return StreamRejects(session, self.connection_id, self.state.stream)

    def _next_state(self, stream: Stream, cursor: Cursor | None) -> StreamState:
        version = self.state.version + 1
        columns = column_names([f.name for f in stream.fields])
        return replace(
            self.state,
            version=version,
            cursor=cursor,
            origins=dict(self.state.origins),
            fields=[_stored(f, columns) for f in stream.fields] or self.state.fields,
            primary_key=[columns[name] for name in stream.primary_key] or self.state.primary_key,
            batch_id=new_batch_id(version),
            mode=stream.mode,
            detects_deletes=stream.detects_deletes,
            asked=self.asked,
        )

    def _save(self, after: StreamState) -> None:
        self.session.transaction(lambda s: save_state(s, self.connection_id, self.state.version, after))
        self.state = after

    def _commit_whole(
        self, session: LakeSession, batch: Batch, staged: StagedBatch, after: StreamState
    ) -> tuple[StreamCounts, bool]:
        """A batch that is everything its origin holds."""
        after.origins[batch.origin] = staged.rows + staged.unreadable
        counts = StreamCounts(read=after.origins[batch.origin], size_bytes=staged.size_bytes)
        self._rejects(session).replace(batch, staged, after.batch_id or "")
        counts.landed, registered = self._write(session, staged, follow_origin=batch.stream.detects_deletes)
        if batch.complete:
            present = f" EXCEPT SELECT __key FROM ({winners(staged)})" if staged.path else ""
            counts.deleted = self._bury(session, _live(self._table, batch.origin) + present, after)
        counts.rejected = staged.unreadable + staged.rows - staged.distinct
        counts.unchanged = staged.distinct - counts.landed
        save_state(session, self.connection_id, self.state.version, after)
        return counts, registered

    def _commit_delta(
        self, session: LakeSession, batch: Batch, staged: StagedBatch, after: StreamState
    ) -> tuple[StreamCounts, bool]:
        """A batch that adds to what others brought. Of a record read twice the older version counts as unchanged."""
        counts = _counted(staged)
        self._rejects(session).add(batch, staged, after.batch_id or "")
        counts.landed, registered = self._write(session, staged, follow_origin=False)
        if staged.gone:
            counts.deleted = self._bury(session, keys_said_gone(staged), after)
        if batch.sweep is not None:
            self._note_seen(session, batch.sweep, staged, after)
        counts.unchanged = counts.read - counts.landed - counts.rejected
        save_state(session, self.connection_id, self.state.version, after)
        return counts, registered

    def _commit_sample(
        self, session: LakeSession, batch: Batch, staged: StagedBatch, after: StreamState
    ) -> tuple[StreamCounts, bool]:
        """A few records to look at: nothing is deleted and the cursor stays, so that the next sync reads everything."""
        counts = _counted(staged)
        after.cursor = self.state.cursor
        if self.intake.is_first_look:
            after.sampled_until = after.version
        if not batch.delta:
            self._rejects(session).forget_origin(batch.origin)
        self._rejects(session).add(batch, staged, after.batch_id or "")
        counts.landed, registered = self._write(session, staged, follow_origin=False)
        counts.unchanged = counts.read - counts.landed - counts.rejected
        save_state(session, self.connection_id, self.state.version, after)
        return counts, registered

    def _write(self, session: LakeSession, staged: StagedBatch, *, follow_origin: bool) -> tuple[int, bool]:
        if not staged.path:
            return 0, False
        table = raw_table(self.connection_id, self.state.stream)
        return write_rows(session, table, staged, follow_origin=follow_origin)

    def _note_seen(self, session: LakeSession, sweep: str, staged: StagedBatch, after: StreamState) -> None:
        """The keys a full read has met. A read under another name began anew: what the one before met is of no use."""
        if self.state.sweep != sweep:
            forget_seen(session, self.connection_id, self.state.stream)
            after.sweep, after.sweep_from = sweep, after.version
        if staged.keyed:
            keys = f"SELECT __key FROM ({winners(staged)}) WHERE NOT __deleted"
            note_seen(session, self.connection_id, self.state.stream, sweep, keys)

    def _bury(self, session: LakeSession, keys: str, after: StreamState) -> int:
        table = raw_table(self.connection_id, self.state.stream)
        return bury(session, table, keys, after.batch_id or "") if session.columns(RAW_SCHEMA, table) else 0

    def _refuse_repetition(self, batch: Batch, staged: StagedBatch) -> None:
        """A connector notices a page that does not move on; this is for the one that does not.

        Raises:
            StreamMisbehaves: the same content came too often in a row.
        """
        page = (staged.rows, staged.distinct, staged.content)
        self._repeats = self._repeats + 1 if staged.rows and page == self._page else 1
        self._page = page
        if self._repeats >= SAME_PAGES:
            raise StreamMisbehaves(
                "The source sends the same records again and again.",
                stream=batch.stream.name,
                hint="Try again later; if it stays so, tell the operator of this platform.",
            )


def _counted(staged: StagedBatch) -> StreamCounts:
    """What was read and rejected of a delta; rows that tell of a deletion are no records."""
    return StreamCounts(
        read=staged.rows - staged.gone + staged.unreadable,
        rejected=staged.keyless + staged.unreadable,
        size_bytes=staged.size_bytes,
    )


def _stored(of: Field, columns: dict[str, str]) -> dict[str, Any]:
    return asdict(replace(of, name=columns[of.name])) | {"mix": [list(part) for part in of.mix]}


def _live(table: str, origin: str) -> str:
    """SQL of the keys of an origin's live records; only narrow columns are read."""
    return f"SELECT __key FROM {table} WHERE __origin = {literal(origin)} AND NOT __deleted"


def _discard(path: str) -> None:
    """A staged file that was copied from, not registered, is of no more use; on s3:// the orphan clean-up takes it."""
    if path and "://" not in path:
        Path(path).unlink(missing_ok=True)
