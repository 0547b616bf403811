"""What is public, what the allow-list covers, and what a person is told."""

import ipaddress
import threading
import time

import pytest

from connectors.errors import AddressRefused, ConfigInvalid, SourceUnavailable
from connectors.outbound.policy import Outbound, canonical_host
from connectors.outbound.ranges import not_public

PUBLIC = (
    *(
        "8.8.8.8",
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
    ),
    *("2606:4700:4700::1111", "2600::1", "2001:4860:4860::8888", "2a00:1450:4001::200e", "64:ff9b::8.8.8.8"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert not_public(ipaddress.ip_address(address)) is None
    assert Outbound().addresses(address, 443) == (str(ipaddress.ip_address(address)),)


def test_a_name_passes_with_all_its_addresses_in_order() -> None:
    found = ("2600::1", "8.8.8.8", "8.8.8.8", "1.1.1.1")
    outbound = Outbound(resolver=lambda host, port: found)
    assert outbound.addresses("DB.Example.com.", 5432) == ("2600::1", "8.8.8.8", "1.1.1.1")


@pytest.mark.parametrize(
    ("entry", "host", "port", "passes"),
    [
        ("127.0.0.1", "127.0.0.1", 80, True),
        ("127.0.0.1:80", "127.0.0.1", 80, True),
        ("127.0.0.1:80", "127.0.0.1", 81, False),
        ("127.0.0.1:80", "127.0.0.2", 80, False),
        ("127.0.0.1", "[::ffff:127.0.0.1]", 80, False),
        ("10.0.0.0/8", "10.9.8.7", 1, True),
        ("10.0.0.0/8:5432", "10.9.8.7", 5432, True),
        ("10.0.0.0/8:5432", "10.9.8.7", 5433, False),
        ("[::1]:80", "::1", 80, True),
        ("[::1]:80", "[::1]", 81, False),
        ("::1", "[0:0::1]", 81, True),
        ("[fd00::/8]:80", "fd12::1", 80, True),
        ("fd00::/8", "fd12::1", 80, True),
        ("fd00::/8", "fc12::1", 80, False),
        ("db.internal", "db.internal", 80, True),
        ("DB.Internal.:80", "db.INTERNAL.", 80, True),
        ("db.internal:80", "db.internal", 81, False),
        ("db.internal", "x.db.internal", 80, False),
        ("10.0.0.0/24", "db.internal", 80, True),
        ("10.0.1.0/24", "db.internal", 80, False),
        (" postgres_1:5432 ", "postgres_1", 5432, True),
    ],
)
def test_an_entry_allows_what_it_says(entry: str, host: str, port: int, passes: bool) -> None:
    outbound = Outbound(allow=(entry,), resolver=lambda host, port: ("10.0.0.5",))
    if passes:
        assert outbound.addresses(host, port, encrypted=False)
    else:
        with pytest.raises(AddressRefused):
            outbound.addresses(host, port)


def test_one_allowed_address_does_not_carry_a_refused_one() -> None:
    outbound = Outbound(allow=("10.0.0.0/8",), resolver=lambda host, port: ("10.0.0.5", "192.168.0.1"))
    with pytest.raises(AddressRefused, match="private"):
        outbound.addresses("db.internal", 5432)


@pytest.mark.parametrize(
    "entry",
    [
        *("", "10.0.0.1/8", "10.0.0.0/33", "host:0", "host:65536", "host:http", "http://host", "a b", "*.internal"),
        *("host/8", "user@host", "[::1", "[host]:80", "127.1", "2130706433", "host:80:80", "::1:x", "-a", "a..b"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=r"port that does not exist|none of host"):
        Outbound(allow=(entry,))


@pytest.mark.parametrize("port", [0, -1, 65536, 99999])
def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(AddressRefused, match=str(port)):
        Outbound().addresses("8.8.8.8", port)


def test_the_message_names_the_host_and_the_hint_the_setting() -> None:
    with pytest.raises(AddressRefused) as caught:
        Outbound(resolver=lambda host, port: ("10.1.2.3",)).addresses("DB.example.com", 5432)
    assert caught.value.message == "db.example.com leads to an address of an internal network (private)."
    assert "db.example.com:5432 to AUTONOMOS_OUTBOUND_ALLOW" in caught.value.hint
    with pytest.raises(AddressRefused, match=r"adds \[::1\]:80 to"):
        Outbound().addresses("::1", 80)


def test_credentials_do_not_cross_the_internet_in_the_clear() -> None:
    outbound = Outbound(resolver=lambda host, port: ("8.8.8.8",))
    with pytest.raises(ConfigInvalid, match="not be encrypted"):
        outbound.addresses("api.example.com", 80, encrypted=False)
    allowing = Outbound(allow=("api.example.com:80",), resolver=outbound.resolver)
    assert allowing.addresses("api.example.com", 80, encrypted=False) == ("8.8.8.8",)
    assert not allowing.reach("8.8.8.8", 80).in_clear


@pytest.mark.parametrize(
    ("host", "canonical"),
    [
        ("Bücher.Example", "xn--bcher-kva.example"),
        ("db", "db"),
        ("my-project.supabase.co.", "my-project.supabase.co"),
        ("1password.example", "1password.example"),
        ("[2600:0::1]", "2600::1"),
        ("８.８.８.８", "8.8.8.8"),
    ],
)
def test_a_host_has_one_canonical_form(host: str, canonical: str) -> None:
    assert canonical_host(host) == canonical


def test_a_name_that_is_too_long_is_refused() -> None:
    for host in (".".join(["a" * 63] * 5), "a" * 64 + ".example", "a" * 100_000):
        with pytest.raises(AddressRefused):
            canonical_host(host)


def test_a_resolver_that_hangs_costs_bounded_time() -> None:
    hang = threading.Event()

    def hanging(host: str, port: int) -> tuple[str, ...]:
        hang.wait(10)
        return ("8.8.8.8",)

    started = time.monotonic()
    try:
        with pytest.raises(SourceUnavailable, match=r"slow\.example\.com did not resolve"):
            Outbound(resolver=hanging, timeout_s=0.05).addresses("slow.example.com", 443)
    finally:
        hang.set()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("answer", [(), ("not an address",)])
def test_an_answer_without_a_usable_address_is_no_connection(answer: tuple[str, ...]) -> None:
    with pytest.raises(SourceUnavailable):
        Outbound(resolver=lambda host, port: answer).addresses("db.example.com", 443)


def test_the_system_resolver_knows_localhost() -> None:
    with pytest.raises(AddressRefused, match="localhost"):
        Outbound().addresses("localhost", 80)
