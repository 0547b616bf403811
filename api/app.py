"""The application: its routers and what it holds while it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from api import openapi, problem_answers
from api.dashboard import Dashboard
from api.observation import Observation
from api.requests.cross_origin import allow_origins
from api.requests.middleware import Edge
from api.requests.routing import index
from api.routers import (
    account,
    api_keys,
    approval_pages,
    approvals,
    audit,
    auth,
    connection_decisions,
    connections,
    contracts,
    debug,
    documentation,
    drift,
    entities,
    events,
    exports,
    files,
    fingerprints,
    flags,
    health,
    invitations,
    lineage,
    mappings,
    members,
    onboarding,
    ontology,
    problems,
    proposed_mappings,
    records,
    rejects,
    repair_metrics,
    repair_settings,
    secrets,
    streams,
    syncs,
    tasks,
    tenant_state,
    trials,
    usage,
    views,
)
from api.state import AppState
from api.telemetry import FASTAPI_OFF, Traced
from api.version import VERSION
from orchestration.resources.production import refuse_unsafe
from orchestration.resources.settings import Settings, load_settings

PREFIX = "/api/v1"
# OpenAPI tag and prefix -> its routers
DOMAINS: dict[str, tuple[APIRouter, ...]] = {
    "auth": (auth.router, account.router, members.router, invitations.router, api_keys.router),
    "aam": (
        trials.router,
        connections.router,
        connection_decisions.router,
        streams.router,
        proposed_mappings.router,
        syncs.router,
        rejects.router,
        files.router,
        secrets.router,
        onboarding.router,
        fingerprints.router,
        drift.router,
        mappings.router,
        approvals.router,
        contracts.router,
        repair_settings.router,
        repair_metrics.router,
    ),
    "dcl": (
        views.router,
        views.pages,
        views.snapshots,
        exports.router,
        records.router,
        ontology.router,
        lineage.router,
        entities.router,
    ),
    "aoa": (tasks.router, tenant_state.router),
    "events": (events.router,),
    "debug": (debug.router,),
    "admin": (flags.router, usage.router, audit.router),
}


def create_app(settings: Settings | None = None) -> FastAPI:
    """The FastAPI application; `uvicorn api.app:create_app --factory` serves it."""
    chosen = settings or load_settings()
    refuse_unsafe(chosen)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AppState.opened(chosen) as state:
            app.state.held = state
            yield

    app = FastAPI(version=VERSION, lifespan=lifespan, telemetry=FASTAPI_OFF, **openapi.OPTIONS)
    problem_answers.install(app)
    for public in (health.router, problems.router, documentation.router, approval_pages.router):
        app.include_router(public)
    for tag, routers in DOMAINS.items():
        for router in routers:
            app.include_router(router, prefix=f"{PREFIX}/{tag}", tags=[tag])
    index(app)
    app.router.routes.append(Dashboard())
    openapi.install(app)
    allow_origins(app, chosen.cors_origins)
    app.add_middleware(Traced)
    app.add_middleware(Edge, settings=chosen)
    app.add_middleware(Observation)  # added last: outermost
    return app
