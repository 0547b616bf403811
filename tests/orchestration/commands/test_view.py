"""`view` and `rejects` over a lake frozen and published by the real services."""

import csv
import io
import json
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import pytest

from orchestration.commands.access import Access
from orchestration.resources.lake import Lake
from orchestration.resources.lake_places import lake_location
from orchestration.resources.publishing import freeze_catalog
from tests.orchestration.commands.conftest import Run

pytestmark = pytest.mark.servers
ROWS = 25
SOURCES = "[{'connection_id': 'c', 'record_id': i::VARCHAR, 'updated_at': NULL::TIMESTAMPTZ}]"


@pytest.fixture(scope="module")
def published(access: Access, tenant_id: UUID) -> str:
    """Publishes a view of 25 accounts and three rejected records; the name of their connection."""
    with access.control_plane.tenant_session(tenant_id) as session:
        connection = session.connections.create(f"crm {uuid4().hex[:8]}", "files", {"path": "/nowhere"})
    location = lake_location(access.settings)
    with Lake(location).session(tenant_id) as lake:
        lake.execute("CREATE SCHEMA lake.unified")
        lake.execute("CREATE SCHEMA lake.canonical")
        lake.execute(
            f"CREATE TABLE lake.unified.accounts AS SELECT 'e' || i AS _entity_id, 'Fennel, \"' || i || '\"' AS name, "
            f"NULL::VARCHAR AS phone, ['a', 'b'] AS tags, {SOURCES} AS _sources, 1 AS _source_count, "
            f"TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_days(i::INTEGER) AS _source_updated_at, "
            f"i::UBIGINT AS _entity, NULL::UBIGINT AS _account_ref FROM range({ROWS}) numbers(i)"
        )
        reason = json.dumps([{"field": "amount", "source": "Amount", "value": "n/a", "reason": "not a decimal"}])
        lake.connection.execute(
            "CREATE TABLE lake.canonical.rejected_records AS SELECT ? AS connection_id, 'deals' AS stream, "
            "NULL::VARCHAR AS entity, 'normalize' AS stage, 'r' || i AS record_id, NULL::UBIGINT AS record_key, "
            "'deals.csv' AS origin, i AS line, ? AS errors, '{\"Amount\": \"n/a\"}' AS raw, 'b' AS batch_id, "
            "now() AS rejected_at FROM range(3) numbers(i)",
            [str(connection.id), reason],
        )
        frozen = freeze_catalog(lake, location.published_path / f"tenant={tenant_id}")
    with access.control_plane.tenant_session(tenant_id) as session:
        session.publications.publish(frozen.snapshot_id, str(frozen.path), {"accounts": {"rows": ROWS}})
    return connection.name


def test_json_counts_all_rows_and_holds_the_newest(run: Run, published: str) -> None:
    document = run("view", "accounts", "-t", "Brindlecove", "--json", "--limit", "2").document
    assert (document["view"], document["rows"], document["shown"]) == ("accounts", ROWS, 2)
    assert [record["_entity_id"] for record in document["records"]] == ["e24", "e23"]
    assert "_entity" not in document["records"][0]


def test_an_entity_is_found_under_its_own_name_too(run: Run, published: str) -> None:
    assert run("view", "account", "-t", "Brindlecove", "--json").document["shown"] == ROWS


def test_a_table_says_how_much_it_does_not_show(run: Run, published: str) -> None:
    answer = run("view", "accounts", "-t", "Brindlecove")
    assert answer.status == 0
    assert f"Showing 20 of {ROWS} rows" in answer.out


def test_csv_goes_to_stdout_and_nothing_else_does(run: Run, published: str) -> None:
    answer = run("view", "accounts", "-t", "Brindlecove", "--format", "csv")
    header, *rows = csv.reader(io.StringIO(answer.out))
    assert (len(rows), rows[0][header.index("name")]) == (ROWS, 'Fennel, "24"')
    assert f"{ROWS} of {ROWS} rows" in answer.err


def test_parquet_keeps_types(run: Run, published: str, tmp_path: Path) -> None:
    target = tmp_path / "it's accounts.parquet"
    assert run("view", "accounts", "-t", "Brindlecove", "--format", "parquet", "-o", str(target)).status == 0
    found = duckdb.sql(
        f"SELECT count(*), any_value(typeof(tags)) FROM read_parquet('{str(target).replace(chr(39), chr(39) * 2)}')"
    )
    assert found.fetchall() == [(ROWS, "VARCHAR[]")]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("acounts",), "unknown_view"),
        (("accounts", "--format", "parquet"), "output_missing"),
        (("accounts", "--output", "x.csv"), "output_unused"),
        (("accounts", "--format", "csv", "--output", "/no/such/folder/x.csv"), "no_such_folder"),
    ],
)
def test_what_cannot_be_shown_is_explained(run: Run, published: str, arguments: tuple[str, ...], code: str) -> None:
    answer = run("view", *arguments, "-t", "Brindlecove")
    assert answer.status == 1
    assert answer.err.count("\n") == 1
    json_answer = run("view", *arguments, "-t", "Brindlecove", "--json")
    if "--format" not in arguments:
        assert json_answer.document["error"]["code"] == code


def test_rejected_records_are_counted_by_reason(run: Run, published: str) -> None:
    document = run("rejects", "list", "-t", "Brindlecove", "--limit", "1", "--json").document
    assert (document["rejected"], document["shown"]) == (3, 1)
    assert document["reasons"] == [
        {"connection": published, "stream": "deals", "reason": "amount: not a decimal", "records": 3}
    ]
    assert document["records"][0]["errors"][0]["value"] == "n/a"
    assert run("rejects", "list", "-t", "Brindlecove", "--stream", "people", "--json").document["rejected"] == 0


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_rejected_records_are_exported_with_their_raw_values(
    run: Run, published: str, tmp_path: Path, suffix: str
) -> None:
    target = tmp_path / f"rejected.{suffix}"
    document = run("rejects", "export", "-t", "Brindlecove", "-c", published, "-o", str(target), "--json").document
    assert document["records"] == 3
    found = duckdb.sql(f"SELECT DISTINCT connection, raw::VARCHAR FROM '{target}'").fetchall()
    assert found == [(published, '{"Amount": "n/a"}')]


def test_a_file_of_unknown_format_is_refused(run: Run, published: str, tmp_path: Path) -> None:
    answer = run("rejects", "export", "-t", "Brindlecove", "-o", str(tmp_path / "x.pdf"), "--json")
    assert answer.document["error"]["code"] == "unknown_format"


def test_nothing_published_points_to_sync(run: Run, access: Access) -> None:
    run("tenant", "create", "Empty", "--email", "e@empty.example", "--password", "a long password")
    answer = run("view", "accounts", "-t", "Empty", "--json")
    assert answer.document["error"]["code"] == "nothing_published"
    assert "autonomos sync" in answer.err
