"""What every answer has and what is refused before anybody looks at it: over a socket, with requests as sent."""

import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from api.requests.tracing import trace_of
from tests.api.serving import ServedApi, ServedTenant

pytestmark = pytest.mark.servers
THINGS = "/api/v1/conventions/things"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def tenant(conventions: ServedApi) -> ServedTenant:
    return conventions.new_tenant()


@pytest.fixture(scope="module")
def nobody(conventions: ServedApi) -> Iterator[httpx.Client]:
    with conventions.anonymous() as client:
        yield client


def raw(api: ServedApi, request: bytes) -> bytes:
    """The answer to a request exactly as written."""
    address = urlsplit(api.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as opened:
        opened.sendall(request)
        received = b""
        while part := opened.recv(65536):
            received += part
    return received


@pytest.mark.parametrize("path", ["/health", THINGS, "/api/nothing", "/docs", "/openapi.json", "/problems/not-found"])
def test_every_answer_has_its_trace_and_tells_browsers_what_they_may_do(nobody: httpx.Client, path: str) -> None:
    answer = nobody.get(path)
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Trace-Id"])
    assert answer.headers["traceparent"].startswith(f"00-{answer.headers['X-Trace-Id']}-")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in answer.headers  # over plain http in dev
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_api_answer_may_load_nothing(nobody: httpx.Client) -> None:
    assert nobody.get(THINGS).headers["Content-Security-Policy"].startswith("default-src 'none'; frame-ancestors")


@pytest.mark.parametrize(
    "sent, expected",
    [
        ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, TRACE),
        ({"traceparent": f"01-{TRACE}-00f067aa0ba902b7-01-more"}, TRACE),
        ({"X-Request-Id": "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"}, TRACE),
    ],
    ids=["traceparent", "a-later-version", "uuid"],
)
def test_the_callers_trace_goes_on(nobody: httpx.Client, sent: dict[str, str], expected: str) -> None:
    assert nobody.get("/health", headers=sent).headers["X-Trace-Id"] == expected


@pytest.mark.parametrize(
    "text",
    [
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7-01-more",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        "00-1-2-3",
        "x" * 5000,
    ],
    ids=["no-trace", "no-parent", "version", "too-long", "upper-case", "short", "huge"],
)
def test_what_is_no_trace_is_replaced(nobody: httpx.Client, text: str) -> None:
    assert nobody.get("/health", headers={"traceparent": text}).headers["X-Trace-Id"] != TRACE


def test_a_name_for_a_request_is_given_back_and_always_means_the_same_trace(nobody: httpx.Client) -> None:
    answers = [nobody.get("/health", headers={"X-Request-Id": "order-17"}) for _ in range(2)]
    assert {answer.headers["X-Request-Id"] for answer in answers} == {"order-17"}
    assert len({answer.headers["X-Trace-Id"] for answer in answers}) == 1
    assert trace_of(None, b"order-17").id == answers[0].headers["X-Trace-Id"]
    assert "X-Request-Id" not in nobody.get("/health", headers={"X-Request-Id": "a b"}).headers


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "10.1.2.3:8000", "[::1]:8000"])
def test_our_own_hosts_are_served(conventions: ServedApi, nobody: httpx.Client, host: str) -> None:
    assert nobody.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", ""])
def test_other_hosts_are_refused(conventions: ServedApi, nobody: httpx.Client, host: str) -> None:
    answer = nobody.get("/health", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-request")


def test_a_body_that_says_it_is_too_large_is_not_read(conventions: ServedApi) -> None:
    head = f"POST {THINGS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\nConnection: close\r\n\r\n"
    answer = raw(conventions, head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ") and b"/problems/too-large" in answer and b"x-trace-id" in answer


def test_a_body_that_becomes_too_large_is_refused(tenant: ServedTenant) -> None:
    parts = (b'"' + b"x" * 65536 for _ in range(20))
    answer = tenant.client().post(THINGS, content=parts, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


def test_a_body_of_the_largest_size_is_read(tenant: ServedTenant) -> None:
    body = b'{"name":"' + b"x" * (1_048_576 - 11) + b'"}'
    answer = tenant.client().post(THINGS, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_addresses_and_headers_have_limits(nobody: httpx.Client) -> None:
    assert nobody.get("/health", params={"x": "y" * 9000}).json()["type"] == "/problems/address-too-long"
    assert nobody.get("/health", headers={"X": "y" * 40_000}).json()["type"] == "/problems/headers-too-large"
    many = [(f"X-{number}", "y") for number in range(120)]
    assert nobody.get("/health", headers=many).status_code == 431


def test_an_error_nobody_foresaw_tells_nothing_and_is_written_down(
    nobody: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = nobody.get("/api/v1/conventions/wild")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    assert "hunter2" not in answer.text and "Runtime" not in answer.text
    assert answer.headers["X-Trace-Id"] in caplog.text and "RuntimeError" in caplog.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
