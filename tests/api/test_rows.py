"""Pages of rows: filtered, sorted and paged like one SQL query would, hostile texts refused, answers kept and fresh."""

import datetime as dt
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.bench.api.published_view import publish_views
from tests.api.serving import ServedApi, ServedTenant

pytestmark = pytest.mark.servers

ROWS = 240
THINGS = f"""
SELECT format('{{:x}}', hash(i)) AS _entity_id, i::VARCHAR AS thing_id,
  CASE WHEN i % 7 = 0 THEN NULL ELSE ['Ann', 'bob', 'Ço', 'a,b', '=1+1', 'O''Neil "x"', ''][1 + i % 7] END AS name,
  CASE WHEN i % 5 = 0 THEN NULL ELSE ((i * 37 % 90) - 40)::DECIMAL(38,9) / 8 END::DECIMAL(38,9) AS amount,
  CASE WHEN i % 11 = 0 THEN NULL ELSE (i % 6)::BIGINT END AS count,
  CASE WHEN i % 3 = 0 THEN NULL ELSE i % 2 = 0 END AS open,
  CASE WHEN i % 13 = 0 THEN NULL ELSE DATE '2026-01-01' + (i % 20)::INT END AS day,
  CASE WHEN i % 4 = 0 THEN NULL ELSE TIMESTAMPTZ '2026-01-01' + INTERVAL (i % 30) HOUR END AS seen_at,
  CASE WHEN i % 9 = 0 THEN NULL ELSE ['x', 't' || i % 3] END AS tags,
  9007199254740993 + i AS big, 12345678901234567890.123456789::DECIMAL(38,9) AS precise,
  [{{'connection_id': 'c' || i % 2, 'record_id': i::VARCHAR, 'updated_at': TIMESTAMPTZ '2026-01-01'}}] AS _sources,
  1::INTEGER AS _source_count, TIMESTAMPTZ '2026-01-01' + INTERVAL (i % 50) MINUTE AS _source_updated_at,
  hash(i)::UBIGINT AS _entity, NULL::UBIGINT AS _account_ref
FROM range({ROWS}) t(i)"""


@pytest.fixture(scope="module")
def tenant(shared_api: ServedApi) -> ServedTenant:
    """A tenant with 240 published things of every type."""
    made = shared_api.new_tenant()
    publish_views(shared_api.settings, shared_api.control_plane, made.id, {"things": THINGS}, 1)
    return made


@pytest.fixture(scope="module")
def client(tenant: ServedTenant) -> httpx.Client:
    return tenant.client("viewer")


