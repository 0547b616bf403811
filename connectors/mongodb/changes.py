"""What a change stream says happened since a token: the newest version of each document, and which are gone.

Bounded: a drain ends at the changes made before it began, or when the server has nothing to tell for a while.
"""

import time
from dataclasses import dataclass, field
from typing import Any

import bson
from bson import Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo.change_stream import CollectionChangeStream
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from connectors.errors import CursorLost
from connectors.mongodb.columns import Document
from connectors.mongodb.failures import is_too_large, is_unknown_command
from connectors.mongodb.pages import DECODING, Judge
from connectors.pacing import Pacer

_WAIT_MS = 500
_IDLE_ROUNDS = 4
_ENDS = frozenset({"drop", "rename", "dropDatabase", "invalidate"})
_WRITES = frozenset({"insert", "update", "replace"})


class StreamEnded(Exception):
    """The collection was dropped or renamed; what is there under its name now, if anything, is another one."""


@dataclass
class Changes:
    """One portion. `latest` holds by `_id` the newest document, None when it is gone, in order of the last change."""

    token: Document
    caught_up: bool
    latest: dict[bytes, tuple[Any, Document | None]] = field(default_factory=dict)


class ChangeReader:
    """Reads on from a token, portion by portion."""

    def __init__(
        self, collection: Collection[Document], token: Document | None, keep: dict[str, int] | None, judge: Judge
    ) -> None:
        self.token = token
        self._judge = judge
        self._collection = collection.with_options(codec_options=bson.CodecOptions(document_class=RawBSONDocument))
        # What an update names it holds twice, beside the document: the event may outgrow what a server can send.
        self._pipeline = [{"$project": _projection(keep) if keep else {"updateDescription": 0}}]
        self._stream: CollectionChangeStream[Any] | None = None

    def begin(self) -> Document | None:
        """The token of this moment; None when the server has no change streams or does not let us.

        Raises:
            ConnectorError: the server cannot be asked.
        """
        try:
            self._open()
            token = self._stream.resume_token if self._stream else None
            return dict(token) if token is not None else None
        except PyMongoError as error:
            if is_unknown_command(error):
                return None
            raise self._judge(error, self._collection.name) from None
        finally:
            self.close()

    def portion(
        self, pacer: Pacer, bound: Timestamp | None, caps: tuple[int, int], timeout_s: float, stream: str
    ) -> Changes:
        """Changes from the token on; moves the token. Raises ConnectorError, StreamEnded."""

        def attempt() -> Changes:
            try:
                return self._collect(bound, caps, timeout_s)
            except PyMongoError as error:
                self.close()
                if is_unknown_command(error):
                    raise CursorLost("The server no longer has change streams.", stream=stream) from None
                if is_too_large(error):
                    raise CursorLost("A change is larger than the server can tell.", stream=stream) from None
                raise self._judge(error, stream) from None

        changes = pacer.call(attempt, stream)
        self.token = changes.token
        return changes

    def close(self) -> None:
        """Let go of the cursor."""
        stream, self._stream = self._stream, None
        if stream is not None:
            try:
                stream.close()
            except PyMongoError:
                return  # the server forgets an idle cursor by itself

    def _open(self) -> CollectionChangeStream[Any]:
        if self._stream is None:
            self._stream = self._collection.watch(
                self._pipeline, full_document="updateLookup", resume_after=self.token, max_await_time_ms=_WAIT_MS
            )
        assert self._stream is not None
        return self._stream

    def _collect(self, bound: Timestamp | None, caps: tuple[int, int], timeout_s: float) -> Changes:
        stream = self._open()
        changes = Changes(self.token or {}, False)
        events = size = idle = 0
        deadline = time.monotonic() + timeout_s
        while events < caps[0] and size < caps[1]:
            event = stream.try_next()
            moved = stream.resume_token is not None and dict(stream.resume_token) != changes.token
            changes.token = dict(stream.resume_token or changes.token)
            if event is None:
                idle = 0 if moved else idle + 1
                changes.caught_up = _reached(changes.token, bound) or idle >= _IDLE_ROUNDS
                if changes.caught_up or time.monotonic() > deadline:
                    break
                continue
            events, size = events + 1, size + len(event.raw)
            _take(event, changes)
            if bound is not None and (moment := event.get("clusterTime")) is not None and moment > bound:
                changes.caught_up = True
                break
        return changes


def _take(event: RawBSONDocument, changes: Changes) -> None:
    operation = event["operationType"]
    if operation in _ENDS:
        raise StreamEnded(operation)
    if operation != "delete" and operation not in _WRITES:
        return  # index and shard bookkeeping changes no document
    raw = event.get("fullDocument") if operation in _WRITES else None
    if operation in _WRITES and raw is None:
        return  # deleted since; the delete is told by an event of its own
    identity = bson.decode(bson.encode({"": event["documentKey"]["_id"]}), DECODING)[""]
    key = bson.encode({"": identity})
    changes.latest.pop(key, None)
    changes.latest[key] = identity, bson.decode(raw.raw, DECODING) if raw is not None else None


def _reached(token: Document, bound: Timestamp | None) -> bool:
    """Whether a token lies at or after a moment."""
    moment = moment_of(token)
    return bound is None or moment is None or moment >= bound


def moment_of(token: Document) -> Timestamp | None:
    """The time a token starts with (type 0x82, seconds, counter); None of one of another form than MongoDB's own."""
    data = token.get("_data")
    if not isinstance(data, str) or not data.startswith("82"):
        return None
    return Timestamp(int(data[2:10], 16), int(data[10:18] or "0", 16))


def _projection(keep: dict[str, int]) -> dict[str, int]:
    told = {"operationType": 1, "documentKey": 1, "clusterTime": 1, "ns": 1}
    return told | {f"fullDocument.{path}": 1 for path in keep}
