"""The lean cursor gives the same bytes as pymongo's own, and pymongo still has the hook it stands on."""

from typing import Any

import bson
import pytest
from bson import Int64, ObjectId, Timestamp
from pymongo import MongoClient
from pymongo.cursor import RawBatchCursor

from connectors.mongodb.raw_batches import RawPages, split_reply
from connectors.sandbox.mongodb.sandbox import DATABASE, MongoSandbox

DOCUMENTS = [{"_id": n, "name": f"n{n}", "inner": {"list": [1, {"a": None}]}, "at": ObjectId()} for n in range(250)]


def test_pymongo_has_the_hook() -> None:
    assert "_unpack_response" in vars(RawBatchCursor)


class Watched(RawPages):
    """Notes of each reply whether it is one that need not go pymongo's way."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.split: list[bool] = []
        super().__init__(*args, **kwargs)

    def _unpack_response(self, response: Any, *args: Any, **kwargs: Any) -> list[Any]:
        self.split.append(split_reply(bytes(response.payload_document)) is not None)
        return super()._unpack_response(response, *args, **kwargs)


def test_batches_are_those_of_pymongos_own_cursor() -> None:
    with MongoSandbox() as sandbox:
        sandbox.load_documents("things", DOCUMENTS)
        client: MongoClient[dict[str, Any]] = MongoClient(sandbox.url)
        things = client[DATABASE]["things"]
        cursor = Watched(things, {}, sort=[("_id", 1)], batch_size=60)
        ours = list(cursor)
        theirs = list(things.find_raw_batches({}, sort=[("_id", 1)], batch_size=60))
        client.close()
    assert ours == theirs
    assert [document for raw in ours for document in bson.decode_all(raw)] == DOCUMENTS
    assert cursor.split == [True] * 5


@pytest.mark.parametrize("name", ["firstBatch", "nextBatch"])
@pytest.mark.parametrize("documents", [[], DOCUMENTS[:1], DOCUMENTS[:120]])
def test_a_reply_is_split_wherever_its_batch_stands(name: str, documents: list[dict[str, Any]]) -> None:
    cursor = {"ns": "app.things", "id": Int64(7), name: documents, "postBatchResumeToken": {"_data": "82"}}
    around = {"$clusterTime": {"clusterTime": Timestamp(5, 1), "signature": {"hash": b"\0" * 20, "keyId": Int64(3)}}}
    split = split_reply(bson.encode({**around, "ok": 1.0, "cursor": cursor, "operationTime": Timestamp(5, 2)}))
    assert split is not None
    batch = split["cursor"].pop(name)
    assert [document for raw in batch for document in bson.decode_all(raw)] == documents
    assert split["cursor"] == {key: value for key, value in cursor.items() if key != name}
    assert (split["ok"], split["operationTime"]) == (1.0, Timestamp(5, 2))


def test_an_error_is_left_to_pymongo() -> None:
    assert split_reply(bson.encode({"ok": 0.0, "errmsg": "no", "code": 13})) is None
