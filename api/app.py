"""The application: its routers and what it holds while it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.readiness import Probes
from api.routers import health
from orchestration.resources.settings import Settings, load_settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """The FastAPI application; `uvicorn api.app:create_app --factory` serves it."""
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with Probes.opened(chosen) as probes:
            app.state.probes = probes
            yield

    app = FastAPI(title="AutonomOS", version="0.1.0", lifespan=lifespan)
    app.include_router(health.router)
    return app
