"""All that a connection's repairs are decided by, read from the control plane in one transaction.

The quiet run reads none of it: a connection without open drift and without a watch has no situation.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from assets.fingerprint.fingerprint import ObservedStream
from assets.mapping.candidates import Decision
from assets.mapping.policy import Past
from assets.mapping.repairs.contracts import Lookup
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.drift import DriftRecord
from orchestration.control_plane.mappings import MappingRecord
from orchestration.control_plane.proposals import ProposalRecord
from orchestration.control_plane.repair_settings import RepairSettings
from orchestration.control_plane.tenant_session import TenantSession

TAKEN_BACK = ("undone", "rolled_back")


class EntityLike(Protocol):
    """What this stage asks of an entity; normalize's catalog holds them."""

    @property
    def identity(self) -> str: ...
    @property
    def view(self) -> str: ...
    def type_of(self, field: str) -> str | None: ...


EntityCatalogOf = Callable[[Sequence[Any]], Mapping[str, Any]]  # a tenant's declarations -> its entities by name


@dataclass(frozen=True, slots=True)
class Situation:
    """Of one connection. `shapes` are as last seen, `baselines` as approved, both of streams with open drift."""

    connection: ConnectionRecord
    settings: RepairSettings
    chosen: Lookup
    events: Mapping[str, Sequence[DriftRecord]]  # by stream, oldest first
    mappings: Mapping[str, MappingRecord]
    shapes: Mapping[str, ObservedStream]
    baselines: Mapping[str, ObservedStream]
    waiting: Mapping[UUID, ProposalRecord]  # by drift event
    past: Past
    catalog: Mapping[str, EntityLike]

    @property
    def vendor_hint(self) -> str:
        """What may name the source system."""
        return f"{self.connection.kind} {self.connection.name}"


def load_situation(
    tenant: TenantSession,
    connection_id: UUID,
    events: Sequence[DriftRecord],
    mappings: Sequence[MappingRecord],
    counted: Mapping[str, Mapping[str, Any]],
    entity_catalog: EntityCatalogOf,
) -> Situation:
    """Read what the open events are decided by. `counted` are the sync run's counts by stream."""
    by_stream: dict[str, list[DriftRecord]] = defaultdict(list)
    for event in events:
        by_stream[event.stream].append(_since(event, counted))
    approved = tenant.schemas.baselines(connection_id) if events else {}
    latest = {stream: tenant.schemas.latest(connection_id, stream) for stream in by_stream}
    proposals = tenant.proposals.list(connection_id=connection_id, limit=1000) if events else ()
    return Situation(
        connection=tenant.connections.get(connection_id),
        settings=tenant.repair_settings.get(),
        chosen=tenant.contracts.all_effective(connection_id),
        events=by_stream,
        mappings={mapping.stream: mapping for mapping in mappings},
        shapes={name: ObservedStream.from_json(record.fields[0]) for name, record in latest.items() if record},
        baselines={
            name: ObservedStream.from_json(record.fields[0]) for name, record in approved.items() if name in by_stream
        },
        waiting={each.drift_id: each for each in proposals if each.is_waiting and each.drift_id is not None},
        past=past_of(proposals),
        catalog=entity_catalog(tenant.custom_entities.list()),
    )


def past_of(proposals: Sequence[ProposalRecord]) -> Past:
    """What was decided against before."""
    return Past(
        rejected=frozenset(_content(each) for each in proposals if each.status == "rejected"),
        taken_back=frozenset(_content(each) for each in proposals if each.status in TAKEN_BACK),
    )


def recalled(recall: Callable[[], Sequence[Decision]], events: Sequence[DriftRecord]) -> Sequence[Decision]:
    """What people decided before, asked for only where a new field may be mapped by it."""
    return recall() if any(event.kind in ("added", "stream_added") for event in events) else ()


def _content(proposal: ProposalRecord) -> str:
    return str(proposal.evidence.get("content"))


def _since(event: DriftRecord, counted: Mapping[str, Mapping[str, Any]]) -> DriftRecord:
    """With the first commit of the change: the event's own, or this run's where nobody wrote it down."""
    if event.first_version is not None:
        return event
    landed = counted.get(event.stream, {})
    first = landed.get("observe_from", landed.get("first_version"))
    return event if first is None else replace(event, first_version=int(first))
