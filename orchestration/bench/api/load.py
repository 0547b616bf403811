"""A load generator that costs little: raw HTTP/1.1 on kept connections, one request at a time on each.

It runs in a process of its own beside the server, on the same two cores: what it spends the server lacks, so it parses
no more of an answer than status and length.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import quantiles


@dataclass(slots=True)
class LoadResult:
    """`latencies_s` of every answered request, in order of their ends; `statuses` counts answers by status."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies_s) / self.seconds

    def quantile_ms(self, share: float) -> float:
        """That quantile of the latency, in milliseconds."""
        return 1000 * quantiles(self.latencies_s, n=1000, method="inclusive")[round(share * 1000) - 1]


def drive(port: int, requests: Sequence[bytes], clients: int, seconds: float) -> LoadResult:
    """Send the requests in turn on so many connections for so long."""
    return asyncio.run(_drive(port, requests, clients, seconds))


def get_request(path: str, headers: dict[str, str] | None = None) -> bytes:
    """A GET of that path, ready to send again and again."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _drive(port: int, requests: Sequence[bytes], clients: int, seconds: float) -> LoadResult:
    result = LoadResult()
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    deadline = started + seconds
    made = [partial(_Client, requests, number, deadline, result) for number in range(clients)]
    opened = [await loop.create_connection(client, "127.0.0.1", port) for client in made]
    await asyncio.gather(*(client.done for _, client in opened))
    result.seconds = time.perf_counter() - started
    return result


class _Client(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last one is whole."""

    def __init__(self, requests: Sequence[bytes], number: int, deadline: float, result: LoadResult) -> None:
        self._requests = requests
        self._next = number
        self._deadline = deadline
        self._result = result
        self._buffer = bytearray()
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        status = int(head[9:12])
        at = head.find(b"\r\ncontent-length:")
        length = 0 if at < 0 else int(head[at + 17 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + length:
            return
        now = time.perf_counter()
        self._result.latencies_s.append(now - self._sent_at)
        self._result.statuses[status] = self._result.statuses.get(status, 0) + 1
        self._buffer.clear()
        if now < self._deadline:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is not None or time.perf_counter() < self._deadline:
            self.done.set_exception(error or ConnectionError("the server closed the connection"))
        else:
            self.done.set_result(None)

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1
