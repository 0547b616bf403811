"""Messages of the MongoDB wire protocol: OP_MSG, and OP_QUERY with OP_REPLY for a client's first greeting.

Framing only; what a command means is decided in `commands`.
"""

import itertools
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bson
from bson import CodecOptions, DatetimeConversion

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
_HEADER = struct.Struct("<iiii")
_MORE_TO_COME = 2
MAX_MESSAGE_BYTES = 48_000_000
OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
# The element heads of an array of documents, made once: a page of 50,000 documents needs 50,000 of them.
_HEADS: list[bytes] = []
_ids = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Message:
    """One request."""

    request_id: int
    opcode: int
    command: dict[str, Any]
    answered: bool = True


def receive(connection: socket.socket) -> Message | None:
    """The next request, None when the client has hung up."""
    head = _exactly(connection, _HEADER.size)
    if head is None:
        return None
    length, request_id, _, opcode = _HEADER.unpack(head)
    body = _exactly(connection, length - _HEADER.size) if 0 < length <= MAX_MESSAGE_BYTES else None
    if body is None:
        return None
    if opcode == OP_MSG:
        flags = int.from_bytes(body[:4], "little")
        return Message(request_id, opcode, _sections(body[4:]), not flags & _MORE_TO_COME)
    if opcode == OP_QUERY:
        name_end = body.index(b"\0", 4)
        command = bson.decode(body[name_end + 9 :], OPTIONS)
        command = command.get("$query", command)
        return Message(request_id, opcode, {**command, "$db": body[4:name_end].decode().partition(".")[0]})
    return None


def reply(message: Message, document: bytes) -> bytes:
    """The answer to a request as it goes over the wire."""
    if message.opcode == OP_QUERY:
        body = struct.pack("<iqii", 8, 0, 0, 1) + document
        return _HEADER.pack(16 + len(body), next(_ids), message.request_id, OP_REPLY) + body
    return _HEADER.pack(21 + len(document), next(_ids), message.request_id, OP_MSG) + b"\0\0\0\0\0" + document


def array_of(documents: Sequence[bytes]) -> bytes:
    """A BSON array of documents that are already encoded."""
    while len(_HEADS) < len(documents):
        _HEADS.append(b"\x03%d\0" % len(_HEADS))
    content = b"".join(itertools.chain.from_iterable(zip(_HEADS, documents, strict=False)))
    return struct.pack("<i", len(content) + 5) + content + b"\0"


def cursor_reply(namespace: str, cursor_id: int, batch: str, documents: Sequence[bytes], more: dict[str, Any]) -> bytes:
    """`{cursor: {firstBatch|nextBatch, id, ns, ...more}, ok: 1}` without decoding the documents."""
    head = bson.encode({"id": bson.Int64(cursor_id), "ns": namespace, **more})[4:-1]
    inner = b"\x04" + batch.encode() + b"\0" + array_of(documents) + head
    cursor = struct.pack("<i", len(inner) + 5) + inner + b"\0"
    outer = b"\x03cursor\0" + cursor + b"\x01ok\0" + struct.pack("<d", 1.0)
    return struct.pack("<i", len(outer) + 5) + outer + b"\0"


def merged(document: bytes, more: dict[str, Any]) -> bytes:
    """An encoded document with fields added at its end."""
    content = document[4:-1] + bson.encode(more)[4:-1]
    return struct.pack("<i", len(content) + 5) + content + b"\0"


def _sections(body: bytes) -> dict[str, Any]:
    """The command of an OP_MSG; sequences of documents become its arrays."""
    command: dict[str, Any] = {}
    at = 0
    while at < len(body):
        kind, size = body[at], int.from_bytes(body[at + 1 : at + 5], "little")
        if kind == 0:
            command = {**bson.decode(body[at + 1 : at + 1 + size], OPTIONS), **command}
        elif kind == 1:
            name_end = body.index(b"\0", at + 5)
            command[body[at + 5 : name_end].decode()] = bson.decode_all(body[name_end + 1 : at + 1 + size], OPTIONS)
        else:
            break
        at += 1 + size
    return command


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    received = bytearray()
    while len(received) < count:
        piece = connection.recv(min(count - len(received), 1 << 20))
        if not piece:
            return None
        received += piece
    return bytes(received)
