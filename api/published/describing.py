"""What the views are: columns with their meaning from the model, figures and freshness from the publication."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.published.columns import public_columns
from api.published.readers import Snapshot
from api.schemas.views import ColumnOut, ViewOut, ViewSourceOut
from assets.normalize.catalog import Entity, EntityCatalog
from assets.unify.views import view_columns
from orchestration.resources.lake_session import name_of
from orchestration.resources.publishing import VIEWS_SCHEMA

_MEANINGS: Mapping[str, str] = {
    "_entity_id": "Identifier of the row, stable over publications",
    "account_entity_id": "Row of the view accounts that this one points at",
    "_sources": "The source records the row is made of, in order of precedence",
    "_source_count": "How many they are",
    "_source_updated_at": "When a source last changed one of them",
}


def describe_view(entity: Entity, snapshot: Snapshot | None, connections: Mapping[str, str]) -> ViewOut:
    """The view of an entity, as it is published where it is."""
    publication = snapshot.publication if snapshot else None
    said: Mapping[str, Any] = publication.views.get(entity.view, {}) if publication else {}
    columns = snapshot.columns(VIEWS_SCHEMA, entity.view) if snapshot else {}
    is_published = bool(said and columns and publication)
    return ViewOut(
        name=entity.view,
        entity=entity.name,
        custom=entity.is_custom,
        rows=said.get("rows"),
        joined=said.get("joined"),
        sources=[
            ViewSourceOut(connection_id=connection_id, connection=connections.get(connection_id), records=records)
            for connection_id, records in said.get("sources", {}).items()
        ],
        snapshot_id=publication.snapshot_id if publication and is_published else None,
        published_at=publication.published_at if publication and is_published else None,
        newest_source_change=newest_change(snapshot, entity.view) if snapshot and is_published else None,
        columns=describe_columns(entity, columns or view_columns(entity)),
    )


def describe_columns(entity: Entity, columns: Mapping[str, str]) -> list[ColumnOut]:
    """The columns of a table of the entity's, with what the model says of them."""
    known = {column.name: column for column in entity.columns}
    described = []
    for name, kind in public_columns(columns).items():
        declared = entity.declared(name)
        meaning = declared.description if declared else _MEANINGS.get(name)
        required = known[name].required if name in known else None
        described.append(ColumnOut(name=name, type=kind, description=meaning or None, required=required))
    return described


def newest_change(snapshot: Snapshot, view: str) -> datetime | None:
    """When a source last changed a record of the view; None where no source says."""
    newest = f"SELECT max(_source_updated_at) FROM {name_of(VIEWS_SCHEMA, view)}"
    found: datetime | None = snapshot.fact(f"newest {view}", lambda: snapshot.value(newest))
    return found


def entity_of_view(catalog: EntityCatalog, view: str) -> Entity | None:
    """The entity whose view has that name."""
    return next((entity for entity in catalog.values() if entity.view == view), None)
