"""Types are declared exactly, values keep every digit, and both ways give the same text."""

import json
from dataclasses import replace

import pytest

from connectors.sandbox.postgrest.sandbox import PostgrestSandbox, Way
from tests.connectors.supabase.project import WAYS, Open, everything, numbered, read

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module", autouse=True)
def _loaded(project: PostgrestSandbox) -> None:
    project.load(
        "things", everything(), "id", description="All sorts", descriptions={"id": "The number", "text": "Free text"}
    )
    project.store.execute(
        "ALTER TABLE things ADD COLUMN tags text[] DEFAULT ARRAY['a,b', NULL, 'ü\"'],"
        " ADD COLUMN sums numeric[] DEFAULT ARRAY[1.10, 12345678901234567890.5], ADD COLUMN nothing text"
    )
    project.store.execute("CREATE TABLE single (note text PRIMARY KEY, empty text)")
    project.store.execute("INSERT INTO single VALUES ('a', NULL), ('', ''), ('\\.', 'x')")
    project.store.grant("single")


@pytest.mark.parametrize("way", WAYS)
def test_every_type_is_declared_with_its_description(opened: Open, way: Way) -> None:
    stream = opened(way).stream("things")
    types = {field.name: field.type for field in stream.fields}
    assert types == {
        "id": "integer",
        "amount": "decimal",
        "ratio": "double",
        "active": "boolean",
        "day": "date",
        "at": "timestamp",
        "local": "timestamp",
        "text": "text",
        "data": "binary",
        "nested": "json",
        "updated_at": "timestamp",
        "tags": "json",
        "sums": "json",
        "nothing": "text",
    }
    assert stream.description == "All sorts"
    assert {f.name: f.description for f in stream.fields if f.description} == {"id": "The number", "text": "Free text"}
    assert [f.name for f in stream.fields if not f.nullable] == ["id", "updated_at"]
    assert stream.primary_key == ("id",)
    assert stream.cursor_field == "updated_at"
    assert stream.mode == "incremental"
    assert not stream.detects_deletes
    assert stream.modes == ("incremental", "full", "full_with_deletes")


@pytest.mark.parametrize("way", WAYS)
def test_values_come_in_their_canonical_text(opened: Open, way: Way) -> None:
    reader = opened(way)
    rows = read(reader.connector, reader.stream("things")).rows
    first, second, third, fourth = sorted(rows, key=lambda row: row["id"] or "")
    assert first | {"updated_at": ""} == {
        "id": "1",
        "amount": "12345678901234567890.120",
        "ratio": "0.1",
        "active": "true",
        "day": "2026-01-02",
        "at": "2026-01-01T21:34:05.123456Z",
        "local": "2026-01-02T03:04:05",
        "text": "",
        "data": "AP8=",
        "nested": '{"a": 1, "b": ["x", null]}',
        "tags": '["a,b",null,"ü\\""]',
        "sums": "[1.10,12345678901234567890.5]",
        "nothing": None,
        "updated_at": "",
    }
    assert second["amount"] == "-0.001"
    assert second["active"] == "false"
    assert (second["text"], second["data"], second["at"]) == (None, "", "2026-01-02T00:00:00Z")
    assert third["text"] == 'quo"te, comma\nline\\N \\. ünï'
    assert [third[name] for name in ("amount", "ratio", "active", "day", "at", "local", "data")] == [None] * 7
    assert fourth["amount"] == "100000000000000000000.000"
    assert json.loads(third["nested"] or "") == {"a": 2, "b": []}


def test_both_ways_give_the_same_text(opened: Open) -> None:
    for table in ("things", "single"):
        found = []
        for way in WAYS:
            reader = opened(way)
            rows = read(reader.connector, reader.stream(table)).rows
            found.append(sorted(json.dumps(row, sort_keys=True) for row in rows))
        assert found[0] == found[1]
        assert found[0]


@pytest.mark.parametrize("way", WAYS)
def test_numbers_in_json_keep_their_digits(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    deep, long = "[" * 3000 + "]" * 3000, "9" * 5000
    project.store.execute(
        "DROP TABLE IF EXISTS documents; CREATE TABLE documents (id int PRIMARY KEY, a jsonb, b json, c json[]); "
        'INSERT INTO documents VALUES (1, \'{"x": 1.10, "y": [12345678901234567890.123, 1e3]}\', \'{"z" : 1e-3}\', '
        "ARRAY['{\"x\": 1.10}'::json, NULL]), "
        f"(2, '{long}', '{deep}', NULL), (3, '\"ü\\n\"', '1e999999999', ARRAY['1e1000'::json])"
    )
    project.store.grant("documents")
    reader = opened(way)
    rows = read(reader.connector, reader.stream("documents")).rows
    assert [(row["a"], row["b"], row["c"]) for row in rows] == [
        ('{"x": 1.10, "y": [12345678901234567890.123, 1000]}', '{"z" : 1e-3}', '[{"x":1.10},null]'),
        (long, deep, None),
        ('"ü\\n"', "1e999999999", "[1E+1000]"),
    ]
    project.drop_stream("documents")


@pytest.mark.parametrize("way", WAYS)
def test_only_the_fields_asked_for_are_asked_of_the_source(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.load("narrow", numbered(3), "id")
    reader = opened(way)
    whole = reader.stream("narrow")
    kept = tuple(field for field in whole.fields if field.name != "name")
    project.requests.clear()
    assert {tuple(row) for row in read(reader.connector, replace(whole, fields=kept)).rows} == {("id", "updated_at")}
    assert not any("name" in request.query for request in project.requests)


@pytest.mark.parametrize("way", WAYS)
def test_names_of_any_letters_are_read(opened: Open, project: PostgrestSandbox, way: Way) -> None:
    project.store.execute(
        'DROP TABLE IF EXISTS "odd, Na\'me %s"; '
        'CREATE TABLE "odd, Na\'me %s" ("a.b" int, "c ""d"",(e)" text, "%(x)s" text, '
        'PRIMARY KEY ("a.b", "c ""d"",(e)"))'
    )
    project.store.execute(
        "INSERT INTO \"odd, Na'me %s\" SELECT n / 7, 'v,\")(\\ ' || n, n::text FROM generate_series(1, 250) n"
    )
    project.store.grant("odd, Na'me %s")
    reader = opened(way, limits={"batch_records": 40})
    rows = read(reader.connector, reader.stream("odd, Na'me %s")).rows
    assert sorted(int(row["%(x)s"] or 0) for row in rows) == list(range(1, 251))
    project.drop_stream("odd, Na'me %s")
