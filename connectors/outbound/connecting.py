"""A TCP connection to a checked address of a host: what both HTTP clients open their sockets with."""

import contextlib
import socket
import time
from collections.abc import Iterable
from typing import Any

from connectors.outbound.policy import Outbound

SocketOption = tuple[Any, ...]


def open_socket(
    outbound: Outbound,
    host: str,
    port: int,
    timeout_s: float | None,
    *,
    encrypted: bool,
    options: Iterable[SocketOption] = (),
) -> socket.socket:
    """Connected to the first checked address that answers; the time is that of all attempts together.

    Raises:
        AddressRefused, ConfigInvalid, SourceUnavailable: as `Outbound.addresses` does.
        OSError: no address accepts the connection (TimeoutError: not in time).
    """
    deadline = time.monotonic() + (timeout_s if timeout_s is not None else outbound.timeout_s)
    failure: OSError = OSError("no address")
    for address in outbound.addresses(host, port, encrypted=encrypted):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        try:
            return _connect(address, port, left, timeout_s, options)
        except OSError as error:
            failure = error
    raise failure


def _connect(
    address: str, port: int, left_s: float, timeout_s: float | None, options: Iterable[SocketOption]
) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.ExitStack() as undo:
        sock = socket.socket(family, socket.SOCK_STREAM)
        undo.callback(sock.close)
        for option in options:
            sock.setsockopt(*option)
        sock.settimeout(left_s)
        sock.connect((address, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(timeout_s)
        undo.pop_all()
    return sock
