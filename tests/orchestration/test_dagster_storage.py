"""Dagster's storage on one pool a process: no connection per call, safe over a fork, back after a restart."""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from uuid import uuid4

import pytest
import sqlalchemy as sa

from orchestration.dagster_storage import PooledPostgresStorage, shared_engine

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def dagster_url(postgres_admin_url: str) -> Iterator[str]:
    name = f"dagster_{uuid4().hex}"
    admin = sa.create_engine(postgres_admin_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = sa.make_url(postgres_admin_url).set(database=name).render_as_string(hide_password=False)
    yield url
    shared_engine(url).dispose()
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def storage(dagster_url: str) -> PooledPostgresStorage:
    return PooledPostgresStorage(dagster_url)


@pytest.fixture
def opened(dagster_url: str) -> Iterator[list[object]]:
    """Postgres connections opened while the test runs."""
    connections: list[object] = []

    def count(connection: object, _record: object) -> None:
        connections.append(connection)

    engine = shared_engine(dagster_url)
    sa.event.listen(engine, "connect", count)
    yield connections
    sa.event.remove(engine, "connect", count)


def use(storage: PooledPostgresStorage) -> None:
    storage.run_storage.get_runs()
    storage.event_log_storage.get_dynamic_partitions("connections")
    storage.schedule_storage.all_instigator_state()


def test_many_calls_share_one_connection(storage: PooledPostgresStorage, opened: list[object]) -> None:
    use(storage)
    del opened[:]
    for _ in range(20):
        use(storage)
    assert opened == []


def test_another_instance_of_the_storage_opens_nothing_new(
    storage: PooledPostgresStorage, dagster_url: str, opened: list[object]
) -> None:
    use(storage)
    del opened[:]
    use(PooledPostgresStorage(dagster_url))
    assert opened == []


def test_the_storage_comes_back_when_the_server_hung_up(
    storage: PooledPostgresStorage, postgres_admin_url: str, opened: list[object]
) -> None:
    use(storage)
    del opened[:]
    admin = sa.create_engine(postgres_admin_url)
    with admin.connect() as connection:
        ended = connection.execute(
            sa.text(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname LIKE 'dagster\\_%'"
            )
        ).scalar_one()
    admin.dispose()
    assert ended >= 1
    use(storage)
    assert opened


def _in_child(url: str, pipe: Connection) -> None:
    storage = PooledPostgresStorage(url)
    use(storage)
    with shared_engine(url).connect() as connection:
        pipe.send(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())


def test_a_forked_child_gets_connections_of_its_own(storage: PooledPostgresStorage, dagster_url: str) -> None:
    use(storage)
    with shared_engine(dagster_url).connect() as connection:
        mine = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_in_child, args=(dagster_url, theirs))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert ours.recv() != mine
    use(storage)  # the child's end did not end what is ours
    with shared_engine(dagster_url).connect() as connection:
        assert connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one() == mine


def test_the_webservers_statement_limit_holds_on_every_connection(dagster_url: str) -> None:
    storage = PooledPostgresStorage(dagster_url)
    storage.run_storage.optimize_for_webserver(statement_timeout=5000, pool_recycle=-1, max_overflow=5)
    storage.event_log_storage.optimize_for_webserver(statement_timeout=5000, pool_recycle=-1, max_overflow=5)
    with shared_engine(dagster_url).connect() as one, shared_engine(dagster_url).connect() as two:
        limits = [c.execute(sa.text("SHOW statement_timeout")).scalar_one() for c in (one, two)]
    assert limits == ["5s", "5s"]
