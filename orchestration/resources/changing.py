"""Changes a connection: what concerns its source is tried before it is stored, and a connection keeps its source.

No transaction is open while the source is asked; what was tried is stored only if nobody changed it meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from orchestration.control_plane.connections import UNCHANGED, ConnectionRecord, Unchanged
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import Conflict, NotInState
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.locators import Locator
from orchestration.control_plane.onboarding_intents import Standing
from orchestration.control_plane.safe_mode import RiskLevel, ScopesMode
from orchestration.control_plane.schedule import Schedule
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.onboarding import CheckedSource, Onboarding

Precondition = Callable[[ConnectionRecord], None]  # raises when the caller wanted to change something else


class AnotherSource(Conflict):
    """The change would point the connection at another source, whose records would mix with those it has."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different; what is not given stays. In `config` and `credentials` None takes a field away."""

    name: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)
    credential_locator: Locator | Unchanged | None = UNCHANGED
    schedule: Schedule | Unchanged | None = UNCHANGED
    risk_level: RiskLevel | None = None
    scopes_mode: ScopesMode | None = None
    owner: str | None = None

    @property
    def asks_source(self) -> bool:
        """Whether its source may be asked: for whoever bounds such questions."""
        moved = not isinstance(self.credential_locator, Unchanged)
        return bool(self.config or self.credentials or moved or self.scopes_mode == "read_only")

    def concerns_source(self, before: ConnectionRecord) -> bool:
        """Whether the source has to be tried: rights that are verified already are not verified again."""
        scopes_only = replace(self, scopes_mode=None).asks_source is False
        return self.asks_source and not (scopes_only and before.scopes_mode == "read_only")


@dataclass(frozen=True, slots=True)
class Changed:
    """The connection as it is now. With a `refusal` nothing was stored; `changed` names what differs."""

    connection: ConnectionRecord
    refusal: Standing | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changing:
    """Changes connections of tenants. `confine` gives a configuration the bounds it has to keep to."""

    control_plane: ControlPlane
    onboarding: Onboarding
    confine: Callable[[str, Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
    trace_id: str | None = None

    def change(
        self, tenant_id: UUID, connection_id: UUID, change: Change, actor: str, precondition: Precondition
    ) -> Changed:
        """Change a connection, trying its source first where that is concerned.

        Raises:
            NotFound, NameTaken, CredentialsMissing: as repositories do.
            AnotherSource: the change names another source.
            NotInState: it was changed by somebody else while its source was tried.
        """
        with self._session(tenant_id) as session:
            before = session.connections.get(connection_id)
            precondition(before)
            own = session.connections.secrets(connection_id)
        source: CheckedSource | None = None
        if change.concerns_source(before):
            source, refusal = self.onboarding.attempt(tenant_id, self._intent(before, own, change))
            if source is None or refusal is not None:
                return self._refused(tenant_id, before, refusal, actor)
        with self._session(tenant_id) as session:
            now = session.connections.held(connection_id)
            precondition(now)
            if source is not None and now.updated_at != before.updated_at:
                raise NotInState("The connection was changed by somebody else meanwhile; read it again.")
            return self._stored(session, now, own, change, source, actor)

    @contextmanager
    def _session(self, tenant_id: UUID) -> Iterator[TenantSession]:
        with self.control_plane.tenant_session(tenant_id) as session:
            session.trace_id = self.trace_id
            yield session

    def _intent(self, before: ConnectionRecord, own: Mapping[str, Any], change: Change) -> Intent:
        """What is to be tried: the source as it would be."""
        locator = before.credential_locator
        if not isinstance(change.credential_locator, Unchanged):
            locator = None if change.credential_locator is None else str(change.credential_locator)
        config = {**_merged(before.config, change.config), **_merged(own, change.credentials)}
        if change.config or change.credentials:
            config = self.confine(before.kind, config, before.config)
        told = {
            "name": before.name, "kind": before.kind, "namespace": before.namespace, "credential_locator": locator,
            "scopes_mode": change.scopes_mode or before.scopes_mode,
        }  # fmt: skip
        wanted = Intent(**told, config=config)
        known = Intent(**told, config={**before.config, **own})
        if wanted.digest != known.digest:
            raise AnotherSource("A connection keeps its source: connect the other one as a connection of its own.")
        return wanted

    def _refused(self, tenant_id: UUID, before: ConnectionRecord, refusal: Standing | None, actor: str) -> Changed:
        why = refusal or Standing("error", "unexpected", "The source could not be tried.")
        data = {"name": before.name, "status": why.status, "code": why.code, "reason": why.reason}
        with self._session(tenant_id) as session:
            session.audit.record("connection.change_refused", f"connection:{before.id}", data, actor)
        return Changed(before, why)

    def _stored(
        self,
        session: TenantSession,
        before: ConnectionRecord,
        own: Mapping[str, Any],
        change: Change,
        source: CheckedSource | None,
        actor: str,
    ) -> Changed:
        new_config = source.config if source is not None and source.config != before.config else None
        renewed = source is not None and dict(source.secrets) != dict(own)
        updated = session.connections.update(
            before.id, name=change.name, config=new_config, secrets=source.secrets if source and renewed else None,
            schedule=change.schedule, risk_level=change.risk_level, scopes_mode=change.scopes_mode,
            owner=change.owner, credential_locator=change.credential_locator,
        )  # fmt: skip
        if source is not None and updated.status in ("needs_person", "failing"):
            updated = session.connections.forgive(before.id)  # the source has just answered
        names = ("name", "config", "schedule", "risk_level", "scopes_mode", "owner", "credential_locator")
        changed = [name for name in names if getattr(before, name) != getattr(updated, name)]
        changed += ["credentials"] if renewed else []
        grants = None if source is None else {"writes": list(source.grants.writes), "evidence": source.grants.evidence}
        data = {"name": updated.name, "changed": changed, "grants": grants}
        session.audit.record("connection.updated", f"connection:{before.id}", data, actor)
        return Changed(updated, None, tuple(changed))


def _merged(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Fields put over fields; those of None are gone."""
    return {name: value for name, value in {**before, **change}.items() if name not in change or value is not None}
