"""Brings one stream's canonical rows up to date from the raw rows that changed, in one transaction.

What does not fit its canonical type is rejected with field, value and reason, and what a hold covers waits in
quarantine; the last good version of the record stays in place until a better one comes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from assets.extract.progress import Progress, feed_start, read_progress, write_progress
from assets.extract.raw_tables import BOOKKEEPING, RAW_SCHEMA, raw_table
from assets.mapping.rules import StreamMapping
from assets.normalize.catalog import CANONICAL, Entity, EntityCatalog
from assets.normalize.compile import CompiledMapping, compile_mapping
from assets.normalize.elsewhere import bury_elsewhere, bury_orphans
from assets.normalize.failing import EXPLAINED_AT_ONCE, StreamFailures
from assets.normalize.outcome import CANONICAL_SCHEMA, NOTHING_LANDED, MadeBy, MappingSuperseded, NormalizedStream
from assets.normalize.quarantine import HeldBack, Hold, Quarantine, hold_token
from assets.normalize.rederive import changed_targets, rederive
from assets.normalize.restore import Restored, restore
from assets.normalize.transforms import MappingInvalid
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal

Versions = Callable[[int], StreamMapping | None]


@dataclass(frozen=True, slots=True)
class StreamNormalizer:
    """Normalizes one stream of one connection with the mapping in force.

    A mapping onto an entity that is not in the catalog, because it was retired, keeps the stream raw. `previous` is
    the mapping the canonical rows were made by, or what finds it by its version: without it a new version makes every
    row anew. `holds` are the connection's in force; `holds_now` reads them once more where they seem to have changed,
    since a run may have been paused between reading them and this. `anew` makes every row once more, whatever was made
    before; a record that does not fit keeps its last good version here as ever.
    """

    session: LakeSession
    connection_id: UUID
    mapping: StreamMapping
    first_version: int
    catalog: EntityCatalog = field(default_factory=lambda: CANONICAL)
    previous: StreamMapping | Versions | None = None
    holds: Sequence[Hold] = ()
    holds_now: Callable[[], Sequence[Hold]] | None = None
    explained_at_once: int = EXPLAINED_AT_ONCE
    anew: bool = False

    @property
    def entity(self) -> Entity | None:
        """What the stream's records become; None for raw only."""
        return self.catalog.get(self.mapping.entity or "")

    def run(self) -> NormalizedStream:
        """Take what changed in the raw table since the last run, and what mapping or holds let go or take in.

        Raises:
            MappingSuperseded: a newer mapping was applied already.
        """
        return self.session.transaction(self._run)

    def _run(self, session: LakeSession) -> NormalizedStream:
        columns = session.columns(RAW_SCHEMA, raw_table(self.connection_id, self.mapping.stream))
        through = session.snapshot()
        progress = read_progress(session, progress_table(self.connection_id), self.mapping.stream)
        made = MadeBy.parse(progress.detail) if progress else None
        if made is not None and made.version > self.mapping.version:
            raise MappingSuperseded(f"stream {self.mapping.stream!r}: version {self.mapping.version} is an old one")
        quarantine = self._quarantine(session, made)
        before = self._before(made)
        targets = changed_targets(before, self.mapping, self.entity) if before else None
        if made is not None and made.holding(()) == self._made_by():
            targets = frozenset()
        after = feed_start(session, progress) if targets is not None and not self.anew else None
        work = _Work(self, session, quarantine, list(columns), after, through, made, before, targets or frozenset())
        return work.done() if columns else self._outcome()

    def _quarantine(self, session: LakeSession, made: MadeBy | None) -> Quarantine:
        """What is held of the stream; nothing while it has no canonical rows."""
        before = made.holds if made else frozenset()
        holds = self._own(self.holds)
        if self.holds_now is not None and frozenset(map(hold_token, holds)) != before:
            holds = self._own(self.holds_now())
        return Quarantine(session, self.connection_id, self.mapping.stream, holds, before)

    def _own(self, holds: Sequence[Hold]) -> list[Hold]:
        return [hold for hold in holds if hold.stream == self.mapping.stream] if self.entity is not None else []

    def _made_by(self) -> MadeBy:
        """What the canonical rows will be made by, holds apart."""
        return MadeBy(self.mapping.version, self.entity is None and self.mapping.entity is not None)

    def _before(self, made: MadeBy | None) -> StreamMapping | None:
        """The mapping the rows were made by; None where it is the same one, or of no use for comparing."""
        if made is None or made.is_retired or made.version == self.mapping.version:
            return None
        found = self.previous(made.version) if callable(self.previous) else self.previous
        return found if found is not None and found.version == made.version else None

    def _outcome(self) -> NormalizedStream:
        entity = self.entity
        return NormalizedStream(
            self.mapping.stream,
            entity.name if entity else None,
            self.mapping.version,
            table=entity.table if entity else "",
        )


