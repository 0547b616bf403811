"""A stand-in server: a replica set with change streams, and a single server whose records tell their last change."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import bson
import pyarrow as pa
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

from connectors.errors import ConfigInvalid, CredentialsExpired, SourceUnavailable
from connectors.sandbox.faults import Request
from connectors.sandbox.mongodb.conversation import Account
from connectors.sandbox.mongodb.sandbox import MongoSandbox
from tests.connectors.harnesses.harness import BadConfig, Expected
from tests.connectors.harnesses.sandboxed import RECORDS, WORDS, SandboxHarness, closed_port

HOUR = timedelta(hours=1)
OLD = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PASSWORD = "s3cret/with:odd@signs"


class MongoHarness(SandboxHarness):
    name = "mongodb-changes"
    kind = "mongodb"
    key = "_id"
    replica_set: ClassVar[bool] = True
    secrets = (PASSWORD, "s3cret%2Fwith%3Aodd%40signs")

    def start(self) -> None:
        self.sandbox = MongoSandbox(secret=PASSWORD, replica_set=self.replica_set)
        self.sandbox.start()
        self.fill()

    def fill(self, count: int = RECORDS) -> None:
        self.sandbox.load_documents(
            self.stream,
            [{"_id": self.identity(n), "name": f"name {n}", "updatedAt": OLD + n * HOUR} for n in range(count)],
        )

    def table(self, count: int) -> pa.Table:
        raise NotImplementedError("documents are loaded as they are")

    def identity(self, number: int) -> ObjectId:
        return ObjectId(f"65a000000000{number:012x}")

    def put(self, numbers: Iterable[int], value: str) -> None:
        now = datetime.now(UTC)
        self.sandbox.upsert(self.stream, [{"_id": self.identity(n), "name": value, "updatedAt": now} for n in numbers])

    def config(self, **limits: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.sandbox.config()
        return made | {"limits": {**self.limits, **limits}}

    def bad_configs(self) -> list[BadConfig]:
        good = self.config(give_up_after_s=0.1, timeout_s=1)
        address = self.sandbox.address
        return [
            ({**good, "url": f"mongodb://reader:wrong-secret-0f3a@{address}/"}, CredentialsExpired),
            ({**good, "url": f"mongodb://reader:{PASSWORD[:6]}@127.0.0.1:{closed_port()}/"}, SourceUnavailable),
            ({**good, "url": f"mongodb://reader:half-secret-77@{address}/?tlsCAFile=/etc/passwd"}, ConfigInvalid),
            ({**good, "url": "postgres://reader:other-secret-12@db.example/"}, ConfigInvalid),
            ({"database": "app"}, ConfigInvalid),
            ({**good, "passwort": "typo-secret-77"}, ConfigInvalid),
        ]

    def put_late(self, number: int, value: str, age_s: float) -> bool:
        moment = datetime.now(UTC) - timedelta(seconds=age_s)
        self.sandbox.upsert(self.stream, [{"_id": self.identity(number), "name": value, "updatedAt": moment}])
        return True

    def outrun(self) -> str | None:
        self.sandbox.forget_history()
        return "history_lost"

    def writing_config(self) -> dict[str, Any]:
        self.sandbox.accounts["reader"] = Account(PASSWORD, "readWrite")
        return self.config()

    def most_records(self, request: Request) -> int | None:
        """A request for one document looks which `_id` comes first or last; records are not read by it."""
        asked = super().most_records(request)
        return None if asked == 1 else asked

    def ports(self) -> set[int]:
        return {int(self.sandbox.address.rpartition(":")[2])}

    def typed(self) -> tuple[str, list[Expected]]:
        far = bson.datetime_ms.DatetimeMS(300_000_000_000_000)  # in the year 11476
        values: dict[str, tuple[Any, Any, str]] = {
            "whole": (Int64(-(2**63)), "integer", "-9223372036854775808"),
            "wide": (Int64(2**63 - 1), "integer", "9223372036854775807"),
            "amount": (
                Decimal128("12345678901234567890123456789012.34"),
                "decimal",
                "12345678901234567890123456789012.34",
            ),
            "tiny": (Decimal128("1E-30"), "decimal", "0.000000000000000000000000000001"),
            "ratio": (0.1, "double", "0.1"),
            "flag": (True, "boolean", "true"),
            "moment": (datetime(1805, 1, 2, 3, 4, 5, 678000, UTC), "timestamp", "1805-01-02T03:04:05.678Z"),
            "far": (far, "timestamp", "+011476-08-15T05:20:00.000Z"),
            "words": (WORDS + "\x00after", "text", WORDS + "\x00after"),
            "empty": ("", "text", ""),
            "padded": (" 00123 ", "text", " 00123 "),
            "bytes": (b"\x00\xff\x01", "binary", "AP8B"),
            "other": (ObjectId("65a0000000000000000000ff"), "text", "65a0000000000000000000ff"),
            "nested": (
                {"a": [1, {"b": Decimal128("1.50")}], "at": OLD, "of": ObjectId("65a0000000000000000000ff")},
                "json",
                '{"a":[1,{"b":"1.50"}],"at":"2026-01-02T03:04:05.000Z","of":"65a0000000000000000000ff"}',
            ),
            "list": ([1, "two", None], "json", '[1,"two",null]'),
            "pattern": (Regex("^a", "i"), "json", '{"$regularExpression":{"pattern":"^a","options":"i"}}'),
            "code": (Code("f()"), "json", '{"$code":"f()"}'),
            "clock": (Timestamp(7, 1), "json", '{"$timestamp":{"t":7,"i":1}}'),
            "least": (MinKey(), "json", '{"$minKey":1}'),
            "most": (MaxKey(), "json", '{"$maxKey":1}'),
            "uuid": (
                Binary(bytes.fromhex("00112233445566778899aabbccddeeff"), 4),
                "text",
                "00112233-4455-6677-8899-aabbccddeeff",
            ),
        }
        self.sandbox.load_documents(
            "typed",
            [{"_id": "a", **{name: given[0] for name, given in values.items()}}, {"_id": "b", "words": None}],
        )
        return "typed", [
            Expected(name, declared, {"a": text, "b": None}) for name, (_, declared, text) in values.items()
        ]


class MongoPollingHarness(MongoHarness):
    """Without change streams; `updatedAt` tells the last change."""

    name = "mongodb-polling"
    replica_set = False

    def outrun(self) -> str | None:
        return None
