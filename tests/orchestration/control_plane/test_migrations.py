"""Migrations: once, up and down and up with data, and never losing data by accident."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from orchestration.control_plane.columns import metadata
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneUnavailable, DestructiveMigration
from orchestration.control_plane.migrations import runner
from orchestration.control_plane.provisioning import OWNER
from orchestration.control_plane.tenant_session import TenantSession
from tests.isolation.two_tenants import everything_of, owned_tables, populate
from tests.orchestration.control_plane.databases import Database, throwaway

pytestmark = pytest.mark.servers


@pytest.fixture
def empty(postgres_admin_url: str, migrated_template: str) -> Iterator[Database]:
    """A database without tables; the roles exist."""
    with throwaway(postgres_admin_url, "template0") as made:
        yield made


def test_the_tables_of_the_code_are_those_of_the_migrations(database: Database) -> None:
    assert TenantSession  # has put every table into the metadata
    with database.superuser() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": lambda _object, _name, kind, *_: kind in ("table", "column")}
        )
        assert compare_metadata(context, metadata) == []


def test_many_processes_at_once_migrate_once(empty: Database) -> None:
    assert runner.current_revision(empty.url(OWNER)) is None
    with ThreadPoolExecutor(4) as threads:
        reached = set(threads.map(lambda _: runner.migrate(empty.url(OWNER)), range(4)))
    assert reached == {runner.newest_revision()} == {runner.current_revision(empty.url(OWNER))}


def test_down_and_up_again_keeps_the_rows_and_the_protection(database: Database) -> None:
    two = populate(database)
    with database.superuser() as connection:
        before = everything_of(connection, two.victim.tenant)
    runner.downgrade(database.url(OWNER), "0001", allow_destructive=True)
    with database.superuser() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM pg_policies")).scalar() == 0
        first = everything_of(connection, two.victim.tenant)  # the columns the first revision has, and no others
    assert runner.migrate(database.url(OWNER)) == runner.newest_revision()
    with database.superuser() as connection:
        after = everything_of(connection, two.victim.tenant)
    for row in first["connections"]:
        assert row.pop("contract") == "evolve"  # the one column that a later revision drops
    for table, rows in first.items():
        assert rows and rows == _with_columns_of(rows, before[table]) == _with_columns_of(rows, after[table])
    control_plane = database.control_plane()
    with control_plane.tenant_session(two.intruder.tenant) as session:
        assert [found.id for found in session.connections.list()] == [two.intruder.connection]
    control_plane.dispose()


def _with_columns_of(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The others cut down to the columns of these, in the order of the catalog's texts."""
    return sorted(({name: other[name] for name in rows[0]} for other in others), key=lambda row: rows.index(row))


def test_down_to_nothing_and_up_again_works(database: Database) -> None:
    populate(database)
    runner.downgrade(database.url(OWNER), "base", allow_destructive=True)
    with database.superuser() as connection:
        assert owned_tables(connection) == []
    runner.migrate(database.url(OWNER))
    populate(database)


def test_going_down_needs_to_be_meant(database: Database) -> None:
    with pytest.raises(DestructiveMigration):
        runner.downgrade(database.url(OWNER), "0001")
    assert runner.current_revision(database.url(OWNER)) == runner.newest_revision()


@pytest.mark.parametrize(
    ("statement", "is_refused"),
    [
        ("DROP TABLE audit_events", True),
        ("ALTER TABLE connections DROP COLUMN error", True),
        ("TRUNCATE audit_events", True),
        ("DELETE FROM audit_events", True),
        ("ALTER TABLE connections ALTER COLUMN error TYPE varchar(10)", True),
        ("DROP TABLE audit_events /* destructive: a test means it */", False),
        ("ALTER TABLE connections ADD COLUMN colour text", False),
    ],
)
def test_a_migration_that_loses_data_has_to_say_so(
    database: Database, tmp_path: Path, statement: str, is_refused: bool
) -> None:
    scripts = copytree(Path(runner.__file__).parent, tmp_path / "migrations")
    (scripts / "versions" / "r9999_next.py").write_text(
        f'from alembic import op\nrevision = "9999"\ndown_revision = "{runner.newest_revision()}"\n'
        f"def upgrade():\n    op.execute({statement!r})\n"
    )
    if is_refused:
        with pytest.raises(DestructiveMigration):
            runner.migrate(database.url(OWNER), scripts=scripts)
        assert runner.current_revision(database.url(OWNER)) == runner.newest_revision()
    else:
        assert runner.migrate(database.url(OWNER), scripts=scripts) == "9999"


def test_without_postgres_migrating_says_so(database: Database) -> None:
    away = sa.make_url(database.url(OWNER)).set(port=1).render_as_string(hide_password=False)
    with pytest.raises(ControlPlaneUnavailable, match="cannot be reached"):
        runner.migrate(away)


def test_the_run_time_role_cannot_change_tables(control_plane: ControlPlane, database: Database) -> None:
    assert control_plane
    with database.superuser() as connection:
        owners = set(
            connection.execute(
                sa.text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            ).scalars()
        )
        may_create = connection.execute(
            sa.text("SELECT has_schema_privilege('autonomos_app', 'public', 'CREATE')")
        ).scalar()
    assert owners == {OWNER}
    assert may_create is False
