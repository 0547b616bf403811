"""While Postgres is away whoever waits for an answer gets one soon, and all goes on by itself once it is back."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from uuid import uuid4

import pytest
import sqlalchemy as sa

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.errors import ControlPlaneUnavailable
from orchestration.control_plane.patience import FOR_REQUESTS
from orchestration.control_plane.provisioning import APP
from orchestration.embedded.ports import free_port
from tests.orchestration.control_plane.databases import Database

pytestmark = pytest.mark.servers


@contextmanager
def patient(url: str, port: int) -> Iterator[ControlPlane]:
    """As requests ask, over that port."""
    through = sa.make_url(url).set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    control_plane = ControlPlane(through, patience=FOR_REQUESTS)
    yield control_plane
    control_plane.dispose()


def refusals(control_plane: ControlPlane, callers: int) -> tuple[int, float]:
    """How many of so many callers at once were refused, and how long the slowest waited."""

    def ask(_: int) -> tuple[bool, float]:
        began = time.monotonic()
        try:
            control_plane.check()
        except ControlPlaneUnavailable:
            return True, time.monotonic() - began
        return False, time.monotonic() - began

    with ThreadPoolExecutor(callers) as pool:
        answers = list(pool.map(ask, range(callers)))
    return sum(refused for refused, _ in answers), max(seconds for _, seconds in answers)


def test_nobody_waits_long_for_a_server_that_is_gone(database: Database) -> None:
    with patient(database.url(APP), free_port()) as control_plane:
        refused, slowest = refusals(control_plane, 32)
    assert refused == 32 and slowest < 2


def test_nobody_waits_long_for_a_server_that_says_nothing(database: Database) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        patient(database.url(APP), silent.getsockname()[1]) as control_plane,
    ):
        refused, slowest = refusals(control_plane, 32)
        again, soon = refusals(control_plane, 32)
    assert (refused, again) == (32, 32)
    assert slowest < 6 and soon < 6


def test_all_goes_on_by_itself_once_it_is_back(database: Database) -> None:
    url, port = sa.make_url(database.url(APP)), free_port()
    assert url.host is not None and url.port is not None
    with patient(database.url(APP), port) as control_plane:
        with forwarding(port, (url.host, url.port)):
            assert refusals(control_plane, 8)[0] == 0
        assert refusals(control_plane, 8)[0] == 8
        with forwarding(port, (url.host, url.port)):
            back = time.monotonic()
            while refusals(control_plane, 8)[0]:
                assert time.monotonic() - back < 2
            with pytest.raises(Exception, match="no tenant"), control_plane.tenant_session(uuid4()):
                raise RuntimeError("no tenant")


@contextmanager
def forwarding(port: int, target: tuple[str, int]) -> Iterator[None]:
    """A way to the real server that can be cut, with all that goes over it."""
    opened: list[socket.socket] = []
    server = socket.create_server(("127.0.0.1", port), reuse_port=False)

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.create_connection(target)
                opened.extend((near, far))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=(one, other), daemon=True).start()

    def pump(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while part := one.recv(65536):
                other.sendall(part)
            other.shutdown(socket.SHUT_WR)

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        accepting.join(5)
        for one in opened:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
