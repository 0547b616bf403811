"""Sessions on a tenant's lake: transactions, tables, warm sessions that outlive Postgres, and places that are full."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import psycopg2
import pytest

from orchestration.resources import lake as lakes
from orchestration.resources.lake import Lake, LakeLocation
from orchestration.resources.lake_session import CATALOG, LakeFull, LakeSession, LakeUnavailable, classified

pytestmark = pytest.mark.servers
NUMBERS = {"key": "BIGINT", "value": "VARCHAR"}


def put(session: LakeSession, key: int, value: str = "x") -> None:
    session.execute(f"INSERT INTO lake.raw.numbers VALUES ({key}, '{value}')")


def keys(session: LakeSession) -> list[int]:
    return [key for (key,) in session.rows("SELECT key FROM lake.raw.numbers ORDER BY 1")]


@pytest.fixture
def numbers(session: LakeSession) -> LakeSession:
    session.ensure_table("raw", "numbers", NUMBERS)
    return session


def test_a_transaction_is_visible_whole_or_not_at_all(numbers: LakeSession) -> None:
    def fail(session: LakeSession) -> None:
        put(session, 1)
        raise KeyError

    with pytest.raises(KeyError):
        numbers.transaction(fail)
    assert keys(numbers) == []
    assert numbers.transaction(lambda session: (put(session, 1), put(session, 2), "done"))[2] == "done"
    assert keys(numbers) == [1, 2]


def test_a_transaction_that_another_writer_overtook_runs_again(lake: Lake, location: LakeLocation) -> None:
    tenant_id, other = uuid4(), Lake(location)
    with lake.session(tenant_id) as mine, other.session(tenant_id) as theirs:
        mine.ensure_table("raw", "numbers", NUMBERS)
        put(mine, 1, "0")
        seen = []

        def add(session: LakeSession) -> None:
            value = int(session.value("SELECT value FROM lake.raw.numbers WHERE key = 1"))
            seen.append(value)
            if len(seen) == 1:
                theirs.transaction(lambda s: s.execute("UPDATE lake.raw.numbers SET value = '10' WHERE key = 1"))
            session.execute(f"UPDATE lake.raw.numbers SET value = '{value + 1}' WHERE key = 1")

        mine.transaction(add)
        assert (seen, mine.value("SELECT value FROM lake.raw.numbers")) == ([0, 10], "11")
    other.close()


def test_tables_grow_and_are_never_retyped(session: LakeSession) -> None:
    assert session.columns("raw", "it's") == {}
    assert session.ensure_table("raw", "it's", NUMBERS) is True
    assert session.ensure_table("raw", "it's", {"KEY": "VARCHAR", 'a"b': "DATE"}) is False
    assert session.columns("raw", "it's") == NUMBERS | {'a"b': "DATE"}
    assert session.tables("raw") == frozenset({"it's"})


def test_insertions_are_those_of_the_snapshots_asked_for(numbers: LakeSession) -> None:
    snapshots = [numbers.snapshot()]
    for key in range(3):
        put(numbers, key)
        snapshots.append(numbers.snapshot())
    numbers.execute("DELETE FROM lake.raw.numbers WHERE key = 1")

    def inserted(after: int | None, through: int) -> list[int]:
        feed = numbers.insertions("raw", "numbers", after, through)
        return [key for (key,) in numbers.rows(f"SELECT key FROM ({feed}) ORDER BY 1")]

    assert inserted(snapshots[1], snapshots[3]) == [1, 2]
    assert inserted(snapshots[0], snapshots[1]) == [0]
    assert inserted(None, snapshots[3]) == [0, 2]


def test_tenants_see_their_own_lake_only(lake: Lake, location: LakeLocation) -> None:
    with lake.session(UUID(int=21)) as first, lake.session(UUID(int=22)) as second:
        for key, session in enumerate((first, second)):
            session.ensure_table("raw", "numbers", NUMBERS)
            session.execute(f"INSERT INTO lake.raw.numbers SELECT {key}, 'x' FROM range(1000)")
        assert (set(keys(first)), set(keys(second))) == ({0}, {1})
        assert len(list(Path(first.data_path).rglob("*.parquet"))) == 1
        assert str(UUID(int=21)) in first.data_path


def test_first_syncs_of_a_tenant_may_start_together(location: LakeLocation) -> None:
    tenant_id, raised, start = uuid4(), [], threading.Barrier(4, timeout=20)

    def sync(key: int) -> None:
        own = Lake(location)
        try:
            start.wait()
            with own.session(tenant_id) as session:
                session.transaction(lambda s: (s.ensure_table("raw", "numbers", NUMBERS), put(s, key)))
        except BaseException as error:  # noqa: BLE001 - asserted on below
            raised.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=sync, args=(key,)) for key in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    lake = Lake(location)
    with lake.session(tenant_id) as session:
        assert keys(session) == [0, 1, 2, 3]
    lake.close()


def test_a_session_is_kept_warm_without_what_its_user_left(lake: Lake) -> None:
    tenant_id = uuid4()
    with lake.session(tenant_id) as first:
        for _ in range(2):
            first.execute("CREATE OR REPLACE TEMP TABLE big AS SELECT * FROM range(10)")
    with lake.session(tenant_id) as second:
        assert second is first
        assert second.value("SELECT count(*) FROM duckdb_tables() WHERE temporary") == 0
        with lake.session(tenant_id) as beside:
            assert beside is not second


def test_a_session_that_failed_is_not_handed_on(lake: Lake) -> None:
    tenant_id = uuid4()
    with pytest.raises(KeyError), lake.session(tenant_id) as failed:
        failed.execute("BEGIN")
        raise KeyError
    with lake.session(tenant_id) as next_one:
        assert next_one is not failed
        next_one.execute("BEGIN")


def test_only_so_many_connections_stay_open_and_serve_other_tenants_afterwards(
    location: LakeLocation,
) -> None:
    lake = Lake(location, idle_sessions=2)
    tenants = [UUID(int=30 + number) for number in range(3)]
    opened = []
    for number, tenant_id in enumerate(tenants):
        with lake.session(tenant_id) as session:
            session.execute(f"CREATE SCHEMA {CATALOG}.only_{number}")
            opened.append(session)
    assert opened[2].connection is opened[0].connection
    for number, tenant_id in enumerate(tenants):
        with lake.session(tenant_id) as session:
            seen = session.rows("SELECT schema_name FROM duckdb_schemas() WHERE schema_name LIKE 'only_%'")
            assert seen == [(f"only_{number}",)]
    lake.close()


def end_backends(catalog: str) -> int:
    """What a restart of Postgres does to the sessions; how many it hit."""
    with psycopg2.connect(catalog) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])  # type: ignore[index]


def test_a_restart_of_postgres_between_two_sessions_is_not_noticed(lake: Lake, lake_catalog: str) -> None:
    tenant_id = uuid4()
    with lake.session(tenant_id) as session:
        session.ensure_table("raw", "numbers", NUMBERS)
        put(session, 1)
    assert end_backends(lake_catalog) > 0
    with lake.session(tenant_id) as session:
        session.transaction(lambda s: put(s, 2))
        assert keys(session) == [1, 2]


def test_a_restart_of_postgres_in_a_transaction_loses_all_of_it(lake: Lake, lake_catalog: str) -> None:
    tenant_id = uuid4()
    with lake.session(tenant_id) as session:
        session.ensure_table("raw", "numbers", NUMBERS)

    def cut_off(session: LakeSession) -> None:
        put(session, 1)
        assert end_backends(lake_catalog) > 0
        put(session, 2)

    with pytest.raises(LakeUnavailable, match="catalog in Postgres does not answer"):  # noqa: SIM117
        with lake.session(tenant_id) as session:
            session.transaction(cut_off)
    with lake.session(tenant_id) as session:
        assert keys(session) == []


def test_a_restart_of_postgres_after_the_commit_is_no_failure(lake: Lake, lake_catalog: str) -> None:
    tenant_id = uuid4()
    with lake.session(tenant_id) as session:
        session.ensure_table("raw", "numbers", NUMBERS)
        session.transaction(lambda s: put(s, 1))
        end_backends(lake_catalog)
    with lake.session(tenant_id) as session:
        assert keys(session) == [1]


def test_a_catalog_that_is_away_says_so_without_its_password(location: LakeLocation) -> None:
    for broken in ("host=127.0.0.1 port=1 dbname=x user=u password=hush-4711", f"{location.catalog} dbname=missing"):
        lake = Lake(replace(location, catalog=broken))
        with pytest.raises(LakeUnavailable) as raised, lake.session(uuid4()):
            pass
        assert "hush" not in f"{raised.value} {raised.value.__cause__}"
    assert "password" not in repr(location)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Could not write file "x": No space left on device', LakeFull),
        ("IO Error: Disk quota exceeded", LakeFull),
        ("Out of Memory Error: ... max_temp_directory_size", LakeFull),
        ("could not extend file: No space left on device", LakeFull),
        ("server closed the connection unexpectedly", LakeUnavailable),
        ("FATAL: the database system is starting up", LakeUnavailable),
        ("FATAL: sorry, too many clients already", LakeUnavailable),
        ("Transaction conflict ... server closed the connection", duckdb.Error),
        ("Binder Error: no such column", duckdb.Error),
    ],
)
def test_errors_are_told_apart_by_what_to_do(text: str, expected: type[Exception]) -> None:
    assert isinstance(classified(duckdb.IOException(text)), expected)


def test_a_folder_that_cannot_be_made_is_an_error_of_the_disk(location: LakeLocation, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="data"), Lake(location).session(uuid4()):
        pass


def test_sessions_spill_beside_each_other(location: LakeLocation) -> None:
    tenant_id = uuid4()
    cramped = replace(location, memory_limit="50MB")
    lake = Lake(cramped)
    with lake.session(tenant_id) as first, lake.session(tenant_id) as second:
        for number, session in enumerate((first, second), start=1):
            session.execute(
                f"CREATE TEMP TABLE wide AS SELECT i, md5((i * {number})::VARCHAR) AS m FROM range(1500000) AS s(i)"
            )
        spills = list((Path(location.data_path) / "spill").iterdir())
        assert len(spills) == 2
        for number, session in enumerate((first, second), start=1):
            assert session.value(f"SELECT count(*) FROM wide WHERE m <> md5((i * {number})::VARCHAR)") == 0
    lake.close()
    assert list((Path(location.data_path) / "spill").iterdir()) == []


def test_what_a_killed_process_spilled_is_removed_in_time(location: LakeLocation) -> None:
    spills = Path(location.data_path) / "spill"
    for name, age_s in (("old", 2 * lakes.SPILL_ABANDONED_AFTER_S), ("live", 60)):
        (spills / name).mkdir(parents=True)
        (spills / name / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"x")
        os.utime(spills / name, (time.time() - age_s,) * 2)
    lake = Lake(location)
    with lake.session(UUID(int=9)):
        assert [path.name for path in spills.iterdir()] == ["live"]
    lake.close()


def test_a_forked_process_opens_sessions_of_its_own(lake: Lake) -> None:
    tenant_id = uuid4()
    with lake.session(tenant_id) as session:
        session.ensure_table("raw", "numbers", NUMBERS)
    warm = id(session)
    del session  # the lake holds it alone, as in a worker

    def write() -> None:
        with lake.session(tenant_id) as own:
            own.transaction(lambda s: put(s, 7))

    assert exit_code_of(write) == 0
    with lake.session(tenant_id) as again:
        assert id(again) == warm
        assert keys(again) == [7]


def exit_code_of(work: Callable[[], None], timeout_s: float = 30) -> int:
    """Run in a forked process; -SIGKILL when it hangs."""
    process_id = os.fork()
    if process_id == 0:
        try:
            work()
        finally:
            os._exit(0 if os.sys.exc_info()[0] is None else 1)  # type: ignore[attr-defined]
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        done, status = os.waitpid(process_id, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(process_id, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(process_id, 0)[1])
