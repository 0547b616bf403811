"""For those who run the platform: health, queues, lag, versions. For everybody else there is nothing here."""

import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter, Depends, Request

from api.dependencies import Held, operators_only
from api.platform_queues import batch_streams, waiting_nudges, waiting_runs
from api.schemas.operation import DependencyOut, LagOut, PlatformHealthOut, QueueOut, QueuesOut, VersionsOut
from api.unit_of_work import TenantRoute
from orchestration.control_plane.migrations.runner import newest_revision
from orchestration.control_plane.platform_figures import QueueFigure

router = APIRouter(prefix="", route_class=TenantRoute, dependencies=[Depends(operators_only)])
_PACKAGES = ("fastapi", "starlette", "uvicorn", "pydantic", "sqlalchemy", "redis", "duckdb", "dagster")


@router.get("/health")
def platform_health(held: Held) -> PlatformHealthOut:
    """Every dependency, asked now: what is wrong, its version, how long it took."""
    return PlatformHealthOut(dependencies=[DependencyOut.model_validate(found) for found in held.probes.ask()])


@router.get("/queues")
def platform_queues(held: Held) -> QueuesOut:
    """What waits or runs, by kind and state, with the oldest."""
    with held.control_plane.identity_session() as identity:
        figures = identity.platform.queues()
    client = held.events.client
    return QueuesOut(
        queues=_shown(figures),
        broker=waiting_runs(client),
        nudges=waiting_nudges(client),
        batches=batch_streams(client),
    )


@router.get("/lag")
def platform_lag(held: Held) -> LagOut:
    """Tenants whose views are behind their data, and connections that should have synced by now."""
    with held.control_plane.identity_session() as identity:
        return LagOut(lag=_shown(identity.platform.lag(datetime.now(UTC))))


@router.get("/versions")
def platform_versions(held: Held, request: Request) -> VersionsOut:
    """What runs here: the application, its packages, its tables."""
    with held.control_plane.identity_session() as identity:
        migration = identity.platform.revision()
    return VersionsOut(
        application=request.app.version,
        python=platform.python_version(),
        revision=held.settings.revision or None,
        migration=migration,
        newest_migration=newest_revision(),
        packages={name: _version(name) for name in _PACKAGES},
    )


def _shown(figures: Iterable[QueueFigure]) -> list[QueueOut]:
    now = datetime.now(UTC)
    return [
        QueueOut(
            queue=figure.queue,
            state=figure.state,
            count=figure.count,
            oldest=figure.oldest,
            oldest_age_s=None if figure.oldest is None else round((now - figure.oldest).total_seconds(), 3),
        )
        for figure in figures
    ]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
