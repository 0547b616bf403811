"""Which collections there are, and how a stream of ours is called there."""

from dataclasses import dataclass
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from connectors.errors import ConfigInvalid
from connectors.mongodb.config import MongodbConfig
from connectors.mongodb.pages import DECODING

_OWN_DATABASES = ("admin", "local", "config")


@dataclass(frozen=True, slots=True)
class Place:
    """One collection or view. Of a view or time series `_id` is neither indexed nor surely unique."""

    stream: str
    database: str
    collection: str
    kind: str = "collection"

    @property
    def is_plain(self) -> bool:
        """Whether it is an ordinary collection."""
        return self.kind == "collection"


class Catalog:
    """The collections of a configuration."""

    def __init__(self, config: MongodbConfig, client: MongoClient[Any]) -> None:
        self._config = config
        self._client = client

    def databases(self) -> list[str]:
        """The chosen database, or all but the server's own."""
        if self._config.database is not None:
            return [self._config.database]
        listed = self._client.list_databases(nameOnly=True, authorizedDatabases=True)
        return sorted(entry["name"] for entry in listed if entry["name"] not in _OWN_DATABASES)

    def places(self) -> list[Place]:
        """All streams, by name. Raises ConfigInvalid when a configured collection is not there."""
        found = {place.stream: place for database in self.databases() for place in self._in(database)}
        wanted = self._config.collections
        if wanted is None:
            return [found[name] for name in sorted(found)]
        missing = [name for name in wanted if name not in found]
        if missing:
            raise ConfigInvalid(
                f"There is no collection {missing[0]!r}.",
                hint="Check the spelling, the database, and what the user may list.",
            )
        return [found[name] for name in sorted(wanted)]

    def find(self, stream: str) -> Place | None:
        """The collection of a stream, None when it is not there."""
        database, name = self._split(stream)
        return next((place for place in self._in(database, {"name": name}) if place.stream == stream), None)

    def collection(self, stream: str) -> Collection[Any]:
        """To read from."""
        database, name = self._split(stream)
        return self._client[database].get_collection(name, codec_options=DECODING)

    def _split(self, stream: str) -> tuple[str, str]:
        if self._config.database is not None:
            return self._config.database, stream
        database, _, name = stream.partition(".")
        return database, name

    def _in(self, database: str, only: dict[str, Any] | None = None) -> list[Place]:
        prefix = "" if self._config.database is not None else f"{database}."
        entries = self._client[database].list_collections(filter=only or {}, authorizedCollections=True, nameOnly=True)
        return [
            Place(prefix + entry["name"], database, entry["name"], entry.get("type", "collection"))
            for entry in entries
            if not entry["name"].startswith("system.")
        ]
