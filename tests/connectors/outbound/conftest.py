"""Listeners on loopback that count connections, and a record of every address this process connects to."""

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

_recorders: list[list[str]] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        for recorder in list(_recorders):
            recorder.append(str(arguments[1]))


sys.addaudithook(_audit)  # cannot be removed; does nothing while nobody records


class Listener:
    """Accepts nothing by itself: what connected waits in the backlog until it is counted."""

    def __init__(self, host: str, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self._socket.listen(64)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def connections(self) -> int:
        """How many arrived since the last count."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.accept()[0].close()
                count += 1
        return count

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def listeners() -> Iterator[list[Listener]]:
    """On one port of 127.0.0.1 and, where the machine has it, of ::1."""
    first = Listener("127.0.0.1")
    both = [first]
    with contextlib.suppress(OSError):
        both.append(Listener("::1", first.port))
    yield both
    for listener in both:
        listener.close()


@pytest.fixture
def connected() -> Iterator[list[str]]:
    """Every address a Python socket of this process is told to connect to during the test."""
    recorder: list[str] = []
    _recorders.append(recorder)
    yield recorder
    _recorders.remove(recorder)


class _Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    places: dict[str, str]

    def do_GET(self) -> None:
        place = self.places.get(self.path)
        self.send_response(302 if place else 200)
        if place:
            self.send_header("Location", place)
        self.send_header("Content-Length", str(10**12) if self.path == "/endless" else "2")
        if self.path == "/close":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None: ...


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that hang up in the handshake are what some tests are about."""


class Web:
    """A web server at an address; `places` maps a path to where it redirects."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.places: dict[str, str] = {}
        self.server = _Server((host, port), type("Pages", (_Pages,), {"places": self.places}))
        self.port = self.server.server_port

    def start(self) -> None:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    server.start()
    yield server
    server.stop()
