"""MongoDB: one stream a collection. Change streams where the server has them, else a cursor field, else everything.

What is asked of the server is here; reading proper is in `reading`.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, TypeVar

import bson
from bson.errors import BSONError
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, PyMongoError

from connectors.errors import ConfigInvalid, ConnectorError
from connectors.mongodb.catalog import Catalog, Place
from connectors.mongodb.changes import ChangeReader
from connectors.mongodb.columns import Document
from connectors.mongodb.config import MongodbConfig
from connectors.mongodb.failures import classified, gone
from connectors.mongodb.grants import grants_in
from connectors.mongodb.pages import DECODING, MIB
from connectors.mongodb.reading import Reading
from connectors.mongodb.schema import CURSOR_SHARE, Sample, Seen, take_sample
from connectors.outbound.mongodb import guarded_mongo_client, refusal_of
from connectors.outbound.policy import Outbound
from connectors.pacing import Pacer
from connectors.protocol import Capabilities, Connector, Cursor, Grants, Item, Mode, Note, Stream

# The driver's log of commands holds whole replies, and replies hold records.
logging.getLogger("pymongo.command").setLevel(logging.INFO)

T = TypeVar("T")
_SAMPLE_BYTES = 64 * MIB
_NEWEST = 50


class MongodbConnector(Connector[MongodbConfig]):
    """One MongoDB deployment. Thread-safe: streams may be read at once."""

    kind = "mongodb"
    config_model = MongodbConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        incremental=True,
        detects_deletes=True,
        bulk=True,
        change_stream=True,
        has_credentials=True,
        streams_at_once=4,
    )

    def __init__(self, config: MongodbConfig, outbound: Outbound | None = None) -> None:
        super().__init__(config, outbound)
        self.pacer = Pacer(config.limits, self._told)
        self.discovered: dict[str, frozenset[str]] = {}
        self._client: MongoClient[Any] | None = None
        self._lock = threading.Lock()

    def check(self) -> None:
        """Log in and list what there is. Raises ConnectorError."""
        if not self.asked(lambda: self.catalog().places()):
            raise ConfigInvalid(
                "There are no collections to read.",
                hint="Check the name of the database and what the user may list.",
            )

    def grants(self) -> Grants:
        """As the server lists the login's privileges. Raises ConnectorError."""
        return grants_in(
            self.asked(lambda: self.client().admin.command({"connectionStatus": 1, "showPrivileges": True}))
        )

    def pin(self) -> MongodbConfig:
        """As it is: what is found out by sampling stands in the streams."""
        return self.config

    def discover(self) -> list[Stream]:
        """Every collection and view, by sample. Raises ConnectorError."""
        changes: dict[str, bool] = {}
        streams = []
        for place in self.asked(lambda: self.catalog().places()):
            if place.is_plain and place.database not in changes:
                changes[place.database] = self.has_changes(place.stream)
            stream = self._described(place, changes.get(place.database, False))
            if stream is not None:
                self.discovered[stream.name] = frozenset(field.name for field in stream.fields)
                streams.append(stream)
        return streams

    def read(self, stream: Stream, cursor: Cursor | None, limit: int | None = None) -> Iterator[Item]:
        """Changes, or everything by `_id`. Raises ConnectorError."""
        place = self.asked(lambda: self.catalog().find(stream.name), stream.name)
        if place is None:
            raise gone(stream.name)
        reading = Reading(self, stream, place)
        try:
            yield from reading.sample(limit) if limit is not None else reading.items(cursor)
        finally:
            reading.close()

    def classify(self, error: Exception, stream: str) -> ConnectorError:
        """pymongo's errors, and those of our own disk and network."""
        found = self.judge(error, stream)
        found.stream = found.stream or stream
        return found

    def judge(self, error: Exception, stream: str | None) -> ConnectorError:
        """An error of the driver; an address that was refused to it is the reason behind "no server found"."""
        if isinstance(error, ConnectionFailure) and self._client is not None:
            refused = refusal_of(self._client)
            if refused is not None:
                return refused
        return classified(error, stream)

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def client(self) -> MongoClient[Any]:
        """The one client, connected at its first command. Raises ConnectorError."""
        with self._lock:
            if self._client is None:
                self._client = guarded_mongo_client(
                    self.config.url.get_secret_value(),
                    self.outbound,
                    self.config.limits,
                    # Our own pacing retries; a driver that does so too would make waits twice as long.
                    retryReads=False,
                    document_class=dict,
                )
            return self._client

    def catalog(self) -> Catalog:
        """The deployment's collections."""
        return Catalog(self.config, self.client())

    def has_changes(self, stream: str) -> bool:
        """Whether a change stream of this collection can be opened."""
        if self.config.change_streams == "off" or not self._is_replicated():
            return False
        try:
            return self.beginning(stream) is not None
        except ConnectorError as error:
            if error.effect == "retry":
                raise
            message = "The user may not follow changes here; the read polls instead. The role `read` allows it."
            self.notes(Note("no_change_stream", message, stream))
            return False

    def beginning(self, stream: str) -> Document | None:
        """The change stream's token of this moment, if there is one."""
        reader = ChangeReader(self.catalog().collection(stream), None, None, self.judge)
        return self.pacer.call(reader.begin, stream)

    def hello(self) -> dict[str, Any]:
        """The server's greeting: its role, its clock. Raises ConnectorError."""
        return self.asked(lambda: self.client().admin.command("hello"))

    def _told(self, note: Note) -> None:
        """To whoever takes the notes now: that may be set after the pacer was made."""
        self.notes(note)

    def _is_replicated(self) -> bool:
        greeting = self.hello()
        return "setName" in greeting or greeting.get("msg") == "isdbgrid"

    def asked(self, question: Callable[[], T], stream: str | None = None) -> T:
        """The answer to a question to the server, at our pace. Raises ConnectorError."""

        def attempt() -> T:
            try:
                return question()
            except (PyMongoError, BSONError, OSError) as error:
                raise self.judge(error, stream) from None

        return self.pacer.call(attempt, stream)

    def _described(self, place: Place, changes: bool) -> Stream | None:
        try:
            sample = take_sample(self._sampled(place), self.config.flatten.get(place.stream, ()))
        except ConnectorError as error:
            if error.effect != "skip_stream":
                raise
            self.notes(Note(error.code, error.message, place.stream, "warning"))
            return None
        fields = sample.fields()
        cursor_field = self.config.cursor_fields.get(place.stream) or (
            sample.cursor_field() if place.is_plain else None
        )
        changes = changes and place.is_plain
        if cursor_field and not changes:
            self._tell_blind_spot(place.stream, sample, cursor_field)
        modes: tuple[Mode, ...] = ("full_with_deletes", "full")
        if changes or cursor_field:
            modes = ("incremental", *modes)
        return Stream(
            place.stream,
            fields,
            primary_key=("_id",),
            key_origin="declared" if place.is_plain else "proposed",
            cursor_field=cursor_field,
            mode=modes[0],
            detects_deletes=changes or modes[0] == "full_with_deletes",
            modes=modes,
            description=None if place.is_plain else f"a {place.kind}",
        )

    def _tell_blind_spot(self, stream: str, sample: Sample, cursor_field: str) -> None:
        if cursor_field == "_id":
            message = "Reading by `_id` finds new documents only; changes and deletions need a full read."
            self.notes(Note("inserts_only", message, stream, "warning"))
            return
        seen = sample.seen.get(cursor_field, Seen())
        if "." not in cursor_field and sample.documents and sample.share_of_dates(seen) < CURSOR_SHARE:
            share = 100 * sample.share_of_dates(seen)
            message = f"Only {share:.3g} % of the sampled documents have a date in {cursor_field!r}; changes of the "
            self.notes(Note("cursor_gaps", message + "others are not seen without a full read.", stream, "warning"))

    def _sampled(self, place: Place) -> Iterator[Sequence[Document]]:
        """Documents spread over the collection and the newest ones, in portions; at most 64 MiB."""
        collection = self.catalog().collection(place.stream)
        size, timeout_ms = self.config.sample_documents, round(self.config.limits.timeout_s * 1000)

        def spread() -> Any:
            if place.is_plain and collection.estimated_document_count(maxTimeMS=timeout_ms) > size:
                pipeline = [{"$sample": {"size": size}}]
                return collection.aggregate_raw_batches(pipeline, maxTimeMS=timeout_ms)
            return collection.find_raw_batches(
                limit=size, sort=[("_id", 1)] if place.is_plain else None, max_time_ms=timeout_ms
            )

        def newest() -> Any:
            return collection.find_raw_batches(sort=[("_id", -1)], limit=_NEWEST, batch_size=10, max_time_ms=timeout_ms)

        known: set[bytes] = set()
        taken = 0
        for opened in (spread, newest) if place.is_plain else (spread,):
            cursor, raw = self.asked(partial(_opened, opened), place.stream)
            while raw:
                taken += len(raw)
                yield [d for d in bson.decode_all(raw, DECODING) if _is_new(d, known)]
                more = cursor.alive and taken < _SAMPLE_BYTES
                raw = self.asked(partial(next, cursor, b""), place.stream) if more else b""
            cursor.close()


def _opened(query: Callable[[], Any]) -> tuple[Any, bytes]:
    """A cursor and its first page."""
    cursor = query()
    return cursor, next(cursor, b"")


def _is_new(document: Document, known: set[bytes]) -> bool:
    key = bson.encode({"": document.get("_id")})
    fresh = key not in known
    known.add(key)
    return fresh
