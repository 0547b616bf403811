"""One transaction a request: begun when an endpoint wants the tenant's session, committed before the answer leaves.

FastAPI may end dependencies after the answer was sent; a caller would then read "created" for what never was.
"""

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.tenant_session import TenantSession


class UnitOfWork:
    """The request's session, if it wanted one. Used by one thread at a time."""

    def __init__(self) -> None:
        self._open: AbstractContextManager[TenantSession] | None = None
        self._session: TenantSession | None = None

    def session(self, control_plane: ControlPlane, tenant_id: UUID) -> TenantSession:
        """The request's transaction of that tenant, begun at the first call."""
        if self._session is None:
            self._open = control_plane.tenant_session(tenant_id)
            self._session = self._open.__enter__()
        return self._session

    def end(self, error: BaseException | None) -> None:
        """Commit, or roll back when there was an error."""
        opened, self._open, self._session = self._open, None, None
        if opened is None:
            return
        if error is None:
            opened.__exit__(None, None, None)
        else:
            opened.__exit__(type(error), error, error.__traceback__)


class TenantRoute(APIRoute):
    """A route with a unit of work around it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, between the beginning and the end of the unit of work."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            unit = UnitOfWork()
            request.state.unit = unit
            try:
                response = await handler(request)
            except BaseException as error:
                await run_in_threadpool(_roll_back, unit, error)
                raise
            await run_in_threadpool(unit.end, None)
            return response

        return handle


def _roll_back(unit: UnitOfWork, error: BaseException) -> None:
    try:
        unit.end(error)
    except BaseException as same:
        if same is not error:
            raise
