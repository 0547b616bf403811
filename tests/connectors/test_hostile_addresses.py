"""No connector reaches an internal address, by whatever way it is led there; a listener on loopback counts.

Files have no addresses: what a path may not reach is tested in `files/test_path_safety.py`. The four clients by
themselves, mongodb+srv and rebinding names are tested in `outbound/`.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.errors import AddressRefused, ConfigInvalid, ConnectorError, SourceUnavailable, Timeout
from connectors.outbound.policy import Outbound
from connectors.registry import KINDS, connector_for
from tests.connectors.harnesses.hostile_places import Guide, Listener, MongoGuide
from tests.connectors.outbound.hostile import HOSTILE, NAMES, answers

HOSTS = (*HOSTILE, *NAMES)
LIMITS = {"timeout_s": 1, "give_up_after_s": 0, "requests_per_s": 10_000}
SALESFORCE = {"client_id": "app", "client_secret": "secret-of-the-app", "limits": LIMITS}
SUPABASE = {"key": "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2lnbmF0dXJl", "limits": LIMITS}
Config = Callable[[str, int], dict[str, Any]]

WAYS: dict[str, tuple[str, Config]] = {
    "salesforce instance_url": (
        "salesforce",
        lambda host, port: SALESFORCE | {"instance_url": f"https://{host}:{port}"},
    ),
    "salesforce instance_url, http": (
        "salesforce",
        lambda host, port: SALESFORCE | {"instance_url": f"http://{host}:{port}"},
    ),
    "salesforce domain": (
        "salesforce",
        lambda host, port: SALESFORCE | {"domain": host, "refresh_token": "token-of-somebody"},
    ),
    "supabase url": ("supabase", lambda host, port: SUPABASE | {"url": f"https://{host}:{port}"}),
    "supabase url, http": ("supabase", lambda host, port: SUPABASE | {"url": f"http://{host}:{port}"}),
    "supabase database_url": (
        "supabase",
        lambda host, port: {"database_url": f"postgresql://user:word@{host}:{port}/postgres", "limits": LIMITS},
    ),
    "mongodb url": ("mongodb", lambda host, port: {"url": f"mongodb://user:word@{host}:{port}/", "limits": LIMITS}),
    "mongodb url, second host": (
        "mongodb",
        lambda host, port: {"url": f"mongodb://user:word@198.41.0.4:1,{host}:{port}/", "limits": LIMITS},
    ),
}
LED = ("salesforce token answer", "salesforce redirect", "supabase redirect")


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def guide() -> Iterator[Guide]:
    made = Guide()
    made.start()
    yield made
    made.stop()


def refused(kind: str, config: dict[str, Any], outbound: Outbound) -> ConnectorError:
    """The error a check of this configuration ends with, in bounded time."""
    began = time.monotonic()
    with pytest.raises(ConnectorError) as caught:
        connector = connector_for(kind, config, outbound)
        try:
            connector.check()
        finally:
            connector.close()
    assert time.monotonic() - began < 5
    return caught.value


def test_every_kind_with_a_network_is_tried() -> None:
    assert {kind for kind, _ in WAYS.values()} == set(KINDS) - {"files"}
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("way", WAYS)
def test_a_hostile_address_in_the_configuration_is_refused(
    way: str, listener: Listener, measured: Callable[[str], None]
) -> None:
    kind, config = WAYS[way]
    outbound = Outbound(resolver=answers)
    wrong = {}
    for host in HOSTS:
        error = refused(kind, config(host, listener.port), outbound)
        # A name that is none does not resolve; anything else must be refused before it is tried.
        if not isinstance(error, AddressRefused | ConfigInvalid) and host in NAMES:
            wrong[host] = type(error).__name__
    connections = listener.connections()
    measured(f"{way}: {len(HOSTS)} addresses x {kind}: {connections} connections")
    assert connections == 0
    assert wrong == {}


@pytest.mark.parametrize("way", LED)
def test_a_source_that_leads_to_a_hostile_address_is_not_followed(
    way: str, guide: Guide, listener: Listener, measured: Callable[[str], None]
) -> None:
    url, guide.tells = guide.url, way == "salesforce token answer"
    outbound = Outbound(allow=(url.removeprefix("http://"),), resolver=answers)
    kind = way.partition(" ")[0]
    config = SALESFORCE | {"instance_url": url} if kind == "salesforce" else SUPABASE | {"url": url}
    classes: dict[str, int] = {}
    for host in HOSTS:
        for scheme in ("http", "https"):
            guide.place = f"{scheme}://{host}:{listener.port}/".encode("ascii", "ignore").decode()
            if not guide.place.isprintable():
                continue  # no server can put this into a header
            error = refused(kind, config, outbound)
            classes[type(error).__name__] = classes.get(type(error).__name__, 0) + 1
    connections = listener.connections()
    measured(f"{way}: {sum(classes.values())} addresses x {kind}: {connections} connections; {classes}")
    assert connections == 0
    assert guide.asked >= sum(classes.values())
    assert sum(classes.values()) >= 60


def test_members_that_a_mongodb_names_are_not_followed(listener: Listener, measured: Callable[[str], None]) -> None:
    members = [f"{host}:{listener.port}" for host in HOSTS]
    guide = MongoGuide(members)
    try:
        outbound = Outbound(allow=(guide.address,), resolver=answers)
        config = {"url": f"mongodb://{guide.address}/?replicaSet=elsewhere", "limits": LIMITS}
        error = refused("mongodb", config, outbound)
        assert guide.asked >= 1
    finally:
        guide.stop()
    connections = listener.connections()
    measured(f"mongodb members: {len(members)} addresses x mongodb: {connections} connections; {type(error).__name__}")
    assert connections == 0
    assert isinstance(error, AddressRefused | SourceUnavailable | Timeout | ConfigInvalid)


def test_the_listener_would_have_counted(listener: Listener) -> None:
    outbound = Outbound(allow=("127.0.0.1",))
    assert listener.connections() == 0
    for kind, config in (WAYS["salesforce instance_url, http"], WAYS["supabase url, http"], WAYS["mongodb url"]):
        refused(kind, config("127.0.0.1", listener.port), outbound)
        assert listener.connections() >= 1, kind
