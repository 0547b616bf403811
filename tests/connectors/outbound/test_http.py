"""Both HTTP clients: redirects, rebinding, TLS by name, and nothing taken from the server's environment."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from connectors.errors import AddressRefused, ConfigInvalid, SourceUnavailable
from connectors.outbound.http_httpx import guarded_client
from connectors.outbound.http_requests import guarded_session
from connectors.outbound.policy import Outbound
from tests.connectors.outbound.certificates import Authority
from tests.connectors.outbound.conftest import Listener, Web

Get = Callable[..., Any]


def get_with_requests(outbound: Outbound, url: str, authority: Path | None = None, timeout_s: float = 3) -> Any:
    with guarded_session(outbound, timeout_s) as session:
        session.verify = str(authority) if authority else True
        return session.get(url)


def get_with_httpx(outbound: Outbound, url: str, authority: Path | None = None, timeout_s: float = 3) -> Any:
    verify: Any = ssl.create_default_context(cafile=str(authority)) if authority else True
    with guarded_client(outbound, timeout_s, verify=verify) as client:
        return client.get(url)


both = pytest.mark.parametrize("get", [get_with_requests, get_with_httpx])


def allowing(*entries: str, **names: str) -> Outbound:
    """Allows the entries; the names resolve to loopback addresses."""
    return Outbound(allow=entries, resolver=lambda host, port: (names[host.partition(".")[0]],))


@both
def test_an_allowed_loopback_address_works(get: Get, web: Web) -> None:
    assert get(allowing(f"127.0.0.1:{web.port}"), f"http://127.0.0.1:{web.port}/").text == "ok"


@both
def test_a_redirect_within_the_source_is_followed(get: Get, web: Web) -> None:
    web.places |= {"/old": "/new", "/new": f"http://127.0.0.1:{web.port}/newest"}
    answer = get(allowing(f"127.0.0.1:{web.port}"), f"http://127.0.0.1:{web.port}/old")
    assert (answer.status_code, str(answer.url)) == (200, f"http://127.0.0.1:{web.port}/newest")


@both
@pytest.mark.parametrize(
    "place",
    [
        *(
            "http://127.0.0.1:{refused}/",
            "http://localhost:{refused}/",
            "//127.0.0.1:{refused}/",
            "http://127.1:{port}/",
        ),
        *("http://[::1]:{refused}/", "http://example.com@127.0.0.1:{refused}/", "http://2130706433:{refused}/"),
        *("http://169.254.169.254/latest/meta-data/", "https://127.0.0.1:{port}/", "http://127.0.0.1:99999/"),
        *("file:///etc/passwd", "ftp://127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/x", "http://["),
    ],
)
def test_a_redirect_elsewhere_is_not_followed(
    get: Get, web: Web, listeners: list[Listener], connected: list[str], place: str
) -> None:
    web.places["/"] = place.format(refused=listeners[0].port, port=web.port)
    with pytest.raises(AddressRefused):
        get(allowing(f"127.0.0.1:{web.port}"), f"http://127.0.0.1:{web.port}/")
    assert connected == [f"('127.0.0.1', {web.port})"]
    assert [listener.connections() for listener in listeners] == [0] * len(listeners)


@both
def test_backslashes_do_not_lead_elsewhere(get: Get, web: Web, listeners: list[Listener]) -> None:
    web.places["/"] = f"\\\\127.0.0.1:{listeners[0].port}\\x"
    # A browser would read another host; both libraries read a path of this one.
    assert get(allowing(f"127.0.0.1:{web.port}"), f"http://127.0.0.1:{web.port}/").status_code == 200
    assert [listener.connections() for listener in listeners] == [0] * len(listeners)


@both
def test_endless_redirects_end(get: Get, web: Web) -> None:
    web.places["/"] = "/"
    with pytest.raises((requests.TooManyRedirects, httpx.TooManyRedirects)):
        get(allowing(f"127.0.0.1:{web.port}"), f"http://127.0.0.1:{web.port}/")


@both
def test_the_body_of_a_redirect_is_not_waited_for(get: Get, web: Web) -> None:
    web.places["/endless"] = "/"
    assert get(allowing(f"127.0.0.1:{web.port}"), f"http://127.0.0.1:{web.port}/endless", timeout_s=2).text == "ok"


@both
def test_a_name_that_answers_differently_the_second_time_is_asked_once_per_connection(get: Get) -> None:
    web = Web("127.0.0.2")
    other = Listener("127.0.0.1", web.port)
    web.start()
    turns = [("127.0.0.2",), ("127.0.0.1",)]
    outbound = Outbound(allow=("127.0.0.2",), resolver=lambda host, port: turns.pop(0))
    try:
        assert get(outbound, f"http://rebinding.example.com:{web.port}/").text == "ok"
        assert len(turns) == 1
        with pytest.raises(AddressRefused):
            get(outbound, f"http://rebinding.example.com:{web.port}/")
        assert other.connections() == 0
    finally:
        other.close()
        web.stop()


@both
def test_a_connection_that_ended_is_checked_again(get: Get) -> None:
    web = Web()
    web.start()
    turns = [("127.0.0.1",), ("127.0.0.3",)]
    outbound = Outbound(allow=("127.0.0.1",), resolver=lambda host, port: turns.pop(0))
    session: Any = guarded_session(outbound, 2) if get is get_with_requests else guarded_client(outbound, 2)
    try:
        with session:
            assert session.get(f"http://a.example.com:{web.port}/close").text == "ok"
            with pytest.raises(AddressRefused):
                session.get(f"http://a.example.com:{web.port}/close")
    finally:
        web.stop()


@both
def test_tls_names_and_verifies_the_host_not_the_address(get: Get, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    web = Web()
    web.server.socket = authority.server_context("source.example.com").wrap_socket(web.server.socket, server_side=True)
    web.start()
    outbound = allowing("127.0.0.1", source="127.0.0.1", other="127.0.0.1")
    try:
        assert get(outbound, f"https://source.example.com:{web.port}/", authority.file).text == "ok"
        for url, trust in (("https://other.example.com", authority.file), ("https://source.example.com", None)):
            with pytest.raises((requests.exceptions.SSLError, httpx.ConnectError), match="CERTIFICATE_VERIFY_FAILED"):
                get(outbound, f"{url}:{web.port}/", trust)
    finally:
        web.stop()


@both
def test_plain_http_to_a_public_address_is_refused_before_connecting(get: Get, connected: list[str]) -> None:
    with pytest.raises(ConfigInvalid, match="encrypted"):
        get(allowing(api="8.8.8.8"), "http://api.example.com/")
    assert connected == []


@both
def test_proxies_and_passwords_of_the_environment_are_not_used(
    get: Get, web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listeners: list[Listener]
) -> None:
    (tmp_path / ".netrc").write_text("default login server password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listeners[0].port}")
    answer = get(allowing(f"127.0.0.1:{web.port}"), f"http://127.0.0.1:{web.port}/")
    assert answer.text == "ok"
    assert "authorization" not in {name.lower() for name in answer.request.headers}
    assert listeners[0].connections() == 0


@both
@pytest.mark.parametrize(
    "url", ["ftp://8.8.8.8/x", "file:///etc/passwd", "unix:///run/x.sock", "http+unix://%2Frun%2Fx/"]
)
def test_only_http_and_https_are_spoken(get: Get, url: str, connected: list[str]) -> None:
    with pytest.raises((requests.exceptions.InvalidSchema, httpx.UnsupportedProtocol, AddressRefused)):
        get(Outbound(), url)
    assert connected == []


@both
def test_a_source_that_never_answers_costs_the_timeout(get: Get, listeners: list[Listener]) -> None:
    port = listeners[0].port
    with pytest.raises((requests.Timeout, httpx.TimeoutException)):
        get(allowing(f"127.0.0.1:{port}"), f"http://127.0.0.1:{port}/", timeout_s=0.1)
    listeners[0].connections()


@both
def test_a_refused_connection_is_the_librarys_own_error(get: Get) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises((requests.ConnectionError, httpx.ConnectError)):
            get(allowing(f"127.0.0.1:{port}"), f"http://127.0.0.1:{port}/")


@both
def test_the_next_address_is_tried_when_one_does_not_answer(get: Get, web: Web) -> None:
    outbound = Outbound(allow=("127.0.0.0/8",), resolver=lambda host, port: ("127.0.0.9", "127.0.0.1"))
    assert get(outbound, f"http://two.example.com:{web.port}/").text == "ok"


@both
def test_a_name_that_does_not_resolve_is_unavailable(get: Get) -> None:
    def nobody(host: str, port: int) -> tuple[str, ...]:
        raise OSError("no such name")

    with pytest.raises(SourceUnavailable, match=r"gone\.example\.com does not resolve"):
        get(Outbound(resolver=nobody), "https://gone.example.com/")


def test_a_proxy_cannot_be_given() -> None:
    with guarded_session(Outbound(), 1) as session, pytest.raises(ConfigInvalid):
        session.get("https://8.8.8.8/", proxies={"https": "http://127.0.0.1:1"})
    with pytest.raises(ValueError, match="proxy"):
        guarded_client(Outbound(), 1, proxy="http://127.0.0.1:1")


def test_a_redirect_is_refused_for_whoever_follows_it_himself(web: Web) -> None:
    web.places["/"] = "http://127.0.0.1:1/"
    outbound = allowing(f"127.0.0.1:{web.port}")
    with guarded_session(outbound, 2) as session, pytest.raises(AddressRefused):
        session.get(f"http://127.0.0.1:{web.port}/", allow_redirects=False)
    with guarded_client(outbound, 2, follow_redirects=False) as client, pytest.raises(AddressRefused):
        client.get(f"http://127.0.0.1:{web.port}/")
