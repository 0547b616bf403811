"""Is the process alive, and can it do its work."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.readiness import Probes

router = APIRouter(tags=["operations"])


class HealthOut(BaseModel):
    """The process answers."""

    status: str


class ReadinessOut(BaseModel):
    """What works; `problems` names what does not and is empty when all is well."""

    ready: bool
    problems: dict[str, str]


@router.get("/health")
async def health() -> HealthOut:
    """The process is alive. Says nothing about what it depends on."""
    return HealthOut(status="ok")


@router.get("/ready", responses={503: {"model": ReadinessOut}})
def ready(request: Request, response: Response) -> ReadinessOut:
    """Postgres, Valkey, migrations and Dagster, asked now; 503 with the reasons when one of them is not in order."""
    probes: Probes = request.app.state.held.probes
    problems = probes.problems()
    if problems:
        response.status_code = 503
    return ReadinessOut(ready=not problems, problems=problems)
