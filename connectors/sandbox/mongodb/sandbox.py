"""A MongoDB server to read from: starts on a loopback port, is filled and changed from Python, misbehaves on request.

A stand-in: it knows the commands a reader needs and refuses the others. The database is called `app`.
"""

import contextlib
import secrets
import socket
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import bson
import pyarrow as pa

from connectors.mongodb.ordering import order_key
from connectors.protocol import SourceType
from connectors.sandbox.faults import Fault, Faults, Request
from connectors.sandbox.mongodb.changing import documents_of, retyped, stored, table_of
from connectors.sandbox.mongodb.commands import Server
from connectors.sandbox.mongodb.conversation import Account, Conversation, House
from connectors.sandbox.mongodb.store import Collection, Store
from connectors.sandbox.mongodb.wire import OPTIONS

DATABASE = "app"


class MongoSandbox:
    """One server: a replica set of one member with change streams, or on its own without. Usable as a context."""

    kind = "mongodb"

    def __init__(self, *, secret: str | None = None, replica_set: bool = True, role: str = "read") -> None:
        self.secret = secret or secrets.token_urlsafe(18)
        self.requests: list[Request] = []
        self.store = Store()
        self.accounts: dict[str, Account] = {"reader": Account(self.secret, role)}
        self.url = ""
        self.address = ""
        self.faults = Faults()
        self._server = Server(self.store, "sandbox" if replica_set else None)
        self._stopped = threading.Event()
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()

    def start(self, port: int = 0) -> str:
        """Listen; the URL, with the reader's login. Raises OSError when the port is taken."""
        self._listener = socket.create_server(("127.0.0.1", port))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        login = f"reader:{quote(self.secret, safe='')}@" if self.accounts else ""
        self.url = f"mongodb://{login}{self.address}/"
        self._stopped.clear()
        self._run(self._listen, self._listener)
        return self.url

    def stop(self) -> None:
        """Hang up on everybody and free the port."""
        self._stopped.set()
        for opened in [self._listener, *self._connections]:
            if opened is not None:
                with contextlib.suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)
                opened.close()
        self._listener = None
        for thread in list(self._threads):
            thread.join(timeout=5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def config(self) -> dict[str, Any]:
        """A connector configuration that reads everything."""
        return {"url": self.url, "database": DATABASE}

    def addresses(self) -> tuple[str, ...]:
        """What an operator must allow to reach it."""
        return (self.address,)

    def load(self, stream: str, table: pa.Table, key: str) -> None:
        """Fill a collection anew; the column `key` becomes `_id`. Not told to change streams."""
        self.load_documents(stream, documents_of(table, key))

    def load_documents(self, stream: str, documents: Iterable[dict[str, Any]], database: str = DATABASE) -> None:
        """Fill a collection anew with documents that have an `_id`. Not told to change streams."""
        held = {order_key(document["_id"]): bson.encode(document) for document in documents}
        with self.store.lock:
            self.store.databases.setdefault(database, {})[stream] = Collection(held)

    def view(self, stream: str, on: str) -> None:
        """A view that shows all of another collection."""
        self.store.databases[DATABASE][stream] = Collection(view_on=on)

    def documents(self, stream: str) -> list[dict[str, Any]]:
        """What a collection holds, by `_id`."""
        with self.store.lock:
            collection = self.store.collection(DATABASE, stream)
            return [bson.decode(raw, OPTIONS) for raw in collection.ordered()] if collection else []

    def records(self, stream: str) -> pa.Table:
        """What a collection holds, as a table."""
        return table_of(self.documents(stream))

    def upsert(self, stream: str, records: list[dict[str, Any]]) -> None:
        """Set fields of the records of these `_id`s; those that are absent are made."""
        with self.store.lock:
            held = self.store.create(DATABASE, stream)
            for record in records:
                raw = held.documents.get(order_key(record["_id"]))
                known = bson.decode(raw, OPTIONS) if raw else {}
                self.store.write(DATABASE, stream, {**known, **stored(record)})

    def delete(self, stream: str, keys: list[Any]) -> None:
        """Delete by `_id`, given as the value or, of an ObjectId or number, its text."""
        wanted = {str(key) for key in keys}
        for document in self.documents(stream):
            if str(document["_id"]) in wanted:
                self.store.remove(DATABASE, stream, order_key(document["_id"]))

    def rename_field(self, stream: str, old: str, new: str) -> None:
        """In every document, in place."""
        self._rewrite(stream, lambda d: {new if name == old else name: value for name, value in d.items()})

    def retype_field(self, stream: str, field: str, to: SourceType) -> None:
        """Every value as another type."""
        self._rewrite(stream, lambda d: {n: retyped(v, to) if n == field else v for n, v in d.items()})

    def add_field(self, stream: str, field: str, type: SourceType, values: list[Any] | None = None) -> None:
        """A value each, in the order of `_id`; null without values."""
        given = iter(values or ())
        self._rewrite(stream, lambda d: {**d, field: retyped(stored(next(given, None)), type)})

    def drop_field(self, stream: str, field: str) -> None:
        """From every document."""
        self._rewrite(stream, lambda d: {name: value for name, value in d.items() if name != field})

    def drop_stream(self, stream: str) -> None:
        """The whole collection."""
        self.store.drop(DATABASE, stream)

    def forget_history(self) -> None:
        """As a server whose log of changes has run over: no change stream can go on."""
        self.store.forget()

    def misbehave(self, fault: Fault) -> None:
        """Plan a fault after those already planned."""
        self.faults.plan(fault)

    def behave(self) -> None:
        """Forget the planned faults."""
        self.faults.clear()

    def _rewrite(self, stream: str, change: Any) -> None:
        with self.store.lock:
            for document in self.documents(stream):
                self.store.write(DATABASE, stream, change(document))

    def _run(self, target: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=self._tracked, args=(target, *arguments), daemon=True)
        self._threads.add(thread)
        thread.start()

    def _tracked(self, target: Any, *arguments: Any) -> None:
        try:
            target(*arguments)
        finally:
            self._threads.discard(threading.current_thread())

    def _listen(self, listener: socket.socket) -> None:
        house = House(self._server, self.accounts, self.faults, self.address, self.requests.append, self._stopped)
        while not self._stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(connection)
            self._run(self._talk, house, connection)

    def _talk(self, house: House, connection: socket.socket) -> None:
        Conversation(house, connection).run()
        self._connections.discard(connection)
