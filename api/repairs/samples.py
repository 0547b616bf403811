"""Sample rows of a change from the tenant's published snapshot: no request ever reads the live lake.

A sync that held records back is published too, so the snapshot is behind a change for seconds only; the answer says so.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from api.problems import NotFound
from api.published.readers import PublishedReaders, Snapshot
from api.schemas.samples import SampleOut, SamplesOut
from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.mapping.rules import FieldRule, StreamMapping
from assets.normalize.change_rows import event_samples, mapping_samples, proposal_samples
from assets.normalize.custom import tenant_catalog
from assets.normalize.plan import batch_from
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.publications import PublicationRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.lake_reading import Cursor, LakeReading
from orchestration.resources.lake_session import name_of
from orchestration.resources.sql_text import literal

Rows = list[dict[str, Any]]


class _Reading:
    """A snapshot in the words of a lake session."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def execute(self, sql: str) -> Cursor:
        return self._snapshot.query(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._snapshot.rows(sql)

    def value(self, sql: str) -> Any:
        return self._snapshot.value(sql)

    def tables(self, schema: str) -> frozenset[str]:
        return self._snapshot.tables(schema)

    def columns(self, schema: str, table: str) -> Mapping[str, str]:
        return self._snapshot.columns(schema, table)


class ChangeSamples:
    """Sample rows of one tenant's changes."""

    def __init__(self, published: PublishedReaders, session: TenantSession) -> None:
        self._published = published
        self._tenant_id = session.tenant_id
        self._publication = session.publications.current()
        self._catalog = tenant_catalog(session.custom_entities.list())

    def of_proposal(
        self, proposal: ProposalRecord, event: DriftRecord | None, rules: Sequence[Mapping[str, Any]] | None = None
    ) -> SamplesOut:
        """Rows of a proposal, read by its own rules or by these."""
        return self._read(lambda lake: proposal_samples(lake, proposal, event, self._catalog, rules), event)

    def of_event(self, event: DriftRecord, mapping: MappingRecord | None) -> SamplesOut:
        """Rows of a drift event, read by the mapping in force."""
        return self._read(lambda lake: event_samples(lake, event, mapping, self._catalog), event)

    def of_mapping(self, connection_id: UUID, mapping: StreamMapping, changed: Sequence[FieldRule]) -> SamplesOut:
        """Rows of a stream as a mapping would have them; shown is what changed."""
        return self._read(lambda lake: mapping_samples(lake, connection_id, mapping, self._catalog, changed))

    def _read(self, rows_of: Callable[[LakeReading], Rows], event: DriftRecord | None = None) -> SamplesOut:
        if self._publication is None:
            return _nothing(event)
        try:
            return self._read_from(self._publication, rows_of, event)
        except NotFound:  # its file was collected since it was looked up
            return _nothing(event)

    def _read_from(
        self, publication: PublicationRecord, rows_of: Callable[[LakeReading], Rows], event: DriftRecord | None
    ) -> SamplesOut:
        with self._published.open(self._tenant_id, publication=publication) as snapshot:
            lake = _Reading(snapshot)
            return SamplesOut(
                rows=[SampleOut(**row) for row in rows_of(lake)],
                snapshot_id=snapshot.snapshot_id,
                published_at=publication.published_at,
                is_behind=event is not None and not _has_landed(lake, event),
            )


def _nothing(event: DriftRecord | None) -> SamplesOut:
    """No row is no reason to hide the repair."""
    return SamplesOut(rows=[], snapshot_id=None, published_at=None, is_behind=event is not None)


def _has_landed(lake: LakeReading, event: DriftRecord) -> bool:
    """Whether rows of the change are in the snapshot; true where the change has no rows of its own."""
    table = raw_table(event.connection_id, event.stream)
    if event.first_version is None:
        return True
    if not lake.columns(RAW_SCHEMA, table):
        return False
    since = literal(batch_from(event.first_version))
    return bool(lake.value(f"SELECT 1 FROM {name_of(RAW_SCHEMA, table)} WHERE __batch_id >= {since} LIMIT 1"))
