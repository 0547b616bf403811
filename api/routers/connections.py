"""A tenant's sources: connected, listed, changed, deleted. Trying one and deciding on one have rooms beside this."""

from typing import Any

from fastapi import APIRouter, Response

from api.conditional import Conditional, entity_tag
from api.cursors import text_place
from api.dependencies import Id, Session, requires
from api.paging import CursorText, Limit, Page, write_cursor
from api.problems import Conflict, Invalid, NotFound, PreconditionFailed, problems
from api.schemas.connections import ConnectedOut, ConnectionChange, ConnectionIn, ConnectionOut, GrantsOut
from api.schemas.streams import StreamOut
from api.source_calls import SourceTimeout, TooManySourceCalls
from api.tenant_sources import ConnectionRefused, Sources, TenantSources
from api.unit_of_work import TenantRoute
from assets.extract.selection import settings_for
from orchestration.control_plane import connection_decisions
from orchestration.control_plane.connections import UNCHANGED, ConnectionRecord
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.locators import Locator
from orchestration.control_plane.schedule import Schedule
from orchestration.resources.changing import Change, Changed
from orchestration.resources.onboarding import Outcome

router = APIRouter(prefix="/connections", route_class=TenantRoute)
ASKING = (ConnectionRefused, TooManySourceCalls, SourceTimeout)
_WHERE = "/api/v1/aam/connections/{}"


@router.get("", dependencies=[requires("connections.read")])
def list_connections(
    session: Session, sources: Sources, limit: Limit = 50, cursor: CursorText = None
) -> Page[ConnectionOut]:
    """The tenant's connections by name, each with its newest sync and what waits there for a person."""
    found = session.connections.page(text_place(cursor), limit + 1)
    shown = found[:limit]
    overviews = session.overviews.of([record.id for record in shown])
    items = [ConnectionOut.of(record, overviews[record.id], sources.shown, sources.told) for record in shown]
    return Page(items=items, next_cursor=write_cursor(shown[-1].name) if len(found) > limit else None)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("connections.write")],
    responses=problems(Conflict, Invalid, *ASKING)
    | {200: {"model": ConnectedOut, "description": "That source was connected already"}},
)
def create_connection(wanted: ConnectionIn, sources: Sources, response: Response) -> ConnectedOut:
    """Connect a source: try it, verify what its credentials may do, and store it in Safe Mode.

    The same source asked for again is the same connection, brought up to date. An attempt that fails is an intent.
    """
    intent = intent_of(wanted, sources)
    schedule = read_schedule(wanted.schedule)
    outcome = sources.ask(
        lambda: sources.onboarding.connect(sources.actor.tenant_id, intent, sources.actor.name, schedule)
    )
    return connected(outcome, sources, response)


@router.get("/{connection_id}", dependencies=[requires("connections.read")], responses=problems(NotFound))
def get_connection(connection_id: Id, session: Session, sources: Sources, response: Response) -> ConnectionOut:
    """One connection. Its ETag changes when somebody changes it, not with every sync."""
    return answered(session.connections.get(connection_id), session, sources, response)


@router.patch(
    "/{connection_id}",
    dependencies=[requires("connections.write")],
    responses=problems(NotFound, Conflict, PreconditionFailed, Invalid, *ASKING),
)
def change_connection(
    connection_id: Id, change: ConnectionChange, sources: Sources, conditions: Conditional, response: Response
) -> ConnectionOut:
    """Change a connection. Configuration, credentials and rights are tried at the source before they are stored."""
    wanted = _change(change)
    if change.credentials or change.credential_locator:
        with sources.session() as session:
            kind = session.connections.get(connection_id).kind
        sources.refuse_misplaced(kind, change.credentials, change.credential_locator)

    def work() -> Changed:
        return sources.changing.change(
            sources.actor.tenant_id, connection_id, wanted, sources.actor.name,
            lambda record: conditions.check(tag_of(record)),
        )  # fmt: skip

    changed = sources.ask(work) if wanted.asks_source else work()
    if changed.refusal is not None:
        raise sources.refused(changed.refusal)
    with sources.session() as session:
        return answered(changed.connection, session, sources, response)


@router.delete(
    "/{connection_id}",
    status_code=204,
    dependencies=[requires("connections.write")],
    responses=problems(NotFound, PreconditionFailed),
)
def delete_connection(connection_id: Id, session: Session, sources: Sources, conditions: Conditional) -> None:
    """Delete a connection and destroy its credentials; records it brought stay in the lake."""
    record = session.connections.held(connection_id)
    conditions.check(tag_of(record))
    connection_decisions.delete(session, record, sources.actor.name)


def intent_of(wanted: ConnectionIn, sources: TenantSources) -> Intent:
    """What is asked for, as an intent whose configuration keeps to its bounds. Raises Invalid."""
    sources.refuse_misplaced(wanted.kind, wanted.credentials, wanted.credential_locator)
    told: dict[str, Any] = wanted.model_dump(exclude={"config", "credentials", "schedule", "owner"}, exclude_unset=True)
    config = sources.confined(wanted.kind, whole_config(wanted.config, wanted.credentials))
    return Intent.model_validate({**told, "config": config, "owner": wanted.owner or sources.actor.name})


def whole_config(config: dict[str, Any], credentials: dict[str, Any]) -> dict[str, Any]:
    """Configuration and credentials together. Raises Invalid when both give a field."""
    twice = sorted(set(config) & set(credentials))
    if twice:
        raise Invalid(f"Both config and credentials give {', '.join(twice)}.")
    return {**config, **credentials}


def connected(outcome: Outcome, sources: TenantSources, response: Response) -> ConnectedOut:
    """The answer to an attempt that connected; ConnectionRefused for one that did not."""
    if outcome.refusal is not None or outcome.connection is None or outcome.source is None:
        assert outcome.refusal is not None
        raise sources.refused(outcome.refusal, intent_id=str(outcome.intent.id))
    record = outcome.connection
    with sources.session() as session:
        shown = answered(record, session, sources, response)
    response.status_code = 201 if outcome.is_new else 200
    response.headers["Location"] = _WHERE.format(record.id)
    return ConnectedOut(
        connection=shown, is_new=outcome.is_new, changed=list(outcome.changed), intent_id=outcome.intent.id,
        grants=GrantsOut.of(outcome.source.grants),
        streams=[StreamOut.of(one, settings_for(record.streams, one.name)) for one in outcome.source.streams],
    )  # fmt: skip


def answered(record: ConnectionRecord, session: Session, sources: TenantSources, response: Response) -> ConnectionOut:
    """The connection as an answer with its ETag."""
    response.headers["ETag"] = tag_of(record)
    return sources.described(session, record)


def tag_of(record: ConnectionRecord) -> str:
    """Changes when somebody changes the connection or decides on it."""
    return entity_tag("connection", record.id, record.updated_at.isoformat())


def read_schedule(text: str | None) -> Schedule | None:
    """`every 15m`, `15m`, or cron fields. Raises ScheduleInvalid."""
    return None if text is None else Schedule.parse(text.removeprefix("every ").strip())


def _change(change: ConnectionChange) -> Change:
    given = change.model_fields_set
    locator = None if change.credential_locator is None else Locator.parse(change.credential_locator)
    return Change(
        name=change.name, config=change.config, credentials=change.credentials, risk_level=change.risk_level,
        scopes_mode=change.scopes_mode, owner=change.owner,
        schedule=read_schedule(change.schedule) if "schedule" in given else UNCHANGED,
        credential_locator=locator if "credential_locator" in given else UNCHANGED,
    )  # fmt: skip
