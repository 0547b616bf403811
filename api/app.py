"""The application: its routers and what it holds while it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from api import problems
from api.routers import (
    api_keys,
    approvals,
    audit,
    auth,
    connections,
    contracts,
    debug,
    drift,
    entities,
    events,
    fingerprints,
    flags,
    health,
    invitations,
    lineage,
    mappings,
    members,
    onboarding,
    ontology,
    records,
    repair_metrics,
    repair_settings,
    secrets,
    streams,
    tasks,
    tenant_state,
    usage,
    views,
)
from api.state import AppState
from orchestration.resources.settings import Settings, load_settings

PREFIX = "/api/v1"
# OpenAPI tag and prefix -> its routers
DOMAINS: dict[str, tuple[APIRouter, ...]] = {
    "auth": (auth.router, members.router, invitations.router, api_keys.router),
    "aam": (
        connections.router,
        streams.router,
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
    "dcl": (views.router, records.router, ontology.router, lineage.router, entities.router),
    "aoa": (tasks.router, tenant_state.router),
    "events": (events.router,),
    "debug": (debug.router,),
    "admin": (flags.router, usage.router, audit.router),
}


def create_app(settings: Settings | None = None) -> FastAPI:
    """The FastAPI application; `uvicorn api.app:create_app --factory` serves it."""
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AppState.opened(chosen) as state:
            app.state.held = state
            yield

    app = FastAPI(title="AutonomOS", version="0.1.0", lifespan=lifespan)
    problems.install(app)
    app.include_router(health.router)
    for tag, routers in DOMAINS.items():
        for router in routers:
            app.include_router(router, prefix=f"{PREFIX}/{tag}", tags=[tag])
    return app
