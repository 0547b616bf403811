"""Work for Dagster: asked for, followed, canceled, retried, chained. Here it is only written down; runs do it."""

from datetime import UTC, datetime
from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import CurrentActor, Held, Id, Session, requires
from api.paging import CursorText, Limit, Page, read_cursor, write_cursor
from api.problems import Conflict, Forbidden, Invalid, NotFound, problems
from api.schemas.tasks import (
    OF_ONE_CONNECTION,
    CallbackOut,
    LogLineOut,
    ProgressOut,
    StepIn,
    TaskDetailOut,
    TaskIn,
    TaskKind,
    TaskOut,
    TaskRunOut,
    TaskStatus,
)
from api.security.actor import Actor
from api.state import AppState
from api.tenant_sources import Sources
from api.unit_of_work import TenantRoute
from orchestration.control_plane.task_advance import counts_of
from orchestration.control_plane.task_notes import LogSource, Place
from orchestration.control_plane.tasks import TaskRecord, TaskWish
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.callback_signing import SECRET_NAME
from orchestration.resources.nudges import nudge

router = APIRouter(prefix="/tasks", route_class=TenantRoute)
WHERE = "/api/v1/aoa/tasks/{}"
_LARGEST_SEQ = 2**63 - 1


@router.post("", status_code=202, dependencies=[requires("tasks.write")], responses=problems(NotFound, Conflict))
def request_task(
    wish: TaskIn, request: Request, response: Response, session: Session, actor: CurrentActor, held: Held
) -> TaskOut:
    """Ask for something to be done. Who asks for a sync that waits already joins it."""
    steps = [wish, *wish.chain]
    for step in steps:
        _check_step(step, session)
    chain = [step.model_dump(mode="json") for step in wish.chain]
    asked = TaskWish(wish.kind, wish.connection_id, chain, wish.callback_url, trace_of(request))
    return begin(asked, request, response, session, actor, held)


