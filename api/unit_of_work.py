"""One transaction a request: begun when an endpoint wants the tenant's session, committed before the answer leaves.

FastAPI may end dependencies after the answer was sent; a caller would then read "created" for what never was.
"""

import logging
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from api.requests import idempotency
from api.requests.negotiation import Negotiation
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.tenant_session import TenantSession

DependencyT = TypeVar("DependencyT", bound=Callable[..., Any])
_log = logging.getLogger(__name__)


class UnitOfWork:
    """The request's session, if it wanted one. Used by one thread at a time.

    `uses_session`: whether its endpoint will want one, so that an idempotency key belongs into that transaction.
    """

    def __init__(self, uses_session: bool = False) -> None:
        self.uses_session = uses_session
        self.keeper: idempotency.Keeper | None = None
        self._afterwards: list[Callable[[], object]] = []
        self._open: AbstractContextManager[TenantSession] | None = None
        self._session: TenantSession | None = None

    def session(self, control_plane: ControlPlane, tenant_id: UUID) -> TenantSession:
        """The request's transaction of that tenant, begun at the first call."""
        if self._session is None:
            opened = control_plane.tenant_session(tenant_id)
            self._session = opened.__enter__()
            self._open = opened
        return self._session

    def after_commit(self, do: Callable[[], object]) -> None:
        """Have that done once what this request changed is committed, before the answer leaves; never otherwise.

        For what others are told: it must not fail the request, so its errors are logged.
        """
        self._afterwards.append(do)

    def succeed(self, response: Response) -> None:
        """Commit, with the answer where it has to be kept; then do what was to follow."""
        keeper = self.keeper
        if keeper is not None and self._session is not None and self.uses_session:
            keeper.store(response, self._session)
        self._close(None)
        if keeper is not None and not self.uses_session:
            keeper.store_apart(response)
        for do in self._afterwards:
            try:
                do()
            except Exception:  # noqa: BLE001 - what is told must not undo what is done; it is in the log
                _log.exception("what was to follow a commit failed")

    def fail(self, error: BaseException) -> None:
        """Roll back."""
        try:
            self._close(error)
        except BaseException as same:
            if same is not error:
                raise
        if self.keeper is not None and not self.uses_session:
            self.keeper.release_apart()

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to end."""
        return self._open is None and self.keeper is None and not self._afterwards

    def _close(self, error: BaseException | None) -> None:
        opened, self._open, self._session = self._open, None, None
        if opened is not None:
            opened.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)


def opens_unit(dependency: DependencyT) -> DependencyT:
    """Mark the dependency that gives the request's session, so that routes know whether theirs is wanted."""
    dependency.opens_unit = True  # type: ignore[attr-defined]
    return dependency


async def claim_idempotency_key(request: Request) -> None:
    """Claim the request's key if it has one; comes after the permission of the route."""
    key = idempotency.key_of(request)
    if key is None:
        return
    unit: UnitOfWork = request.state.unit
    control_plane: ControlPlane = request.app.state.held.control_plane
    actor = request.state.actor
    keeper = idempotency.Keeper(control_plane, actor.tenant_id, key, keeps_body=idempotency.keeps_body(request))
    same = idempotency.fingerprint(request)

    def claim() -> None:
        session = unit.session(control_plane, actor.tenant_id) if unit.uses_session else None
        keeper.claim(same, actor.name, session)
        unit.keeper = keeper

    await run_in_threadpool(claim)


class TenantRoute(APIRoute):
    """A route with a unit of work around it, idempotent where the caller wants it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if idempotency.CHANGING & set(options.get("methods") or ()):
            # Last of the route's dependencies: who may not do this does not learn whether it was done.
            options["dependencies"] = [*(options.get("dependencies") or ()), Depends(claim_idempotency_key)]
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, between the beginning and the end of the unit of work."""
        handler = super().get_route_handler()
        uses_session = _uses_session(self.dependant)
        negotiation = Negotiation(self)

        async def handle(request: Request) -> Response:
            negotiation.check(request)
            unit = UnitOfWork(uses_session)
            request.state.unit = unit
            try:
                response = await handler(request)
            except idempotency.Replayed as replayed:
                await run_in_threadpool(unit.fail, replayed)
                return replayed.response
            except BaseException as error:
                if not unit.is_idle:
                    await run_in_threadpool(unit.fail, error)
                raise
            if not unit.is_idle:
                await run_in_threadpool(unit.succeed, response)
            return response

        return handle


def _uses_session(dependant: Dependant) -> bool:
    if getattr(dependant.call, "opens_unit", False):
        return True
    return any(_uses_session(inner) for inner in dependant.dependencies)
