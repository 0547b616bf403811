"""Entities a tenant declares for itself: declared from a stream, filled, extended, retired."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from api.dependencies import CurrentActor, Held, Session, requires
from api.entity_words import describe_entities
from api.problems import Conflict, Invalid, NotFound, problems
from api.schemas.entities import (
    AddFieldsIn,
    DeclareEntityIn,
    EntitiesOut,
    EntityOut,
    FieldChoiceIn,
    MappedStreamOut,
    StreamChoiceIn,
)
from api.state import AppState
from api.unit_of_work import TenantRoute
from assets.normalize import declaring
from assets.normalize.custom import DeclarationInvalid, DeclaredField
from assets.normalize.drafting import FieldChoice
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.nudges import nudge

router = APIRouter(prefix="/entities", route_class=TenantRoute)
Name = Annotated[str, Path(description="Name of the entity.", examples=["invoice_line"])]
_CHANGES = problems(NotFound, Conflict, Invalid)


@router.get("", dependencies=[requires("views.read")])
def list_entities(session: Session) -> EntitiesOut:
    """All entities with their fields, and what fills them; canonical ones first."""
    return EntitiesOut(items=describe_entities(session))


@router.get("/{name}", dependencies=[requires("views.read")], responses=problems(NotFound))
def get_entity(name: Name, session: Session) -> EntityOut:
    """One entity with its fields, and what fills them."""
    return _described(session, name)


@router.post("", dependencies=[requires("mappings.write")], status_code=201, responses=_CHANGES)
def declare_entity(
    body: DeclareEntityIn, session: Session, actor: CurrentActor, held: Held, request: Request, response: Response
) -> EntityOut:
    """Declare an entity from a stream; a replay brings the records that landed into its view, asking no source."""
    with _declaring():
        stream = declaring.find_stream(session, body.connection_id, body.stream)
        view = body.view or declaring.plural(body.name)
        made = declaring.declare_entity(
            session, body.name, view, stream, _choices(body.fields), actor.name, replace=body.replace
        )
    session.sync_runs.request(body.connection_id, actor.name, kind="replay")
    _wake(request, held, session.tenant_id)
    response.headers["Location"] = f"/api/v1/dcl/entities/{made.name}"
    return _described(session, made.name)


@router.post("/{name}/fields", dependencies=[requires("mappings.write")], responses=_CHANGES)
def add_entity_fields(
    name: Name, body: AddFieldsIn, session: Session, actor: CurrentActor, held: Held, request: Request
) -> EntityOut:
    """Add fields to a declared entity; its view shows them, empty, with the next publication."""
    _declared(session, name)
    fields = [DeclaredField(field.name, field.type, field.description) for field in body.fields]
    with _declaring():
        declaring.add_fields(session, name, fields, actor.name)
    _refresh(session, request, held)
    return _described(session, name)


@router.post("/{name}/map", dependencies=[requires("mappings.write")], status_code=202, responses=_CHANGES)
def map_stream_onto_entity(
    name: Name, body: StreamChoiceIn, session: Session, actor: CurrentActor, held: Held, request: Request
) -> MappedStreamOut:
    """Map a further stream onto a declared entity, or more fields of one; without fields they are met by name."""
    _declared(session, name)
    record = session.custom_entities.get(name)
    with _declaring():
        stream = declaring.find_stream(session, body.connection_id, body.stream)
        made = declaring.map_stream(session, record, stream, _choices(body.fields), actor.name, replace=body.replace)
    run = session.sync_runs.request(body.connection_id, actor.name, kind="replay")
    _wake(request, held, session.tenant_id)
    return MappedStreamOut(entity=name, view=record.view, mapping_version=made.version, sync_run_id=run.id)


@router.delete("/{name}", dependencies=[requires("mappings.write")], status_code=204, responses=problems(NotFound))
def retire_entity(name: Name, session: Session, actor: CurrentActor, held: Held, request: Request) -> None:
    """End a declared entity: its view goes with the next publication, raw records are kept, its name is free."""
    _declared(session, name)
    declaring.retire_entity(session, name, actor.name)
    _refresh(session, request, held)


def _declared(session: TenantSession, name: str) -> None:
    """Let a live declared entity through; a canonical one cannot be changed and is not there to be."""
    if not any(record.name == name for record in session.custom_entities.list()):
        raise NotFound


def _described(session: TenantSession, name: str) -> EntityOut:
    for entity in describe_entities(session):
        if entity.name == name:
            return entity
    raise NotFound


def _choices(fields: Sequence[FieldChoiceIn]) -> list[FieldChoice]:
    return [FieldChoice(field.source, field.target, field.type) for field in fields]


def _refresh(session: TenantSession, request: Request, held: AppState) -> None:
    session.tenants.mark_stale()
    session.refreshes.request()
    _wake(request, held, session.tenant_id)


def _wake(request: Request, held: AppState, tenant_id: UUID) -> None:
    request.state.unit.after_commit(lambda: nudge(held.events.client, tenant_id))


@contextmanager
def _declaring() -> Iterator[None]:
    try:
        yield
    except DeclarationInvalid as invalid:
        hint = {"hint": invalid.hint} if invalid.hint else {}
        raise Invalid(str(invalid), headers=None, **hint) from None
