"""Supabase's own gateway: the project's keys alone open it, and only secret ones are told which tables there are."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from connectors.errors import ConfigInvalid, CredentialsExpired, PermissionMissing
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox
from connectors.supabase.config import SupabaseConfig
from tests.connectors.supabase.project import Open, everything, numbered, read

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def project(postgres_admin_url: str) -> Iterator[PostgrestSandbox]:
    with PostgrestSandbox(postgres_admin_url, max_rows=40, gateway="supabase") as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _loaded(project: PostgrestSandbox) -> None:
    project.load("deals", numbered(100), "id")


def test_a_key_without_a_description_is_told_what_to_do(opened: Open) -> None:
    with pytest.raises(PermissionMissing) as caught:
        opened("rest", role="reader").connector.check()
    assert "tables" in caught.value.hint
    assert "database_url" in caught.value.hint


def test_a_secret_key_is_told_everything(opened: Open) -> None:
    assert opened("rest", role="service_role").stream("deals").primary_key == ("id",)


def test_a_role_of_its_own_comes_as_a_token_beside_the_key(opened: Open, project: PostgrestSandbox) -> None:
    reader = opened("rest", role="reader", tables=["deals"])
    reader.connector.check()
    assert reader.connector.grants().writes == ()
    assert "reader" in reader.connector.grants().evidence
    with pytest.raises(CredentialsExpired):
        opened("rest", role="reader", tables=["deals"], key=project.key("reader"), token=None).connector.check()


def test_listed_tables_are_read_whole_with_and_without_a_key(opened: Open, project: PostgrestSandbox) -> None:
    expected = {str(n) for n in range(1, 101)}
    bare = opened("rest", role="reader", tables=["deals"])
    assert bare.stream("deals").primary_key == ()
    assert sorted(read(bare.connector, bare.stream("deals")).ids()) == sorted(expected)
    assert "no_key" in bare.codes()
    keyed = opened("rest", role="reader", tables=["deals"], primary_keys={"deals": ["id"]})
    assert keyed.stream("deals").primary_key == ("id",)
    whole = read(keyed.connector, keyed.stream("deals"))
    assert whole.ids() == sorted(expected, key=int)
    assert "no_key" not in keyed.codes()


def test_a_listed_table_can_be_followed_by_a_chosen_field(opened: Open, project: PostgrestSandbox) -> None:
    chosen = {"tables": ["deals"], "primary_keys": {"deals": ["id"]}, "cursor_fields": {"deals": "updated_at"}}
    reader = opened("rest", role="reader", **chosen)
    reader.connector.check()
    stream = reader.stream("deals")
    assert stream.mode == "incremental"
    first = read(reader.connector, stream)
    project.upsert("deals", [{"id": 7, "name": "changed"}])
    second = read(opened("rest", role="reader", **chosen).connector, stream, first.cursor)
    assert [(row["id"], row["name"]) for row in second.rows] == [("7", "changed")]


def test_types_and_values_of_a_listed_table_are_those_of_a_described_one(
    opened: Open, project: PostgrestSandbox
) -> None:
    table = everything().append_column("stamp", pa.array(["2026-01-02T03:04:05+00:00"] * 4))
    project.load("odd", table, "id", stamped=False)
    project.store.execute("ALTER TABLE odd ADD tags text[] DEFAULT '{a,\"b c\"}', ADD list jsonb DEFAULT '[1, 2]'")
    described = opened("rest", role="service_role")
    listed = opened("rest", role="reader", tables=["odd"], primary_keys={"odd": ["id"]})
    types = {field.name: field.type for field in listed.stream("odd").fields}
    told = {field.name: field.type for field in described.stream("odd").fields}
    assert types == told | {"ratio": "decimal", "day": "text", "data": "text"}
    rows = read(listed.connector, listed.stream("odd")).rows
    exact = read(described.connector, described.stream("odd")).rows
    assert [row | {"data": None} for row in rows] == [row | {"data": None} for row in exact]
    assert rows[0]["stamp"] == "2026-01-02T03:04:05+00:00"
    project.drop_stream("odd")


def test_a_listed_table_that_is_empty_or_closed_is_said_to_be(opened: Open, project: PostgrestSandbox) -> None:
    project.load("empty", numbered(0), "id")
    project.load("closed", numbered(1), "id")
    project.forbid("closed")
    reader = opened("rest", role="reader", tables=["deals", "empty", "closed"])
    assert [stream.name for stream in reader.connector.discover()] == ["deals"]
    assert {(note.code, note.stream) for note in reader.notes} >= {
        ("empty_table", "empty"),
        ("stream_forbidden", "closed"),
    }
    with pytest.raises(ConfigInvalid):
        opened("rest", role="reader", tables=["no_such_table"]).connector.check()


def test_a_token_alone_is_no_way_in() -> None:
    with pytest.raises(ValueError, match="token goes beside"):
        SupabaseConfig.model_validate({"database_url": "postgresql://a@b/c", "token": "x"})


def test_both_ways_in_need_no_description(opened: Open, project: PostgrestSandbox) -> None:
    both = opened("both", role="reader")
    for name in ("empty", "closed"):
        project.store.execute(f"DROP TABLE IF EXISTS {name}")
    both.connector.check()
    assert [stream.name for stream in both.connector.discover()] == ["deals"]
