"""No spelling of an internal address is connected to, by any client."""

import httpx
import pytest
import requests

from connectors.errors import AddressRefused, ConfigInvalid, ConnectorError
from connectors.outbound.policy import Outbound
from tests.connectors.outbound.clients import CLIENTS
from tests.connectors.outbound.conftest import Listener
from tests.connectors.outbound.hostile import HOSTILE, NAMES, answers

# A library may find a URL malformed before it comes to connecting.
REFUSALS = (AddressRefused, ConfigInvalid, requests.exceptions.InvalidURL, httpx.InvalidURL, httpx.UnsupportedProtocol)


def test_there_are_at_least_sixty_hostile_hosts_and_none_twice() -> None:
    assert len(HOSTILE) >= 60
    assert len(set(HOSTILE)) == len(HOSTILE)


@pytest.mark.parametrize("host", [*HOSTILE, *NAMES])
def test_the_policy_refuses_it(host: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        Outbound(resolver=answers).addresses(host, 80, "deals")
    assert caught.value.stream == "deals"
    assert caught.value.hint


@pytest.mark.parametrize("host", [*HOSTILE, *NAMES])
@pytest.mark.parametrize("client", CLIENTS)
def test_no_client_connects_to_it(client: str, host: str, listeners: list[Listener], connected: list[str]) -> None:
    with pytest.raises(REFUSALS):
        CLIENTS[client](Outbound(resolver=answers), host, listeners[0].port)
    assert connected == []
    assert [listener.connections() for listener in listeners] == [0] * len(listeners)


@pytest.mark.parametrize("client", CLIENTS)
def test_the_listener_would_have_counted(client: str, listeners: list[Listener]) -> None:
    port = listeners[0].port
    with pytest.raises(Exception) as caught:
        CLIENTS[client](Outbound(allow=(f"127.0.0.1:{port}",)), "127.0.0.1", port)
    assert not isinstance(caught.value, ConnectorError)
    assert listeners[0].connections() >= 1
