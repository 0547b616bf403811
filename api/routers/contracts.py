"""What may flow when a source changes."""

from typing import Annotated, get_args

from fastapi import APIRouter, Query, Response

from api.dependencies import CurrentActor, Id, Session, requires
from api.problems import Invalid, NotFound, problems
from api.schemas.contracts import ContractIn, ContractOut, ContractsOut, EffectiveContractOut
from api.schemas.shapes import ChangeKind
from api.schemas.values import SourceName
from api.unit_of_work import TenantRoute
from orchestration.control_plane.drift_contracts import ContractRecord
from orchestration.control_plane.tenant_session import TenantSession

router = APIRouter(prefix="/contracts", route_class=TenantRoute)


@router.get("", dependencies=[requires("settings.read")], responses=problems(NotFound))
def list_contracts(
    session: Session,
    connection_id: Annotated[Id | None, Query(description="Only what concerns this connection.")] = None,
    stream: Annotated[SourceName | None, Query(description="With a connection: also what counts there.")] = None,
) -> ContractsOut:
    """What was decided for the tenant, connections and streams; with a connection and stream also what counts there."""
    if connection_id is not None:
        session.connections.get(connection_id)
    said = [ContractOut.model_validate(one) for one in session.contracts.list(connection_id)]
    effective = None
    if connection_id is not None and stream is not None:
        counts = session.contracts.all_effective(connection_id)
        effective = [EffectiveContractOut(kind=kind, policy=counts(stream, kind)) for kind in get_args(ChangeKind)]
    return ContractsOut(items=said, effective=effective)


@router.put("", dependencies=[requires("settings.write")], responses=problems(NotFound, Invalid))
def set_contract(wanted: ContractIn, session: Session, actor: CurrentActor) -> ContractOut:
    """Decide what becomes of changes in a scope from the next sync on. What waits already is decided as approvals."""
    said = session.contracts.set(wanted.policy, actor.name, wanted.connection_id, wanted.stream, wanted.kind)
    assert said is not None  # only taking back gives nothing
    _record(session, said, wanted.policy, actor.name)
    return ContractOut.model_validate(said)


@router.delete(
    "/{contract_id}", status_code=204, dependencies=[requires("settings.write")], responses=problems(NotFound)
)
def delete_contract(contract_id: Id, session: Session, actor: CurrentActor) -> Response:
    """Take back what was decided there: what is said more widely counts again, or the product's default."""
    _record(session, session.contracts.delete(contract_id), "default", actor.name)
    return Response(status_code=204)


def _record(session: TenantSession, said: ContractRecord, policy: str, by: str) -> None:
    subject = f"connection:{said.connection_id}" if said.connection_id else f"tenant:{session.tenant_id}"
    session.audit.record("contract.set", subject, {"stream": said.stream, "kind": said.kind, "policy": policy}, by)
