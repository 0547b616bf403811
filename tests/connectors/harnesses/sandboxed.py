"""What the harnesses of stand-ins share: loading, changing and misbehaving go to the sandbox."""

import re
import socket
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pyarrow as pa

from connectors.sandbox.faults import Fault, FaultKind, Request
from tests.connectors.harnesses.harness import ServiceHarness

RECORDS = 60
WORDS = "Zoë 🦊 漢字 \"quoted\", 'x'\nsecond line \\ end"


class SandboxHarness(ServiceHarness):
    """`sandbox` is made and started by the subclass's `start`."""

    sandbox: Any
    plays: ClassVar[frozenset[FaultKind]] = frozenset(
        {
            *("unauthorized", "forbidden", "rate_limited", "server_error"),
            *("slow", "cut_body", "repeat_page", "schema_change"),
        }
    )
    _heard = 0

    @abstractmethod
    def table(self, count: int) -> pa.Table:
        """Records 0 to count-1, typed."""

    @abstractmethod
    def identity(self, number: int) -> Any:
        """The key of a record as the sandbox takes it."""

    def key_of(self, number: int) -> str:
        return str(self.identity(number))

    def fill(self, count: int = RECORDS) -> None:
        self.sandbox.load(self.stream, self.table(count), self.key)

    def stop(self) -> None:
        self.sandbox.stop()

    def held(self) -> dict[str, str]:
        rows = self.sandbox.records(self.stream).select([self.key, self.value]).to_pylist()
        return {str(row[self.key]): row[self.value] for row in rows}

    def change(self) -> set[str]:
        numbers = [*range(5, 25), *range(RECORDS, RECORDS + 10)]
        self.put(numbers, "changed")
        return self.keys(numbers)

    def put(self, numbers: Iterable[int], value: str) -> None:
        self.sandbox.upsert(self.stream, [{self.key: self.identity(n), self.value: value} for n in numbers])

    def remove(self, numbers: Iterable[int]) -> None:
        self.sandbox.delete(self.stream, [self.key_of(n) for n in numbers])

    def drop(self) -> None:
        self.sandbox.drop_stream(self.stream)

    def rename_value(self, new: str) -> None:
        self.sandbox.rename_field(self.stream, self.value, new)

    def play(self, kind: FaultKind, *, times: int = 1, retry_after: str | None = None, delay_s: float = 0) -> None:
        self.sandbox.misbehave(Fault(kind, self.stream, times=times, retry_after=retry_after, delay_s=delay_s))

    def behave(self) -> None:
        self.sandbox.behave()

    def arrivals(self) -> list[float]:
        return [request.at for request in self._requests()]

    def asked_for(self) -> list[int]:
        new = self._requests()[self._heard :]
        self._heard += len(new)
        return [most for request in new if (most := self.most_records(request)) is not None]

    def most_records(self, request: Request) -> int | None:
        """The limit a request sets itself; None of one that gives no records."""
        found = re.search(r"limit(?:=|\+|%20)(\d+)", request.query, re.IGNORECASE)
        return int(found[1]) if found else 1_000_000

    def ports(self) -> set[int]:
        return {urlsplit(self.sandbox.url).port or 0}

    def _requests(self) -> list[Request]:
        return [request for request in list(self.sandbox.requests) if request.stream == self.stream]


def closed_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
