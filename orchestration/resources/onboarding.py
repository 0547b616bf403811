"""Connects a source in Safe Mode: tries it, verifies what its credentials may do, stores it or what stands in the way.

Every attempt leaves a row and an audit event. No transaction is open while the source is asked.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from connectors.errors import (
    AddressRefused,
    ConnectorError,
    CredentialsExpired,
    PermissionMissing,
    SourceUnavailable,
    Timeout,
)
from connectors.outbound.policy import Outbound
from connectors.protocol import NOT_VERIFIED, Connector, Grants, Stream
from connectors.registry import KINDS, connector_for
from orchestration.control_plane.connections import ConnectionRecord, check_no_clash
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import CredentialsClash, CredentialsMissing
from orchestration.control_plane.intent import Intent
from orchestration.control_plane.onboarding_intents import IntentRecord, Standing
from orchestration.control_plane.schedule import Schedule
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.resources.asking import as_configured, asked_briefly, asked_slowly
from orchestration.resources.connecting import refuse_taken_name, store_source
from orchestration.resources.source_config import split_secrets, storable_config

logger = logging.getLogger(__name__)

_MOST_NAMED = 8
_UNPROVEN = "It could not be verified that these credentials only read"
_READ_ONLY_LOGIN = {
    "salesforce": "Give the integration user a permission set that reads and does nothing else",
    "supabase": "Use the key or database login of a role that has SELECT and nothing else",
    "mongodb": "Use a user whose only role is 'read'",
}


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """A source that answered: its pinned configuration, what may be written, and the streams it holds.

    `secrets` are credentials of its own; `config` and `secrets` are without the fields that a locator gives.
    """

    kind: str
    config: dict[str, Any]
    secrets: dict[str, Any] = field(repr=False)
    grants: Grants
    streams: list[Stream]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. `refusal` says why it did not connect; `connection` may then be one from before."""

    intent: IntentRecord
    connection: ConnectionRecord | None
    source: CheckedSource | None = None
    refusal: Standing | None = None
    is_new: bool = False
    changed: tuple[str, ...] = ()


class ConnectorBroke(ConnectorError):
    """A connector failed in a way that it does not know itself."""

    code = "unexpected"


def _broken(kind: str, error: Exception) -> ConnectorBroke:
    logger.error("asking a source of kind %s failed with %s", kind, type(error).__name__)
    message = f"The connector failed in a way of its own ({type(error).__name__})."
    return ConnectorBroke(message, hint="Tell the operator of this platform.")


class Onboarding:
    """Turns intents into connections. `outbound` says which internal addresses may be reached.

    With `patience_s` no call to a source takes longer: for somebody who waits for the answer. What is told of the work
    carries `trace_id`.
    """

    def __init__(
        self,
        control_plane: ControlPlane,
        outbound: Callable[[], Outbound] = Outbound,
        patience_s: float | None = None,
        trace_id: str | None = None,
    ) -> None:
        self._control_plane = control_plane
        self._trace_id = trace_id
        self._outbound = outbound
        self._patience_s = patience_s

    def connect(self, tenant_id: UUID, intent: Intent, actor: str, schedule: Schedule | None = None) -> Outcome:
        """Try the source and store what came of it; the same intent again is the same connection.

        Raises:
            NameTaken: another source of the tenant is connected under this name.
        """
        with self._session(tenant_id) as session:
            refuse_taken_name(session, intent)
            named, refusal = _named_credentials(session, intent)
        source: CheckedSource | None = None
        if refusal is None:
            source, refusal = self._tried(intent, named)
        with self._session(tenant_id) as session:
            if source is not None and refusal is None:
                grants = {"writes": list(source.grants.writes), "evidence": source.grants.evidence}
                stored = store_source(session, intent, source.config, source.secrets, grants, actor, schedule)
                return Outcome(stored.intent, stored.connection, source, None, stored.is_new, stored.changed)
            return _refused(session, intent, refusal or _NOTHING_SAID, source, actor)

    def attempt(self, tenant_id: UUID, intent: Intent) -> tuple[CheckedSource | None, Standing | None]:
        """Try what the intent wants and keep nothing of it: the source, if it answered, and what stands in the way."""
        with self._session(tenant_id) as session:
            named, refusal = _named_credentials(session, intent)
        return (None, refusal) if refusal is not None else self._tried(intent, named)

    def discover(self, tenant_id: UUID, connection_id: UUID) -> list[Stream]:
        """The streams that a connection's source holds now.

        Raises:
            ConnectorError: the source does not say.
        """
        with self.opened(tenant_id, connection_id) as (_, connector):
            return connector.discover()

    @contextmanager
    def opened(self, tenant_id: UUID, connection_id: UUID) -> Iterator[tuple[ConnectionRecord, Connector[Any]]]:
        """A connection and its source, asked as slowly as Safe Mode wants; closed at the end. No transaction is open.

        Raises:
            NotFound: there is no such connection.
            ConfigInvalid: the stored configuration does not fit its kind.
            ControlPlaneError: the credentials are missing or cannot be opened.
        """
        with self._session(tenant_id) as session:
            record = session.connections.get(connection_id)
            credentials = session.connections.credentials(connection_id)
        config = {**record.config, **credentials}
        if record.safe_mode:
            config = asked_slowly(record.kind, config)
        connector = asked_briefly(connector_for(record.kind, config, self._outbound()), self._patience_s)
        try:
            yield record, connector
        except ConnectorError:
            raise
        except Exception as error:  # noqa: BLE001 - a connector's own fault, whose text may hold credentials
            raise _broken(record.kind, error) from None
        finally:
            connector.close()

    @contextmanager
    def _session(self, tenant_id: UUID) -> Iterator[TenantSession]:
        with self._control_plane.tenant_session(tenant_id) as session:
            session.trace_id = self._trace_id
            yield session

    def _tried(self, intent: Intent, named: Mapping[str, Any]) -> tuple[CheckedSource | None, Standing | None]:
        try:
            source = check_source(intent.kind, intent.config, named, self._outbound(), self._patience_s)
        except ConnectorError as error:
            return None, standing_of(error)
        except Exception as error:  # noqa: BLE001 - a connector's own fault is an outcome too, and its text may hold credentials
            return None, standing_of(_broken(intent.kind, error))
        return source, _refused_grants(intent, source.grants)


