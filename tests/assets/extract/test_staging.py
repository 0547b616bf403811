"""A batch in its staging file: every value as text, counted, and errors that name the stream."""

import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pytest

from assets.extract.raw_tables import BOOKKEEPING, column_names, raw_columns, raw_table
from assets.extract.staging import UNREADABLE, stage_batch, staged_rows
from connectors.errors import RecordInvalid
from orchestration.resources.lake_session import LakeFull, LakeSession
from tests.assets.extract.batches import STREAM, batch_of, classify

pytestmark = pytest.mark.servers


def test_values_are_kept_as_text_with_bookkeeping_beside_them(session: LakeSession) -> None:
    scan = "SELECT 007 AS id, TIMESTAMP '2024-01-02 03:04:05' AS name"
    staged = stage_batch(session, batch_of([], scan=scan, origin="it's.csv"), "0000000001-x", classify)
    found = session.execute(f"SELECT * FROM {staged_rows(staged.path)}")
    types = dict(zip([c[0] for c in found.description], [str(c[1]) for c in found.description], strict=True))  # type: ignore[union-attr]
    assert list(types) == ["id", "name", *BOOKKEEPING]
    assert (types["id"], types["name"]) == ("VARCHAR", "VARCHAR")
    (row,) = found.fetchall()
    assert row[:3] == ("7", "2024-01-02 03:04:05", "7")
    assert row[5:] == ("it's.csv", "0000000001-x", False, None)
    assert (staged.rows, staged.keyed, staged.distinct, staged.unreadable) == (1, 1, 1, 0)
    assert staged.size_bytes == Path(staged.path).stat().st_size


def test_arrow_batches_are_staged_like_scans(session: LakeSession) -> None:
    table = pa.table({"id": ["1", "2"], "name": ["Ada", None]})
    batch = replace(batch_of([]), scan=None, arrow=table.to_reader(max_chunksize=1))
    staged = stage_batch(session, batch, "1-x", classify)
    assert session.rows(f"SELECT id, name FROM {staged_rows(staged.path)}") == [("1", "Ada"), ("2", None)]
    assert session.rows("SELECT view_name FROM duckdb_views() WHERE view_name = 'arrow_batch'") == []


def test_the_order_of_the_file_is_kept_over_many_row_groups(session: LakeSession) -> None:
    scan = "SELECT (i % 7)::VARCHAR AS id, i::VARCHAR AS name FROM range(300000) AS file(i)"
    staged = stage_batch(session, batch_of([], scan=scan), "1-x", classify)
    assert (staged.rows, staged.distinct, staged.is_clean) == (300_000, 7, False)
    ordered = f"SELECT bool_and(name = file_row_number::VARCHAR) FROM {staged_rows(staged.path, numbered=True)}"
    assert session.value(ordered)


def test_unreadable_lines_wait_in_the_session(session: LakeSession) -> None:
    staged = stage_batch(session, batch_of([("1", "a")], unreadable=[(2, "x", "why")]), "1-x", classify)
    assert (staged.rows, staged.unreadable, staged.is_clean) == (1, 1, True)
    assert session.rows(f"SELECT * FROM {UNREADABLE}") == [(2, "x", "why")]


def test_an_error_of_the_scan_goes_through_the_connector(session: LakeSession) -> None:
    with pytest.raises(RecordInvalid) as raised:
        stage_batch(session, batch_of([], scan="SELECT nothing"), "1-x", classify)
    assert raised.value.stream == STREAM
    assert "nothing" in raised.value.detail
    assert "nothing" not in str(raised.value)


def test_statements_of_the_source_run_first(session: LakeSession) -> None:
    scan = "SELECT getvariable('wanted') AS id, 'x' AS name"
    batch = replace(batch_of([], scan=scan), prepare=("SET VARIABLE wanted = 'prepared'",))
    staged = stage_batch(session, batch, "1-x", classify)
    assert session.rows(f"SELECT id FROM {staged_rows(staged.path)}") == [("prepared",)]


def test_columns_have_the_fields_names_but_for_those_the_lake_keeps() -> None:
    assert column_names(["a", "ROW_ID", "xmin", "xmin_"]) == {
        "a": "a",
        "ROW_ID": "ROW_ID_",
        "xmin": "xmin__",
        "xmin_": "xmin_",
    }
    assert raw_columns(["a"]) == {"a": "VARCHAR"} | BOOKKEEPING


def test_tables_of_streams_are_told_apart_by_more_than_their_slug() -> None:
    connection_id = uuid4()
    names = {raw_table(connection_id, name) for name in ("A b", "a-b", "ä", "ö", "x" * 200, "x" * 201)}
    assert len(names) == 6
    assert max(map(len, names)) <= 63  # what Postgres keeps of a name


FULL = """
import resource, sys
from pathlib import Path
from uuid import UUID
from orchestration.resources.lake import Lake, LakeLocation
from orchestration.resources.lake_session import LakeFull
from tests.assets.extract.batches import batch_of, landing_on

lake = Lake(LakeLocation(sys.argv[1], sys.argv[2], Path(sys.argv[2])))
with lake.session(UUID(int=3)) as session:
    landing = landing_on(session)
    landing.land(batch_of([("1", "Ada")]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    scan = "SELECT i::VARCHAR AS id, md5(i::VARCHAR) AS name FROM range(100000) AS file(i)"
    before = session.snapshot()
    try:
        landing.land(batch_of([], scan=scan))
    except Exception as error:
        print(type(error).__name__, error)
    print(session.snapshot() == before)
"""


def test_a_full_disk_is_a_full_lake(session: LakeSession) -> None:
    path = Path(session.staging_file("1-x"))
    for name in (path, path.with_name(f"tmp_{path.name}")):
        name.symlink_to("/dev/full")
    scan = "SELECT i::VARCHAR AS id, md5(i::VARCHAR) AS name FROM range(100000) AS file(i)"
    with pytest.raises(LakeFull, match="no space is left where the lake writes; free disk space or set"):
        stage_batch(session, batch_of([], scan=scan), "1-x", classify)


def test_a_disk_that_takes_no_more_leaves_the_lake_as_it_was(lake_catalog: str, tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    arguments = [sys.executable, "-c", FULL, lake_catalog, str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, cwd=Path.cwd())
    error, nothing_changed = done.stdout.splitlines()
    assert error.startswith("LakeFull no space is left where the lake writes"), done
    assert (nothing_changed, done.returncode) == ("True", 0), done
