"""From a view's table or column back to its sources."""

from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Held, Session, requires
from api.mapped import Mapped, MappedStream
from api.problems import NotFound, problems
from api.published.describing import describe_columns, entity_of_view
from api.published.filling import clusters, filled_by_stream, raw_records
from api.published.problems import QueryTimeout, QueryTooLarge
from api.published.readers import Snapshot
from api.schemas.ontology import ColumnLineageOut, ColumnSourceOut, TableEdgeOut, TableLineageOut, TableNodeOut
from api.unit_of_work import TenantRoute
from assets.normalize.catalog import Entity
from assets.resolve.members import resolved_entities
from assets.unify.views import view_columns
from orchestration.control_plane.tenant_session import TenantSession

router = APIRouter(prefix="/lineage", route_class=TenantRoute)
ViewName = Annotated[str, Query(max_length=200, description="Name of a view.", examples=["accounts"])]
ColumnName = Annotated[str, Query(max_length=200, description="Name of its column.", examples=["annual_revenue"])]
_PROBLEMS = problems(NotFound, QueryTimeout, QueryTooLarge)


@router.get("/tables", dependencies=[requires("views.read")], responses=_PROBLEMS)
def table_lineage(view: ViewName, session: Session, held: Held) -> TableLineageOut:
    """The tables between sources and a view: raw streams, canonical records, clusters, the view; with rows and runs."""
    mapped = Mapped.of(session)
    entity = entity_of_view(mapped.catalog, view)
    if entity is None:
        raise NotFound
    with held.published.open_current(session.tenant_id) as snapshot:
        raw = [_raw_node(stream, session, snapshot) for stream in mapped.onto(entity.name)]
        later = _later_nodes(entity, session, snapshot)
        counted = filled_by_stream(snapshot, entity) if snapshot else {}
        edges = [
            TableEdgeOut(
                source=node.id,
                target=later[0].id,
                rows=_live(counted[stream.key].rows if stream.key in counted else 0, snapshot),
            )
            for node, stream in zip(raw, mapped.onto(entity.name), strict=True)
        ]
        edges += [TableEdgeOut(source=one.id, target=next_one.id, rows=one.rows) for one, next_one in pairwise(later)]
        snapshot_id = snapshot.snapshot_id if snapshot else None
        return TableLineageOut(view=view, snapshot_id=snapshot_id, nodes=[*raw, *later], edges=edges)


@router.get("/columns", dependencies=[requires("views.read")], responses=_PROBLEMS)
def column_lineage(view: ViewName, column: ColumnName, session: Session, held: Held) -> ColumnLineageOut:
    """The source fields that fill a view's column, with how they are read and how sure that is."""
    mapped = Mapped.of(session)
    entity = entity_of_view(mapped.catalog, view)
    described = describe_columns(entity, view_columns(entity)) if entity else []
    found = next((one for one in described if one.name == column), None)
    if entity is None or found is None:
        raise NotFound
    with held.published.open_current(session.tenant_id) as snapshot:
        return ColumnLineageOut(
            view=view,
            column=column,
            description=found.description,
            snapshot_id=snapshot.snapshot_id if snapshot else None,
            sources=[
                source for stream in mapped.onto(entity.name) for source in _sources(stream, column, entity, snapshot)
            ],
        )


def _live(rows: int, snapshot: Snapshot | None) -> int | None:
    return rows if snapshot else None


def _raw_node(stream: MappedStream, session: TenantSession, snapshot: Snapshot | None) -> TableNodeOut:
    runs = session.sync_runs.list(stream.connection.id, limit=1)
    return TableNodeOut(
        id=f"raw:{stream.mapping.id.hex}",
        stage="raw",
        name=stream.label,
        rows=raw_records(snapshot, stream.mapping) if snapshot else None,
        connection_id=stream.connection.id,
        mapping_version=stream.mapping.version,
        last_run_at=runs[0].finished_at if runs else None,
        last_run_status=runs[0].status if runs else None,
    )


def _later_nodes(entity: Entity, session: TenantSession, snapshot: Snapshot | None) -> list[TableNodeOut]:
    """Canonical records, clusters where the entity is resolved, and the view: in the order rows go through them."""
    counted = filled_by_stream(snapshot, entity) if snapshot else {}
    records = sum(one.rows for one in counted.values())
    publication = snapshot.publication if snapshot else None
    rows = publication.views.get(entity.view, {}).get("rows") if publication else None
    refresh = session.refreshes.latest()

    def node(stage: str, name: str, rows: int | None) -> TableNodeOut:
        return TableNodeOut(
            id=f"{stage}:{name}",
            stage=stage,
            name=name,
            rows=rows,
            connection_id=None,
            mapping_version=None,
            last_run_at=publication.published_at if publication and stage == "view" else None,
            last_run_status=refresh.status if refresh and stage == "view" else None,
        )

    nodes = [node("canonical", entity.name, records if snapshot else None)]
    if entity.name in resolved_entities():
        nodes.append(node("clusters", entity.name, clusters(snapshot, entity) if snapshot else None))
    return [*nodes, node("view", entity.view, rows)]


def _sources(stream: MappedStream, column: str, entity: Entity, snapshot: Snapshot | None) -> list[ColumnSourceOut]:
    filled = filled_by_stream(snapshot, entity).get(stream.key) if snapshot else None
    return [
        ColumnSourceOut(
            connection_id=stream.connection.id,
            connection=stream.connection.name,
            stream=stream.mapping.stream,
            mapping_version=stream.mapping.version,
            source_fields=list(rule.sources()),
            transform={"kind": rule.transform.kind, "args": dict(rule.transform.args)},
            probability=rule.probability,
            decided_by=rule.decided_by,
            since=rule.since,
            until=rule.until,
            records=filled.columns.get(column, 0) if filled else None,
        )
        for rule in stream.rules
        if rule.target == column
    ]
