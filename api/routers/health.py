"""Is the process alive, can it do its work, and what has it counted: for balancers and Prometheus."""

import hmac
import ipaddress

from fastapi import APIRouter, Request, Response

from api.dependencies import Held
from api.metrics import CONTENT_TYPE
from api.problems import NotFound
from api.schemas.operation import HealthOut, ReadinessOut
from orchestration.resources.settings import Settings

router = APIRouter(tags=["operations"])
DRAINING = {"process": "it is shutting down; ask another one"}
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/health")
async def health() -> HealthOut:
    """The process is alive. Says nothing about what it depends on."""
    return HealthOut(status="ok")


@router.get("/ready", responses={503: {"model": ReadinessOut}})
def ready(held: Held, response: Response) -> ReadinessOut:
    """Postgres, its migrations, Valkey and Dagster, asked now; 503 with the reasons when one is not in order."""
    problems = DRAINING if held.draining.is_on else held.probes.problems()
    if problems:
        response.status_code = 503
    return ReadinessOut(ready=not problems, problems=problems)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request, held: Held) -> Response:
    """Figures for Prometheus. From this machine, or with the metrics token; there is nothing here for others."""
    if not (_has_token(request, held.settings) or _is_local(request)):
        raise NotFound
    return Response(held.metrics.text(), headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE)


def _has_token(request: Request, settings: Settings) -> bool:
    wanted = settings.metrics_token.get_secret_value()
    sent = request.headers.get("authorization", "")
    return bool(wanted) and hmac.compare_digest(sent.encode(), f"Bearer {wanted}".encode())


def _is_local(request: Request) -> bool:
    """Whether somebody on this machine asks for themselves; a proxy here asks for others."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    return _is_loopback(request.client.host if request.client else "") and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
