"""A stand-in server for each test, connectors to it, and readings as rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.mongodb.config import MongodbConfig
from connectors.mongodb.connector import MongodbConnector
from connectors.outbound.policy import Outbound
from connectors.protocol import Batch, Cursor, Item, Note, Stream
from connectors.sandbox.mongodb.sandbox import MongoSandbox

QUICK = {"requests_per_s": 1000, "timeout_s": 5, "give_up_after_s": 3, "batch_records": 100}


@dataclass
class Source:
    """A server with a connector to it; `notes` is what that connector told."""

    server: MongoSandbox
    notes: list[Note] = field(default_factory=list)
    made: list[MongodbConnector] = field(default_factory=list)

    def connector(self, limits: dict[str, Any] | None = None, **config: Any) -> MongodbConnector:
        chosen = {**self.server.config(), **config, "limits": {**QUICK, **(limits or {})}}
        connector = MongodbConnector(MongodbConfig.model_validate(chosen), Outbound(allow=self.server.addresses()))
        connector.notes = self.notes.append
        self.made.append(connector)
        return connector

    def codes(self) -> set[str]:
        return {note.code for note in self.notes}


@pytest.fixture
def replicated() -> Iterator[Source]:
    yield from _served(True)


@pytest.fixture
def alone() -> Iterator[Source]:
    """A server without change streams."""
    yield from _served(False)


def _served(replica_set: bool) -> Iterator[Source]:
    with MongoSandbox(replica_set=replica_set) as server:
        source = Source(server)
        yield source
        for connector in source.made:
            connector.close()


@dataclass
class Took:
    items: list[Item]
    rows: list[dict[str, Any]]
    cursor: Cursor
    streams: list[Stream]


@pytest.fixture
def take() -> Callable[..., Took]:
    def taken(
        connector: MongodbConnector, stream: Stream, cursor: Cursor | None = None, limit: int | None = None
    ) -> Took:
        items, rows, streams = [], [], []
        for item in connector.read(stream, cursor, limit):
            items.append(item)
            if isinstance(item, Batch):
                assert item.arrow is not None
                rows += item.arrow.read_all().to_pylist()
                streams.append(item.stream)
        return Took(items, rows, items[-1].cursor, streams)

    return taken


@pytest.fixture
def found() -> Callable[[MongodbConnector, str], Stream]:
    return lambda connector, name: next(stream for stream in connector.discover() if stream.name == name)
