"""One read of one stream: a copy by `_id`, the changes since a token, or a poll of a cursor field.

Cursors are JSON: `{"read": "copy" | "changes" | "poll" | "again", ...}`. A copy knows what follows it (`then`), and
keeps the token or mark noted before it began, so that nothing written meanwhile is lost.
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

import pyarrow as pa
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.read_preferences import Primary

from connectors.errors import ConnectorError, CursorLost
from connectors.mongodb.catalog import Catalog, Place
from connectors.mongodb.changes import ChangeReader, StreamEnded, moment_of
from connectors.mongodb.columns import Document
from connectors.mongodb.config import MongodbConfig
from connectors.mongodb.failures import gone
from connectors.mongodb.naming import DELETED
from connectors.mongodb.ordering import DATE, NULL, STRING, milliseconds, order_key
from connectors.mongodb.pages import MIB, ByChange, ByIdentity, Page, Pages, Query
from connectors.mongodb.schema import Landing
from connectors.mongodb.values import from_json, text, to_json
from connectors.pacing import Pacer
from connectors.protocol import Batch, Cursor, Field, Item, Note, Stream, Swept, Unchanged

# A string `_id` that looks like another type's text must not be taken for a document of that type.
_LOOKALIKE = re.compile(r'"|-?[0-9]|[0-9a-f]{24}$|NaN$|-?Infinity$|null$|true$|false$|\{|\[')
_TOLD_FIELDS = 20
T = TypeVar("T")


class Deployment(Protocol):
    """What a read needs of its connector: the server, asked at the connection's pace."""

    config: MongodbConfig
    notes: Callable[[Note], None]
    pacer: Pacer
    discovered: dict[str, frozenset[str]]

    def client(self) -> MongoClient[Any]: ...
    def catalog(self) -> Catalog: ...
    def hello(self) -> dict[str, Any]: ...
    def has_changes(self, stream: str) -> bool: ...
    def beginning(self, stream: str) -> Document | None: ...
    def asked(self, question: Callable[[], T], stream: str | None = None) -> T: ...
    def judge(self, error: Exception, stream: str | None) -> ConnectorError: ...


