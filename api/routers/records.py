"""Where a row of a view comes from, record by record and cell by cell."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import Held, Session, requires
from api.problems import Invalid, NotFound, problems
from api.published.answers import read_as_of
from api.published.cells import json_ready
from api.published.columns import public_columns
from api.published.describing import entity_of_view
from api.published.history import MOST_PUBLICATIONS, row_history
from api.published.problems import QueryTimeout, QueryTooLarge
from api.published.provenance import Origins, explain_cells, side_by_side
from api.published.rows import entity_key, read_records, read_row
from api.schemas.views import HistoryOut, ProvenanceOut, RowColumnOut, RowOut, SourcesOut
from api.unit_of_work import TenantRoute
from assets.normalize.catalog import Entity
from assets.normalize.custom import tenant_catalog

router = APIRouter(prefix="/views/{view}/rows/{entity_id}", route_class=TenantRoute)
ViewName = Annotated[str, Path(description="Name of a view.", examples=["accounts"])]
EntityId = Annotated[str, Path(description="`_entity_id` of a row.", examples=["9f3c04d1a2b7e658"])]
AsOf = Annotated[str | None, Query(max_length=40, description="A snapshot's id or an RFC 3339 time.")]
_MAY_READ = [requires("views.read")]
_PROBLEMS = problems(NotFound, Invalid, QueryTimeout, QueryTooLarge)


@router.get("", dependencies=_MAY_READ, responses=_PROBLEMS)
def get_row(view: ViewName, entity_id: EntityId, session: Session, held: Held, as_of: AsOf = None) -> RowOut:
    """One row of a view."""
    with held.published.open(session.tenant_id, read_as_of(as_of)) as snapshot:
        row = read_row(snapshot, view, entity_key(entity_id))
        if row is None:
            raise NotFound
        kinds = public_columns(snapshot.view_columns(view))
        return RowOut(
            columns=[RowColumnOut(name=name, type=kind) for name, kind in kinds.items()],
            row=json_ready(row),
            snapshot_id=snapshot.snapshot_id,
            published_at=snapshot.publication.published_at,
        )


@router.get("/provenance", dependencies=_MAY_READ, responses=_PROBLEMS)
def get_provenance(
    view: ViewName, entity_id: EntityId, session: Session, held: Held, as_of: AsOf = None
) -> ProvenanceOut:
    """Where every value of a row comes from: the record that won, by which rule, and those that lost."""
    key, entity = entity_key(entity_id), _entity(session, view)
    with held.published.open(session.tenant_id, read_as_of(as_of)) as snapshot:
        row = read_row(snapshot, view, key)
        if row is None:
            raise NotFound
        return ProvenanceOut(
            entity_id=entity_id,
            snapshot_id=snapshot.snapshot_id,
            published_at=snapshot.publication.published_at,
            cells=explain_cells(row, entity, read_records(snapshot, entity, key), Origins(session)),
        )


@router.get("/sources", dependencies=_MAY_READ, responses=_PROBLEMS)
def get_sources(view: ViewName, entity_id: EntityId, session: Session, held: Held, as_of: AsOf = None) -> SourcesOut:
    """The source records of a row side by side: canonical values, and each record as it came."""
    key, entity = entity_key(entity_id), _entity(session, view)
    with held.published.open(session.tenant_id, read_as_of(as_of)) as snapshot:
        if read_row(snapshot, view, key) is None:
            raise NotFound
        records = read_records(snapshot, entity, key)
        return SourcesOut(
            entity_id=entity_id,
            snapshot_id=snapshot.snapshot_id,
            records=side_by_side(snapshot, entity, records, Origins(session)),
        )


@router.get("/history", dependencies=_MAY_READ, responses=_PROBLEMS)
def get_history(view: ViewName, entity_id: EntityId, session: Session, held: Held) -> HistoryOut:
    """How a row changed over the publications that are kept; changes only, newest first."""
    key = entity_key(entity_id)
    with held.published.open(session.tenant_id) as snapshot:
        snapshot.view_columns(view)
        changes = row_history(snapshot, view, key, session.publications.list(MOST_PUBLICATIONS))
    if not changes:
        raise NotFound
    return HistoryOut(entity_id=entity_id, items=changes)


def _entity(session: Session, view: str) -> Entity:
    entity = entity_of_view(tenant_catalog(session.custom_entities.list()), view)
    if entity is None:
        raise NotFound
    return entity
