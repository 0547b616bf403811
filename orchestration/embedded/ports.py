"""TCP ports on loopback: whether one is free, and which to take instead."""

import socket

_STEPS = 20


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except (OSError, OverflowError):
            return False
    return True


def free_port(preferred: int = 0, host: str = "127.0.0.1", taken: frozenset[int] = frozenset()) -> int:
    """The preferred port, else the next free one of the twenty after it, else any. 0 means any."""
    if preferred:
        for port in range(preferred, min(preferred + _STEPS, 65536)):
            if port not in taken and is_free(port, host):
                return port
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((host, 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port


def accepts_tcp(port: int, host: str = "127.0.0.1", timeout_s: float = 1.0) -> bool:
    """Whether something listens there."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False
