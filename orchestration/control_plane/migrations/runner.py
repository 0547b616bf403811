"""Brings the control plane's tables to the newest revision, once, however many processes start at the same moment.

Runs with the owner's login. All pending revisions are one transaction. A statement that drops data is refused unless
it carries the marker `/* destructive: why */`, and going down is refused unless the caller says `allow_destructive`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from orchestration.control_plane.errors import ControlPlaneUnavailable, DestructiveMigration

MIGRATIONS_LOCK = 7_301_002
_LOSES_DATA = re.compile(
    r"\b(drop\s+(table|column|schema|database|owned)|truncate|delete\s+from\s+(?!alembic_version)"
    r"|alter\s+column\s+\S+\s+(set\s+data\s+)?type)\b",
    re.IGNORECASE,
)
_MARKER = "/* destructive:"


def migrate(owner_url: str, revision: str = "head", *, scripts: Path | None = None) -> str:
    """Apply what is missing up to `revision`; the revision the database is at afterwards.

    Raises ControlPlaneUnavailable, or DestructiveMigration for an unmarked statement that loses data.
    """
    with _locked(owner_url) as connection:
        command.upgrade(_config(connection, scripts), revision)
        return _current(connection) or ""


def downgrade(owner_url: str, revision: str, *, allow_destructive: bool = False) -> None:
    """Take revisions back; loses what they added, so the caller has to mean it."""
    if not allow_destructive:
        raise DestructiveMigration("Taking migrations back loses data; say so with allow_destructive.")
    with _locked(owner_url) as connection:
        command.downgrade(_config(connection, None), revision)


def current_revision(owner_url: str) -> str | None:
    """What the database is at; None before the first migration."""
    with _connected(owner_url) as connection:
        return _current(connection)


def newest_revision() -> str:
    """What this version of the program expects."""
    return ScriptDirectory.from_config(_config(None, None)).get_current_head() or ""


@contextmanager
def _connected(owner_url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            yield connection
    except exc.OperationalError as error:
        message = "Postgres cannot be reached for migrations; check that it runs and that the owner's URL is right."
        raise ControlPlaneUnavailable(message, detail=str(error.orig)) from error
    finally:
        engine.dispose()


@contextmanager
def _locked(owner_url: str) -> Iterator[sa.Connection]:
    """One transaction, held alone; the lock goes with it, however it ends."""
    with _connected(owner_url) as connection, connection.begin():
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATIONS_LOCK)))
        sa.event.listen(connection, "before_cursor_execute", _refuse_unmarked)
        yield connection


def _refuse_unmarked(
    _connection: object, _cursor: object, statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    found = _LOSES_DATA.search(statement)
    if found and _MARKER not in statement:
        raise DestructiveMigration(
            f"A migration would lose data ({found.group(0)!r}); its statement needs the comment '{_MARKER} why */'."
        )


def _current(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: sa.Connection | None, scripts: Path | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts or Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