@dataclass(frozen=True, slots=True)
class _Work:
    """One attempt at one stream, inside its transaction.

    `after` is the snapshot the last run took everything up to, None when every row has to be taken; then `targets`
    are those whose rules differ from the mapping `before`.
    """

    normalizer: StreamNormalizer
    session: LakeSession
    quarantine: Quarantine
    columns: list[str]
    after: int | None
    through: int
    made: MadeBy | None
    before: StreamMapping | None
    targets: frozenset[str]

    def done(self) -> NormalizedStream:
        """Do it, and say what became of the rows."""
        outcome, progress = self.normalizer._outcome(), self._progress()
        is_as_before = self.made is not None and progress.detail == str(self.made)
        if is_as_before and self.after == self.through:
            return self._unchanged(outcome)
        relation = self._delta()
        back = self._hold_back(relation)
        totals = self._totals(back.relation)
        if is_as_before and not totals.rows and not back.keys and not self.normalizer.anew:
            return self._unchanged(outcome)
        if self._is_made_anew or self.normalizer.anew:
            outcome = replace(outcome, buried=self._bury(outcome.table, totals.newest_batch))
        outcome = self._take(outcome, relation, back, totals)
        table = progress_table(self.normalizer.connection_id)
        write_progress(self.session, table, self.normalizer.mapping.stream, progress)
        return outcome

    def _unchanged(self, outcome: NormalizedStream) -> NormalizedStream:
        """Nothing to do; an attempt before this one may have done it."""
        if self.normalizer.first_version == NOTHING_LANDED:
            return outcome
        rejected, held = (place.landed_before(self._first_batch) for place in (self._failures, self.quarantine))
        return replace(outcome, rejected=rejected, held=held)

    def _take(self, outcome: NormalizedStream, relation: str, back: HeldBack, totals: "_Totals") -> NormalizedStream:
        """Write what the rows at hand become, and what a changed mapping makes of the others."""
        entity = self.normalizer.entity
        counted = replace(
            outcome,
            loaded=totals.landed,
            deleted=totals.deleted,
            recovered=totals.rows - totals.landed - totals.deleted - back.freed,
            replayed=back.freed,
            held=back.landed,
            batch_id=totals.newest_batch,
            first_snapshot=min((self.after or 0) + 1, self.through),
            last_snapshot=self.through,
        )
        if entity is None:
            if self._is_made_anew:
                self._failures.forget(relation)
                self.quarantine.empty()
            return counted
        compiled = self._compiled()
        passed = self._upsert(entity, compiled, back.relation)
        failed = self._reject(compiled, relation, back.relation, totals.rows - passed)
        rederived = self._rederive(entity, compiled, relation) if self.targets and self.after is not None else 0
        back_again = restore(self.session, compiled, relation, self.quarantine.placed()) if back.keys else Restored()
        return replace(
            counted,
            loaded=counted.loaded - failed.landed,
            rejected=failed.landed,
            recovered=counted.recovered - failed.recovered,
            replayed=counted.replayed - failed.freed,
            rederived=rederived,
            restored=back_again.rows,
            unrestored=back_again.unrestored,
            batch_id=counted.batch_id or self._newest_batch(),
        )

    @property
    def _is_made_anew(self) -> bool:
        """Whether the mapping is another one, and not only in some targets."""
        is_other = self.made is not None and self.made.holding(()) != self.normalizer._made_by()
        return is_other and (self.after is None or self.normalizer.entity is None)

    @property
    def _first_batch(self) -> str:
        return f"{self.normalizer.first_version:010d}"

    @property
    def _failures(self) -> StreamFailures:
        normalizer = self.normalizer
        return StreamFailures(self.session, normalizer.connection_id, normalizer.mapping, normalizer.explained_at_once)

    @property
    def _raw(self) -> str:
        return name_of(RAW_SCHEMA, raw_table(self.normalizer.connection_id, self.normalizer.mapping.stream))

    def _progress(self) -> Progress:
        holds = map(hold_token, self.quarantine.holds)
        return Progress(self.through, str(self.normalizer._made_by().holding(holds)))

    def _compiled(self, mapping: StreamMapping | None = None) -> CompiledMapping:
        fields = [name for name in self.columns if name not in BOOKKEEPING]
        connection_id, catalog = str(self.normalizer.connection_id), self.normalizer.catalog
        return compile_mapping(mapping or self.normalizer.mapping, fields, connection_id, catalog)

    def _bury(self, table: str, batch_id: str) -> int:
        """The stream may have been another entity before: its rows there are deleted."""
        mapping = self.normalizer.mapping
        stream = str(self.normalizer.connection_id), mapping.stream
        buried = bury_elsewhere(self.session, CANONICAL_SCHEMA, table, *stream, mapping.version, batch_id)
        if not self.normalizer.anew or table not in self.session.tables(CANONICAL_SCHEMA):
            return buried
        return buried + bury_orphans(
            self.session, CANONICAL_SCHEMA, table, *stream, mapping.version, batch_id, self._raw
        )

    def _delta(self) -> str:
        """The raw rows to take, each record once in its newest version, as something that may follow FROM."""
        if self.after is None:
            return self._raw
        table = raw_table(self.normalizer.connection_id, self.normalizer.mapping.stream)
        rows = f"SELECT * FROM {self._raw} WHERE false"
        if self.after < self.through:
            rows = (
                f"SELECT * FROM ({self.session.insertions(RAW_SCHEMA, table, self.after, self.through)}) "
                "QUALIFY row_number() OVER (PARTITION BY __key ORDER BY __batch_id DESC) = 1"
            )
        self.session.execute(f"CREATE OR REPLACE TEMP TABLE raw_delta AS {rows}")
        keys = self.quarantine.keys_to_take(self._raw, self.columns)
        if self.targets:
            keys.append(self._failures.keys())  # what did not fit may fit the new mapping
        if keys:
            self.session.execute(
                f"INSERT INTO raw_delta BY NAME SELECT * FROM {self._raw} WHERE __key IN ({' UNION '.join(keys)}) "
                "AND __key NOT IN (SELECT __key FROM raw_delta)"
            )
        return "raw_delta"

    def _hold_back(self, relation: str) -> HeldBack:
        """The rows that flow, once those that a hold covers lie in quarantine."""
        if not self.quarantine.is_needed or self.normalizer.entity is None:
            return HeldBack(relation)
        compiled = self._compiled()
        flag = compiled.plan.target("_deleted")
        held = {name for hold in self.quarantine.holds for name in hold.fields}
        # A flag that is held itself says nothing.
        is_said = flag is not None and not any(held & set(source.fields) for source in flag.sources)
        gone = compiled.gone_select if is_said else None
        return self.quarantine.hold_back(relation, self.columns, self._first_batch, gone)

    def _totals(self, relation: str) -> "_Totals":
        """Rows to take; those landed by this sync and alive; tombstones; and the newest batch."""
        found = self.session.rows(
            f"SELECT count(*), count(*) FILTER (NOT __deleted AND __batch_id >= {literal(self._first_batch)}), "
            f"count(*) FILTER (__deleted), coalesce(max(__batch_id), '') FROM {relation} AS taken"
        )[0]
        return _Totals(*found)

    def _newest_batch(self) -> str:
        return str(self.session.value(f"SELECT coalesce(max(__batch_id), '') FROM {self._raw}"))

    def _upsert(self, entity: Entity, compiled: CompiledMapping, relation: str) -> int:
        """Write the rows that pass in place of their earlier versions; how many passed."""
        session = self.session
        is_new = session.ensure_table(CANONICAL_SCHEMA, entity.table, entity.table_columns)
        name = name_of(CANONICAL_SCHEMA, entity.table)
        select = compiled.canonical_select(relation)
        if is_new or (self.made is None and not self.normalizer.anew):
            return int(session.value(f"INSERT INTO {name} BY NAME {select}") or 0)
        session.execute(f"CREATE OR REPLACE TEMP TABLE passed AS {select}")
        session.execute(f"DELETE FROM {name} WHERE _key IN (SELECT _key FROM passed)")
        return int(session.value(f"INSERT INTO {name} BY NAME SELECT * FROM passed") or 0)

    def _reject(self, compiled: CompiledMapping, relation: str, flowing: str, failed: int) -> "_Failed":
        """Replace the rejects of the records at hand; how many failed, by where they come from."""
        self._failures.forget(relation)
        if not failed:
            return _Failed()
        self._failures.write(compiled, compiled.rejected_select(flowing))
        landed = f"__batch_id >= {literal(self._first_batch)}"
        freed = "md5_number_lower(__record_id) IN (SELECT record_key FROM freed)"
        is_freed = freed if self.quarantine.is_needed else "false"
        counts = f"count(*) FILTER ({landed}), count(*) FILTER (NOT {landed} AND {is_freed})"
        at_once, freed_ones = self.session.rows(f"SELECT {counts} FROM failed")[0]
        return _Failed(at_once, freed_ones, failed - at_once - freed_ones)

    def _rederive(self, entity: Entity, compiled: CompiledMapping, relation: str) -> int:
        """The rows that are not at hand, in the targets whose rules changed; those that no longer fit are rejected."""
        if self.before is None:
            return 0
        rest = f"SELECT * FROM {self._raw} WHERE NOT __deleted AND __key NOT IN (SELECT __key FROM {relation})"
        if self.quarantine.is_needed:
            rest += f" AND __key NOT IN ({self.quarantine.keys()})"
        try:
            before = self._compiled(self.before)
        except MappingInvalid:  # an entity of the tenant's own has lost a field meanwhile
            before = compiled.narrowed(())
        name = name_of(CANONICAL_SCHEMA, entity.table)
        narrow = compiled.narrowed(self.targets | {"_deleted"})
        self._failures.write(compiled, narrow.rejected_select(f"({rest})"))
        return rederive(self.session, name, compiled, before, self.targets, f"({rest})")


@dataclass(frozen=True, slots=True)
class _Totals:
    rows: int
    landed: int
    deleted: int
    newest_batch: str


@dataclass(frozen=True, slots=True)
class _Failed:
    """Rows that failed: landed in this sync, come out of quarantine, and all others."""

    landed: int = 0
    freed: int = 0
    recovered: int = 0


def progress_table(connection_id: UUID) -> str:
    """Where the stage keeps how far it has read each stream's raw rows, and with which mapping version."""
    return f"normalized_{connection_id.hex[:12]}"
