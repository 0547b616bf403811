"""Entities as callers see them: fields, what fills them, and the rows of their views."""

from collections.abc import Mapping

from api.schemas.entities import EntityFieldOut, EntityOut
from assets.normalize.catalog import Entity
from assets.normalize.custom import tenant_catalog
from orchestration.control_plane.custom_entities import CustomEntityRecord
from orchestration.control_plane.tenant_session import TenantSession


def describe_entities(session: TenantSession) -> list[EntityOut]:
    """All entities of the tenant, canonical ones first."""
    declared = {record.name: record for record in session.custom_entities.list()}
    names = {known.id: known.name for known in session.connections.list()}
    publication = session.publications.current()
    published = publication.views if publication else {}
    streams: dict[str, list[str]] = {}
    filled: dict[tuple[str, str], list[str]] = {}
    for mapping in session.mappings.list():
        if mapping.entity is None or mapping.connection_id not in names:
            continue
        stream = f"{names[mapping.connection_id]}/{mapping.stream}"
        streams.setdefault(mapping.entity, []).append(stream)
        for rule in mapping.rules:
            filled.setdefault((mapping.entity, rule["target"]), []).append(f"{stream}: {rule['source']}")
    return [
        _described(entity, declared.get(entity.name), published.get(entity.view, {}).get("rows"), streams, filled)
        for entity in tenant_catalog(declared.values()).values()
    ]


def _described(
    entity: Entity,
    record: CustomEntityRecord | None,
    rows: int | None,
    streams: Mapping[str, list[str]],
    filled: Mapping[tuple[str, str], list[str]],
) -> EntityOut:
    types = {field["name"]: field["type"] for field in record.fields} if record else {}
    fields = []
    for column in entity.columns:
        info = entity.declared(column.name)
        fields.append(
            EntityFieldOut(
                name=column.name,
                type=types.get(column.name, column.duckdb_type),
                description=(info.description if info else "") or "",
                required=column.required,
                key=column.name in record.key if record else column.name == entity.identity,
                filled_by=filled.get((entity.name, column.name), []),
            )
        )
    return EntityOut(
        name=entity.name,
        view=entity.view,
        custom=entity.is_custom,
        rows=rows,
        streams=streams.get(entity.name, []),
        fields=fields,
        created_by=record.created_by if record else None,
        created_at=record.created_at if record else None,
    )