def check_source(
    kind: str,
    config: Mapping[str, Any],
    named: Mapping[str, Any] | None = None,
    outbound: Outbound | None = None,
    patience_s: float | None = None,
) -> CheckedSource:
    """Try a source with this configuration and the credentials that a locator `named`.

    Raises:
        ConnectorError: it cannot be used; the sentence says what to do.
    """
    named = named or {}
    wanted = connector_for(kind, {**config, **named}, outbound)
    connector = asked_briefly(wanted, patience_s)
    try:
        connector.check()
        grants = connector.grants()
        pinned = connector.pin()
    finally:
        connector.close()
    found: Connector[Any] = type(connector)(pinned, outbound)
    try:
        streams = found.discover()
    finally:
        found.close()
    plain, secrets = split_secrets(as_configured(pinned, wanted.config))
    own = [{name: value for name, value in part.items() if name not in named} for part in (plain, secrets)]
    return CheckedSource(kind, own[0], own[1], grants, streams)


def standing_of(error: ConnectorError) -> Standing:
    """Where an intent stands after an error of its source."""
    reason = f"Stream {error.stream!r}: {error.message}" if error.stream else error.message
    if isinstance(error, (AddressRefused, SourceUnavailable, Timeout)):
        return Standing("network_blocked", error.code, reason, error.hint)
    if isinstance(error, (CredentialsExpired, PermissionMissing)):
        return Standing("awaiting_credentials", error.code, reason, error.hint)
    return Standing("error", error.code, reason, error.hint)


def _named_credentials(session: TenantSession, intent: Intent) -> tuple[dict[str, Any], Standing | None]:
    """The fields that the intent's locator gives, or why the source cannot be tried."""
    if intent.kind not in KINDS:
        reason = f"There is no kind of source called {intent.kind!r}."
        return {}, Standing("unsupported", "unknown_kind", reason, f"Known kinds: {', '.join(sorted(KINDS))}.")
    if intent.locator is None:
        return {}, None
    try:
        named = session.secrets.resolve(intent.locator)
        check_no_clash(named, {}, intent.config)
    except CredentialsMissing as error:
        return {}, Standing("awaiting_credentials", "credentials_missing", str(error), "Then connect again.")
    except CredentialsClash as error:
        return {}, Standing("error", "credentials_clash", str(error))
    return named, None


_NOTHING_SAID = Standing("error", "unexpected", "The source could not be tried.")


def _refused_grants(intent: Intent, grants: Grants) -> Standing | None:
    if not grants.writes or intent.scopes_mode == "accept_write":
        return None
    some = ", ".join(grants.writes[:_MOST_NAMED])
    more = len(grants.writes) - _MOST_NAMED
    verified = not all(entry.startswith(NOT_VERIFIED) for entry in grants.writes)
    what = "These credentials may write, and only reading is wanted" if verified else _UNPROVEN
    reason = f"{what}: {some}{f' and {more} more' if more > 0 else ''}."
    login = _READ_ONLY_LOGIN.get(intent.kind, "Use a login that can only read")
    hint = f"{login}, or accept it with --scopes accept-write; owner and evidence are then kept in the history."
    return Standing("awaiting_credentials", "writes_granted", reason, hint)


def _refused(
    session: TenantSession, intent: Intent, refusal: Standing, source: CheckedSource | None, actor: str
) -> Outcome:
    grants = None if source is None else {"writes": list(source.grants.writes), "evidence": source.grants.evidence}
    record = session.intents.attempted(intent, storable_config(intent.kind, intent.config), refusal, grants)
    data = {
        "name": intent.name, "kind": intent.kind, "status": refusal.status, "code": refusal.code,
        "reason": refusal.reason, "owner": intent.owner, "attempt": record.attempts,
    }  # fmt: skip
    session.audit.record("onboarding.refused", f"intent:{record.id}", data, actor)
    before = None if record.connection_id is None else session.connections.get(record.connection_id)
    return Outcome(record, before, source, refusal)
