"""What the mapping of a stream would be, by the first records of its source. Nothing is stored."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import Id, requires
from api.problems import NotFound, problems
from api.repairs.answers import rule_out
from api.routers.connections import ASKING
from api.schemas.proposed_mappings import ProposedMappingOut, ProposedRuleOut
from api.schemas.values import SourceName
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
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.safe_mode import SAFE_RECORDS
from orchestration.resources.previewing import Preview, preview

router = APIRouter(prefix="/connections/{connection_id}", route_class=TenantRoute)
Stream = Annotated[SourceName, Query(description="Name of the stream.")]


@router.get(
    "/mappings/preview",
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
    return _answer(_proposed(record, observed, sources), len(found.records))


def _looked_at(connection_id: UUID, stream: str, sources: TenantSources) -> tuple[ConnectionRecord, Preview]:
    def look() -> tuple[ConnectionRecord, Preview | None]:
        with sources.onboarding.opened(sources.actor.tenant_id, connection_id) as (record, connector):
            return record, preview(connector, stream, SAFE_RECORDS)

    record, found = sources.ask(look)
    if found is None:
        raise NotFound
    return record, found


def _proposed(record: ConnectionRecord, observed: ObservedStream, sources: TenantSources) -> Proposal:
    """As the first sync proposes it: with what this tenant decided before, and others that share."""
    with sources.session() as session:
        memory = [Decision.from_json(rule) for rule in session.mappings.memory() if rule["entity"] is not None]
        shared = shared_priors(session, record.kind, [field.name for field in observed.fields])
    return propose_mapping(observed, f"{record.kind} {record.name}", memory, shared)


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
