"""The tenant as a whole: what runs and waits, everything derived made anew, and the secret that signs callbacks."""

from datetime import UTC, datetime
from typing import get_args

from fastapi import APIRouter, Request, Response

from api.dependencies import CurrentActor, Held, Session, requires
from api.problems import Conflict, Invalid, problems
from api.routers.tasks import begin, trace_of
from api.schemas.tasks import CallbackSecretOut, NewCallbackSecretOut, ResetIn, TaskOut
from api.schemas.tenant_state import ConnectionStateOut, PublicationOut, RunningOut, TenantStateOut
from api.unit_of_work import TenantRoute
from orchestration.control_plane.failure import TERMINAL, RunStatus
from orchestration.control_plane.publications import PublicationRecord
from orchestration.control_plane.tasks import TaskWish
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.callback_signing import SECRET_NAME, new_signing_secret

router = APIRouter(route_class=TenantRoute)
MOST_RUNS, MOST_TASKS, MOST_CONNECTIONS = 500, 100, 500


@router.get("/state", dependencies=[requires("tasks.read")])
def tenant_state(session: Session) -> TenantStateOut:
    """What runs and waits now, what readers see, since when it is behind, and how each connection is doing."""
    tenant = session.tenants.current()
    connections = session.connections.list()
    return TenantStateOut(
        at=datetime.now(UTC),
        stale_since=tenant.stale_since,
        rebuilding=any(refresh.anew for refresh in session.refreshes.unfinished()),
        publication=_publication(session.publications.current()),
        running=_running(session),
        tasks=[TaskOut.of(task) for task in session.tasks.unfinished(MOST_TASKS)],
        connections=[
            ConnectionStateOut.model_validate(connection, from_attributes=True)
            for connection in connections[:MOST_CONNECTIONS]
        ],
        connections_total=len(connections),
    )


@router.post("/reset", status_code=202, dependencies=[requires("tenant.reset")], responses=problems(Conflict))
def reset_tenant(
    consent: ResetIn, request: Request, response: Response, session: Session, actor: CurrentActor, held: Held
) -> TaskOut:
    """Derive everything once more from the raw records that were kept, and publish it; a task of kind `rebuild`.

    Raw records, cursors, mappings, approvals and the ids of entities stay. Readers see the last publication until the
    new one is there, and syncs wait. One rebuild at a time.
    """
    if consent.confirm != session.tenants.current().name:
        raise Invalid("`confirm` is not the name of your organisation.")
    wish = TaskWish("rebuild", callback_url=consent.callback_url, trace_id=trace_of(request))
    return begin(wish, request, response, session, actor, held)


@router.get("/callback-secret", dependencies=[requires("tasks.write")])
def get_callback_secret(session: Session) -> CallbackSecretOut:
    """Whether there is a secret that signs callbacks. It is shown when it is made, and never again."""
    known = next((secret for secret in session.secrets.list() if secret.name == SECRET_NAME), None)
    if known is None:
        return CallbackSecretOut(exists=False)
    return CallbackSecretOut(exists=True, version=known.version, updated_at=known.updated_at)


@router.post("/callback-secret", status_code=201, dependencies=[requires("secrets.write")])
def make_callback_secret(response: Response, session: Session, actor: CurrentActor) -> NewCallbackSecretOut:
    """Make a secret that signs callbacks, in place of the one before: callbacks sent from now on are signed with it."""
    secret = new_signing_secret()
    made = session.secrets.put(SECRET_NAME, secret)
    session.audit.record("callback_secret.made", f"secret:{SECRET_NAME}", {"version": made.version}, actor.name)
    response.headers["Location"] = "/api/v1/aoa/callback-secret"
    return NewCallbackSecretOut(secret=secret, version=made.version)


def _publication(current: PublicationRecord | None) -> PublicationOut | None:
    if current is None:
        return None
    rows = {name: int(view["rows"]) for name, view in sorted(current.views.items())}
    return PublicationOut(snapshot_id=current.snapshot_id, published_at=current.published_at, rows=rows)


def _running(session: TenantSession) -> list[RunningOut]:
    """Syncs and refreshes that have not ended, oldest first."""
    found: list[RunningOut] = []
    for status in get_args(RunStatus):
        if status not in TERMINAL:
            syncs = session.sync_runs.page(status=status, limit=MOST_RUNS)
            found += [RunningOut.model_validate(run, from_attributes=True) for run in syncs]
    for refresh in session.refreshes.unfinished():
        found.append(
            RunningOut(
                id=refresh.id,
                kind="rebuild" if refresh.anew else "refresh_views",
                status=refresh.status,
                requested_at=refresh.requested_at,
                started_at=refresh.started_at,
            )
        )
    return sorted(found, key=lambda run: run.requested_at)[:MOST_RUNS]
