"""A connection's streams: which there are, how each is read, which columns are taken, what its records look like."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.conditional import Conditional, Preconditions
from api.dependencies import Id, Session, requires
from api.problems import Conflict, Invalid, NotFound, PreconditionFailed, problems
from api.routers.connections import ASKING, tag_of
from api.schemas.streams import (
    DiscoveredOut,
    PreviewColumnOut,
    PreviewOut,
    StreamChange,
    StreamChoicesIn,
    StreamOut,
    StreamStateOut,
    StreamStatesOut,
    choice_of,
    seen_fields,
)
from api.tenant_sources import Sources, TenantSources
from api.unit_of_work import TenantRoute
from assets.extract.choosing import ChoiceRefused, choose, with_choice
from assets.extract.selection import StreamSettings, is_hashed, settings_for, visible
from connectors.errors import ConfigInvalid
from connectors.protocol import Stream
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.safe_mode import SAFE_RECORDS
from orchestration.resources.previewing import Preview, preview, without

router = APIRouter(prefix="/connections/{connection_id}", route_class=TenantRoute)
StreamName = Annotated[str, Path(max_length=500, description="Name of the stream.")]
Choices = dict[str, Any]


@router.get("/discover", dependencies=[requires("connections.write")], responses=problems(NotFound, *ASKING))
def discover_streams(connection_id: Id, sources: Sources) -> DiscoveredOut:
    """Ask the source which streams it holds now, with fields, keys and the ways they may be read."""
    record, found = _discovered(connection_id, sources)
    shown = [StreamOut.of(stream, settings_for(record.streams, stream.name)) for stream in found]
    return DiscoveredOut(streams=shown, absent=sorted(set(record.streams) - {stream.name for stream in found}))


@router.get("/streams", dependencies=[requires("connections.read")], responses=problems(NotFound))
def list_streams(connection_id: Id, session: Session, response: Response) -> StreamStatesOut:
    """The streams that were synced or chosen, as they looked last; the source is not asked."""
    record = session.connections.get(connection_id)
    response.headers["ETag"] = tag_of(record)
    seen = session.schemas.newest(connection_id)
    return StreamStatesOut(
        streams=[
            StreamStateOut(
                name=name,
                choice=choice_of(record.streams, name),
                fields=seen_fields(seen[name].fields) if name in seen else None,
                last_seen_at=seen[name].last_seen_at if name in seen else None,
            )
            for name in sorted({*record.streams, *seen})
        ]
    )


@router.put(
    "/streams",
    dependencies=[requires("connections.write")],
    responses=problems(NotFound, Conflict, PreconditionFailed, Invalid, *ASKING),
)
def choose_streams(
    connection_id: Id, wanted: StreamChoicesIn, sources: Sources, conditions: Conditional, response: Response
) -> StreamStatesOut:
    """Choose for all streams at once; what is left out is read as the source offers it. Checked against the source."""

    def chosen(found: list[Stream], _: Mapping[str, Any]) -> Choices:
        choices: Choices = {}
        for name, choice in wanted.streams.items():
            choices = with_choice(choices, name, _fitting(found, name, choice.model_dump(exclude_defaults=True)))
        return choices

    record = _store(connection_id, sources, conditions, chosen)
    with sources.session() as session:
        return list_streams(record.id, session, response)


@router.patch(
    "/streams/{stream:path}",
    dependencies=[requires("connections.write")],
    responses=problems(NotFound, Conflict, PreconditionFailed, Invalid, *ASKING),
)
def choose_stream(
    connection_id: Id,
    stream: StreamName,
    change: StreamChange,
    sources: Sources,
    conditions: Conditional,
    response: Response,
) -> StreamOut:
    """Choose how one stream is read. What is left out stays; it takes effect with the next sync."""
    given = change.model_dump(include=change.model_fields_set)
    offered: list[Stream] = []

    def chosen(found: list[Stream], stored: Mapping[str, Any]) -> Choices:
        offered[:] = [known for known in found if known.name == stream]
        if not offered:
            raise NotFound
        together = {**(stored.get(stream) or {}), **given}
        fitting = _fitting(found, stream, {name: value for name, value in together.items() if value is not None})
        return with_choice(stored, stream, fitting)

    record = _store(connection_id, sources, conditions, chosen)
    response.headers["ETag"] = tag_of(record)
    return StreamOut.of(offered[0], settings_for(record.streams, stream))


@router.get(
    "/streams/{stream:path}/preview",
    dependencies=[requires("connections.write")],
    responses=problems(NotFound, *ASKING),
)
def preview_stream(connection_id: Id, stream: StreamName, sources: Sources) -> PreviewOut:
    """The first 20 records as the source gives them, without those columns that are dropped or hashed."""

    def look() -> tuple[ConnectionRecord, Preview | None]:
        with sources.onboarding.opened(sources.actor.tenant_id, connection_id) as (record, connector):
            return record, preview(connector, stream, SAFE_RECORDS)

    record, found = sources.ask(look)
    if found is None:
        raise NotFound
    columns = _columns(found.stream, settings_for(record.streams, stream))
    hidden = {column.name: column for column in columns if column.taken != "as_is"}
    return PreviewOut(stream=stream, columns=columns, records=without(found.records, hidden), cut=found.cut)


def _columns(stream: Stream, settings: StreamSettings) -> list[PreviewColumnOut]:
    taken = {field.name for field in visible(stream, settings).fields}
    return [
        PreviewColumnOut(
            name=field.name,
            type=field.type,
            taken="dropped" if field.name not in taken else "hashed" if is_hashed(field.name, settings) else "as_is",
        )
        for field in stream.fields
    ]


def _discovered(connection_id: UUID, sources: TenantSources) -> tuple[ConnectionRecord, list[Stream]]:
    def discover() -> tuple[ConnectionRecord, list[Stream]]:
        with sources.onboarding.opened(sources.actor.tenant_id, connection_id) as (record, connector):
            return record, connector.discover()

    return sources.ask(discover)


def _store(
    connection_id: UUID,
    sources: TenantSources,
    conditions: Preconditions,
    chosen: Callable[[list[Stream], Mapping[str, Any]], Choices],
) -> ConnectionRecord:
    """Ask the source what it offers, then store the choices that fit, if the caller still means this connection."""
    with sources.session() as session:
        conditions.check(tag_of(session.connections.get(connection_id)))
    _, found = _discovered(connection_id, sources)
    with sources.session() as session:
        record = session.connections.held(connection_id)
        conditions.check(tag_of(record))
        choices = chosen(found, record.streams)
        updated = session.connections.update(connection_id, streams=choices)
        for name in sorted({*record.streams, *choices}):
            if record.streams.get(name) != choices.get(name):
                data = {"stream": name, "settings": settings_for(choices, name).model_dump(mode="json")}
                session.audit.record("connection.stream_set", f"connection:{connection_id}", data, sources.actor.name)
        return updated


def _fitting(found: list[Stream], name: str, wanted: Mapping[str, Any]) -> StreamSettings:
    """The settings, once they are known to fit the stream. Raises Invalid."""
    try:
        return choose(found, name, wanted)
    except (ChoiceRefused, ConfigInvalid) as refused:
        raise Invalid(str(refused)) from None
