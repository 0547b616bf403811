"""A read is no burden to the database it reads from, and what the database does meanwhile costs no record."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg2
import pyarrow as pa
import pytest

from connectors.errors import RecordInvalid, SourceUnavailable, StreamGone, Timeout
from connectors.protocol import Batch, Item, Mode
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox
from tests.connectors.harnesses.harness import until
from tests.connectors.supabase.project import Open, numbered, read

pytestmark = pytest.mark.servers
SMALL = {"batch_records": 10}
HASTY = SMALL | {"give_up_after_s": 0}
SESSIONS = "FROM pg_stat_activity WHERE usename LIKE '%%db_reader' AND datname = current_database()"
END_SESSIONS = f"SELECT pg_terminate_backend(pid) {SESSIONS}"


class Administrator:
    """A connection of the customer's own, which waits for nobody longer than a second."""

    def __init__(self, url: str, database: str) -> None:
        self.connection = psycopg2.connect(url, dbname=database, options="-c lock_timeout=1s")
        self.connection.autocommit = True

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


def texts(item: Item, column: str = "id") -> list[str]:
    return item.arrow.read_all()[column].to_pylist() if isinstance(item, Batch) and item.arrow else []


@pytest.fixture
def admin(project: PostgrestSandbox, postgres_admin_url: str) -> Iterator[Administrator]:
    project.load("deals", numbered(60), "id")
    url = postgres_admin_url.replace("postgresql+psycopg2", "postgresql")
    administrator = Administrator(url, project.store.database)
    yield administrator
    administrator.connection.close()


@pytest.mark.parametrize("mode", ["incremental", "full", "full_with_deletes"])
def test_while_a_batch_lands_nothing_is_locked_and_no_transaction_is_open(
    opened: Open, admin: Administrator, mode: Mode
) -> None:
    reader = opened("database", limits=SMALL)
    stream = replace(reader.stream("deals"), mode=mode)
    ids: list[str] = []
    for number, item in enumerate(reader.connector.read(stream, None)):
        sessions = admin.ask(f"SELECT state, xact_start, application_name {SESSIONS}")
        assert sessions == [("idle", None, "autonomos")]
        assert admin.ask("SELECT * FROM pg_locks WHERE relation = 'deals'::regclass AND pid <> pg_backend_pid()") == []
        admin.ask(f"ALTER TABLE deals ADD COLUMN extra{number} int")
        ids += texts(item)
    assert number >= 6
    assert ids == [str(n) for n in range(1, 61)]


def test_a_transaction_only_reads_and_ends_by_itself_when_it_takes_too_long(opened: Open, admin: Administrator) -> None:
    names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_read_only"]
    shown = ", ".join(f"current_setting('{name}') AS {name}" for name in names)
    admin.ask(f"CREATE OR REPLACE VIEW settings AS SELECT {shown}; GRANT SELECT ON settings TO PUBLIC")
    reader = opened("database", limits={"timeout_s": 7})
    assert [list(row.values()) for row in read(reader.connector, reader.stream("settings")).rows] == [
        ["7s", "3500ms", "7s", "on"]
    ]
    admin.ask("DROP VIEW settings")


def test_a_table_locked_by_somebody_is_let_go_soon(opened: Open, admin: Administrator) -> None:
    reader = opened("database", limits={"timeout_s": 2, "give_up_after_s": 0})
    stream = reader.stream("deals")
    admin.ask("BEGIN; LOCK TABLE deals IN ACCESS EXCLUSIVE MODE")
    began = time.monotonic()
    with pytest.raises(Timeout) as caught:
        read(reader.connector, stream)
    assert time.monotonic() - began < 2
    assert "locked" in caught.value.message
    admin.ask("ROLLBACK")
    assert len(read(reader.connector, stream).rows) == 60


def test_sessions_ended_between_batches_cost_neither_records_nor_patience(opened: Open, admin: Administrator) -> None:
    reader = opened("database", limits=HASTY)
    ids: list[str] = []
    ended = 0
    for item in reader.connector.read(replace(reader.stream("deals"), mode="full"), None):
        ids += texts(item)
        ended += len(admin.ask(END_SESSIONS))
    assert ended >= 6
    assert ids == [str(n) for n in range(1, 61)]
    assert reader.codes() == []


def test_a_session_ended_in_the_middle_of_a_statement_is_replaced(opened: Open, admin: Administrator) -> None:
    admin.ask(
        "CREATE VIEW falling AS SELECT id, CASE WHEN id = 25 AND NOT EXISTS (SELECT FROM deals WHERE name = 'up') "
        "THEN pg_sleep(20)::text END AS x FROM deals; GRANT SELECT ON falling TO PUBLIC"
    )
    reader = opened("database", limits=SMALL | {"timeout_s": 10})
    stream = reader.stream("falling")
    ended: list[int] = []

    def fall() -> None:
        assert until(lambda: bool(admin.ask(f"SELECT pid {SESSIONS} AND wait_event = 'PgSleep'")))
        admin.ask("UPDATE deals SET name = 'up' WHERE id = 60")
        ended.append(len(admin.ask(END_SESSIONS)))

    server = threading.Thread(target=fall)
    server.start()
    ids = read(reader.connector, stream).ids()
    server.join(10)
    assert ended == [1]
    assert ids == [str(n) for n in range(1, 61)]
    admin.ask("DROP VIEW falling")


