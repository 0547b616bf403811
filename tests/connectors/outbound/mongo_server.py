"""The least a MongoDB server says: hello, as a standalone or a member of a replica set, and ok to anything else."""

import contextlib
import socket
import ssl
import struct
import threading
from typing import Any

import bson

_OP_REPLY, _OP_QUERY, _OP_MSG = 1, 2004, 2013


class MongoServer:
    """On a free port; `hello` is added to its answers, and may name members."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]
        self.hello: dict[str, Any] = {}
        self.commands: list[str] = []
        self._tls = tls
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "MongoServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), contextlib.ExitStack() as closing:
            closing.callback(connection.close)
            speaking = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            closing.callback(speaking.close)
            stream = speaking.makefile("rb")
            closing.callback(stream.close)
            while header := stream.read(16):
                length, request, _, code = struct.unpack("<iiii", header)
                speaking.sendall(self._answer(request, code, stream.read(length - 16)))

    def _answer(self, request: int, code: int, body: bytes) -> bytes:
        at = 5 if code == _OP_MSG else body.index(b"\0", 4) + 9
        size = struct.unpack_from("<i", body, at)[0]
        command = bson.decode(body[at : at + size])
        self.commands.append(next(iter(command)))
        found = {"ok": 1}
        if next(iter(command)).lower() in ("hello", "ismaster"):
            found |= {
                "isWritablePrimary": True,
                "ismaster": True,
                "helloOk": True,
                "minWireVersion": 0,
                "maxWireVersion": 21,
                "maxBsonObjectSize": 16_777_216,
                "maxMessageSizeBytes": 48_000_000,
                "maxWriteBatchSize": 100_000,
            } | self.hello
        payload = bson.encode(found)
        if code == _OP_MSG:
            answer, kind = struct.pack("<ib", 0, 0) + payload, _OP_MSG
        else:
            answer, kind = struct.pack("<iqii", 8, 0, 0, 1) + payload, _OP_REPLY
        return struct.pack("<iiii", 16 + len(answer), 1, request, kind) + answer
