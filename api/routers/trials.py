"""Sources tried without storing anything: one that is connected, and one that is not yet."""

import time
from collections.abc import Callable

from fastapi import APIRouter

from api.dependencies import Id, requires
from api.problems import Invalid, NotFound, problems
from api.routers.connections import whole_config
from api.schemas.connections import GrantsOut, RefusalOut, SourceIn, TrialOut
from api.schemas.streams import StreamOut
from api.source_calls import SourceTimeout, TooManySourceCalls
from api.tenant_sources import Sources, TenantSources
from api.unit_of_work import TenantRoute
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.onboarding_intents import Standing
from orchestration.resources.onboarding import CheckedSource

router = APIRouter(prefix="/connections", route_class=TenantRoute)
Tried = tuple[CheckedSource | None, Standing | None]


@router.post(
    "/test",
    dependencies=[requires("connections.write")],
    responses=problems(Invalid, TooManySourceCalls, SourceTimeout),
)
def test_source(wanted: SourceIn, sources: Sources) -> TrialOut:
    """Try a source that is not connected: what it holds, and what its credentials may do. Nothing is stored."""
    sources.refuse_misplaced(wanted.kind, wanted.credentials, wanted.credential_locator)
    intent = Intent(
        name="trial", kind=wanted.kind, credential_locator=wanted.credential_locator, scopes_mode=wanted.scopes_mode,
        config=sources.confined(wanted.kind, whole_config(wanted.config, wanted.credentials)),
    )  # fmt: skip
    return _trial(sources, lambda: sources.onboarding.attempt(sources.actor.tenant_id, intent))


@router.post(
    "/{connection_id}/test",
    dependencies=[requires("connections.write")],
    responses=problems(NotFound, TooManySourceCalls, SourceTimeout),
)
def test_connection(connection_id: Id, sources: Sources) -> TrialOut:
    """Try a connection's source as it is stored. Nothing of it changes."""
    with sources.session() as session:
        record = session.connections.get(connection_id)
        own = session.connections.secrets(connection_id)
    intent = Intent(
        name=record.name, kind=record.kind, config={**record.config, **own}, namespace=record.namespace,
        credential_locator=record.credential_locator, scopes_mode=record.scopes_mode,
    )  # fmt: skip
    return _trial(sources, lambda: sources.onboarding.attempt(sources.actor.tenant_id, intent))


def _trial(sources: TenantSources, attempt: Callable[[], Tried]) -> TrialOut:
    began = time.monotonic()
    source, refusal = sources.ask(attempt)
    return TrialOut(
        ok=refusal is None, latency_ms=round(1000 * (time.monotonic() - began)),
        grants=GrantsOut.of(source.grants) if source else None,
        streams=[StreamOut.of(stream) for stream in source.streams] if source else [],
        refusal=RefusalOut.of(refusal, sources.told) if refusal else None,
    )  # fmt: skip
