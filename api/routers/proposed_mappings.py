"""What the mapping of a stream would be: by the first records of its source, or by its shape. Nothing is stored."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from api.dependencies import Id, Session, requires
from api.problems import Invalid, NotFound, problems
from api.repairs.answers import rule_out
from api.routers.connections import ASKING
from api.schemas.proposed_mappings import ProposedMappingOut, ProposedRuleOut
from api.schemas.values import Line, SourceName
from api.tenant_sources import Sources, TenantSources
from api.unit_of_work import TenantRoute
from assets.extract.selection import is_hashed, settings_for, visible
from assets.fingerprint.fingerprint import ObservedStream
from assets.fingerprint.first_look import observe_records
from assets.mapping.candidates import Decision
from assets.mapping.policy import Policy, to_mapping
from assets.mapping.priors import shared_priors
from assets.mapping.proposal import Proposal, propose_mapping
from assets.mapping.rules_json import rules_to_json
from assets.normalize.model import ENTITIES
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.safe_mode import SAFE_RECORDS
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.previewing import Preview, preview

router = APIRouter(route_class=TenantRoute)
Stream = Annotated[SourceName, Query(description="Name of the stream.")]
StreamPath = Annotated[str, Path(min_length=1, max_length=500, description="Name of the stream.")]
Wanted = Annotated[Line, Query(description="What the records are.", examples=["contact"])]


@router.get(
    "/connections/{connection_id}/mappings/preview",
    dependencies=[requires("connections.write")],
    responses=problems(NotFound, *ASKING),
)
def preview_first_mapping(connection_id: Id, stream: Stream, sources: Sources) -> ProposedMappingOut:
    """Which field would fill which, with probabilities, as the first 20 records tell. The first sync may see more."""
    record, found = _looked_at(connection_id, stream, sources)
    settings = settings_for(record.streams, stream)
    taken = visible(found.stream, settings)
    hashed = [field.name for field in taken.fields if is_hashed(field.name, settings)]
    observed = observe_records(taken, found.records, hashed)
    with sources.session() as session:
        return _answer(_proposed(session, record, observed), len(found.records))


@router.get(
    "/mappings/{connection_id}/{stream:path}/proposed",
    dependencies=[requires("drift.read")],
    responses=problems(NotFound, Invalid),
)
def propose_mapping_onto(connection_id: Id, stream: StreamPath, entity: Wanted, session: Session) -> ProposedMappingOut:
    """How a stream that was read would be mapped onto an entity that a person names; the source is not asked."""
    if entity not in ENTITIES:
        raise Invalid(f"There is no canonical entity {entity!r}.")
    record = session.connections.get(connection_id)
    baseline = session.schemas.baseline(connection_id, stream)
    if baseline is None:
        raise NotFound
    observed = ObservedStream.from_json(baseline.fields[0])
    sampled = max((field.sampled_rows for field in observed.fields), default=0)
    return _answer(_proposed(session, record, observed, entity), sampled)


def _looked_at(connection_id: UUID, stream: str, sources: TenantSources) -> tuple[ConnectionRecord, Preview]:
    def look() -> tuple[ConnectionRecord, Preview | None]:
        with sources.onboarding.opened(sources.actor.tenant_id, connection_id) as (record, connector):
            return record, preview(connector, stream, SAFE_RECORDS)

    record, found = sources.ask(look)
    if found is None:
        raise NotFound
    return record, found


def _proposed(
    session: TenantSession, record: ConnectionRecord, observed: ObservedStream, entity: str | None = None
) -> Proposal:
    """As the first sync proposes it: with what this tenant decided before, and others that share."""
    memory = [Decision.from_json(rule) for rule in session.mappings.memory() if rule["entity"] is not None]
    shared = shared_priors(session, record.kind, [field.name for field in observed.fields])
    return propose_mapping(observed, f"{record.kind} {record.name}", memory, shared, entity)


def _answer(proposal: Proposal, records: int) -> ProposedMappingOut:
    policy = Policy()
    applied = to_mapping(proposal, policy)
    rules = [
        ProposedRuleOut(**rule_out(written).model_dump(), is_applied=rule in applied.rules)
        for rule, written in zip(proposal.rules, rules_to_json(proposal.rules), strict=True)
    ]
    return ProposedMappingOut(
        stream=proposal.stream, records=records, entity=proposal.entity,
        entity_probability=proposal.entity_probability, entity_evidence=list(proposal.evidence),
        is_applied=applied.entity is not None, apply_at=policy.apply_at, rules=rules,
        unmapped=list(proposal.unmapped),
    )  # fmt: skip
