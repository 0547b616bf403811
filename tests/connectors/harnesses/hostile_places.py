"""Places that lead a connector to an internal address, and listeners that count who came.

Nobody who behaves connects to a `Listener`. `Guide` is a source on loopback that is allowed and points elsewhere.
"""

import contextlib
import socket
import threading
from collections.abc import Iterable
from typing import Any

import bson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.sandbox.http_server import HttpServer
from connectors.sandbox.mongodb import wire


class Listener:
    """One port of 127.0.0.1 and, where the machine has it, of ::1."""

    def __init__(self) -> None:
        self._sockets = [socket.create_server(("127.0.0.1", 0), backlog=512)]
        self.port: int = self._sockets[0].getsockname()[1]
        with contextlib.suppress(OSError):
            self._sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6, backlog=512))
        for one in self._sockets:
            one.setblocking(False)

    def connections(self) -> int:
        """How many came since the last count."""
        return sum(self._waiting(one) for one in self._sockets)

    def close(self) -> None:
        for one in self._sockets:
            one.close()

    def _waiting(self, listening: socket.socket) -> int:
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                listening.accept()[0].close()
                count += 1
        return count


class Guide:
    """An HTTP source that hands out tokens for another place, or redirects there."""

    def __init__(self) -> None:
        self.place = ""
        self.tells = True  # the place by its token answer; else the token is for the guide itself, which redirects
        self.asked = 0
        self._server = HttpServer(
            Starlette(
                routes=[
                    Route("/services/oauth2/token", self._token, methods=["POST"]),
                    Route("/{path:path}", self._redirect, methods=["GET", "POST", "HEAD"]),
                ]
            )
        )

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        return self._server.url

    async def _token(self, request: Request) -> Response:
        self.asked += 1
        return JSONResponse(
            {
                "access_token": "00Dxx!token-for-elsewhere",
                "instance_url": self.place if self.tells else self.url,
                "id": "https://login.salesforce.com/id/00Dxx/005xx",
                "token_type": "Bearer",
                "issued_at": "1700000000000",
                "signature": "c2lnbmF0dXJl",
            }
        )

    async def _redirect(self, request: Request) -> Response:
        self.asked += 1
        return RedirectResponse(self.place, status_code=307)


class MongoGuide:
    """A member of a replica set whose other members, it says, are at the given addresses."""

    def __init__(self, members: Iterable[str]) -> None:
        self._members = list(members)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked = 0
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._run(self._listen)

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _run(self, target: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                self._run(self._talk, connection)

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while message := wire.receive(connection):
                self.asked += 1
                connection.sendall(wire.reply(message, bson.encode(self._greeting())))

    def _greeting(self) -> dict[str, Any]:
        return {
            "helloOk": True, "ismaster": False, "isWritablePrimary": False, "secondary": True, "setName": "elsewhere",
            "hosts": [self.address, *self._members], "me": self.address, "setVersion": 1, "maxWireVersion": 21,
            "minWireVersion": 0, "maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000,
            "maxWriteBatchSize": 100_000, "readOnly": False, "ok": 1.0,
        }  # fmt: skip
