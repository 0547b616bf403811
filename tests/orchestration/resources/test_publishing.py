"""A frozen catalog reads as the lake did, stays as it is, and its reader can do nothing but read."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import boto3
import duckdb
import pytest
from moto.server import ThreadedMotoServer

from orchestration.resources.lake import Lake, LakeLocation, S3Location
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.publishing import (
    FrozenCatalog,
    NotAQuery,
    NothingPublished,
    freeze_catalog,
    published_reader,
)
from tests.assets.extract.batches import batch_of, landing_on, rows_of

pytestmark = pytest.mark.servers

EVERY_TYPE = {
    "_entity_id": "VARCHAR",
    "_key": "UBIGINT",
    "amount": "DECIMAL(38,9)",
    "_source_updated_at": "TIMESTAMP WITH TIME ZONE",
    "day": "DATE",
    "open": "BOOLEAN",
    "tags": "VARCHAR[]",
    "_sources": "STRUCT(connection_id VARCHAR, record_id VARCHAR)[]",
    "number": "BIGINT",
    "version": "INTEGER",
}
NASTY = "ä'\"\\ \n\t{},\U0001f600 \u2028"
FULL_ROW = (
    NASTY,
    2**64 - 1,
    Decimal("-12345678901234567890123456789.123456789"),
    datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=UTC),
    date(1969, 12, 31),
    False,
    ["a,b", 'c"d', "", None, "null", NASTY],
    [{"connection_id": "x'y", "record_id": NASTY}, {"connection_id": None, "record_id": ""}],
    -(2**63),
    2**31 - 1,
)
EMPTY_ROW = ("e", 0, Decimal("0E-9"), None, None, None, [], [], None, None)
NULL_ROW = ("n", *(None for _ in range(len(EVERY_TYPE) - 1)))
ROWS = [EMPTY_ROW, NULL_ROW, FULL_ROW]
SELECT = "SELECT * FROM lake.unified.things ORDER BY _entity_id"


@pytest.fixture
def things(session: LakeSession) -> LakeSession:
    """A view with three rows, so few that they lie in the catalog itself."""
    session.ensure_table("unified", "things", EVERY_TYPE)
    marks = ", ".join("?" for _ in EVERY_TYPE)
    for row in ROWS:
        session.connection.execute(f"INSERT INTO lake.unified.things VALUES ({marks})", row)
    return session


@pytest.fixture
def folder(location: LakeLocation) -> Path:
    return location.published_path


def read(frozen: FrozenCatalog, session: LakeSession, sql: str = SELECT) -> list[tuple[object, ...]]:
    with published_reader(frozen.path, session.data_path) as reader:
        return reader.query(sql).fetchall()


def test_inlined_rows_of_every_type_read_as_they_do_in_the_lake(things: LakeSession, folder: Path) -> None:
    assert list(Path(things.data_path).rglob("*.parquet")) == []  # they are inlined
    frozen = freeze_catalog(things, folder)
    assert read(frozen, things) == things.rows(SELECT) == ROWS
    types = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'things' ORDER BY column_index"
    assert read(frozen, things, types) == things.rows(types) == list(EVERY_TYPE.items())


def test_rows_of_files_deletes_updates_and_new_columns_read_as_in_the_lake(things: LakeSession, folder: Path) -> None:
    things.execute(
        "INSERT INTO lake.unified.things BY NAME SELECT 'f' || i AS _entity_id, i AS _key FROM range(5000) t(i)"
    )
    things.execute("DELETE FROM lake.unified.things WHERE _key BETWEEN 10 AND 2000 OR _entity_id = 'n'")
    things.execute("UPDATE lake.unified.things SET tags = ['z'] WHERE _key IN (0, 5, 4999)")
    things.ensure_table("unified", "things", {"added": "DECIMAL(38,9)[]", "late": "UBIGINT"})
    things.execute("UPDATE lake.unified.things SET added = [1.5], late = 7 WHERE _key = 6")
    things.ensure_table("raw", "empty", {"a": "VARCHAR"})
    frozen = freeze_catalog(things, folder)
    found = things.rows(SELECT)
    assert len(found) == 5003 - 1991 - 1
    assert read(frozen, things) == found
    assert read(frozen, things, "SELECT * FROM lake.raw.empty") == []


def test_a_frozen_catalog_stays_as_it_was_while_the_lake_moves_on(things: LakeSession, folder: Path) -> None:
    frozen = freeze_catalog(things, folder)
    content = frozen.path.read_bytes()
    with published_reader(frozen.path, things.data_path) as reader:
        things.execute("DELETE FROM lake.unified.things WHERE _entity_id = 'n'")
        things.execute("ALTER TABLE lake.unified.things ADD COLUMN later VARCHAR")
        assert reader.query(SELECT).fetchall() == ROWS
        later = freeze_catalog(things, folder)
        assert reader.query(SELECT).fetchall() == ROWS
    assert read(frozen, things) == ROWS
    assert frozen.path.read_bytes() == content
    assert (later.snapshot_id, len(read(later, things))) == (things.snapshot(), 2)


def test_one_snapshot_is_frozen_once(things: LakeSession, folder: Path) -> None:
    first = freeze_catalog(things, folder)
    inode, content = first.path.stat().st_ino, first.path.read_bytes()
    assert freeze_catalog(things, folder) == first
    assert (first.path.stat().st_ino, first.path.read_bytes()) == (inode, content)
    assert list(folder.iterdir()) == [first.path]
    assert first.path.name == f"{things.snapshot()}.ducklake"
    things.transaction(lambda session: None)  # the session is left without a transaction


def test_a_freeze_beside_a_busy_writer_is_of_one_snapshot(
    things: LakeSession, lake: Lake, location: LakeLocation, tenant_id: UUID, folder: Path
) -> None:
    things.ensure_table("raw", "pairs", {"a": "BIGINT"})
    things.ensure_table("raw", "twins", {"a": "BIGINT"})
    stop, failed = threading.Event(), []

    def write() -> None:
        other = Lake(location)
        try:
            with other.session(tenant_id) as session:
                while not stop.is_set():
                    session.transaction(
                        lambda s: [s.execute(f"INSERT INTO lake.raw.{name} VALUES (1)") for name in ("pairs", "twins")]
                    )
        except BaseException as error:  # noqa: BLE001 - asserted on below
            failed.append(error)
        finally:
            other.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(8):
            frozen = freeze_catalog(things, folder)
            counted = "SELECT (SELECT count(*) FROM lake.raw.pairs), (SELECT count(*) FROM lake.raw.twins)"
            ((pairs, twins),) = read(frozen, things, counted)
            assert pairs == twins
            assert read(frozen, things, "SELECT id FROM lake.current_snapshot()") == [(frozen.snapshot_id,)]
    finally:
        stop.set()
        writer.join()
    assert failed == []


class FullDisk:
    """A lake connection on a machine whose disk has no room for another file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        if sql.startswith("CREATE TABLE frozen"):
            raise OSError(28, "No space left on device")
        return self.connection.execute(sql)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