@router.get("", dependencies=[requires("tasks.read")])
def list_tasks(
    session: Session,
    sources: Sources,
    limit: Limit = 50,
    cursor: CursorText = None,
    status: Annotated[TaskStatus | None, Query()] = None,
    kind: Annotated[TaskKind | None, Query()] = None,
) -> Page[TaskOut]:
    """Tasks, newest first."""
    found = session.tasks.page(status, kind, _place(cursor), limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    where = write_cursor(shown[-1].requested_at.isoformat(), str(shown[-1].id)) if more else None
    return Page(items=[TaskOut.of(task, sources.told) for task in shown], next_cursor=where)


@router.get("/{task_id}", dependencies=[requires("tasks.read")], responses=problems(NotFound))
def get_task(task_id: Id, session: Session, sources: Sources, actor: CurrentActor) -> TaskDetailOut:
    """One task, its runs, and how far they are."""
    task = session.tasks.get(task_id)
    runs = session.tasks.runs(task_id)
    follow_up = session.tasks.follow_up(task_id)
    return TaskDetailOut(
        **TaskDetailOut.fields_of(task, sources.told),
        progress=ProgressOut.of(task, runs, counts_of(runs)),
        runs=[TaskRunOut.of(run, to_operator=actor.is_operator) for run in runs],
        follow_up_id=follow_up.id if follow_up else None,
        callback_url=task.callback_url if actor.may("tasks.write") else None,
    )


@router.post(
    "/{task_id}/cancel", status_code=202, dependencies=[requires("tasks.write")], responses=problems(NotFound, Conflict)
)
def cancel_task(task_id: Id, request: Request, session: Session, actor: CurrentActor, held: Held) -> TaskOut:
    """Give a task up: at once while it waits, else its runs are stopped. What they have committed stays whole."""
    task = session.task_life.cancel(task_id, actor.name)
    _record("task.cancel_requested", task, session, actor)
    _wake(request, held, actor.tenant_id)
    return TaskOut.of(task)


@router.post(
    "/{task_id}/retry",
    status_code=202,
    dependencies=[requires("tasks.write")],
    responses=problems(NotFound, Conflict, Forbidden),
)
def retry_task(
    task_id: Id, request: Request, response: Response, session: Session, actor: CurrentActor, held: Held
) -> TaskOut:
    """Do a task that failed or was canceled once more, as a new task with the same chain and callback."""
    if session.tasks.get(task_id).kind == "rebuild":
        _may_reset(actor)
    task = session.task_life.retry(task_id, actor.name, trace_of(request))
    _record("task.retried", task, session, actor)
    return _accepted(task, request, response, actor, held)


@router.get("/{task_id}/logs", dependencies=[requires("tasks.read")], responses=problems(NotFound))
def list_task_log(
    task_id: Id, session: Session, sources: Sources, limit: Limit = 100, cursor: CursorText = None
) -> Page[LogLineOut]:
    """What was told of a task and of its syncs, oldest first."""
    session.tasks.get(task_id)
    lines = session.task_notes.log(task_id, _log_place(cursor), limit + 1)
    shown = lines[:limit]
    more = len(lines) > limit
    where = write_cursor(shown[-1].at.isoformat(), shown[-1].source, shown[-1].seq) if more else None
    return Page(items=[LogLineOut.of(line, sources.told) for line in shown], next_cursor=where)


@router.get("/{task_id}/callbacks", dependencies=[requires("tasks.read")], responses=problems(NotFound))
def list_task_callbacks(task_id: Id, session: Session) -> Page[CallbackOut]:
    """Who was told of the end of a task, and what came of it. Six attempts over some eight hours, then it is dead."""
    session.tasks.get(task_id)
    return Page(items=[CallbackOut.of(callback) for callback in session.task_callbacks.of_task(task_id)])


def begin(
    wish: TaskWish, request: Request, response: Response, session: TenantSession, actor: Actor, held: AppState
) -> TaskOut:
    """Write a task down, have it heard at once, and say where it is."""
    if wish.callback_url is not None:
        _check_callback(wish.callback_url, session, held)
    task = session.task_life.begin(wish, actor.name)
    _record("task.requested", task, session, actor)
    return _accepted(task, request, response, actor, held)


def trace_of(request: Request) -> str | None:
    """The request's trace id."""
    trace_id: str | None = getattr(request.state, "trace_id", None)
    return trace_id


def _accepted(task: TaskRecord, request: Request, response: Response, actor: Actor, held: AppState) -> TaskOut:
    response.headers["Location"] = WHERE.format(task.id)
    _wake(request, held, actor.tenant_id)
    return TaskOut.of(task)


def _wake(request: Request, held: AppState, tenant_id: UUID) -> None:
    request.state.unit.after_commit(lambda: nudge(held.events.client, tenant_id))


def _record(action: str, task: TaskRecord, session: TenantSession, actor: Actor) -> None:
    connection = str(task.connection_id) if task.connection_id else None
    session.audit.record(action, f"task:{task.id}", {"kind": task.kind, "connection_id": connection}, actor.name)


def _check_step(step: StepIn, session: TenantSession) -> None:
    if (step.kind in OF_ONE_CONNECTION) != (step.connection_id is not None):
        needs = "needs" if step.kind in OF_ONE_CONNECTION else "takes no"
        raise Invalid(f"A task of kind {step.kind} {needs} connection_id.")
    if step.connection_id is not None:
        session.connections.get(step.connection_id)


def _check_callback(url: str, session: TenantSession, held: AppState) -> None:
    if held.settings.environment != "dev" and not url.startswith("https://"):
        raise Invalid("A callback's URL begins with https://.")
    if SECRET_NAME not in session.secrets.names():
        raise Conflict("Make a secret that signs callbacks first: POST /api/v1/aoa/callback-secret.")


def _may_reset(actor: Actor) -> None:
    if not actor.may("tenant.reset"):
        raise Forbidden("This needs the permission tenant.reset.")


def _place(cursor: str | None) -> tuple[datetime, UUID] | None:
    found = read_cursor(cursor, 2)
    if found is None:
        return None
    try:
        return _moment(found[0]), UUID(found[1])
    except (ValueError, TypeError, AttributeError):
        raise Invalid("That is no cursor of this list; begin without one.") from None


def _log_place(cursor: str | None) -> Place | None:
    found = read_cursor(cursor, 3)
    if found is None:
        return None
    at, source, seq = found
    try:
        place = _moment(at)
    except (ValueError, TypeError):
        source = None
    if source not in get_args(LogSource) or type(seq) is not int or not 0 <= seq <= _LARGEST_SEQ:
        raise Invalid("That is no cursor of this list; begin without one.")
    return place, source, seq


def _moment(text: object) -> datetime:
    """Raises ValueError or TypeError for what is no moment that Postgres can hold."""
    moment = datetime.fromisoformat(text)  # type: ignore[arg-type]
    if moment.tzinfo is None:
        raise ValueError("a moment has a zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no such moment") from error
