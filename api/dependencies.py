"""What endpoints ask for: who is asking, whether they may, the tenant's transaction, and what the application holds.

The tenant comes from the token alone. An endpoint that names no permission serves nobody: a test sees to it.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BeforeValidator

from api.problems import Forbidden, NotFound
from api.security.actor import Actor, Person
from api.security.permissions import Permission
from api.security.proof import proof_of
from api.state import AppState
from api.unit_of_work import UnitOfWork, opens_unit
from orchestration.control_plane.tenant_session import TenantSession


async def held(request: Request) -> AppState:
    """What the application holds."""
    state: AppState = request.app.state.held
    return state


Held = Annotated[AppState, Depends(held)]


async def current_actor(request: Request, held: Held) -> Actor:
    """The caller, from the token or API key of the headers; Unauthenticated without a valid one."""
    return await held.access.authenticator.actor(proof_of(request))


async def admitted_actor(request: Request) -> Actor:
    """The caller, known to whoever handles the request, and within the rates of its tenant and its own.

    Depends on nothing but the request, and may be called by hand: every request comes by here, and FastAPI takes its
    time for each dependency.
    """
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known
    state: AppState = request.app.state.held
    actor = request.state.actor = await current_actor(request, state)
    await state.rates.admit(request, actor)
    return actor


CurrentActor = Annotated[Actor, Depends(admitted_actor)]


class Requires:
    """A dependency that lets through who has the permission; found on routes by tests and by the OpenAPI document."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> None:
        if not (await admitted_actor(request)).may(self.permission):
            raise Forbidden(f"This needs the permission {self.permission}.")


def requires(permission: Permission) -> Any:
    """For `dependencies=[requires("drift.read")]` of a route."""
    return Depends(Requires(permission))


async def operators_only(actor: CurrentActor) -> None:
    """Let through who runs the platform; for everybody else there is nothing here."""
    if not actor.is_operator:
        raise NotFound


async def current_person(actor: CurrentActor) -> Person:
    """The caller as a member who logged in: what concerns one's own account is not for API keys."""
    if actor.user_id is None or actor.session_id is None:
        raise Forbidden("This is for people who are logged in, not for API keys.")
    return Person(actor, actor.user_id, actor.session_id)


CurrentPerson = Annotated[Person, Depends(current_person)]


async def optional_person(request: Request, held: Held) -> Person | None:
    """The caller where they say who they are, on routes that serve others too."""
    if not {"authorization", "x-api-key"} & set(request.headers):
        return None
    return await current_person(await current_actor(request, held))


OptionalPerson = Annotated[Person | None, Depends(optional_person)]


@opens_unit
def tenant_session(request: Request, actor: CurrentActor, held: Held) -> TenantSession:
    """The request's transaction of the caller's tenant; committed before the answer leaves."""
    unit: UnitOfWork = request.state.unit
    session = unit.session(held.control_plane, actor.tenant_id)
    session.trace_id = request.state.trace_id  # of the events that this transaction leaves to be told
    return session


Session = Annotated[TenantSession, Depends(tenant_session)]


def _as_uuid(value: object) -> object:
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            raise NotFound from None
    return value


# An id in a path, query or body. What is no id names nothing: the answer is that of an absent thing, byte for byte.
Id = Annotated[UUID, BeforeValidator(_as_uuid)]
