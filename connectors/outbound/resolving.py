"""Asking the system for a name's addresses, with a bound on the time: getaddrinfo has none of its own."""

import socket
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

Resolver = Callable[[str, int], Sequence[str]]  # (host, port) -> addresses; raises OSError when there are none
T = TypeVar("T")


def resolve_by_system(host: str, port: int) -> tuple[str, ...]:
    """Addresses of the name, in the order the system prefers. Raises OSError."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(answer[4][0]) for answer in answers)


def within(timeout_s: float, ask: Callable[[], T]) -> T:
    """What `ask` returns or raises; TimeoutError when it takes longer (its thread is left to end by itself)."""
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(ask())
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked
            errors.append(error)

    # A daemon thread of its own, not a pool: a stuck lookup must hold up neither other lookups nor the exit.
    thread = threading.Thread(target=run, name="resolve", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
