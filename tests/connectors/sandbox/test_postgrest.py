"""The Supabase stand-in speaks PostgREST's protocol as its documentation has it, and keeps to its database."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg2
import pyarrow as pa
import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def project(postgres_admin_url: str) -> Iterator[PostgrestSandbox]:
    with PostgrestSandbox(postgres_admin_url, max_rows=50) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _loaded(project: PostgrestSandbox) -> None:
    project.behave()
    project.load(
        "deals",
        pa.table(
            {"id": range(1, 101), "name": [f"n,{n}" for n in range(1, 101)], "amount": [n / 4 for n in range(100)]}
        ),
        "id",
        description="Open deals",
        descriptions={"name": "What it is called"},
    )


def ask(
    project: PostgrestSandbox, path: str, role: str = "reader", method: str = "GET", **headers: str
) -> httpx.Response:
    key = project.key(role)
    sent = {"apikey": key, "Authorization": f"Bearer {key}"} | {
        name.replace("_", "-"): v for name, v in headers.items()
    }
    return httpx.request(method, f"{project.url}/rest/v1/{path}", headers=sent, timeout=10)


def ids(response: httpx.Response) -> list[int]:
    assert response.status_code in (200, 206), response.text
    return [record["id"] for record in response.json()]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("id=eq.7", [7]),
        ("id=gt.98&order=id.desc", [100, 99]),
        ("id=gte.3&id=lt.5", [3, 4]),
        ("id=lte.1", [1]),
        ("id=in.(3,5)&order=id", [3, 5]),
        ('name=in.("n,3","n,4")&order=id', [3, 4]),
        ("name=eq.n,9", [9]),
        ("id=not.gt.2&order=id", [1, 2]),
        ("or=(id.eq.1,and(id.gt.50,id.lte.51))&order=id", [1, 51]),
        ('or=(name.eq."n,2",id.eq.4)&order=id', [2, 4]),
        ("not.or=(id.gt.1,id.lt.1)", [1]),
        ("and=(id.gt.1,or(id.eq.1,not.and(id.gt.2,id.lt.200)))", [2]),
        ("name=is.null", []),
        ("order=id&limit=2&offset=10", [11, 12]),
        ("select=id::text,id&order=id.desc.nullslast&limit=1", [100]),
    ],
)
def test_filters_logic_order_and_limits(project: PostgrestSandbox, query: str, expected: list[int]) -> None:
    assert ids(ask(project, f"deals?{query}")) == expected


def test_counts_and_ranges_are_in_content_range(project: PostgrestSandbox) -> None:
    counted = ask(project, "deals?order=id&limit=10", Prefer="count=exact")
    assert (counted.status_code, counted.headers["content-range"]) == (206, "0-9/100")
    plain = ask(project, "deals?order=id&limit=10&offset=20")
    assert (plain.status_code, plain.headers["content-range"]) == (200, "20-29/*")
    assert ids(ask(project, "deals?order=id", Range="5-6")) == [6, 7]
    head = ask(project, "deals", method="HEAD", Prefer="count=exact")
    assert (head.headers["content-range"], head.content) == ("0-49/100", b"")
    assert ask(project, "deals?id=lt.0", Prefer="count=exact").headers["content-range"] == "*/0"
    beyond = ask(project, "deals?offset=500", Prefer="count=exact")
    assert (beyond.status_code, beyond.json()["code"]) == (416, "PGRST103")


def test_a_page_is_never_longer_than_the_server_allows(project: PostgrestSandbox) -> None:
    assert len(ids(ask(project, "deals?limit=1000"))) == 50


def test_casts_give_text_under_the_columns_name(project: PostgrestSandbox) -> None:
    record = ask(project, "deals?select=id::text,sum:amount::text,name&id=eq.2").json()[0]
    assert record == {"id": "2", "sum": "0.25", "name": "n,2"}


def test_the_root_describes_tables_as_openapi(project: PostgrestSandbox) -> None:
    document = ask(project, "").json()
    deals = document["definitions"]["deals"]
    assert deals["description"] == "Open deals"
    assert deals["required"] == ["id", "updated_at"]
    assert deals["properties"]["id"] == {
        "format": "bigint",
        "type": "integer",
        "description": "Note:\nThis is a Primary Key.<pk/>",
    }
    assert deals["properties"]["name"]["description"] == "What it is called"
    assert set(document["paths"]["/deals"]) == {"get", "post", "patch", "delete"}


def test_a_table_without_any_right_is_not_described(project: PostgrestSandbox) -> None:
    project.forbid("deals", "reader")
    assert ask(project, "").json()["definitions"] == {}
    refused = ask(project, "deals")
    assert (refused.status_code, refused.json()["code"]) == (403, "42501")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("absent", 404, "PGRST205"),
        ("deals?absent=eq.1", 400, "42703"),
        ("deals?id=eq.x", 400, "22P02"),
        ("deals?id=like", 400, "PGRST100"),
        ("deals?id=around.5", 400, "PGRST100"),
        ("deals?order=id.sideways", 400, "PGRST100"),
        ("deals?select=id::text);drop", 400, "PGRST100"),
    ],
)
def test_errors_have_the_codes_of_postgrest(project: PostgrestSandbox, path: str, status: int, code: str) -> None:
    response = ask(project, path)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_keys_are_checked(project: PostgrestSandbox) -> None:
    place = f"{project.url}/rest/v1/deals"
    assert httpx.get(place).status_code == 401
    assert httpx.get(place, headers={"apikey": "nonsense"}).json()["message"] == "Invalid API key"
    expired = httpx.get(place, headers={"apikey": project.key("reader", expires_in_s=-5)})
    assert (expired.status_code, expired.json()["code"]) == (401, "PGRST303")
    assert ask(project, "deals", Accept_Profile="hidden").json()["code"] == "PGRST106"


def test_row_level_security_is_real(project: PostgrestSandbox) -> None:
    project.limit_rows("deals", "id < 4")
    assert len(ids(ask(project, "deals", "anon"))) == 3
    assert len(ids(ask(project, "deals", "service_role"))) == 50


def test_faults_are_played_and_forgotten(project: PostgrestSandbox) -> None:
    def status(fault: Fault) -> int:
        project.misbehave(fault)
        return ask(project, "deals?limit=1").status_code

    assert status(Fault("unauthorized", "deals")) == 401
    assert status(Fault("forbidden")) == 403
    assert status(Fault("server_error", "deals")) == 502
    project.misbehave(Fault("rate_limited", "deals", retry_after="7"))
    limited = ask(project, "deals")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    first = ask(project, "deals?order=id&limit=2")
    project.misbehave(Fault("repeat_page", "deals"))
    assert ask(project, "deals?order=id&limit=2&offset=2").content == first.content
    project.misbehave(Fault("cut_body", "deals"))
    with pytest.raises(httpx.RemoteProtocolError):
        ask(project, "deals")
    assert ask(project, "deals").status_code == 200


def test_changes_are_seen_by_the_next_request(project: PostgrestSandbox) -> None:
    def record(key: int) -> dict[str, Any]:
        found: dict[str, Any] = ask(project, f"deals?id=eq.{key}").json()[0]
        return found

    before = record(3)
    project.upsert("deals", [{"id": 3, "name": "three"}, {"id": 101, "name": "new"}])
    after = record(3)
    assert (after["name"], after["amount"]) == ("three", before["amount"])
    assert after["updated_at"] > before["updated_at"]
    project.delete("deals", ["4"])
    assert ask(project, "deals?id=eq.4").json() == []
    project.rename_field("deals", "name", "title")
    project.retype_field("deals", "amount", "text")
    project.add_field("deals", "stage", "integer", [1, 2])
    project.drop_field("deals", "title")
    assert list(record(3)) == ["id", "amount", "updated_at", "stage"]
    assert (record(3)["amount"], record(1)["stage"], record(2)["stage"]) == ("0.5", 1, 2)
    assert project.records("deals").num_rows == 100
    project.drop_stream("deals")
    assert ask(project, "deals").status_code == 404


def test_logins_are_what_they_are_called(project: PostgrestSandbox) -> None:
    for login, may in (("db_reader", False), ("db_writer", True)):
        with psycopg2.connect(project.database_url(login)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege('deals', 'INSERT, UPDATE, DELETE')")
            assert cursor.fetchone() == (may,)
        connection.close()


def test_a_write_is_refused_or_rolled_back_by_its_right(project: PostgrestSandbox) -> None:
    def insert(role: str) -> tuple[int, str]:
        key = project.key(role)
        headers = {"apikey": key, "content-type": "application/json"}
        answer = httpx.post(f"{project.url}/rest/v1/deals", content=json.dumps({"name": "\x00"}), headers=headers)
        return answer.status_code, answer.json()["code"]

    assert insert("reader") == (403, "42501")
    assert insert("service_role") == (400, "22P05")


def test_it_leaves_nothing_behind_and_starts_again_the_same(postgres_admin_url: str) -> None:
    sandbox = PostgrestSandbox(postgres_admin_url, secret="kept", database="sandbox_again")
    urls = []
    for _ in range(2):
        sandbox.start()
        sandbox.load("t", pa.table({"id": [1]}), "id")
        urls.append((sandbox.key("reader"), sandbox.database_url()))
        sandbox.stop()
    assert urls[0] == urls[1]
    connection = psycopg2.connect(postgres_admin_url.replace("+psycopg2", ""))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname = 'sandbox_again' "
            "UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'sandbox_again%'"
        )
        assert cursor.fetchall() == []
    connection.close()