@pytest.fixture(scope="module")
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    """The same rows in a plain table, asked in plain SQL."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE things AS {THINGS}")
        yield connection


def rows_of(client: httpx.Client, **query: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/dcl/views/things/rows", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# A filter as callers write it, and as SQL.
FILTERS = [
    ("name:eq:Ann", "name = 'Ann'"), ("name:ne:Ann", "name IS DISTINCT FROM 'Ann'"), ("name:lt:b", "name < 'b'"),
    ("name:gte:O'Neil \"x\"", "name >= 'O''Neil \"x\"'"), ("name:contains:A", "contains(lower(name), 'a')"),
    ("name:starts:ç", "starts_with(lower(name), 'ç')"), ('name:in:["a,b","Ann"]', "name IN ('a,b', 'Ann')"),
    ("name:eq:", "name = ''"), ("name:isnull", "name IS NULL"), ("amount:notnull", "amount IS NOT NULL"),
    ("amount:gt:-1.125", "amount > -1.125"), ("amount:in:1,2.5,-3", "amount IN (1, 2.5, -3)"),
    ("amount:lte:.5", "amount <= 0.5"), ("count:lt:4", "count < 4"), ("count:ne:2", "count IS DISTINCT FROM 2"),
    ("open:eq:true", "open"), ("open:ne:true", "open IS DISTINCT FROM true"), ("open:isnull:", "open IS NULL"),
    ("day:gte:2026-01-07", "day >= DATE '2026-01-07'"),
    ("seen_at:lt:2026-01-01T12:00:00Z", "seen_at < '2026-01-01T12:00:00Z'"),
    ("seen_at:gt:2026-01-01", "seen_at > '2026-01-01T00:00:00Z'"),
    ("tags:contains:t1", "coalesce(list_contains(tags, 't1'), false)"),
    ("_sources:contains:c1", "_sources[1].connection_id = 'c1'"), ("big:gt:9007199254741000", "big > 9007199254741000"),
]  # fmt: skip
SORTS = ["name", "amount", "count", "open", "day", "seen_at", "big", "_source_updated_at", "_entity_id", "precise"]


@st.composite
def listings(draw: st.DrawFn) -> tuple[list[tuple[str, str]], list[tuple[str, bool]], int]:
    chosen = draw(st.lists(st.sampled_from(FILTERS), max_size=2, unique=True))
    columns = draw(st.lists(st.sampled_from(SORTS), max_size=3, unique=True))
    return chosen, [(column, draw(st.booleans())) for column in columns], draw(st.integers(30, 240))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(listing=listings())
def test_pages_of_any_listing_are_what_one_query_gives(
    listing: tuple[list[tuple[str, str]], list[tuple[str, bool]], int],
    client: httpx.Client, plain: duckdb.DuckDBPyConnection,
) -> None:  # fmt: skip
    filters, order, limit = listing
    where = " AND ".join(f"({sql})" for _, sql in filters) or "true"
    by = [f"{name} {'DESC' if down else 'ASC'} NULLS LAST" for name, down in order]
    by = by or ["_source_updated_at DESC NULLS LAST"]
    expected = plain.execute(f"SELECT _entity_id FROM things WHERE {where} ORDER BY {', '.join([*by, '_entity'])}")
    query: dict[str, Any] = {"where": [text for text, _ in filters], "limit": limit, "columns": "_entity_id"}
    if order:
        query["sort"] = ",".join(f"{'-' if down else ''}{name}" for name, down in order)
    found, cursor = [], None
    for _ in range(2 + ROWS // limit):
        page = rows_of(client, **query, **({"cursor": cursor} if cursor else {}), count="exact")
        found += [row["_entity_id"] for row in page["rows"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    wanted = [row[0] for row in expected.fetchall()]
    assert cursor is None
    assert found == wanted
    assert page["total"] == len(wanted)


def test_values_keep_every_digit_and_times_are_utc(client: httpx.Client) -> None:
    page = rows_of(client, where="thing_id:eq:2", columns="name,amount,open,day,seen_at,tags,big,precise,_sources")
    assert page["rows"] == [
        {
            "name": "Ço", "amount": 4.25, "open": True, "day": "2026-01-03", "seen_at": "2026-01-01T02:00:00Z",
            "tags": ["x", "t2"], "big": "9007199254740995", "precise": "12345678901234567890.123456789",
            "_sources": [{"connection_id": "c0", "record_id": "2", "updated_at": "2026-01-01T00:00:00Z"}],
        }
    ]  # fmt: skip
    assert [column["type"] for column in page["columns"]] == [
        "text", "decimal", "boolean", "date", "timestamp", "texts", "integer", "decimal", "sources",
    ]  # fmt: skip


def test_text_is_found_in_any_column(client: httpx.Client, plain: duckdb.DuckDBPyConnection) -> None:
    expected = plain.execute("SELECT count(*) FROM things WHERE contains(lower(name), 'neil')").fetchall()[0][0]
    assert rows_of(client, q="NEIL", count="exact")["total"] == expected > 0


def test_internal_numbers_are_not_told(client: httpx.Client) -> None:
    page = rows_of(client, limit=1)
    assert not {"_entity", "_account_ref"} & page["rows"][0].keys()


HOSTILE = [
    *({"where": text} for text in (
        "", ":", "::", "name", "name:", "name:like:%", "nope:eq:1", "_entity:eq:1", "name:eq:\0", "amount:eq:1e5",
        "amount:eq:NaN", "amount:eq:inf", "amount:eq:--1", "amount:eq:1;DROP TABLE x", "amount:eq:" + "9" * 30,
        "amount:eq:0.0000000001", "count:eq:9223372036854775808", "count:eq:1.0", "count:eq:٣", "count:in:",
        "count:in:[1,2]", "count:in:[", "count:in:" + ",".join("1" * 101), "open:eq:yes", "open:gt:true", "day:eq:x",
        "day:eq:2026-13-01", "day:eq:10000-01-01", "seen_at:gt:yesterday", "seen_at:eq:0001-01-01T00:00:00+23:59",
        "seen_at:eq:9999-12-31T23:59:59-23:59", "tags:eq:x", "_sources:eq:1", "name:isnull:1",
        'name" IS NULL OR "name:eq:1', "name') --:eq:1", "name:eq", "x" * 5000, "na\u200bme:eq:1",
    )),
    *({"sort": text} for text in (
        ",", "-", "--name", "name,name", "name,-name", "nope", "tags", "_entity", "name desc", "name;", "1",
        "name,amount,count,open,day,big", '"name"', "x" * 2000, "\0",
    )),
    *({"columns": text} for text in (",", "nope", "*", "_entity", "name,nope", "count(*)", '"name"', "\0", "x" * 4000)),
    *({"cursor": text} for text in ("", "x", "%%%", "e30", "WzFd", "WzEsMiwzLDRd", "WzEsIngiLCJ5IixbXV0", "A" * 3000)),
    *({"limit": text} for text in ("0", "-1", "501", "x", "1e2", "99999999999999999999", "")),
    *({"count": text} for text in ("all", "", "exact ")),
    *({"as_of": text} for text in ("x", "-1", "2026-13-01", "1.5", "x" * 50, "0001-01-01T00:00:00+23:59")),
    {"q": "x" * 201}, {"q": "\0"}, {"where": ["count:eq:1"] * 21},
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_are_refused_with_a_reason(client: httpx.Client, query: dict[str, Any]) -> None:
    answer = client.get("/api/v1/dcl/views/things/rows", params=query)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    for leak in ("SELECT", "lake.", "Binder", "Parser", "ducklake", "/tmp", "Traceback"):
        assert leak not in answer.text


@pytest.mark.parametrize(
    "view", ["nope", "things%00", "..%2f", "things;drop", '"things"', "accounts", "raw", "x" * 900]
)
def test_a_view_that_is_not_there_is_not_there(client: httpx.Client, view: str) -> None:
    answer = client.get(f"/api/v1/dcl/views/{view}/rows")
    assert answer.status_code == 404
    assert answer.content == client.get("/api/v1/dcl/views/other/rows").content


def test_another_tenants_view_is_not_there(shared_api: ServedApi, tenant: ServedTenant) -> None:
    other = shared_api.new_tenant()
    publish_views(shared_api.settings, shared_api.control_plane, other.id, {"others": THINGS}, 1)
    asked = other.client("viewer")
    assert asked.get("/api/v1/dcl/views/others/rows").status_code == 200
    gone = asked.get("/api/v1/dcl/views/things/rows")
    assert (gone.status_code, gone.content) == (404, asked.get("/api/v1/dcl/views/nope/rows").content)
    assert tenant.client("viewer").get("/api/v1/dcl/views/others/rows").status_code == 404


def test_an_answer_given_again_is_the_same_and_unchanged_for_who_has_it(client: httpx.Client) -> None:
    query: dict[str, Any] = {"where": "amount:gt:1", "sort": "-amount", "limit": 7}
    first = client.get("/api/v1/dcl/views/things/rows", params=query)
    again = client.get("/api/v1/dcl/views/things/rows", params=query)
    fresh = client.get("/api/v1/dcl/views/things/rows", params={**query, "unknown": "1"})  # another key, the same query
    assert first.content == again.content == fresh.content
    assert first.headers["etag"] == again.headers["etag"] == fresh.headers["etag"]
    assert "private" in first.headers["cache-control"]
    have = client.get("/api/v1/dcl/views/things/rows", params=query, headers={"If-None-Match": first.headers["etag"]})
    assert (have.status_code, have.content) == (304, b"")
    other = client.get("/api/v1/dcl/views/things/rows", params={**query, "limit": 8})
    assert other.headers["etag"] != first.headers["etag"]


def test_a_new_publication_is_seen_at_once_and_listings_go_on_in_theirs(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    asked = tenant.client("viewer")

    def publish(select: str, snapshot: int) -> None:
        publish_views(shared_api.settings, shared_api.control_plane, tenant.id, {"things": select}, snapshot)

    assert asked.get("/api/v1/dcl/views/things/rows").status_code == 404
    publish(THINGS, 1)
    time.sleep(0.6)
    page = rows_of(asked, limit=100, columns="thing_id", count="exact")
    assert (page["total"], page["snapshot_id"]) == (ROWS, 1)
    publish(f"{THINGS} WHERE i < 10", 2)
    published_at = time.monotonic()
    while rows_of(asked, limit=1)["snapshot_id"] == 1:
        assert time.monotonic() - published_at < 1
    seen = [row["thing_id"] for row in page["rows"]]
    while page["next_cursor"]:
        page = rows_of(asked, limit=100, columns="thing_id", cursor=page["next_cursor"])
        assert page["snapshot_id"] == 1
        seen += [row["thing_id"] for row in page["rows"]]
    assert sorted(map(int, seen)) == list(range(ROWS))
    assert rows_of(asked, as_of=1, count="exact")["total"] == ROWS
    assert (
        rows_of(asked, as_of=dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z"), count="exact")["total"] == 10
    )
    snapshots = asked.get("/api/v1/dcl/snapshots").json()["items"]
    assert [(one["snapshot_id"], one["current"], one["views"]) for one in snapshots] == [
        (2, True, {"things": 10}), (1, False, {"things": ROWS})
    ]  # fmt: skip


def test_a_cursor_of_a_snapshot_that_is_gone_says_to_begin_again(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    asked = tenant.client("viewer")
    old = publish_views(shared_api.settings, shared_api.control_plane, tenant.id, {"things": THINGS}, 1)
    cursor = rows_of(asked, limit=5)["next_cursor"]
    publish_views(shared_api.settings, shared_api.control_plane, tenant.id, {"things": THINGS}, 2)
    with tenant.session() as session:
        session.publications.forget(old.id)
    time.sleep(0.6)
    answer = asked.get("/api/v1/dcl/views/things/rows", params={"limit": 5, "cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/snapshot-gone")
    assert asked.get("/api/v1/dcl/views/things/rows", params={"as_of": 1}).status_code == 404


def test_a_cursor_of_another_listing_is_refused(client: httpx.Client) -> None:
    cursor = rows_of(client, limit=5, sort="name")["next_cursor"]
    for other in ({"sort": "-name"}, {"sort": "name", "q": "a"}, {"sort": "name", "where": "count:eq:1"}):
        answer = client.get("/api/v1/dcl/views/things/rows", params={"limit": 5, "cursor": cursor, **other})
        assert answer.status_code == 422
    assert rows_of(client, limit=9, sort="name", columns="name", cursor=cursor)["rows"]  # columns may change


def test_a_cursor_behind_long_texts_still_fits(shared_api: ServedApi) -> None:
    tenant = shared_api.new_tenant()
    long = THINGS.replace("i::VARCHAR AS thing_id", "repeat('x', 5000) || (i % 3) AS thing_id")
    publish_views(shared_api.settings, shared_api.control_plane, tenant.id, {"things": long}, 1)
    asked, seen, cursor = tenant.client("viewer"), [], None
    while True:
        page = rows_of(
            asked, sort="thing_id", limit=100, columns="_entity_id", **({"cursor": cursor} if cursor else {})
        )
        seen += [row["_entity_id"] for row in page["rows"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(cursor) < 2000
    assert len(seen) == len(set(seen)) == ROWS


def test_who_may_not_read_views_is_told_so(shared_api: ServedApi, tenant: ServedTenant) -> None:
    with httpx.Client(base_url=shared_api.base_url) as nobody:
        assert nobody.get("/api/v1/dcl/views/things/rows").status_code == 401


def test_decimals_are_numbers_only_where_a_double_gives_them_back() -> None:
    from api.published.cells import json_ready

    cases: dict[str, object] = {
        "0.1": 0.1,
        "5.000": 5,
        "-0": 0,
        "9007199254740993": "9007199254740993",
        "0.100000001": 0.100000001,
    }
    cases |= {"12345678901234567.5": "12345678901234567.5"}
    for text, expected in cases.items():
        value = json_ready(Decimal(text))
        assert (value, type(value)) == (expected, type(expected))
