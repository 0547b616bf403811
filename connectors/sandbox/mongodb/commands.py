"""What each command answers. Framing is in `wire`, logins and faults in `conversation`.

A function per command takes the store's side (`Server`) and the command, and gives an encoded reply. CommandFailed
becomes the server's error document.
"""

import itertools
import random
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import bson

from connectors.mongodb.ordering import order_key
from connectors.sandbox.mongodb.cursors import ChangeCursor, DocumentCursor, EventTooLarge, HistoryLost
from connectors.sandbox.mongodb.matching import BadQuery, matches, project, value_at
from connectors.sandbox.mongodb.store import Store
from connectors.sandbox.mongodb.wire import OPTIONS, cursor_reply

Document = dict[str, Any]
READS = ("find", "listCollections", "collStats", "changeStream", "dbStats", "killCursors", "listIndexes")
WRITES = ("insert", "update", "remove", "createCollection", "dropCollection", "createIndex", "dropIndex")
_FIRST_PAGE = 101
_NAMES = {2: "BadValue", 13: "Unauthorized", 18: "AuthenticationFailed", 26: "NamespaceNotFound",
          43: "CursorNotFound", 59: "CommandNotFound", 286: "ChangeStreamHistoryLost"}  # fmt: skip


class CommandFailed(Exception):
    """The command's error document."""

    def __init__(self, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        name = more.pop("codeName", _NAMES.get(code, f"Location{code}"))
        self.document = {"ok": 0.0, "errmsg": message, "code": code, "codeName": name, **more}


class Server:
    """The store with its open cursors. `replica_set` is its name, None of a server on its own."""

    def __init__(self, store: Store, replica_set: str | None) -> None:
        self.store = store
        self.replica_set = replica_set
        self._cursors: dict[int, DocumentCursor | ChangeCursor] = {}
        self._numbers = itertools.count(random.getrandbits(40))
        self._lock = threading.Lock()

    def open(self, cursor: DocumentCursor | ChangeCursor) -> int:
        """Keep a cursor; its number."""
        with self._lock:
            number = next(self._numbers)
            self._cursors[number] = cursor
            return number

    def cursor(self, number: int) -> "DocumentCursor | ChangeCursor":
        """Raises CommandFailed when there is none of this number."""
        with self._lock:
            if number not in self._cursors:
                raise CommandFailed(43, f"cursor id {number} not found")
            return self._cursors[number]

    def close(self, numbers: Iterable[int]) -> list[int]:
        """Forget cursors; those that were open."""
        with self._lock:
            return [number for number in numbers if self._cursors.pop(number, None)]

    def stream_of(self, command: Document) -> str | None:
        """The collection a command is about."""
        name, value = next(iter(command.items()))
        if name == "getMore":
            return str(command.get("collection"))
        return value if name in ("find", "aggregate", "count", "listIndexes") and isinstance(value, str) else None


def find(server: Server, command: Document) -> bytes:
    """Documents by filter, order and lower bound."""
    database, name = command["$db"], command["find"]
    with server.store.lock:
        documents = _found(server.store, database, name, command)
    if command.get("limit"):
        documents = documents[: abs(command["limit"])]
    size = command.get("batchSize", _FIRST_PAGE)
    return _first_page(server, database, name, documents, size, bool(command.get("singleBatch")))


def _found(store: Store, database: str, name: str, command: Document) -> Sequence[bytes]:
    collection = store.collection(database, name)
    if collection is None:
        return []
    least, order, query = command.get("min"), command.get("sort") or {}, command.get("filter") or {}
    if (least or command.get("hint")) and store.databases[database][name].view_on:
        raise CommandFailed(2, "a view takes neither min nor hint")
    if least and command.get("hint") not in ({"_id": 1}, "_id_"):
        raise CommandFailed(51173, "When using min()/max() a hint of which index to use must be provided")
    by_identity = list(order) in ([], ["_id"])
    raws: Sequence[bytes] = collection.ordered(order_key(least["_id"]) if least else None, order.get("_id") == -1)
    if by_identity and not query:
        raws = raws[: abs(command.get("limit") or 0) or None]
        if not command.get("projection"):
            return raws
    found = [document for document in map(_decode, raws) if matches(document, query)]
    if not by_identity:
        found = _sorted(found, order)
    projection = command.get("projection")
    return [bson.encode(project(document, projection) if projection else document) for document in found]


def _sorted(documents: list[Document], order: Document) -> list[Document]:
    for path, direction in reversed(order.items()):
        documents = sorted(documents, key=_by(path), reverse=direction < 0)
    return documents


def _by(path: str) -> Callable[[Document], Any]:
    return lambda document: order_key(value_at(document, path))


def _decode(raw: bytes) -> Document:
    return bson.decode(raw, OPTIONS)


def get_more(server: Server, command: Document) -> bytes:
    """The next page of a cursor; of a change stream, what comes within `maxTimeMS`."""
    number = command["getMore"]
    cursor = server.cursor(number)
    if isinstance(cursor, ChangeCursor):
        try:
            changes = cursor.page(command.get("batchSize", _FIRST_PAGE), command.get("maxTimeMS", 1000) / 1000)
        except HistoryLost:
            raise _history_lost() from None
        except EventTooLarge:
            raise CommandFailed(10334, "BSONObj size is invalid", codeName="BSONObjectTooLarge") from None
        return cursor_reply(cursor.namespace, number, "nextBatch", changes, {"postBatchResumeToken": cursor.token})
    database, _, name = cursor.namespace.partition(".")
    if cursor.origin is not server.store.collection(database, name):
        server.close([number])
        raise CommandFailed(175, "collection dropped between getMore calls", codeName="QueryPlanKilled")
    page = cursor.page(command.get("batchSize"))
    if cursor.exhausted:
        server.close([number])
    return cursor_reply(cursor.namespace, 0 if cursor.exhausted else number, "nextBatch", page, {})


def repeated_page(server: Server, command: Document) -> bytes:
    """What a broken server would answer to getMore: the page it gave before."""
    number = command["getMore"]
    cursor = server.cursor(number)
    page = cursor.again() if isinstance(cursor, DocumentCursor) else ()
    return cursor_reply(cursor.namespace, number, "nextBatch", page, {})


def aggregate(server: Server, command: Document) -> bytes:
    """The stages readers use: match, sort, limit, sample, project, count, and the change stream."""
    database, name, pipeline = command["$db"], command["aggregate"], command["pipeline"]
    size = command.get("cursor", {}).get("batchSize", _FIRST_PAGE)
    if pipeline and "$changeStream" in pipeline[0]:
        return _watch(server, database, name, pipeline, size)
    with server.store.lock:
        collection = server.store.collection(database, name)
        raws: Sequence[bytes] = collection.ordered() if collection else []
    if pipeline and "$sample" in pipeline[0]:
        raws = random.sample(raws, min(len(raws), pipeline[0]["$sample"]["size"]))
        pipeline = pipeline[1:]
    if pipeline:
        documents = list(map(_decode, raws))
        for stage in pipeline:
            documents = _staged(documents, stage)
        raws = list(map(bson.encode, documents))
    return _first_page(server, database, name, raws, size, False)


def _staged(documents: list[Document], stage: Document) -> list[Document]:
    ((name, value),) = stage.items()
    if name == "$match":
        return [document for document in documents if matches(document, value)]
    if name == "$sort":
        return _sorted(documents, value)
    if name == "$limit":
        return documents[:value]
    if name == "$project":
        return [project(document, value) for document in documents]
    if name == "$sample":
        return random.sample(documents, min(len(documents), value["size"]))
    if name == "$count":
        return [{value: len(documents)}] if documents else []
    if name == "$group" and not isinstance(value["_id"], str | dict) and list(value.values())[1:] == [{"$sum": 1}]:
        return [{"_id": value["_id"], list(value)[1]: len(documents)}] if documents else []
    raise CommandFailed(40324, f"Unrecognized pipeline stage name: '{name}'")


def _watch(server: Server, database: str, name: str, pipeline: list[Document], size: int) -> bytes:
    if server.replica_set is None:
        raise CommandFailed(40573, "The $changeStream stage is only supported on replica sets")
    try:
        cursor = ChangeCursor(server.store, database, name, pipeline)
        changes = cursor.page(size, 0)
    except HistoryLost:
        raise _history_lost() from None
    except EventTooLarge:
        raise CommandFailed(10334, "BSONObj size is invalid", codeName="BSONObjectTooLarge") from None
    more = {"postBatchResumeToken": cursor.token}
    return cursor_reply(cursor.namespace, server.open(cursor), "firstBatch", changes, more)


def _history_lost() -> CommandFailed:
    labels = ["NonResumableChangeStreamError"]
    return CommandFailed(286, "Resume of change stream was not possible, as the log is gone", errorLabels=labels)


def _first_page(server: Server, database: str, name: str, documents: Sequence[bytes], size: int, single: bool) -> bytes:
    cursor = DocumentCursor(name, f"{database}.{name}", documents, server.store.collection(database, name))
    page = cursor.page(size)
    number = 0 if cursor.exhausted or single else server.open(cursor)
    return cursor_reply(cursor.namespace, number, "firstBatch", page, {})


def count(server: Server, command: Document) -> bytes:
    """How many documents a collection holds, or how many fit."""
    collection = server.store.collection(command["$db"], command["count"])
    query = command.get("query")
    with server.store.lock:
        documents = collection.documents.values() if collection else ()
        number = sum(matches(_decode(raw), query) for raw in documents) if query else len(documents)
    return bson.encode({"n": number, "ok": 1.0})


def list_collections(server: Server, command: Document) -> bytes:
    """Names and kinds."""
    database = command["$db"]
    with server.store.lock:
        held = dict(server.store.databases.get(database, {}))
    told = [
        {"name": name, "type": "view" if c.view_on else "collection", "options": {}, "info": {"readOnly": False}}
        for name, c in held.items()
    ]
    wanted = command.get("filter") or {}
    raws = [bson.encode(entry) for entry in told if matches(entry, wanted)]
    return cursor_reply(f"{database}.$cmd.listCollections", 0, "firstBatch", raws, {})


def list_databases(server: Server, command: Document) -> bytes:  # noqa: ARG001 - one signature for all
    """Names, and sizes that say whether they are empty."""
    with server.store.lock:
        names = ["admin", "local", *server.store.databases]
    told = [{"name": name, "sizeOnDisk": 8192, "empty": False} for name in names]
    return bson.encode({"databases": told, "totalSize": 8192 * len(told), "ok": 1.0})


def kill_cursors(server: Server, command: Document) -> bytes:
    """Close cursors."""
    killed = server.close(command["cursors"])
    gone = [number for number in command["cursors"] if number not in killed]
    answer = {"cursorsKilled": killed, "cursorsNotFound": gone, "cursorsAlive": [], "cursorsUnknown": [], "ok": 1.0}
    return bson.encode(answer)


def done(server: Server, command: Document) -> bytes:  # noqa: ARG001 - one signature for all
    """Nothing to tell."""
    return bson.encode({"ok": 1.0})


def build_info(server: Server, command: Document) -> bytes:  # noqa: ARG001 - one signature for all
    """The version spoken."""
    return bson.encode({"version": "7.0.0-sandbox", "versionArray": [7, 0, 0, 0], "bits": 64, "ok": 1.0})


COMMANDS: dict[str, Callable[[Server, Document], bytes]] = {
    "find": find, "getMore": get_more, "aggregate": aggregate, "count": count, "killCursors": kill_cursors,
    "listCollections": list_collections, "listDatabases": list_databases, "ping": done, "endSessions": done,
    "buildInfo": build_info,
}  # fmt: skip


def answer(server: Server, command: Document) -> bytes:
    """The reply to a command. Raises CommandFailed."""
    name = next(iter(command))
    if name not in COMMANDS:
        raise CommandFailed(59, f"no such command: '{name}'")
    try:
        return COMMANDS[name](server, command)
    except BadQuery as error:
        raise CommandFailed(2, str(error)) from None
    except (KeyError, TypeError, AttributeError) as error:
        # A command of a shape no real server would take either: the client is told, the conversation goes on.
        raise CommandFailed(2, f"the command cannot be read: {type(error).__name__}") from error
