"""The door to the control plane: pooled engines, one transaction a session, and one exception when Postgres is away.

Three logins, three doors: `tenant_session` sees one tenant through row-level security, `operator_session` sees the few
columns that sweeps need across tenants, `identity_session` knows people and what proves who they are, and no business
data. A process that serves tenants is given no operator URL.
"""

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exc

from orchestration.control_plane.columns import dump_json
from orchestration.control_plane.errors import ConfigurationError, ControlPlaneUnavailable, UnsafeRole
from orchestration.control_plane.identity_session import IdentitySession
from orchestration.control_plane.news import OnCommit, collect_news, forget_news
from orchestration.control_plane.operator_session import OperatorSession
from orchestration.control_plane.patience import FOR_WORK, UNREACHABLE, Outage, Patience
from orchestration.control_plane.sealing import Sealer
from orchestration.control_plane.tenant_session import TenantSession

# A session is one short transaction: what holds one open for longer than this is stuck and keeps vacuum from working.
SESSION_OPTIONS = "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=300000"
_TRANSIENT = (exc.OperationalError, exc.InterfaceError)


class ControlPlane:
    """Safe to share between threads, and to carry over a fork. Opens nothing until first used."""

    def __init__(
        self,
        url: str,
        operator_url: str | None = None,
        master_key: bytes | str | None = None,
        identity_url: str | None = None,
        patience: Patience = FOR_WORK,
    ) -> None:
        self._engine = make_engine(url, patience)
        self._operator_engine = make_engine(operator_url, patience) if operator_url else None
        self._identity_engine = make_engine(identity_url, patience) if identity_url else None
        self._sealer = Sealer(master_key) if master_key else None
        self.on_commit: OnCommit | None = None  # hears what a tenant's transaction left to be told

    @contextmanager
    def tenant_session(self, tenant_id: UUID) -> Iterator[TenantSession]:
        """One transaction of one tenant. Raises ControlPlaneUnavailable when Postgres is away."""
        with _transaction(self._engine) as connection:
            connection.execute(sa.select(sa.func.set_config("app.tenant_id", str(UUID(str(tenant_id))), True)))
            session = TenantSession(connection, tenant_id, self._sealer)
            news = collect_news(connection)
            try:
                yield session
            finally:
                forget_news(connection)
        if news and self.on_commit is not None:
            self.on_commit(tenant_id, news, session.trace_id)

    @contextmanager
    def operator_session(self) -> Iterator[OperatorSession]:
        """One transaction across tenants. Raises ConfigurationError in a process that was given no operator URL."""
        if self._operator_engine is None:
            raise ConfigurationError("This process may not look across tenants: it was given no operator URL.")
        with _transaction(self._operator_engine) as connection:
            yield OperatorSession(connection)

    @contextmanager
    def identity_session(self) -> Iterator[IdentitySession]:
        """One transaction about people and proofs. Raises ConfigurationError in a process that has no such URL."""
        if self._identity_engine is None:
            raise ConfigurationError("This process cannot tell who is asking: it was given no identity URL.")
        with _transaction(self._identity_engine) as connection:
            yield IdentitySession(connection, self._sealer)

    def check(self) -> None:
        """Raise ControlPlaneUnavailable unless Postgres answers."""
        with _transaction(self._engine) as connection:
            connection.execute(sa.text("SELECT 1"))

    def pools(self) -> dict[str, tuple[int, int]]:
        """By login: connections in use now, and how many there may be."""
        engines = {"app": self._engine, "operator": self._operator_engine, "identity": self._identity_engine}
        return {
            name: (engine.pool.checkedout(), engine.pool.size() + engine.pool._max_overflow)  # type: ignore[attr-defined]
            for name, engine in engines.items()
            if engine is not None
        }

    def dispose(self) -> None:
        """Close the pooled connections."""
        for engine in filter(None, (self._engine, self._operator_engine, self._identity_engine)):
            engine.dispose()


def make_engine(url: str, patience: Patience = FOR_WORK) -> sa.Engine:
    """An engine whose connections are pinged, bounded in time, refused to unsafe roles, never shared over a fork."""
    engine = sa.create_engine(
        url,
        pool_size=patience.pool_size,
        max_overflow=patience.overflow,
        pool_timeout=patience.pool_s,
        pool_pre_ping=True,
        json_serializer=dump_json,
        connect_args={
            "connect_timeout": patience.connect_s,
            "options": SESSION_OPTIONS,
            "application_name": "autonomos",
        },
    )
    sa.event.listen(engine, "connect", _refuse_unsafe_role)
    sa.event.listen(engine, "handle_error", _say_unavailable)
    if patience.away_s:
        Outage(patience).watch(engine)
    # A forked worker must not talk over its parent's sockets: it forgets them and opens its own.
    _engines.add(engine)
    return engine


_engines: weakref.WeakSet[sa.Engine] = weakref.WeakSet()


def _forget_connections() -> None:
    for engine in _engines:
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_forget_connections)


@contextmanager
def _transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    try:
        connection = engine.connect()
    except exc.TimeoutError as error:
        message = "All connections to Postgres are in use; try again."
        raise ControlPlaneUnavailable(message, detail=str(error)) from error
    with connection, connection.begin():
        yield connection


def _refuse_unsafe_role(dbapi_connection: Any, _record: object) -> None:
    """Row-level security does not bind a superuser or a BYPASSRLS role: with one, tenants would see each other."""
    with dbapi_connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        role, unsafe = cursor.fetchone()
    dbapi_connection.rollback()
    if unsafe:
        raise UnsafeRole(
            f"The role {role!r} is not bound by row-level security;"
            " use a login that is neither superuser nor BYPASSRLS."
        )


_REASONS = {
    "57014": "Postgres took too long to answer; try again.",
    "55P03": "Postgres is busy with the same rows; try again.",
    "40P01": "Postgres is busy with the same rows; try again.",
    "28P01": "Postgres refuses the login: wrong user or password.",
    "53300": "Postgres has no connection left; try again.",
}


def _say_unavailable(context: sa.ExceptionContext) -> ControlPlaneUnavailable | None:
    if context.is_pre_ping or not isinstance(context.sqlalchemy_exception, _TRANSIENT):
        return None
    code = str(getattr(context.original_exception, "pgcode", None))
    return ControlPlaneUnavailable(_REASONS.get(code, UNREACHABLE), detail=str(context.original_exception))
