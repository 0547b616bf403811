"""What the application needs in order to serve: each dependency asked over its own protocol, side by side.

A problem is a short sentence without addresses or logins: whoever may reach the port may read it.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Self

import httpx
import redis
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from orchestration.control_plane.migrations.runner import newest_revision
from orchestration.resources.settings import Settings

_TIMEOUT_S = 2
_REVISION = sa.text("SELECT version_num FROM alembic_version")


class Probes:
    """Connections kept for asking; made by `opened`."""

    def __init__(
        self, engine: sa.Engine, valkey: "redis.Redis", dagster: httpx.Client, pool: ThreadPoolExecutor
    ) -> None:
        self._engine = engine
        self._valkey = valkey
        self._dagster = dagster
        self._pool = pool
        self._head = newest_revision()

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings) -> Iterator[Self]:
        """Probes for the servers of the settings. Opens no connection before it is asked."""
        engine = sa.create_engine(
            settings.database_url,
            pool_size=1,
            max_overflow=1,
            pool_pre_ping=True,
            connect_args={"connect_timeout": _TIMEOUT_S},
        )
        valkey = redis.Redis.from_url(settings.redis_url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
        with (
            valkey,
            httpx.Client(base_url=settings.webserver_url, timeout=_TIMEOUT_S, trust_env=False) as dagster,
            ThreadPoolExecutor(3, thread_name_prefix="readiness") as pool,
        ):
            yield cls(engine, valkey, dagster, pool)
        engine.dispose()

    def problems(self) -> dict[str, str]:
        """Name of a dependency -> what is wrong with it; empty when all is well."""
        checks = {"database": self._database, "redis": self._redis, "dagster": self._webserver}
        answers = {name: self._pool.submit(check) for name, check in checks.items()}
        found = {name: answer.result() for name, answer in answers.items()}
        return {name: problem for name, problem in found.items() if problem}

    def _database(self) -> str:
        try:
            with self._engine.connect() as connection:
                revision = connection.execute(_REVISION).scalar_one_or_none()
        except SQLAlchemyError:
            return "Postgres does not answer, or its migrations have not run"
        return "" if revision == self._head else f"migrations are at {revision}, this version needs {self._head}"

    def _redis(self) -> str:
        try:
            self._valkey.ping()
        except redis.RedisError:
            return "Valkey does not answer"
        return ""

    def _webserver(self) -> str:
        try:
            answer = self._dagster.get("/server_info")
        except httpx.HTTPError:
            return "Dagster's webserver does not answer"
        return "" if answer.is_success else f"Dagster's webserver answers {answer.status_code}"
