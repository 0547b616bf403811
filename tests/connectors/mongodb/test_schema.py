"""What discovery says of collections, and what reads do with keys the sample did not show."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import ConfigInvalid

NOON = dt.datetime(2026, 1, 1, 12)


def test_a_mix_of_types_is_told_with_its_shares(alone: Any, found: Any, take: Any) -> None:
    documents = [{"_id": n, "zip": str(n) if n % 100 < 3 else n} for n in range(1000)]
    alone.server.load_documents("people", documents)
    connector = alone.connector()
    stream = found(connector, "people")
    field = stream.fields[1]
    assert (field.type, field.mix) == ("integer", (("integer", 0.97), ("text", 0.03)))
    take(connector, stream)
    assert any(note.code == "mixed_types" and "text 3 %" in note.message for note in alone.notes)


def test_absence_is_told_and_makes_nullable(alone: Any, found: Any) -> None:
    alone.server.load_documents("people", [{"_id": n, **({"fax": "1"} if n < 62 else {})} for n in range(100)])
    field = found(alone.connector(), "people").fields[1]
    assert field.nullable
    assert field.description == "in 62 % of 100 sampled documents"


def test_a_key_outside_the_sample_is_not_lost(alone: Any, found: Any, take: Any) -> None:
    alone.server.load_documents("people", [{"_id": n, "a": n} for n in range(500)])
    connector = alone.connector()
    stream = found(connector, "people")
    alone.server.upsert("people", [{"_id": 250, "rare": "here"}])
    took = take(connector, stream)
    assert [row["rare"] for row in took.rows if row.get("rare")] == ["here"]
    assert [field.name for field in took.streams[-1].fields] == ["_id", "a", "rare"]


def test_chosen_paths_become_columns_beside_the_whole(alone: Any, found: Any, take: Any) -> None:
    alone.server.load_documents("people", [{"_id": 1, "home": {"city": {"name": "Bonn"}}}, {"_id": 2, "home": "none"}])
    connector = alone.connector(flatten={"people": ("home.city.name",)})
    rows = take(connector, found(connector, "people")).rows
    assert rows == [
        {"_id": "1", "home": '{"city":{"name":"Bonn"}}', "home.city.name": "Bonn"},
        {"_id": "2", "home": "none", "home.city.name": None},
    ]


def test_keys_that_cannot_be_names_are_renamed_and_told(alone: Any, found: Any, take: Any) -> None:
    odd = {"_id": 1, "Name": "A", "name": "b", "": "c", "__record_id": "d", "a.b": "e", "$x": "f", "__v": 0}
    alone.server.load_documents("odd", [odd])
    connector = alone.connector()
    stream = found(connector, "odd")
    (row,) = take(connector, stream).rows
    assert sorted(value for name, value in row.items() if name != "_id") == ["0", "A", "b", "c", "d", "e", "f"]
    assert row["Name"] == "A" and row["name_2"] == "b" and row["a.b"] == "e"
    assert {f.label for f in stream.fields if f.label is not None} == {"name", "", "__record_id"}
    fresh = replace(stream, fields=stream.fields[:1])
    take(alone.connector(), fresh)
    assert "field_renamed" in alone.codes()


def test_only_chosen_fields_are_asked_of_the_server(alone: Any, found: Any, take: Any) -> None:
    alone.server.load_documents("people", [{"_id": 1, "a": 1, "b": {"c": 2, "secret": 3}}])
    connector = alone.connector(flatten={"people": ("b.c",)})
    stream = found(connector, "people")
    chosen = replace(stream, fields=tuple(f for f in stream.fields if f.name in ("_id", "b.c")))
    assert take(connector, chosen).rows == [{"_id": "1", "b.c": "2"}]


def test_a_thousand_fields_and_documents_of_5_mb_pass(alone: Any, found: Any, take: Any) -> None:
    alone.server.load_documents("wide", [{"_id": n, **{f"f{i}": i for i in range(1000)}} for n in range(20)])
    alone.server.load_documents("heavy", [{"_id": n, "body": "x" * 5_000_000} for n in range(6)])
    connector = alone.connector({"batch_mib": 6})
    assert len(found(connector, "wide").fields) == 1001
    took = take(connector, found(connector, "heavy"))
    assert [len(row["body"]) for row in took.rows] == [5_000_000] * 6
    assert len(took.streams) == 6  # 6 MiB hold one of them


def test_a_cursor_field_is_found_by_name_and_share(alone: Any, found: Any) -> None:
    alone.server.load_documents("good", [{"_id": n, "updated_at": NOON} for n in range(100)])
    alone.server.load_documents("gaps", [{"_id": n, **({"updated_at": NOON} if n > 4 else {})} for n in range(100)])
    connector = alone.connector()
    assert found(connector, "good").mode == "incremental"
    assert found(connector, "gaps").mode == "full_with_deletes"
    chosen = found(alone.connector(cursor_fields={"gaps": "updated_at"}), "gaps")
    assert (chosen.mode, chosen.cursor_field) == ("incremental", "updated_at")
    assert "cursor_gaps" in alone.codes()


def test_all_databases_are_read_when_none_is_named(alone: Any, found: Any, take: Any) -> None:
    alone.server.accounts.clear()
    alone.server.load_documents("a.b", [{"_id": 1}], database="one")
    alone.server.load_documents("c", [{"_id": 2}], database="two")
    connector = alone.connector(url=f"mongodb://{alone.server.address}/", database=None)
    assert [stream.name for stream in connector.discover()] == ["one.a.b", "two.c"]
    assert take(connector, found(connector, "one.a.b")).rows == [{"_id": "1"}]
    assert connector.grants().writes == ("everything",)


def test_a_missing_collection_is_named(alone: Any) -> None:
    with pytest.raises(ConfigInvalid, match="'nope'"):
        alone.connector(collections=("nope",)).check()
