"""What endpoints need to work with the caller's own sources: questions to them, their files, what may be shown of both.

A source is asked without a transaction open, by a bounded call, and whatever it says becomes a problem here.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from api.dependencies import CurrentActor, Held
from api.problems import Invalid, Problem
from api.schemas.connections import ConnectionOut
from api.security.actor import Actor
from api.source_calls import PATIENCE_S
from api.state import AppState
from connectors.errors import ConnectorError
from connectors.registry import KINDS
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.onboarding_intents import Standing
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.changing import Changing
from orchestration.resources.nudges import nudge
from orchestration.resources.onboarding import Onboarding, standing_of
from orchestration.resources.source_config import secret_fields
from orchestration.resources.tenant_files import KIND, FileRefused, TenantFiles, shown_config

T = TypeVar("T")
MIB = 1024 * 1024


class ConnectionRefused(Problem):
    slug, status, title = "connection-refused", 422, "The source cannot be used as it is"
    advice = "`reason` and `hint` say what stands in the way; `standing` and `code` are stable. Nothing was changed."


class TenantSources:
    """Lives as long as its request."""

    def __init__(self, request: Request, actor: Actor, held: AppState) -> None:
        self._request = request
        self._held = held
        self.actor = actor
        settings = held.settings
        self.files = TenantFiles(settings.files, actor.tenant_id, settings.files_limit_mb * MIB)
        trace_id = getattr(request.state, "trace_id", None)
        self.onboarding = Onboarding(held.control_plane, settings.outbound, PATIENCE_S, trace_id)
        self.changing = Changing(held.control_plane, self.onboarding, self.confined, trace_id)

    def ask(self, question: Callable[[], T]) -> T:
        """What the question to a source answers, in bounded time.

        Raises:
            ConnectionRefused: the source does not say.
            SourceTimeout, TooManySourceCalls: nobody waits longer.
        """
        try:
            return self._held.source_calls.call(self.actor.tenant_id, question)
        except ConnectorError as error:
            raise self.refused(standing_of(error)) from None

    def refused(self, why: Standing, **extra: Any) -> ConnectionRefused:
        """The problem that tells what stands in the way."""
        return ConnectionRefused(
            self.told(why.reason), standing=why.status, code=why.code, reason=self.told(why.reason),
            hint=self.told(why.hint), **extra,
        )  # fmt: skip

    def told(self, text: str) -> str:
        """A connector's sentence as it may be shown."""
        return self.files.without_place(text)

    def shown(self, kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """A stored configuration as it may be shown."""
        return shown_config(self.files, kind, config)

    def confined(self, kind: str, config: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The configuration as it may be tried: one of files stays in the tenant's own folder. Raises Invalid."""
        if kind != KIND:
            return dict(config)
        try:
            return self.files.confined(config, stored)
        except FileRefused as refused:
            raise Invalid(str(refused)) from None

    def refuse_misplaced(self, kind: str, credentials: Mapping[str, Any], locator: str | None) -> None:
        """Nothing but credentials goes under that name, so that no part of a configuration escapes its bounds.

        Raises Invalid.
        """
        allowed = secret_fields(kind)
        if kind in KINDS and not set(credentials) <= set(allowed):
            raise Invalid(
                f"A field of `credentials` is none of this kind's credentials: {', '.join(allowed) or 'none'}."
            )
        if locator is not None and kind == KIND:
            raise Invalid("Files need no credentials.")

    def described(self, session: TenantSession, record: ConnectionRecord) -> ConnectionOut:
        """A connection as it is answered."""
        overview = session.overviews.of([record.id])[record.id]
        return ConnectionOut.of(record, overview, self.shown, self.told)

    @contextmanager
    def session(self) -> Iterator[TenantSession]:
        """A short transaction of the tenant, beside those of questions to sources."""
        with self._held.control_plane.tenant_session(self.actor.tenant_id) as session:
            session.trace_id = getattr(self._request.state, "trace_id", None)
            yield session

    def nudge(self) -> None:
        """Once the request is committed, wake whoever starts syncs; without Valkey they look a second later."""
        self._request.state.unit.after_commit(lambda: nudge(self._held.events.client, self.actor.tenant_id))


def tenant_sources(request: Request, actor: CurrentActor, held: Held) -> TenantSources:
    """The caller's sources."""
    return TenantSources(request, actor, held)


Sources = Annotated[TenantSources, Depends(tenant_sources)]
