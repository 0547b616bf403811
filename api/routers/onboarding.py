"""From "we want this source" to a connection: kinds of source, intents and what stands in their way, the funnel."""

from functools import cache
from typing import Any

from fastapi import APIRouter, Response

from api.cursors import text_and_id_place
from api.dependencies import CurrentActor, Id, Session, requires
from api.paging import CursorText, Limit, Page, write_cursor
from api.problems import Conflict, Invalid, NotFound, problems
from api.routers.connections import ASKING, connected
from api.schemas.connections import ConnectedOut
from api.schemas.onboarding import CapabilitiesOut, FunnelOut, IntentOut, KindOut
from api.tenant_sources import Sources
from api.unit_of_work import TenantRoute
from connectors.registry import KINDS
from orchestration.resources.source_config import secret_fields

router = APIRouter(prefix="", route_class=TenantRoute)
_FOR_OPERATORS = "allowed_roots"  # of files: over HTTP every tenant has its own folder, and no other


@router.get("/kinds", dependencies=[requires("connections.read")])
def list_kinds() -> list[KindOut]:
    """Every kind of source, with the JSON schema of its configuration and which fields are credentials."""
    return list(_kinds())


@router.get("/intents", dependencies=[requires("connections.read")])
def list_intents(session: Session, sources: Sources, limit: Limit = 50, cursor: CursorText = None) -> Page[IntentOut]:
    """Sources that somebody wanted connected, by name, with where each stands and what to do."""
    found = session.intents.page(text_and_id_place(cursor), limit + 1)
    shown = found[:limit]
    last = write_cursor(shown[-1].name, str(shown[-1].id)) if len(found) > limit else None
    return Page(items=[IntentOut.of(one, sources.shown, sources.told) for one in shown], next_cursor=last)


@router.get("/intents/{intent_id}", dependencies=[requires("connections.read")], responses=problems(NotFound))
def get_intent(intent_id: Id, session: Session, sources: Sources) -> IntentOut:
    """One intent."""
    return IntentOut.of(session.intents.get(intent_id), sources.shown, sources.told)


@router.post(
    "/intents/{intent_id}/retry",
    status_code=201,
    dependencies=[requires("connections.write")],
    responses=problems(NotFound, Conflict, Invalid, *ASKING)
    | {200: {"model": ConnectedOut, "description": "That source was connected already"}},
)
def retry_intent(intent_id: Id, sources: Sources, response: Response) -> ConnectedOut:
    """Try again to connect an intent whose credentials, if it needs any, are a secret of the tenant."""
    with sources.session() as session:
        intent = session.intents.get(intent_id).again()
    outcome = sources.ask(lambda: sources.onboarding.connect(sources.actor.tenant_id, intent, sources.actor.name))
    return connected(outcome, sources, response)


@router.delete(
    "/intents/{intent_id}",
    status_code=204,
    dependencies=[requires("connections.write")],
    responses=problems(NotFound, Conflict),
)
def drop_intent(intent_id: Id, session: Session, actor: CurrentActor) -> None:
    """Forget an intent that did not connect and that nobody wants any more."""
    gone = session.intents.drop(intent_id)
    session.audit.record("onboarding.dropped", f"intent:{gone.id}", gone.told, actor.name)


@router.get("/funnel", dependencies=[requires("connections.read")])
def get_funnel(session: Session, sources: Sources) -> FunnelOut:
    """How many of the tenant's sources deliver, and what keeps the others from it."""
    return FunnelOut.of(session.funnel.counts(), sources.told)


@cache
def _kinds() -> tuple[KindOut, ...]:
    return tuple(_kind(name) for name in sorted(KINDS))


def _kind(name: str) -> KindOut:
    connector = KINDS[name]
    schema: dict[str, Any] = connector.config_model.model_json_schema()
    schema.get("properties", {}).pop(_FOR_OPERATORS, None)
    able = {flag: getattr(connector.capabilities, flag) for flag in CapabilitiesOut.model_fields}
    description = (connector.__doc__ or "").strip().splitlines()[0]
    return KindOut(
        kind=name, description=description, capabilities=CapabilitiesOut(**able), config_schema=schema,
        secret_fields=secret_fields(name),
    )  # fmt: skip
