"""What the contract suite asks of one kind of source: a known stream, changes to it, and what its values look like.

`Harness` is enough for a source that only lies there; `ServiceHarness` is for one that answers and can misbehave.
Records have numbers: number 7 has the key `key_of(7)` and the value `"name 7"` until it is changed.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import psutil
import pytest

from connectors.errors import ConnectorError
from connectors.outbound.policy import Outbound
from connectors.protocol import Connector, Mode, Note, SourceType, Stream
from connectors.registry import connector_for
from connectors.sandbox.faults import FaultKind

LOOPBACK = Outbound(allow=("127.0.0.1", "::1"))
BadConfig = tuple[dict[str, Any], type[ConnectorError]]


@dataclass(frozen=True, slots=True)
class Expected:
    """A field of the stream of all types: what it is said to be, and its text in each record by key."""

    field: str
    type: SourceType
    texts: dict[str, str | None]


class Harness(ABC):
    """A source of one kind with a stream of numbered records, served so that there are at least five items."""

    name: ClassVar[str]
    kind: ClassVar[str]
    stream: ClassVar[str] = "deals"
    key: ClassVar[str] = "id"
    value: ClassVar[str] = "name"
    has_faults: ClassVar[bool] = False
    needs_postgres: ClassVar[bool] = False
    secrets: tuple[str, ...] = ()

    def __init__(self, place: Any) -> None:
        """`place`: a folder for this test, or the URL of a Postgres where the kind needs one."""
        self.place = place
        self._made: list[Connector[Any]] = []

    @abstractmethod
    def start(self) -> None:
        """Make the source with records 0 to 59."""

    def stop(self) -> None:  # noqa: B027 - a folder needs none
        """Let go of it."""

    @abstractmethod
    def config(self, **limits: Any) -> dict[str, Any]:
        """A good configuration; `limits` go before those that keep tests short."""

    @abstractmethod
    def bad_configs(self) -> list[BadConfig]:
        """Configurations that do not work, and the error each is."""

    @abstractmethod
    def held(self) -> dict[str, str]:
        """What the source holds now: value by key."""

    @abstractmethod
    def change(self) -> set[str]:
        """Change and add records; the keys a following read must deliver."""

    @abstractmethod
    def typed(self) -> tuple[str, list[Expected]]:
        """A stream with one value of every type the kind has, extremes included."""

    def all_secrets(self) -> tuple[str, ...]:
        """What must be shown nowhere, as of now."""
        return self.secrets

    def connector(self, config: dict[str, Any] | None = None, **limits: Any) -> Connector[Any]:
        """A new connector that tells its notes to nobody; closed after the test."""
        made = connector_for(self.kind, config if config is not None else self.config(**limits), LOOPBACK)
        made.notes = ignore
        self._made.append(made)
        return made

    def close_connectors(self) -> None:
        """Let go of every connector made here."""
        for made in self._made:
            made.close()

    def without_look_back(self) -> dict[str, Any]:
        """A configuration that reads nothing twice."""
        return {**self.config(), "look_back_s": 0} if self.has_faults else self.config()

    def known(self, connector: Connector[Any], name: str | None = None) -> Stream:
        """The stream as discovered now."""
        return next(stream for stream in connector.discover() if stream.name == (name or self.stream))

    def in_mode(self, stream: Stream, mode: Mode) -> Stream:
        """The stream as the runner asks for it in this mode; skips the test when the source does not offer it."""
        if mode not in (stream.modes or (stream.mode,)):
            pytest.skip(f"{self.name} does not offer the mode {mode}")
        return replace(stream, mode=mode)


class ServiceHarness(Harness):
    """A source that answers requests. Numbers stand for records."""

    has_faults = True
    plays: ClassVar[frozenset[FaultKind]]
    unplayed: ClassVar[str] = ""  # why it does not play the others
    results_outlive_streams: ClassVar[bool] = False
    limits: ClassVar[dict[str, Any]] = {
        "requests_per_s": 2000,
        "timeout_s": 10,
        "give_up_after_s": 10,
        "batch_records": 10,
    }

    @abstractmethod
    def key_of(self, number: int) -> str:
        """The key of a record, as text."""

    @abstractmethod
    def put(self, numbers: Iterable[int], value: str) -> None:
        """Give the records a value now; those that are absent are made."""

    @abstractmethod
    def put_late(self, number: int, value: str, age_s: float) -> bool:
        """Write a record as a writer with a slow clock does; False where records carry no time of their own."""

    @abstractmethod
    def remove(self, numbers: Iterable[int]) -> None:
        """Delete records."""

    @abstractmethod
    def drop(self) -> None:
        """Delete the whole stream."""

    @abstractmethod
    def rename_value(self, new: str) -> None:
        """Give the field of the values another name."""

    @abstractmethod
    def outrun(self) -> str | None:
        """Let the source's history end after any cursor given so far; the code of the note to expect.

        None where the source keeps no history.
        """

    @abstractmethod
    def writing_config(self) -> dict[str, Any]:
        """A login that may write."""

    @abstractmethod
    def play(self, kind: FaultKind, *, times: int = 1, retry_after: str | None = None, delay_s: float = 0) -> None:
        """Misbehave on requests for the stream from now on."""

    @abstractmethod
    def behave(self) -> None:
        """Stop misbehaving."""

    @abstractmethod
    def arrivals(self) -> list[float]:
        """When requests for the stream arrived, in monotonic seconds."""

    @abstractmethod
    def asked_for(self) -> list[int]:
        """The most records each request for the stream asked for, since the last call of this."""

    @abstractmethod
    def ports(self) -> set[int]:
        """Where it listens."""

    def own_threads(self) -> set[int]:
        """Threads of this process that are not a stand-in's own workers."""
        return {t.ident or 0 for t in threading.enumerate() if not t.name.startswith(("AnyIO", "sandbox"))}

    def own_connections(self) -> set[int]:
        """Local ports of this process's connections to the source."""
        found = psutil.Process().net_connections("tcp")
        return {one.laddr.port for one in found if one.raddr and one.raddr.port in self.ports()}

    def keys(self, numbers: Iterable[int]) -> set[str]:
        return {self.key_of(number) for number in numbers}


def ignore(_: Note) -> None:
    """For connectors whose notes are not looked at."""


def until(condition: Callable[[], bool], timeout_s: float = 5) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
