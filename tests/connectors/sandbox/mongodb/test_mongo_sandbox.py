"""The stand-in, as pymongo sees it."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pymongo
import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from connectors.sandbox.faults import Fault
from connectors.sandbox.mongodb.sandbox import MongoSandbox


def test_a_wrong_password_is_refused_and_a_right_one_reads() -> None:
    with MongoSandbox() as server:
        server.load_documents("things", [{"_id": n} for n in range(300)])
        with pymongo.MongoClient(server.url) as client:
            assert [d["_id"] for d in client.app.things.find(batch_size=7)] == list(range(300))
            assert client.app.things.count_documents({"_id": {"$gte": 290}}) == 10
        wrong = server.url.replace(server.secret, "wrong")
        with pymongo.MongoClient(wrong) as client, pytest.raises(OperationFailure) as caught:
            client.app.things.find_one()
        assert caught.value.code == 18


def test_without_a_login_nothing_is_shown() -> None:
    with MongoSandbox() as server, pymongo.MongoClient(f"mongodb://{server.address}/") as client:
        with pytest.raises(OperationFailure) as caught:
            client.app.things.find_one()
        assert caught.value.code == 13


def test_writing_and_unknown_commands_are_not_known() -> None:
    with MongoSandbox() as server, pymongo.MongoClient(server.url) as client:
        with pytest.raises(OperationFailure) as caught:
            client.app.command("frobnicate")
        assert caught.value.code == 59
        with pytest.raises(OperationFailure):
            client.app.things.insert_one({"_id": 1})


def test_types_sort_as_a_server_sorts_them() -> None:
    values = [True, "b", 2.5, None, dt.datetime(2026, 1, 1), 1, b"x", {"a": 1}, "a"]
    with MongoSandbox() as server, pymongo.MongoClient(server.url) as client:
        server.load_documents("things", [{"_id": value} for value in values])
        found = [d["_id"] for d in client.app.things.find().sort("_id", 1)]
        assert found == [None, 1, 2.5, "a", "b", {"a": 1}, b"x", True, dt.datetime(2026, 1, 1)]
        assert [d["_id"] for d in client.app.things.find({"_id": {"$gt": 1}}).sort("_id", 1)] == [2.5]


def test_a_table_is_loaded_typed_and_changed_in_place() -> None:
    table = pa.table({"key": ["a", "b"], "n": [1, None], "cost": [Decimal("1.50"), Decimal("2.00")]})
    with MongoSandbox() as server:
        server.load("deals", table, "key")
        server.rename_field("deals", "n", "number")
        server.retype_field("deals", "cost", "text")
        server.add_field("deals", "extra", "integer", [7, 8])
        assert server.documents("deals") == [
            {"_id": "a", "number": 1, "cost": "1.50", "extra": 7},
            {"_id": "b", "cost": "2.00", "extra": 8},
        ]
        server.drop_field("deals", "extra")
        assert server.records("deals").column_names == ["_id", "number", "cost"]
        server.drop_stream("deals")
        assert server.documents("deals") == []


def test_change_streams_only_in_a_replica_set() -> None:
    with MongoSandbox(replica_set=False) as server, pymongo.MongoClient(server.url) as client:
        server.load_documents("things", [{"_id": 1}])
        with pytest.raises(OperationFailure) as caught:
            client.app.things.watch()
        assert caught.value.code == 40573


def test_a_cut_reply_ends_the_connection_and_a_slow_one_takes_its_time() -> None:
    with MongoSandbox() as server, pymongo.MongoClient(server.url, retryReads=False, socketTimeoutMS=200) as client:
        server.load_documents("things", [{"_id": 1}])
        for fault in (Fault("cut_body", "things"), Fault("slow", "things", delay_s=0.5)):
            server.misbehave(fault)
            with pytest.raises(AutoReconnect):
                client.app.things.find_one()
        assert client.app.things.find_one() == {"_id": 1}
        assert [request.path for request in server.requests if request.stream == "things"] == ["find"] * 3
