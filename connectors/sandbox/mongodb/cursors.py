"""Open cursors: over documents found, and over changes to come. A page is at most 16 MB, as a server's."""

import itertools
import time
from collections.abc import Sequence
from typing import Any

import bson
from bson import Timestamp

from connectors.mongodb.ordering import order_key
from connectors.sandbox.mongodb.matching import project
from connectors.sandbox.mongodb.store import Event, Store
from connectors.sandbox.mongodb.wire import OPTIONS

PAGE_BYTES = 16 * 1024 * 1024
_MOST_BYTES = PAGE_BYTES + 16 * 1024
_MOMENT = "82{:08X}{:08X}2B0429"
_ENDS = ("drop", "rename", "invalidate")


class DocumentCursor:
    """Documents found by one query, handed out page by page."""

    def __init__(self, stream: str, namespace: str, documents: Sequence[bytes], origin: object = None) -> None:
        self.origin = origin  # the collection as it was; a cursor does not outlive it
        self.stream = stream
        self.namespace = namespace
        self._documents = documents
        self._at = 0
        self._previous: Sequence[bytes] = ()

    @property
    def exhausted(self) -> bool:
        """Whether everything was handed out."""
        return self._at >= len(self._documents)

    def page(self, size: int | None) -> Sequence[bytes]:
        """The next documents, `size` at most."""
        page = self._documents[self._at : self._at + size] if size is not None else self._documents[self._at :]
        if sum(map(len, page)) > PAGE_BYTES:
            ends = itertools.accumulate(map(len, page))
            page = page[: max(1, sum(1 for _ in itertools.takewhile(lambda end: end <= PAGE_BYTES, ends)))]
        self._at += len(page)
        self._previous = page
        return page

    def again(self) -> Sequence[bytes]:
        """The page handed out last, once more."""
        return self._previous


class HistoryLost(Exception):
    """The log no longer reaches back to where the stream should go on."""


class EventTooLarge(Exception):
    """One event is larger than any reply may be."""


class ChangeCursor:
    """Changes of one collection after some moment."""

    exhausted = False

    def __init__(self, store: Store, database: str, stream: str, pipeline: list[dict[str, Any]]) -> None:
        options = pipeline[0]["$changeStream"]
        self.stream = stream
        self.namespace = f"{database}.{stream}"
        self._store = store
        self._lookup = options.get("fullDocument") == "updateLookup"
        self._projection = next((stage["$project"] for stage in pipeline[1:] if "$project" in stage), None)
        self._database = database
        self._position = self._start(options)
        self._ended = False

    def page(self, size: int | None, wait_s: float) -> Sequence[bytes]:
        """Changes that are there, or that come within `wait_s`. Raises HistoryLost, EventTooLarge."""
        deadline = time.monotonic() + wait_s
        with self._store.lock:
            while True:
                found = self._pending()
                left = deadline - time.monotonic()
                if found or left <= 0:
                    break
                self._store.changed.wait(left)
            page: list[bytes] = []
            for event in found[:size]:
                page.append(self._told(event))
                self._position = event.at
                self._ended = event.operation in _ENDS
                if sum(map(len, page)) > PAGE_BYTES:
                    break
            if not found and not self._ended:
                self._position = max(self._position, self._store.tick())
            return page

    @property
    def token(self) -> dict[str, Any]:
        """Where a new stream would go on."""
        return {"_data": _MOMENT.format(*self._position)}

    def _pending(self) -> list[Event]:
        if self._position < self._store.forgotten:
            raise HistoryLost
        if self._ended:
            return []
        log = self._store.log
        return [e for e in log if e.at > self._position and (e.database, e.collection) == (self._database, self.stream)]

    def _start(self, options: dict[str, Any]) -> tuple[int, int]:
        after = options.get("resumeAfter") or options.get("startAfter")
        if after is not None:
            data = str(after["_data"])
            return int(data[2:10], 16), int(data[10:18], 16)
        moment = options.get("startAtOperationTime")
        return (moment.time, moment.inc - 1) if isinstance(moment, Timestamp) else self._store.tick()

    def _told(self, event: Event) -> bytes:
        told: dict[str, Any] = {
            "_id": {"_data": _MOMENT.format(*event.at)},
            "operationType": event.operation,
            "clusterTime": Timestamp(*event.at),
            "ns": {"db": self._database, "coll": self.stream},
            **event.more,
        }
        if event.operation in ("insert", "update", "delete"):
            told["documentKey"] = {"_id": event.identity}
        raw = event.raw
        if event.operation == "update":
            now = self._store.collection(self._database, self.stream)
            raw = now.documents.get(order_key(event.identity)) if now and self._lookup else None
            changed = bson.decode(event.raw, OPTIONS) if event.raw is not None else {}
            changed.pop("_id", None)
            told["updateDescription"] = {"updatedFields": changed, "removedFields": [], "truncatedArrays": []}
            told["fullDocument"] = None
        if raw is not None:
            told["fullDocument"] = bson.decode(raw, OPTIONS)
        encoded = bson.encode(project(told, self._projection) if self._projection else told)
        if len(encoded) > _MOST_BYTES:
            raise EventTooLarge
        return encoded
