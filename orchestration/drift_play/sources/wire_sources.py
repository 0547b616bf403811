"""The stand-ins of Salesforce, Supabase and MongoDB, filled from the world over the same doors their demos use."""

import contextlib
from collections.abc import Iterable
from typing import Any, ClassVar, Literal

import pyarrow as pa

from connectors.sandbox.mongodb.sandbox import DATABASE, MongoSandbox
from connectors.sandbox.postgrest.sandbox import PostgrestSandbox
from connectors.sandbox.salesforce.sandbox import SalesforceSandbox
from orchestration.drift_play.sources.source import LIMITS, WorldSource, arrow_table
from orchestration.drift_play.streams import WorldStream
from orchestration.drift_play.words import Style


class SalesforceSource(WorldSource):
    """An org; deleted records lie in its recycle bin, where the connector finds them."""

    kind: ClassVar[str] = "salesforce"
    style: ClassVar[Style] = "pascal"
    key: ClassVar[str] = "Id"

    def __init__(self) -> None:
        self._sandbox = SalesforceSandbox()
        self._shown: dict[str, set[str]] = {}

    def start(self, streams: Iterable[WorldStream]) -> None:
        self._sandbox.start()
        for stream in streams:
            self.show(stream, stream.name)

    def show(self, stream: WorldStream, was: str) -> None:
        if was != stream.name:
            self._sandbox.drop_stream(was)
            self._shown[stream.name] = self._shown.pop(was)
        gone = sorted(self._shown.get(stream.name, set()) - stream.records.keys())
        table = arrow_table(stream, stamp="SystemModstamp")
        self._sandbox.load(stream.name, _shortened(table), self.key)
        if gone:
            bin_ = [{"Id": key, **{c.name: None for c in stream.columns}} for key in gone]
            self._sandbox.upsert(stream.name, bin_)
            self._sandbox.delete(stream.name, gone)
        self._shown[stream.name] = set(stream.records) | set(gone)

    def config(self) -> dict[str, Any]:
        return self._sandbox.config() | {"limits": LIMITS}

    def stop(self) -> None:
        self._sandbox.stop()
        self._sandbox.store.close()


class SupabaseSource(WorldSource):
    """A project read over its Data API or from its database; tables tell their last change, or are read whole."""

    kind: ClassVar[str] = "supabase"
    style: ClassVar[Style] = "snake"
    key: ClassVar[str] = "id"

    def __init__(self, admin_url: str, way: Literal["rest", "database"], stamped: bool) -> None:
        self._sandbox = PostgrestSandbox(admin_url)
        self._way: Literal["rest", "database"] = way
        self._stamp = "updated_at" if stamped else None
        self.deletes = not stamped

    def start(self, streams: Iterable[WorldStream]) -> None:
        self._sandbox.start()
        for stream in streams:
            self.show(stream, stream.name)

    def show(self, stream: WorldStream, was: str) -> None:
        if was != stream.name:
            self._sandbox.drop_stream(was)
        table = arrow_table(stream, "integer", self._stamp)
        self._sandbox.load(stream.name, table, self.key, stamped=self._stamp is not None)
        if self._stamp:
            # As tables have it whose readers may rely on it: never empty, and set by the database itself.
            name = f'public."{stream.name}"'
            self._sandbox.store.execute(
                f"ALTER TABLE {name} ALTER updated_at SET NOT NULL, ALTER updated_at SET DEFAULT clock_timestamp(); "
                f"CREATE TRIGGER stamp_insert BEFORE INSERT ON {name} FOR EACH ROW "
                "EXECUTE FUNCTION public.stamp_change()"
            )

    def config(self) -> dict[str, Any]:
        return self._sandbox.config(self._way) | {"limits": LIMITS}

    def stop(self) -> None:
        self._sandbox.stop()


class MongoSource(WorldSource):
    """A server with change streams, or one whose documents are read whole. Fields without a value are left out."""

    kind: ClassVar[str] = "mongodb"
    style: ClassVar[Style] = "camel"
    key: ClassVar[str] = "_id"
    has_empty: ClassVar[bool] = False

    def __init__(self, change_streams: bool, plain_text: bool) -> None:
        self._sandbox = MongoSandbox(replica_set=change_streams)
        self.plain_text = plain_text  # type: ignore[misc]  # a server holds texts or types, as its writers like it
        self._shown: dict[str, dict[str, dict[str, Any]]] = {}

    def start(self, streams: Iterable[WorldStream]) -> None:
        self._sandbox.start()
        for stream in streams:
            documents = _documents(stream)
            self._sandbox.load_documents(stream.name, documents.values())
            self._shown[stream.name] = documents

    def show(self, stream: WorldStream, was: str) -> None:
        """Write what differs from what was shown before, as an application would."""
        if was != stream.name:
            self._sandbox.store.rename(DATABASE, was, stream.name)
            self._shown[stream.name] = self._shown.pop(was)
        before, now = self._shown.get(stream.name, {}), _documents(stream)
        for key, document in now.items():
            if before.get(key) != document:
                self._sandbox.store.write(DATABASE, stream.name, document)
        gone = sorted(before.keys() - now.keys())
        if gone:
            self._sandbox.delete(stream.name, gone)
        self._shown[stream.name] = now

    def config(self) -> dict[str, Any]:
        return self._sandbox.config() | {"limits": LIMITS}

    def stop(self) -> None:
        with contextlib.suppress(OSError):  # hung up already
            self._sandbox.stop()


def _documents(stream: WorldStream) -> dict[str, dict[str, Any]]:
    from connectors.sandbox.mongodb.changing import documents_of

    return {document["_id"]: document for document in documents_of(arrow_table(stream), stream.key)}


def _shortened(table: pa.Table) -> pa.Table:
    """Decimals with the places an org keeps."""
    fields = [
        pa.field(one.name, pa.decimal128(30, 6)) if pa.types.is_decimal(one.type) else one for one in table.schema
    ]
    return table.cast(pa.schema(fields))
