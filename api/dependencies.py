"""What endpoints ask for: who is asking, whether they may, the tenant's transaction, and what the application holds.

The tenant comes from the token alone. An endpoint that names no permission serves nobody: a test sees to it.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BeforeValidator

from api.problems import Forbidden, NotFound, Unauthenticated
from api.security.actor import Actor
from api.security.permissions import Permission
from api.state import AppState
from api.unit_of_work import UnitOfWork
from orchestration.control_plane.tenant_session import TenantSession


def held(request: Request) -> AppState:
    """What the application holds."""
    state: AppState = request.app.state.held
    return state


Held = Annotated[AppState, Depends(held)]


async def current_actor() -> Actor:
    """The caller, from the Authorization header; Unauthenticated without a valid one."""
    raise Unauthenticated


CurrentActor = Annotated[Actor, Depends(current_actor)]


class Requires:
    """A dependency that lets through who has the permission; found on routes by tests and by the OpenAPI document."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, actor: CurrentActor) -> None:
        if not actor.may(self.permission):
            raise Forbidden(f"This needs the permission {self.permission}.")


def requires(permission: Permission) -> Any:
    """For `dependencies=[requires("drift.read")]` of a route."""
    return Depends(Requires(permission))


async def operators_only(actor: CurrentActor) -> None:
    """Let through who runs the platform; for everybody else there is nothing here."""
    if not actor.is_operator:
        raise NotFound


def tenant_session(request: Request, actor: CurrentActor, held: Held) -> TenantSession:
    """The request's transaction of the caller's tenant; committed before the answer leaves."""
    unit: UnitOfWork = request.state.unit
    return unit.session(held.control_plane, actor.tenant_id)


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