def test_a_freeze_that_fails_leaves_no_file(lake: Lake, folder: Path) -> None:
    tenant_id = uuid4()
    with pytest.raises(Exception, match="no space is left"), lake.session(tenant_id) as session:
        session.connection = FullDisk(session.connection)  # type: ignore[assignment]
        freeze_catalog(session, folder)
    assert list(folder.iterdir()) == []
    with lake.session(tenant_id) as session:
        assert freeze_catalog(session, folder).path.exists()


def test_what_a_killed_process_left_is_no_publication_and_goes_in_time(things: LakeSession, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / ".draft-1.ducklake").write_bytes(b"half a catalog")
    (folder / ".draft-2.ducklake").write_bytes(b"of somebody at work")
    os.utime(folder / ".draft-1.ducklake", (time.time() - 7200,) * 2)
    frozen = freeze_catalog(things, folder)
    assert sorted(path.name for path in folder.iterdir()) == [".draft-2.ducklake", frozen.path.name]
    assert read(frozen, things) == ROWS


REFUSED = (
    "INSERT INTO lake.unified.things (_entity_id) VALUES ('x')",
    "DELETE FROM lake.unified.things",
    "CREATE TABLE lake.unified.more AS SELECT 1",
    "CREATE TABLE memory.more AS SELECT 1",
    "COPY (SELECT 1) TO '{data}x.parquet'",
    "COPY lake.unified.things TO '{published}/x.csv'",
    "EXPORT DATABASE '{published}/x'",
    "ATTACH '{published}/x.db'",
    "ATTACH ':memory:' AS other",
    "DETACH lake",
    "SET memory_limit = '9GB'",
    "RESET lock_configuration",
    "PRAGMA enable_profiling",
    "INSTALL httpfs",
    "CALL ducklake_cleanup_old_files('lake', cleanup_all => true)",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{data}x.parquet'",
    "SELECT 1; COPY (SELECT 1) TO '{data}x.parquet'",
    "",
)
FORBIDDEN = (
    "SELECT * FROM read_csv('/etc/hostname')",
    "SELECT * FROM '{elsewhere}'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_parquet('{data}../tenant=other/x.parquet')",
    "SELECT * FROM ducklake_delete_orphaned_files('lake', cleanup_all => true)",
    "SELECT * FROM ducklake_expire_snapshots('lake', older_than => now())",
)