class Reading:
    """The state of one read. `close` it."""

    def __init__(self, connector: Deployment, stream: Stream, place: Place) -> None:
        self._connector = connector
        self._stream = stream
        self._place = place
        self._limits = connector.config.limits
        self._collection = connector.catalog().collection(stream.name)
        known = connector.discovered.get(stream.name, frozenset())
        self._select = bool(known - {field.name for field in stream.fields})
        paths = connector.config.flatten.get(stream.name, ())
        self._landing = Landing(stream.fields, paths, self._select)
        self._mixed_ids = False
        self._pages: Pages | None = None
        self._session: ClientSession | None = None

    def sample(self, limit: int) -> Iterator[Item]:
        """At most `limit` documents, one request."""
        if limit < 1:
            yield Unchanged(self._stream, "", {"read": "again"})
            return
        self._mixed_ids = self._ids_differ()
        options = {**self._options(), "limit": limit}
        query = ByIdentity(self._collection, options, self._place.is_plain, self._mixed_ids)
        for page in self._paged(query, None):
            yield self._batch(page.portions(), {"read": "again"})
            break  # a reply may hold fewer than the limit; a sample need not be complete
        else:
            yield Unchanged(self._stream, "", {"read": "again"})

    def items(self, cursor: Cursor | None) -> Iterator[Item]:
        """What changed since the cursor, or everything. Raises ConnectorError."""
        state = cursor or {}
        self._mixed_ids = bool(state.get("mixed_ids"))
        if not self._mixed_ids and self._ids_differ():
            self._mixed_ids = True
            message = "`_id` has several types here: strings that look like another type's values are quoted."
            self._note("mixed_ids", message)
            state = {}  # the keys of some records are written in another way now
        # Following changes already: whether that still goes is seen by going on.
        following = state.get("read") == "changes" and self._connector.config.change_streams != "off"
        then = "changes" if following and self._stream.mode == "incremental" else self._then()
        if then == "changes" and state.get("read") == "changes":
            yield from self._changes(from_json(state["token"]))
        elif then == "poll" and state.get("read") == "poll":
            yield from self._poll(state)
        else:
            going_on = state.get("read") == "copy" and state.get("then") == then
            yield from self._copy(state if going_on else self._fresh(then))
        self._tell()

    def close(self) -> None:
        """Let go of cursors."""
        if self._pages is not None:
            self._pages.close()
        if self._session is not None:
            self._session.end_session()

    def _then(self) -> str:
        """What follows a copy: another one, the changes since its start, or a poll."""
        if self._stream.mode == "incremental":
            if self._place.is_plain and self._connector.has_changes(self._stream.name):
                return "changes"
            if self._stream.cursor_field:
                return "poll"
            message = "Changes can no longer be followed here: everything is read, and what is absent counts as gone."
            self._note("full_read", message, "warning")
            return "again, swept"
        return "again, swept" if self._stream.mode == "full_with_deletes" else "again"

    def _fresh(self, then: str) -> Cursor:
        """The start of a copy: what is noted before the first document is read."""
        state: Cursor = {"read": "copy", "then": then}
        if then in ("changes", "again, swept") or self._mixed_ids:
            state["sweep"] = uuid.uuid4().hex
        if then == "changes":
            state["token"] = to_json(self._connector.beginning(self._stream.name))
        if then == "poll":
            state["since"] = to_json(self._mark())
        return state

    def _copy(self, state: Cursor) -> Iterator[Item]:
        after = from_json(state["after"]) if "after" in state else None
        sweep = state.get("sweep")
        done = self._done(state)
        options = {**self._options(), **self._not_before(state.get("token"))}
        query = ByIdentity(self._collection, options, self._place.is_plain, self._mixed_ids)
        finished = False
        for page in self._paged(query, after):
            assert self._pages is not None
            position = {**state, "after": to_json(self._pages.position)}
            finished = self._pages.last and sweep is None
            yield self._batch(page.portions(), done if finished else position, sweep)
        if self._is_gone():
            raise gone(self._stream.name)
        if finished:
            return
        done = self._marked(done)
        yield Swept(self._stream, "", done, sweep) if sweep else Unchanged(self._stream, "", done)

    def _done(self, state: Cursor) -> Cursor:
        if state["then"] == "changes":
            return {"read": "changes", "token": state["token"]}
        return {"read": "poll", "since": state["since"]} if state["then"] == "poll" else {"read": "again"}

    def _changes(self, token: Document) -> Iterator[Item]:
        connector = self._connector
        bound = connector.asked(lambda: connector.client().admin.command("ping"), self._stream.name).get(
            "operationTime"
        )
        reader = ChangeReader(self._collection, token, self._kept(), connector.judge)
        caps = self._limits.batch_records, self._limits.batch_mib * MIB
        try:
            while True:
                found = reader.portion(self._connector.pacer, bound, caps, self._limits.timeout_s, self._stream.name)
                cursor = {"read": "changes", "token": to_json(found.token)}
                if found.latest:
                    latest = list(found.latest.values())
                    documents = [{"_id": identity} if document is None else document for identity, document in latest]
                    yield self._batch([documents], cursor, deleted=[document is None for _, document in latest])
                else:
                    yield Unchanged(self._stream, "", self._marked(cursor))
                if found.caught_up:
                    return
        except CursorLost as error:
            self._note("history_lost", f"{error.message} Everything is read anew.", "warning")
        except StreamEnded:
            if self._is_gone():
                raise gone(self._stream.name) from None
            self._note(
                "collection_replaced", "The collection was dropped and made anew: everything is read.", "warning"
            )
        finally:
            reader.close()
        yield from self._copy(self._fresh(self._then()))

    def _poll(self, state: Cursor) -> Iterator[Item]:
        """From the mark of the last poll, less the look-back, up to the greatest value now."""
        field = self._stream.cursor_field or "_id"
        since = from_json(state["since"])
        newest = from_json(state["upto"]) if "upto" in state else self._newest()
        done = {"read": "poll", "since": to_json(self._capped(newest))}
        window: Document = {"$lte": newest}
        if since is not None:
            window |= self._from(since)
        after = from_json(state["after"]) if "after" in state else None
        finished = False
        query = ByChange(self._collection, self._options(), field, window)
        for page in self._paged(query, after) if newest is not None else ():
            assert self._pages is not None
            position = {**state, "upto": to_json(newest), "after": to_json(self._pages.position)}
            finished = self._pages.last
            yield self._batch(page.portions(), done if finished else position)
        if self._is_gone():
            raise gone(self._stream.name)
        if not finished:
            yield Unchanged(self._stream, "", self._marked(done))

    def _is_gone(self) -> bool:
        """An absent collection reads as an empty one: whoever counts on what is absent asks this first."""
        name = self._stream.name
        return self._connector.asked(lambda: self._connector.catalog().find(name), name) is None

    def _from(self, since: Any) -> Document:
        look_back = self._connector.config.look_back_s
        if order_key(since)[0] != DATE or not look_back:
            return {"$gt": since}
        if not isinstance(since, dt.datetime):
            return {"$gte": since}
        return {"$gte": since - dt.timedelta(seconds=look_back)}

    def _newest(self) -> Any:
        """The greatest value of the cursor field; None in an empty collection."""
        name, field = self._stream.name, self._stream.cursor_field or "_id"
        options: dict[str, Any] = {"sort": [(field, -1)], "allow_disk_use": True}
        options["max_time_ms"] = round(self._limits.timeout_s * 1000)
        value: Any = None
        # Other types sort above dates: a stray one must not become the mark.
        for query in ({field: {"$type": "date"}}, {}):
            value = value or self._connector.asked(partial(self._collection.find_one, query, **options), name)
        for part in field.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def _mark(self) -> Any:
        return self._capped(self._newest())

    def _capped(self, newest: Any) -> Any:
        """No later than the server's clock: one document dated into the future must not hide those that follow."""
        if newest is None or order_key(newest)[0] != DATE:
            return newest
        now = self._connector.hello().get("localTime")
        return now if now is not None and milliseconds(newest) > milliseconds(now) else newest

    def _paged(self, query: Query, after: Any) -> Iterator[Page]:
        caps = self._limits.batch_records, self._limits.batch_mib * MIB
        self._pages = Pages(query, self._connector.pacer, self._stream.name, after, caps, self._connector.judge)
        yield from self._pages

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "batch_size": self._limits.batch_records,
            "max_time_ms": round(self._limits.timeout_s * 1000),
        }
        kept = self._kept()
        return {**options, "projection": kept} if kept else options

    def _not_before(self, stored: Any) -> dict[str, Any]:
        """A session in which no server answers with less than the changes before a token: those are not told again.

        A primary has them all. A secondary, which the URL may ask for, can be behind the one that gave the token.
        """
        moment = moment_of(from_json(stored)) if stored is not None else None
        if moment is None or self._collection.read_preference == Primary():
            return {}
        self._session = self._connector.client().start_session(causal_consistency=True)
        self._session.advance_operation_time(moment)
        return {"session": self._session}

    def _kept(self) -> dict[str, int] | None:
        """What to ask for; None for everything. A key with dots or dollars cannot be asked for by name."""
        if not self._select:
            return None
        wanted = {field.label if field.label is not None else field.name for field in self._stream.fields}
        paths = set(self._connector.config.flatten.get(self._stream.name, ()))
        if any(not key or "$" in key or ("." in key and key not in paths) for key in wanted):
            return None
        cursor_field = [self._stream.cursor_field] if self._stream.cursor_field else []
        asked = sorted({*wanted, *cursor_field, "_id"})
        # A path below another path that is asked for comes with that one, and may not be named beside it.
        return {path: 1 for path in asked if not any(path.startswith(other + ".") for other in asked)}

    def _ids_differ(self) -> bool:
        """Whether `_id` has several types: the least and the greatest tell, as types sort apart. Null is one too."""
        if not self._place.is_plain:
            return False
        ends = []
        for direction in (1, -1):
            options: dict[str, Any] = {"projection": {"_id": 1}, "sort": [("_id", direction)]}
            found = self._connector.asked(partial(self._collection.find_one, **options), self._stream.name)
            if found is None:
                return False
            ends.append(order_key(found["_id"])[0])
        return bool(ends[0] != ends[1] or ends[0] == NULL)

    def _batch(
        self,
        portions: Iterable[Sequence[Document]],
        cursor: Cursor,
        sweep: str | None = None,
        deleted: list[bool] | None = None,
    ) -> Batch:
        self._landing.identify = _identity if self._mixed_ids else None
        fields, table = self._landing.batch(portions)
        if deleted is not None:
            table = table.append_column(DELETED, pa.array(deleted, pa.bool_()))
        return Batch(
            stream=self._as_observed(fields),
            origin="",
            cursor=self._marked(cursor),
            scan=None,
            arrow=table.to_reader(),
            delta=True,
            deleted=None if deleted is None else DELETED,
            sweep=sweep,
        )

    def _marked(self, cursor: Cursor) -> Cursor:
        """How `_id`s are written stays with the cursor: a deletion must name its record as it was named."""
        return {**cursor, "mixed_ids": True} if self._mixed_ids else cursor

    def _as_observed(self, fields: tuple[Field, ...]) -> Stream:
        told = self._stream
        return Stream(
            told.name, fields, told.primary_key, told.key_origin, told.cursor_field, told.mode, told.detects_deletes,
            told.modes, told.label, told.description,
        )  # fmt: skip

    def _tell(self) -> None:
        """What people should know about the values that came."""
        mixed = [name for name, types in self._landing.met.items() if len(types) > 1]
        for name in mixed[:_TOLD_FIELDS]:
            types = self._landing.met[name]
            shares = ", ".join(f"{kind} {100 * n / types.total():.3g} %" for kind, n in types.most_common())
            self._note("mixed_types", f"Values of {name!r} are of several types: {shares}.")
        if len(mixed) > _TOLD_FIELDS:
            self._note("mixed_types", f"{len(mixed) - _TOLD_FIELDS} more fields have values of several types.")
        for key, name in list(self._landing.renamed.items())[:_TOLD_FIELDS]:
            self._note("field_renamed", f"The key {key!r} is read as the field {name!r}.")

    def _note(self, code: str, message: str, level: Any = "info") -> None:
        self._connector.notes(Note(code, message, self._stream.name, level))


def _identity(value: Any) -> str:
    """Text of an `_id` among others of other types: no two different values have the same."""
    told = text(value) or ("null" if value is None else "")
    if order_key(value)[0] == STRING and _LOOKALIKE.match(told):
        return '"' + told.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return told
