"""Documents of a collection page by page in the order of a key, so that a read can go on after any page.

A page is the raw reply of one getMore; the next one is fetched while the caller works on it. When a cursor dies, the
read goes on from the last key.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import bson
from bson import CodecOptions, DatetimeConversion
from bson.errors import BSONError
from pymongo.collection import Collection
from pymongo.cursor import RawBatchCursor
from pymongo.errors import ExecutionTimeout, PyMongoError

from connectors.errors import ConnectorError, RecordInvalid, StreamMisbehaves
from connectors.mongodb.columns import Document
from connectors.mongodb.failures import classified
from connectors.mongodb.ordering import NAN, STRING, order_key
from connectors.mongodb.raw_batches import RawPages
from connectors.pacing import Pacer

# Dates outside years 1..9999 and text that is not UTF-8 must not end a read: nothing is lost in either form.
DECODING: CodecOptions[Document] = CodecOptions(
    datetime_conversion=DatetimeConversion.DATETIME_AUTO, unicode_decode_error_handler="backslashreplace"
)
MIB = 1024 * 1024
_LENGTH = struct.Struct("<i")
_END = b""
_PORTION = 1000
Raw = bytes
# Reads an error of the driver met on a stream.
Judge = Callable[[Exception, str | None], ConnectorError]


class Query(Protocol):
    """How to read on from a position, and which position a document is at. Positions are BSON values."""

    @property
    def repeats(self) -> bool:
        """Whether documents may share an `_id`, as those of a view may."""
        ...

    def open(self, after: Any) -> "RawBatchCursor[Any]": ...
    def position(self, document: Document) -> Any: ...


class ByIdentity:
    """All documents by `_id`. `mixed`: of several types; then bounds of the index are needed, which go across types.

    Where `_id`s are of one type `$gt` does, which every service that speaks MongoDB's protocol has.
    """

    def __init__(
        self, collection: Collection[Document], options: dict[str, Any], indexed: bool, mixed: bool = False
    ) -> None:
        self._collection = collection
        self._options = options
        self._indexed = indexed
        self._mixed = mixed
        self.repeats = not indexed

    def open(self, after: Any) -> "RawBatchCursor[Any]":
        """After the document at `after`, which may come again."""
        options = dict(self._options)
        query: Document = {}
        if self._indexed and after is not None:
            # Nothing is greater than NaN to `$gt`.
            if self._mixed or order_key(after["_id"]) == NAN:
                options |= {"hint": [("_id", 1)], "min": {"_id": after["_id"]}}
            else:
                query = {"_id": {"$gt": after["_id"]}}
        elif after is not None:
            query = {"$expr": {"$gt": ["$_id", {"$literal": after["_id"]}]}}
        if not self._indexed:
            options["allow_disk_use"] = True
        return RawPages(self._collection, query, sort=[("_id", 1)], **options)

    def position(self, document: Document) -> Any:
        """Its `_id`. Raises RecordInvalid where a view left it out."""
        return {"_id": _identity_of(document)}


class ByChange:
    """Documents whose cursor field lies in a window, by that field and `_id`."""

    def __init__(self, collection: Collection[Document], options: dict[str, Any], field: str, window: Document) -> None:
        self._collection = collection
        self._options = options
        self._field = field
        self._window = window
        self.repeats = False

    def open(self, after: Any) -> "RawBatchCursor[Any]":
        """After the position. `$expr` compares `_id`s across types."""
        query: Document = {self._field: self._window}
        if after is not None:
            tie = {self._field: after["at"], "$expr": {"$gt": ["$_id", {"$literal": after["_id"]}]}}
            query = {"$and": [query, {"$or": [{self._field: {"$gt": after["at"]}}, tie]}]}
        sort = [(self._field, 1)] if self._field == "_id" else [(self._field, 1), ("_id", 1)]
        return RawPages(self._collection, query, sort=sort, allow_disk_use=True, **self._options)

    def position(self, document: Document) -> Any:
        """Value of the cursor field, and `_id`."""
        value: Any = document
        for part in self._field.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return {"at": value, "_id": _identity_of(document)}


def _identity_of(document: Document) -> Any:
    if "_id" not in document:
        raise RecordInvalid(
            "The documents have no `_id`, by which they are told apart.", hint="Let the view keep or make an `_id`."
        )
    return document["_id"]


class Pages:
    """The pages of one query from a position on. Iterate once; close when done."""

    def __init__(
        self, query: Query, pacer: Pacer, stream: str, after: Any, caps: tuple[int, int], judge: Judge
    ) -> None:
        self.position = after
        self.last = False  # whether the page handed out last ended the query
        self._query = query
        self._pacer = pacer
        self._stream = stream
        self._most_records, self._most_bytes = caps
        self._judge = judge
        self._reopened = False  # its first document may be the one at the position
        self._cursor: RawBatchCursor[Any] | None = None
        self._ahead: Future[Raw] | None = None
        self._fetcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mongodb-page")

    def __iter__(self) -> Iterator["Page"]:
        """Pages within the caps, none of them empty. Raises ConnectorError."""
        while True:
            raw = self._pacer.call(self._attempt, self._stream)
            if not raw:
                return
            alive = self._cursor is not None and self._cursor.alive
            if alive:
                self._ahead = self._fetcher.submit(self._fetch)
            parts = _parts(raw, self._most_records, self._most_bytes)
            for number, part in enumerate(parts, start=1):
                page = self._new(part)
                self._reopened = False
                if page is not None:
                    self.position = self._query.position(page.document(-1))
                    self.last = number == len(parts) and not alive
                    yield page
            if not alive:
                return

    def close(self) -> None:
        """Let go of the cursor."""
        self._fetcher.shutdown(wait=True, cancel_futures=True)
        self._drop()

    def _attempt(self) -> Raw:
        """One page: the one that was fetched ahead, or else from the cursor. Raises ConnectorError."""
        ahead, self._ahead = self._ahead, None
        try:
            if ahead is not None:
                return ahead.result()
            if self._cursor is None:
                self._cursor = self._query.open(self.position)
                self._reopened = True
            return self._fetch()
        except (PyMongoError, BSONError, OSError) as error:
            self._drop()
            if isinstance(error, ExecutionTimeout) and not self._reopened:
                # The time allowed is that of all pages of a cursor together: a new one goes on where this one ended.
                return self._attempt()
            raise self._judge(error, self._stream) from None

    def _fetch(self) -> Raw:
        return next(self._cursor, _END) if self._cursor is not None else _END

    def _drop(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            try:
                cursor.close()
            except PyMongoError:
                return  # the server forgets an idle cursor by itself

    def _new(self, page: "Page") -> "Page | None":
        """Without the document the read stopped at. Raises StreamMisbehaves when the page does not move on."""
        if self.position is None:
            return page
        last = position_key(self.position)
        if self._reopened and position_key(self._query.position(page.document(0))) == last:
            if len(page) == 1:
                return None
            page = Page(page.raw, page.ends[1:], page.ends[0])
        first = position_key(self._query.position(page.document(0)))
        if not (_moves_on(last, first) or (first == last and self._query.repeats)):
            raise StreamMisbehaves(
                "The server gives the same page again and again.",
                stream=self._stream,
                hint="Report this to whoever runs the server; what came before is kept.",
            )
        return page


@dataclass(frozen=True, slots=True)
class Page:
    """Encoded documents one after the other: from `start`, each up to its end."""

    raw: Raw
    ends: Sequence[int]
    start: int = 0

    def __len__(self) -> int:
        return len(self.ends)

    def document(self, number: int) -> Document:
        """One of them, by its place; -1 is the last. Raises RecordInvalid."""
        begin = self._begin(number % len(self.ends))
        return _decoded(self.raw[begin : self.ends[number]])[0]

    def portions(self) -> Iterator[list[Document]]:
        """All documents, decoded a few at a time: a thousand stay in the processor's cache, a page does not."""
        for first in range(0, len(self.ends), _PORTION):
            last = min(first + _PORTION, len(self.ends)) - 1
            yield _decoded(self.raw[self._begin(first) : self.ends[last]])

    def _begin(self, number: int) -> int:
        return self.ends[number - 1] if number else self.start


def _decoded(raw: Raw) -> list[Document]:
    try:
        return bson.decode_all(raw, DECODING)
    except BSONError as error:
        raise classified(error, None) from None


def position_key(position: Any) -> tuple[Any, ...]:
    """Positions in the order of the read."""
    return tuple(order_key(value) for value in position.values())


def _moves_on(last: tuple[Any, ...], first: tuple[Any, ...]) -> bool:
    """Strings may be ordered by a collation unknown here: of them only being different can be asked."""
    if last[-1][0] == STRING == first[-1][0]:
        return last != first
    return first > last


def _parts(raw: Raw, most_records: int, most_bytes: int) -> list[Page]:
    """A reply as pages within the caps, of at least one document each."""
    length = _LENGTH.unpack_from
    pages: list[Page] = []
    ends: list[int] = []
    start = at = 0
    while at < len(raw):
        end = at + length(raw, at)[0]
        if ends and (len(ends) == most_records or end - start > most_bytes):
            pages.append(Page(raw, ends, start))
            start, ends = at, []
        ends.append(end)
        at = end
    return [*pages, Page(raw, ends, start)]