def test_a_server_that_stays_away_is_told_in_bounded_time(
    opened: Open, admin: Administrator, project: PostgrestSandbox
) -> None:
    reader = opened("database", limits=SMALL | {"give_up_after_s": 1})
    items = reader.connector.read(reader.stream("deals"), None)
    next(items)
    admin.ask(f'ALTER DATABASE "{project.store.database}" CONNECTION LIMIT 0')
    admin.ask(END_SESSIONS)
    began = time.monotonic()
    with pytest.raises(SourceUnavailable):
        next(items)
    assert time.monotonic() - began < 3
    admin.ask(f'ALTER DATABASE "{project.store.database}" CONNECTION LIMIT -1')


def test_records_put_in_behind_the_position_come_at_the_next_read(opened: Open, admin: Administrator) -> None:
    reader = opened("database", limits=SMALL, look_back_s=0)
    stream = reader.stream("deals")
    ids: list[str] = []
    cursor = None
    for number, item in enumerate(reader.connector.read(stream, None)):
        cursor = item.cursor
        ids += texts(item)
        if number == 2:
            admin.ask("INSERT INTO deals VALUES (-1, 'behind'), (90, 'ahead')")
    assert ids == [str(n) for n in (*range(1, 61), 90)]
    assert "-1" in read(reader.connector, stream, cursor).ids()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("ALTER TABLE deals RENAME TO bargains", StreamGone),
        ("DROP TABLE deals", StreamGone),
        ("ALTER TABLE deals RENAME id TO number", SourceUnavailable),
        ("ALTER TABLE deals ALTER id TYPE text", SourceUnavailable),
    ],
)
def test_a_change_that_a_read_cannot_go_on_after_ends_it_by_name(
    opened: Open, admin: Administrator, change: str, expected: type[Exception]
) -> None:
    reader = opened("database", limits=SMALL)
    items = reader.connector.read(reader.stream("deals"), None)
    next(items)
    admin.ask(change)
    with pytest.raises(expected) as caught:
        list(items)
    assert caught.value.stream == "deals"  # type: ignore[attr-defined]
    admin.ask("DROP TABLE IF EXISTS bargains")


def test_a_key_of_another_type_is_read_from_the_beginning(opened: Open, admin: Administrator) -> None:
    reader = opened("database", limits=SMALL)
    stream = replace(reader.stream("deals"), mode="full_with_deletes")
    half = read(reader.connector, stream, stop_after=2)
    admin.ask("ALTER TABLE deals ALTER id TYPE text")
    # As texts 3 to 9 come after 20, and 21 to 60 not all: the old position would pass over records.
    rest = read(reader.connector, replace(reader.stream("deals"), mode="full_with_deletes"), half.cursor)
    assert set(rest.ids()) == {str(n) for n in range(1, 61)}
    assert rest.cursor is not None
    assert half.items[-1].sweep != rest.items[-1].sweep  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["smallint", "numeric", "uuid", "date", "timestamptz", "timestamp", "varchar(9)"])
def test_keys_of_any_type_page_right(opened: Open, admin: Administrator, kind: str) -> None:
    made = {
        "uuid": "md5(n::text)::uuid",
        "date": "date '2026-01-01' + n",
        "timestamptz": "timestamptz '2026-01-01' - n * interval '1.000001 s'",
        "timestamp": "timestamp '2026-01-01' - n * interval '1.000001 s'",
    }.get(kind, f"(n - 20)::{kind}")
    admin.ask(
        f"CREATE TABLE keyed (id {kind} PRIMARY KEY); INSERT INTO keyed SELECT {made} FROM generate_series(1, 57) n"
    )
    admin.ask("GRANT SELECT ON keyed TO PUBLIC")
    reader = opened("database", limits=SMALL)
    ids = read(reader.connector, reader.stream("keyed")).ids()
    assert len(ids) == len(set(ids)) == 57
    admin.ask("DROP TABLE keyed")


def test_batches_keep_to_records_and_bytes_and_grow_again_after_large_records(
    opened: Open, project: PostgrestSandbox
) -> None:
    bodies = ["x" * (3 << 20)] + ["x" * 300_000] * 30 + ["small"] * 20_000
    project.load("sizes", pa.table({"id": list(range(len(bodies))), "body": bodies}), "id", stamped=False)
    reader = opened("database", limits={"batch_mib": 1, "batch_records": 5_000})
    bodies_read = [texts(item, "body") for item in reader.connector.read(reader.stream("sizes"), None)]
    sizes = [(len(found), sum(map(len, found))) for found in bodies_read]
    assert sum(rows for rows, _ in sizes) == len(bodies)
    assert sizes[0] == (1, 3 << 20)
    assert max(size for _, size in sizes[1:]) <= 1 << 20
    assert max(rows for rows, _ in sizes) <= 5_000
    assert len(sizes) < 30, sizes
    project.drop_stream("sizes")


def test_a_record_beyond_all_bounds_is_told_and_large_ones_make_a_small_sample(
    opened: Open, project: PostgrestSandbox, admin: Administrator
) -> None:
    admin.ask(
        "CREATE TABLE huge (id int PRIMARY KEY, body text); GRANT SELECT ON huge TO PUBLIC; "
        "INSERT INTO huge SELECT n, repeat('x', CASE WHEN n > 20 THEN 70000000 ELSE 2000000 END) "
        "FROM generate_series(1, 21) n"
    )
    reader = opened("database")
    stream = reader.stream("huge")
    assert 0 < len(read(reader.connector, stream, limit=20).rows) <= 20
    with pytest.raises(RecordInvalid):
        read(reader.connector, stream)
    project.drop_stream("huge")
