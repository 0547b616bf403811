"""Items of several streams as they come: one stream after the other, or several at once in threads.

Memory: a thread asks for its next item only when its last one was taken, so beside the item being landed at most one
a thread waits (batches of Arrow whole, at most `limits.batch_mib` each). Landing is the caller's, in its one thread.
"""

import logging
import queue
import threading
import traceback
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

from connectors.errors import ConnectorError, Timeout
from connectors.protocol import Batch, Connector, Cursor, Item, Note, Stream

logger = logging.getLogger(__name__)

STALLED_AFTER_S = 1_800.0  # no item of any stream for so long: beyond every patience a connector may have
JOIN_S = 300.0  # more than one call of a connector takes with all its retries


class SourceBroke(Exception):
    """A connector raised what is no ConnectorError. Where it did is told; its text, which may hold secrets, is not."""


class _Stopped(BaseException):
    """Raised in a reader's thread that waits when nobody wants its items any more."""


@dataclass(slots=True)
class Reading:
    """A stream to be read. `may_go` lets its reader ask for the next item."""

    stream: Stream
    cursor: Cursor | None
    limit: int | None = None
    is_abandoned: bool = False
    may_go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0), repr=False)

    def abandon(self) -> None:
        """No more items are wanted of it."""
        self.is_abandoned = True


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item of a reading or, without one, its end; `error` is why it ended early."""

    reading: Reading
    item: Item | None = None
    error: Exception | None = None


class Reads(Protocol):
    """What both ways of reading offer; a context manager that leaves no thread and no open iterator behind."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def __iter__(self) -> Generator[Arrival]: ...
    def complete(self) -> Iterator[Arrival]: ...


def reads_of(connector: Connector[Any], readings: Sequence[Reading], at_once: int) -> Reads:
    """Reads these streams, `at_once` of them at a time."""
    threads = min(at_once, len(readings))
    return ReadsAtOnce(connector, readings, threads) if at_once > 1 and readings else ReadsInTurn(connector, readings)


class ReadsInTurn:
    """One stream after the other in the caller's thread; an item is read when the one before it was landed."""

    def __init__(self, connector: Connector[Any], readings: Sequence[Reading]) -> None:
        self._connector = connector
        self._readings = readings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Generator[Arrival]:
        for reading in self._readings:
            error: Exception | None = None
            try:
                with _items(self._connector, reading) as items:
                    for item in items:
                        yield Arrival(reading, item)
                        if reading.is_abandoned:
                            break
            except ConnectorError as raised:
                error = raised
            except Exception as raised:  # noqa: BLE001 - told without its text
                error = _broken(raised)
            yield Arrival(reading, error=error)

    def complete(self) -> Iterator[Arrival]:
        """What was read whole and not handed out yet: nothing, as everything is handed out at once."""
        yield from ()


class ReadsAtOnce:
    """Several streams at a time, each in a thread of its own while it is read."""

    def __init__(
        self, connector: Connector[Any], readings: Sequence[Reading], threads: int, stalled_after_s: float | None = None
    ) -> None:
        self._connector = connector
        self._readings = readings
        self._waiting = deque(readings)
        self._arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._stalled_after_s = stalled_after_s or STALLED_AFTER_S
        # Threads that a hanging connector keeps must not keep the process.
        self._threads = [
            threading.Thread(target=self._work, name=f"read-{number}", daemon=True) for number in range(threads)
        ]
        self._tell = connector.notes

    def __enter__(self) -> Self:
        self._connector.notes = self._note
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._connector.notes = self._tell

    def __iter__(self) -> Generator[Arrival]:
        for _ in self._readings:
            while True:
                try:
                    arrival = self._arrivals.get(timeout=self._stalled_after_s)
                except queue.Empty:
                    raise Timeout(
                        f"The source has sent nothing for {self._stalled_after_s / 60:.0f} minutes.",
                        hint="The next sync carries on by itself.",
                    ) from None
                is_lazy = _is_lazy(arrival.item)
                if not is_lazy:
                    arrival.reading.may_go.release()
                if arrival.item is None or not arrival.reading.is_abandoned:
                    yield arrival
                if is_lazy:
                    arrival.reading.may_go.release()
                if arrival.item is None:
                    break

    def stop(self) -> None:
        """Ask for no more items, and wait until every thread has closed its iterator and ended."""
        self._stopping.set()
        for reading in self._readings:
            reading.may_go.release()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(JOIN_S)
            if thread.is_alive():
                logger.error("a reader of %s does not end: its connector hangs", self._connector.kind)

    def complete(self) -> Iterator[Arrival]:
        """Stop, then what was read whole and not handed out yet."""
        self.stop()
        while not self._arrivals.empty():
            arrival = self._arrivals.get()
            if not _is_lazy(arrival.item) and not arrival.reading.is_abandoned:
                yield arrival

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                reading = self._waiting.popleft()
            except IndexError:
                return
            try:
                self._arrivals.put(Arrival(reading, error=self._read(reading)))
            except _Stopped:
                return

    def _read(self, reading: Reading) -> Exception | None:
        """Hand out every item of a stream; why it ended early, if it did."""
        try:
            with _items(self._connector, reading) as items:
                for item in items:
                    self._arrivals.put(Arrival(reading, _whole(item)))
                    reading.may_go.acquire()
                    if self._stopping.is_set():
                        raise _Stopped
                    if reading.is_abandoned:
                        break
        except ConnectorError as error:
            return error
        except Exception as error:  # noqa: BLE001 - told without its text
            return _broken(error)
        return None

    def _note(self, note: Note) -> None:
        """A connector tells of a wait before it waits: a good moment to end a reader that nobody needs."""
        if self._stopping.is_set():
            raise _Stopped
        self._tell(note)


@contextmanager
def _items(connector: Connector[Any], reading: Reading) -> Iterator[Iterator[Item]]:
    items = connector.read(reading.stream, reading.cursor, reading.limit)
    try:
        yield items
    finally:
        close = getattr(items, "close", None)  # generators have one, other iterators need not
        if close is not None:
            close()


def _whole(item: Item) -> Item:
    """The item with its Arrow data in memory, valid also when the next one was asked for."""
    if isinstance(item, Batch) and item.arrow is not None:
        return replace(item, arrow=item.arrow.read_all().to_reader())
    return item


def _is_lazy(item: Item | None) -> bool:
    return isinstance(item, Batch) and item.arrow is None


def _broken(error: Exception) -> SourceBroke:
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    return SourceBroke(f"{type(error).__name__} at {where}")
