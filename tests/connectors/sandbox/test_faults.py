"""Planned misbehaviour, and the HTTP server the stand-ins share."""

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.http_server import CutResponse, HttpServer


def test_a_fault_lets_requests_pass_first_and_is_played_so_many_times() -> None:
    faults = Faults()
    faults.plan(Fault("server_error", stream="a", after=2, times=2))
    kinds = [(found := faults.next("a")) and found.kind for _ in range(6)]
    assert kinds == [None, None, "server_error", "server_error", None, None]
    assert faults.played == 2


def test_a_fault_of_a_stream_leaves_the_others_alone() -> None:
    faults = Faults()
    faults.plan(Fault("forbidden", stream="a"))
    assert faults.next("b") is None
    assert faults.next(None) is None
    assert faults.next("a") == Fault("forbidden", stream="a")


def test_faults_are_played_one_a_request_in_the_order_planned_until_they_are_cleared() -> None:
    faults = Faults()
    for kind in ("slow", "forbidden", "cut_body"):
        faults.plan(Fault(kind))  # type: ignore[arg-type]
    first, second = faults.next("a"), faults.next("b")
    assert first and second and (first.kind, second.kind) == ("slow", "forbidden")
    faults.clear()
    assert faults.next("a") is None


def whole(_: Request) -> Response:
    return PlainTextResponse("x" * 1000)


def cut(_: Request) -> Response:
    return CutResponse(b"x" * 1000)


APP = Starlette(routes=[Route("/whole", whole), Route("/cut", cut)])


def test_a_server_serves_until_it_is_stopped_and_can_be_started_again() -> None:
    server = HttpServer(APP)
    with requests.Session() as session:
        for _ in range(2):
            url = server.start()
            assert session.get(f"{url}/whole").text == "x" * 1000
            server.stop()
            with pytest.raises(requests.ConnectionError):
                session.get(f"{url}/whole")


def test_a_cut_body_breaks_off_in_the_middle() -> None:
    with HttpServer(APP) as server, requests.Session() as session:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            session.get(f"{server.url}/cut")
        assert session.get(f"{server.url}/whole").status_code == 200


def test_a_taken_port_is_refused() -> None:
    with HttpServer(APP) as server, pytest.raises(OSError, match="in use"):
        HttpServer(APP).start(int(server.url.rsplit(":", 1)[1]))
