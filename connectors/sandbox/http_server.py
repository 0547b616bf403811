"""An HTTP stand-in's server: an ASGI application run by uvicorn in a thread of this process, on a loopback port.

Knows no service. `CutResponse` is an answer that breaks off in the middle.
"""

import asyncio
import logging
import socket
import threading
from contextlib import suppress
from types import TracebackType

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


class HttpServer:
    """Serves one application from `start` to `stop`; can be started again.

    `own_date`: the application sends the Date header itself.
    """

    def __init__(self, app: ASGIApp, *, own_date: bool = False) -> None:
        self._app = app
        self._own_date = own_date
        self._server: _PromptServer | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    def start(self, port: int = 0) -> str:
        """Listen on the port (0: a free one) of 127.0.0.1 and return the URL. Raises OSError when the port is taken."""
        listener = socket.create_server(("127.0.0.1", port))
        # asyncio does this for sockets that name their protocol, and these do not: each answer would wait 40 ms for an
        # acknowledgement that the client delays.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = _PromptServer(_config(self._app, self._own_date))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="sandbox-http", daemon=True
        )
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.002)
            if not self._thread.is_alive():
                listener.close()
                raise OSError("the stand-in's HTTP server did not start")
        return self.url

    def stop(self) -> None:
        """Stop serving; open connections are closed. Harmless when not started."""
        if self._server and self._thread:
            self._server.end()
            self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> "HttpServer":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


class _PromptServer(uvicorn.Server):
    """Hears at once that it shall end, where uvicorn looks ten times a second."""

    _loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self._ending = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), 0.1)

    def end(self) -> None:
        """To be called from another thread."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ending.set)


class CutResponse(Response):
    """Announces the whole body, sends half of it and drops the connection."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})
        # The server drops a connection whose application fails after the head was sent.
        raise ConnectionAbortedError("the stand-in cut the body on request")


def _config(app: ASGIApp, own_date: bool) -> uvicorn.Config:
    # A cut body is an error to uvicorn, with a traceback in its log: not news here.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        loop="asyncio",
        timeout_graceful_shutdown=1,
        date_header=not own_date,
    )
