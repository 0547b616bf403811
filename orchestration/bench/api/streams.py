"""Live events to many open streams at once: whether all arrive, and how long they take from being told to being read.

Clients are bare sockets in this one process, so that the machine is left to the server, which runs in another. Times
are compared on one clock: an event carries when it was told.
"""

import http.client
import selectors
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orchestration.resources.events import Events

_MARK = b'"told_ns":'
_CHUNK = 1 << 18
_GRACE_S = 5.0  # for what is under way when the telling ends


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """`expected` events times clients; milliseconds from telling to reading, over all that arrived."""

    clients: int
    told: int
    expected: int
    arrived: int
    seconds: float
    p50_ms: float
    p99_ms: float
    slowest_ms: float


class _Client:
    """One open stream: counts events and keeps how long each took."""

    def __init__(self, address: tuple[str, int], path: str, token: str) -> None:
        self.socket = socket.create_connection(address, timeout=10)
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        self.took_ns: list[int] = []
        self._rest = b""

    def begun(self) -> None:
        """Return once the server has answered; raises for anything but a stream."""
        head = b""
        while b"retry:" not in head:
            part = self.socket.recv(_CHUNK)
            if not part or (b"\r\n" in head and not head.startswith(b"HTTP/1.1 200")):
                raise http.client.HTTPException(head[:200].decode(errors="replace"))
            head += part
        self.socket.setblocking(False)

    def read(self) -> bool:
        """Take what has come; False when the server has closed."""
        part = self.socket.recv(_CHUNK)
        now = time.time_ns()
        pieces = (self._rest + part).split(_MARK)
        # What is behind the last mark may be cut in the middle of its number.
        whole = pieces[1:-1] if len(pieces) > 1 and b"}" not in pieces[-1] else pieces[1:]
        for piece in whole:
            self.took_ns.append(now - int(piece[: piece.index(b"}")]))
        is_cut = len(whole) < len(pieces) - 1
        self._rest = _MARK + pieces[-1] if is_cut else pieces[-1][-len(_MARK) :]
        return bool(part)


def measure_streams(
    base: tuple[str, int], token: str, events: Events, tenant_id: UUID, *, clients: int, per_s: int, seconds: float
) -> StreamFigures:
    """Open the streams, tell events at an even pace, and read until all are there or the grace is over."""
    opened = [_Client(base, "/api/v1/events/stream", token) for _ in range(clients)]
    for client in opened:
        client.begun()
    told = int(per_s * seconds)
    teller = threading.Thread(target=_tell_evenly, args=(events, tenant_id, told, per_s))
    started = time.monotonic()
    teller.start()
    _read_all(opened, clients * told, started + seconds + _GRACE_S)
    teller.join()
    for client in opened:
        client.socket.close()
    return _figures(opened, told, time.monotonic() - started)


def _tell_evenly(events: Events, tenant_id: UUID, told: int, per_s: int) -> None:
    started = time.monotonic()
    for number in range(told):
        time.sleep(max(0.0, started + number / per_s - time.monotonic()))
        events.tell(tenant_id, "sync.note", {"number": number, "told_ns": time.time_ns()})


def _read_all(opened: Sequence[_Client], expected: int, deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        for client in opened:
            selector.register(client.socket, selectors.EVENT_READ, client)
        arrived = 0
        while arrived < expected and time.monotonic() < deadline:
            for key, _ in selector.select(timeout=0.2):
                client = key.data
                before = len(client.took_ns)
                if not client.read():
                    selector.unregister(client.socket)
                arrived += len(client.took_ns) - before


def _figures(opened: Sequence[_Client], told: int, seconds: float) -> StreamFigures:
    took = sorted(each / 1e6 for client in opened for each in client.took_ns)

    def at(share: float) -> float:
        return round(took[min(len(took) - 1, int(share * len(took)))], 1) if took else float("nan")

    return StreamFigures(
        len(opened), told, told * len(opened), len(took), round(seconds, 1), at(0.5), at(0.99), at(1.0)
    )
