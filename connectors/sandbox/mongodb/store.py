"""What the stand-in holds: databases, collections of raw documents in the order of `_id`, and the log of changes.

Every change goes through `write`, `remove` or `drop`, which log it. Callers hold `lock` for anything longer.
"""

import bisect
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import bson
from bson import Timestamp

from connectors.mongodb.ordering import order_key
from connectors.sandbox.mongodb.wire import OPTIONS

Key = tuple[Any, ...]
MAX_EVENTS = 100_000


@dataclass
class Collection:
    """Documents by the order key of their `_id`, as BSON."""

    documents: dict[Key, bytes] = field(default_factory=dict)
    view_on: str | None = None
    _sorted: list[Key] | None = None

    def put(self, key: Key, raw: bytes) -> bool:
        """Whether the key is new."""
        fresh = key not in self.documents
        self.documents[key] = raw
        if fresh:
            self._sorted = None
        return fresh

    def take(self, key: Key) -> bytes | None:
        """Remove and return."""
        raw = self.documents.pop(key, None)
        if raw is not None:
            self._sorted = None
        return raw

    def ordered(self, least: Key | None = None, descending: bool = False) -> list[bytes]:
        """All documents by `_id`, or those from `least` on."""
        if self._sorted is None:
            self._sorted = sorted(self.documents)
        keys = self._sorted[bisect.bisect_left(self._sorted, least) if least else 0 :]
        return [self.documents[key] for key in (reversed(keys) if descending else keys)]


@dataclass(frozen=True, slots=True)
class Event:
    """One change, as the change stream tells it."""

    at: tuple[int, int]
    database: str
    collection: str
    operation: str
    identity: Any = None
    raw: bytes | None = None
    more: dict[str, Any] = field(default_factory=dict)


class Store:
    """Databases and their change log. `changed` is notified after each change."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.databases: dict[str, dict[str, Collection]] = {}
        self.log: list[Event] = []
        self.forgotten: tuple[int, int] = (0, 0)  # changes up to this moment are no longer in the log
        self._last = (int(time.time()), 1)

    def collection(self, database: str, name: str) -> Collection | None:
        """The collection, or what a view looks at."""
        found = self.databases.get(database, {}).get(name)
        return self.collection(database, found.view_on) if found and found.view_on else found

    def create(self, database: str, name: str) -> Collection:
        """The collection, made when it is absent."""
        return self.databases.setdefault(database, {}).setdefault(name, Collection())

    def write(self, database: str, name: str, document: dict[str, Any]) -> None:
        """Insert or replace by `_id`, logged."""
        raw = bson.encode(document)
        with self.lock:
            fresh = self.create(database, name).put(order_key(document["_id"]), raw)
            self._note(database, name, "insert" if fresh else "update", identity=document["_id"], raw=raw)

    def remove(self, database: str, name: str, key: Key) -> None:
        """Delete by key, logged."""
        with self.lock:
            raw = self.create(database, name).take(key)
            if raw is not None:
                self._note(database, name, "delete", identity=bson.decode(raw, OPTIONS)["_id"])

    def drop(self, database: str, name: str) -> None:
        """Drop a collection, logged."""
        with self.lock:
            if self.databases.get(database, {}).pop(name, None) is not None:
                self._note(database, name, "drop")

    def rename(self, database: str, name: str, to: str) -> None:
        """Rename a collection, logged."""
        with self.lock:
            self.databases[database][to] = self.databases[database].pop(name)
            self._note(database, name, "rename", more={"to": {"db": database, "coll": to}})

    def forget(self) -> None:
        """Let go of the log, as a server whose log has run over."""
        with self.lock:
            self.forgotten = self.tick()
            self.log.clear()

    def tick(self) -> tuple[int, int]:
        """A moment after all earlier ones: seconds and a counter within them."""
        with self.lock:
            now = int(time.time())
            self._last = (now, 1) if now > self._last[0] else (self._last[0], self._last[1] + 1)
            return self._last

    @property
    def operation_time(self) -> Timestamp:
        """When the newest change or tick was."""
        return Timestamp(*self._last)

    def _note(self, database: str, name: str, operation: str, **event: Any) -> None:
        self.log.append(Event(self.tick(), database, name, operation, **event))
        if len(self.log) > MAX_EVENTS:
            self.forgotten = self.log[MAX_EVENTS // 10].at
            del self.log[: MAX_EVENTS // 10 + 1]
        self.changed.notify_all()
