"""How long to wait for Postgres: long where work would be lost, short where somebody waits for an answer."""

import threading
import time
from dataclasses import dataclass

import sqlalchemy as sa

from orchestration.control_plane.errors import ControlPlaneUnavailable

UNREACHABLE = "Postgres cannot be reached; check that it is running and that its URL is right."


@dataclass(frozen=True, slots=True)
class Patience:
    """`away_s`: for how long after a connection could not be made nobody tries to make another; 0 is never."""

    connect_s: int = 5
    pool_s: float = 15
    pool_size: int = 5
    overflow: int = 10
    away_s: float = 0


FOR_WORK = Patience()
# 24 connections for the 40 threads that serve requests: each holds one for milliseconds, so a short wait is enough.
FOR_REQUESTS = Patience(connect_s=2, pool_s=2.5, pool_size=8, overflow=16, away_s=0.5)


class Outage:
    """Remembers that no connection could be made, so that not everybody waits to find out; one at a time tries."""

    def __init__(self, patience: Patience) -> None:
        self._away_s = patience.away_s
        self._trying_s = patience.connect_s + 1.0
        self._until = 0.0
        self._lock = threading.Lock()

    def watch(self, engine: sa.Engine) -> None:
        """Hear of every connection that the engine makes, or fails to make."""
        sa.event.listen(engine, "do_connect", self._may_try)
        sa.event.listen(engine, "connect", self._ended)
        sa.event.listen(engine, "handle_error", self._began)

    def _may_try(self, *_: object) -> None:
        with self._lock:
            if self._until == 0:
                return
            if time.monotonic() < self._until:
                raise ControlPlaneUnavailable(UNREACHABLE)
            self._until = time.monotonic() + self._trying_s

    def _ended(self, *_: object) -> None:
        with self._lock:
            self._until = 0

    def _began(self, context: sa.ExceptionContext) -> None:
        if context.connection is None and not context.is_pre_ping:  # it was about to be made
            with self._lock:
                self._until = time.monotonic() + self._away_s
