"""What the application needs in order to serve: each dependency asked over its own protocol, side by side.

A problem is a short sentence without addresses or logins: whoever may reach the port may read it.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx
import redis
import sqlalchemy as sa
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import SQLAlchemyError

from orchestration.control_plane.migrations.runner import newest_revision
from orchestration.resources.settings import Settings

_TIMEOUT_S = 2
_REVISION = sa.text("SELECT version_num, current_setting('server_version') FROM alembic_version")
_VERSION = sa.text("SELECT current_setting('server_version')")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a dependency said: `problem` is None when it is in order, `version` when it does not tell."""

    name: str
    problem: str | None
    version: str | None
    latency_ms: float


class DependencyAway(Exception):
    """It does not answer, or not as it should; str() says so, safely."""


class Probes:
    """Connections kept for asking; made by `opened`."""

    def __init__(
        self, engines: dict[str, sa.Engine], valkey: "redis.Redis", dagster: httpx.Client, pool: ThreadPoolExecutor
    ) -> None:
        self._engines = engines
        self._valkey = valkey
        self._dagster = dagster
        self._pool = pool
        self._head = newest_revision()

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings) -> Iterator[Self]:
        """Probes for the servers of the settings. Opens no connection before it is asked."""
        urls = {"database": settings.database_url, "identity": settings.identity_url}
        engines = {name: _engine(url) for name, url in urls.items() if url}
        valkey = redis.Redis.from_url(
            settings.redis_url,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),  # a connection that a restart broke is not an outage
        )
        with (
            valkey,
            httpx.Client(base_url=settings.webserver_url, timeout=_TIMEOUT_S, trust_env=False) as dagster,
            ThreadPoolExecutor(4, thread_name_prefix="readiness") as pool,
        ):
            yield cls(engines, valkey, dagster, pool)
        for engine in engines.values():
            engine.dispose()

    def ask(self) -> list[Answer]:
        """What each dependency says now."""
        checks: dict[str, Callable[[], str | None]] = {
            "database": self._database,
            "identity": self._identity,
            "redis": self._redis,
            "dagster": self._webserver,
        }
        asked = [self._pool.submit(_timed, name, check) for name, check in checks.items()]
        return [answer.result() for answer in asked]

    def problems(self) -> dict[str, str]:
        """Name of a dependency -> what is wrong with it; empty when all is well."""
        return {answer.name: answer.problem for answer in self.ask() if answer.problem}

    def _database(self) -> str:
        try:
            with self._engines["database"].connect() as connection:
                revision, version = connection.execute(_REVISION).one()
        except SQLAlchemyError:
            raise DependencyAway("Postgres does not answer, or its migrations have not run") from None
        if revision != self._head:
            raise DependencyAway(f"migrations are at {revision}, this version needs {self._head}")
        return str(version)

    def _identity(self) -> str:
        """Without this login no token can be checked."""
        if "identity" not in self._engines:
            raise DependencyAway("no login for identities is configured")
        try:
            with self._engines["identity"].connect() as connection:
                return str(connection.execute(_VERSION).scalar_one())
        except SQLAlchemyError:
            raise DependencyAway("Postgres does not let identities be looked up") from None

    def _redis(self) -> str | None:
        try:
            told: Any = self._valkey.info("server")
        except redis.RedisError:
            raise DependencyAway("Valkey does not answer") from None
        version = told.get("valkey_version") or told.get("redis_version")
        return None if version is None else str(version)

    def _webserver(self) -> str | None:
        try:
            answer = self._dagster.get("/server_info")
        except httpx.HTTPError:
            raise DependencyAway("Dagster's webserver does not answer") from None
        if not answer.is_success:
            raise DependencyAway(f"Dagster's webserver answers {answer.status_code}")
        try:
            return str(answer.json()["dagster_version"])
        except (ValueError, KeyError, TypeError):
            return None


def _timed(name: str, check: Callable[[], str | None]) -> Answer:
    began = time.perf_counter()
    try:
        version, problem = check(), None
    except DependencyAway as away:
        version, problem = None, str(away)
    return Answer(name, problem, version, round((time.perf_counter() - began) * 1000, 2))


def _engine(url: str) -> sa.Engine:
    return sa.create_engine(
        url, pool_size=1, max_overflow=1, pool_pre_ping=True, connect_args={"connect_timeout": _TIMEOUT_S}
    )
