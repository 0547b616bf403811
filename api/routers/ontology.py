"""Which sources fill which entities, and how much of them is mapped."""

from fastapi import APIRouter

from api.dependencies import Held, Session, requires
from api.mapped import Mapped, MappedStream
from api.problems import problems
from api.published.filling import Filled, StreamKey, filled_by_stream, filled_in_view
from api.published.problems import QueryTimeout, QueryTooLarge
from api.published.readers import Snapshot
from api.schemas.ontology import (
    ColumnCoverageOut,
    CoverageOut,
    OntologyLinkOut,
    OntologyNodeOut,
    OntologyOut,
    StreamCoverageOut,
    UnmappedOut,
    ViewCoverageOut,
)
from api.unit_of_work import TenantRoute
from assets.normalize.catalog import Entity

router = APIRouter(prefix="", route_class=TenantRoute)
_PROBLEMS = problems(QueryTimeout, QueryTooLarge)


@router.get("/ontology", dependencies=[requires("views.read")], responses=_PROBLEMS)
def get_ontology(session: Session, held: Held) -> OntologyOut:
    """Connections, their streams, the entities these fill, and the views people read; with rows and field mappings."""
    mapped = Mapped.of(session)
    with held.published.open_current(session.tenant_id) as snapshot:
        counted = _counted(mapped, snapshot)
        views = snapshot.publication.views if snapshot else {}
        nodes = [_connection_node(mapped, one.id.hex, counted) for one in mapped.connections]
        links: list[OntologyLinkOut] = []
        for stream in mapped.streams:
            rows = _rows(stream, counted, snapshot)
            nodes.append(_node(f"stream:{stream.mapping.id.hex}", "stream", stream.mapping.stream, rows))
            links.append(_link(f"connection:{stream.connection.id.hex}", f"stream:{stream.mapping.id.hex}", rows))
            if stream.mapping.entity in mapped.catalog:
                into = f"entity:{stream.mapping.entity}"
                links.append(_link(f"stream:{stream.mapping.id.hex}", into, rows, stream))
        for entity in mapped.catalog.values():
            of_entity = [count.rows for (name, *_), count in counted.items() if name == entity.name]
            records = sum(of_entity) if snapshot else None
            rows = views.get(entity.view, {}).get("rows")
            nodes.append(_node(f"entity:{entity.name}", "entity", entity.name, records))
            nodes.append(_node(f"view:{entity.view}", "view", entity.view, rows))
            links.append(_link(f"entity:{entity.name}", f"view:{entity.view}", rows))
        return OntologyOut(
            nodes=nodes,
            links=links,
            unmapped=[_unmapped(stream) for stream in mapped.streams if stream.unmapped],
            snapshot_id=snapshot.snapshot_id if snapshot else None,
        )


@router.get("/coverage", dependencies=[requires("views.read")], responses=_PROBLEMS)
def get_coverage(session: Session, held: Held) -> CoverageOut:
    """Fields mapped, unmapped and held by stream, the share of filled cells, and what fills each column of a view."""
    mapped = Mapped.of(session)
    with held.published.open_current(session.tenant_id) as snapshot:
        counted = _counted(mapped, snapshot)
        return CoverageOut(
            streams=[_stream_coverage(stream, counted, snapshot) for stream in mapped.streams],
            views=[_view_coverage(entity, mapped, snapshot) for entity in mapped.catalog.values()],
            snapshot_id=snapshot.snapshot_id if snapshot else None,
        )


_Counted = dict[tuple[str, str, str], Filled]  # entity, connection id, stream


def _counted(mapped: Mapped, snapshot: Snapshot | None) -> _Counted:
    if snapshot is None:
        return {}
    found: list[tuple[str, StreamKey, Filled]] = [
        (entity.name, key, filled)
        for entity in mapped.catalog.values()
        for key, filled in filled_by_stream(snapshot, entity).items()
    ]
    return {(name, *key): filled for name, key, filled in found}


def _of(stream: MappedStream, counted: _Counted) -> Filled | None:
    return counted.get((stream.mapping.entity or "", *stream.key))


def _rows(stream: MappedStream, counted: _Counted, snapshot: Snapshot | None) -> int | None:
    if snapshot is None or stream.mapping.entity is None:
        return None
    found = _of(stream, counted)
    return found.rows if found else 0


def _connection_node(mapped: Mapped, id_hex: str, counted: _Counted) -> OntologyNodeOut:
    connection = next(one for one in mapped.connections if one.id.hex == id_hex)
    rows = [count.rows for (_, owner, _), count in counted.items() if owner == str(connection.id)]
    node = _node(f"connection:{id_hex}", "connection", connection.name, sum(rows) if counted else None)
    return node.model_copy(update={"status": connection.status})


def _node(id: str, kind: str, name: str, rows: int | None) -> OntologyNodeOut:
    return OntologyNodeOut(id=id, kind=kind, name=name, status=None, rows=rows)


def _link(source: str, target: str, rows: int | None, stream: MappedStream | None = None) -> OntologyLinkOut:
    return OntologyLinkOut(source=source, target=target, rows=rows, fields=stream.links() if stream else [])


def _unmapped(stream: MappedStream) -> UnmappedOut:
    return UnmappedOut(
        connection_id=stream.connection.id,
        connection=stream.connection.name,
        stream=stream.mapping.stream,
        fields=stream.unmapped,
    )


def _stream_coverage(stream: MappedStream, counted: _Counted, snapshot: Snapshot | None) -> StreamCoverageOut:
    found = _of(stream, counted)
    targets = {rule.target for rule in stream.rules} & found.columns.keys() if found else set()
    cells = found.rows * len(targets) if found else 0
    filled = sum(found.columns[target] for target in targets) / cells if found and cells else None
    return StreamCoverageOut(
        connection_id=stream.connection.id,
        connection=stream.connection.name,
        stream=stream.mapping.stream,
        entity=stream.mapping.entity,
        mapping_version=stream.mapping.version,
        fields=len(stream.fields),
        mapped=stream.mapped,
        unmapped=stream.unmapped,
        held=sorted(stream.held),
        records=_rows(stream, counted, snapshot),
        filled=filled,
    )


def _view_coverage(entity: Entity, mapped: Mapped, snapshot: Snapshot | None) -> ViewCoverageOut:
    filled = filled_in_view(snapshot, entity) if snapshot else None
    streams = mapped.onto(entity.name)
    return ViewCoverageOut(
        view=entity.view,
        rows=filled.rows if filled else None,
        columns=[
            ColumnCoverageOut(
                column=column.name,
                filled=filled.columns.get(column.name, 0) / filled.rows if filled and filled.rows else None,
                sources=[one.label for one in streams if any(rule.target == column.name for rule in one.rules)],
            )
            for column in entity.columns
        ],
    )