def test_a_reader_runs_one_query_at_a_time_and_leaves_no_trace(
    things: LakeSession, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.parquet"
    duckdb.sql("SELECT 1 AS secret").write_parquet(str(elsewhere))
    neighbour = Path(things.data_path).parent / "tenant=other" / "x.parquet"
    neighbour.parent.mkdir()
    neighbour.write_bytes(elsewhere.read_bytes())
    frozen = freeze_catalog(things, folder)
    places = {"data": things.data_path, "published": folder, "elsewhere": elsewhere}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    with published_reader(frozen.path, things.data_path) as reader:
        for sql in REFUSED:
            with pytest.raises((NotAQuery, duckdb.Error)) as refused:
                reader.query(sql.format(**places))
            assert isinstance(refused.value, NotAQuery) or "PRAGMA" in sql, (sql, refused.value)
        for sql in FORBIDDEN:
            with pytest.raises(duckdb.Error, match=r"disabled by configuration|read-?only"):
                reader.query(sql.format(**places)).fetchall()
        assert reader.value("SELECT current_setting('lock_configuration')") is True
        assert reader.value("SELECT count(*) FROM lake.unified.things") == 3
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_views_are_listed_and_read_newest_first(things: LakeSession, folder: Path) -> None:
    things.ensure_table("unified", "accounts", EVERY_TYPE)
    things.ensure_table("canonical", "hidden", EVERY_TYPE)
    with published_reader(freeze_catalog(things, folder).path, things.data_path) as reader:
        assert reader.views() == ["accounts", "things"]
        assert [row[0] for row in reader.relation("things").fetchall()] == [NASTY, "e", "n"]
        assert [row[0] for row in reader.relation("things", limit=1).fetchall()] == [NASTY]
        assert reader.value("SELECT 1 WHERE false") is None


def test_a_publication_that_is_gone_says_so(folder: Path) -> None:
    with pytest.raises(NothingPublished, match=r"7\.ducklake is gone; run a sync"):  # noqa: SIM117
        with published_reader(folder / "7.ducklake", "nowhere"):
            pass


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Location]:
    """A bucket on moto's server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _, port = server.get_host_and_port()
    place = S3Location("test-key", "test-secret", endpoint=f"127.0.0.1:{port}", use_ssl=False)
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{place.endpoint}",
        region_name=place.region,
        aws_access_key_id=place.key_id,
        aws_secret_access_key=place.secret,
    )
    client.create_bucket(Bucket="lake")
    yield place
    client.close()
    server.stop()


def test_a_lake_on_s3_is_written_and_published_and_read(s3: S3Location, lake_catalog: str, tmp_path: Path) -> None:
    lake = Lake(LakeLocation(lake_catalog, "s3://lake/data", tmp_path / "published", s3=s3))
    with lake.session(uuid4()) as session:
        landing = landing_on(session)
        scan = "SELECT i::VARCHAR AS id, 'v' || i AS name FROM range(5000) AS file(i)"
        assert landing.land(batch_of([], scan=scan, deletes=True)).landed == 5000
        changed = "SELECT i::VARCHAR AS id, 'w' || i AS name FROM range(1000) AS file(i)"
        counts = landing.land(batch_of([("7", "x")], scan=f"{changed} UNION ALL SELECT '1', 'twin'", deletes=True))
        assert (counts.read, counts.landed, counts.rejected, counts.deleted) == (1001, 1000, 1, 4000)
        assert rows_of(landing, "count(*), max(name)") == [(1000, "w999")]
        session.ensure_table("unified", "things", EVERY_TYPE)
        session.execute(
            "INSERT INTO lake.unified.things BY NAME SELECT 'f' || i AS _entity_id FROM range(3000) AS file(i)"
        )
        frozen = freeze_catalog(session, tmp_path / "published")
        files = "SELECT count(*) FROM glob('s3://lake/data/**/*.parquet')"
        assert session.value(files) >= 2
        with published_reader(frozen.path, session.data_path, s3) as reader:
            assert reader.value("SELECT count(*) FROM lake.unified.things") == 3000
            with pytest.raises(duckdb.Error, match="disabled by configuration"):
                reader.query("SELECT * FROM read_text('s3://lake/other/secret.txt')").fetchall()
    lake.close()
    assert not list(tmp_path.rglob("*.parquet"))
