"""Postgres URLs: pinned to what was checked, encrypted on the internet, and nothing of the server's account in use."""

import traceback
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg2
import pytest

from connectors.errors import AddressRefused, ConfigInvalid, ConnectorError
from connectors.outbound.policy import Outbound
from connectors.outbound.postgres import pinned_parameters

NAMES = {"db.example.com": ("8.8.8.8", "2600::1"), "two.example.com": ("9.9.9.9",), "in.example.com": ("127.0.0.1",)}


def outbound(*allow: str) -> Outbound:
    return Outbound(allow=allow, resolver=lambda host, port: NAMES[host])


def test_the_checked_addresses_are_the_ones_libpq_connects_to() -> None:
    url = "postgresql://re%40der:p%3Aw%2F@db.example.com,two.example.com:6432/sales%20db"
    parameters = pinned_parameters(url, outbound())
    assert parameters["host"] == "db.example.com,db.example.com,two.example.com"
    assert parameters["hostaddr"] == "8.8.8.8,2600::1,9.9.9.9"
    assert parameters["port"] == "5432,5432,6432"
    assert (parameters["user"], parameters["password"], parameters["dbname"]) == ("re@der", "p:w/", "sales db")


def test_one_resolution_is_all_there_is() -> None:
    turns = [("8.8.8.8",), ("127.0.0.1",)]
    rebinding = Outbound(resolver=lambda host, port: turns.pop(0))
    assert pinned_parameters("postgres://u:p@db.example.com/d", rebinding)["hostaddr"] == "8.8.8.8"
    with pytest.raises(AddressRefused):
        pinned_parameters("postgres://u:p@db.example.com/d", rebinding)


@pytest.mark.parametrize(
    ("query", "allow", "mode"),
    [
        ("", "", "require"),
        ("?sslmode=require", "", "require"),
        ("?sslmode=verify-full", "", "verify-full"),
        ("", "db.example.com", "prefer"),
        ("?sslmode=disable", "db.example.com", "disable"),
        ("?sslmode=verify-ca", "db.example.com", "verify-ca"),
    ],
)
def test_the_internet_is_crossed_encrypted(query: str, allow: str, mode: str) -> None:
    policy = outbound(*filter(None, [allow]))
    parameters = pinned_parameters(f"postgres://u:p@db.example.com/d{query}", policy)
    assert parameters["sslmode"] == mode
    assert ("sslrootcert" in parameters) == mode.startswith("verify")


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "nonsense"])
def test_an_sslmode_that_may_not_encrypt_is_refused_on_the_internet(mode: str) -> None:
    with pytest.raises(ConfigInvalid, match="sslmode"):
        pinned_parameters(f"postgres://u:p@db.example.com/d?sslmode={mode}", outbound())
    with pytest.raises(ConfigInvalid, match="sslmode"):
        pinned_parameters(f"postgres://u:p@in.example.com,db.example.com/d?sslmode={mode}", outbound("127.0.0.1"))


def test_nothing_of_the_servers_account_is_offered() -> None:
    parameters = pinned_parameters("postgres://u@db.example.com", outbound())
    assert (parameters["password"], parameters["dbname"]) == ("", "u")
    assert parameters["sslcertmode"] == "disable"
    assert parameters["gssencmode"] == "disable"
    assert parameters["passfile"].startswith("/dev/null/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgres://",
        "postgres:///d",
        "postgres://u:p@/d",
        "postgres://u:p@/d?host=/var/run/postgresql",
        "postgres://u:p@%2Fvar%2Frun%2Fpostgresql/d",
        "postgres://8.8.8.8/d",
        "postgres://u:p@8.8.8.8:x/d",
        "postgres://u:p@8.8.8.8:-5/d",
        "postgres://u:p@8.8.8.8/d?hostaddr=127.0.0.1",
        "postgres://u:p@8.8.8.8/d?HOSTADDR=127.0.0.1",
        "postgres://u:p@8.8.8.8/d?host%61ddr=127.0.0.1",
        "postgres://u:p@8.8.8.8/d?service=inside",
        "postgres://u:p@8.8.8.8/d?servicefile=/etc/x",
        "postgres://u:p@8.8.8.8/d?passfile=/etc/pgpass",
        "postgres://u:p@8.8.8.8/d?sslkey=/etc/ssl/private/key.pem",
        "postgres://u:p@8.8.8.8/d?sslcert=/etc/passwd",
        "postgres://u:p@8.8.8.8/d?sslrootcert=/etc/passwd",
        "postgres://u:p@8.8.8.8/d?sslcrl=/etc/passwd",
        "postgres://u:p@8.8.8.8/d?sslkeylogfile=/srv/keys",
        "postgres://u:p@8.8.8.8/d?krbsrvname=postgres",
        "postgres://u:p@8.8.8.8/d?requiressl=0",
        "postgres://u:p@8.8.8.8/d?sslmode=require&sslmode=disable",
        "postgres://u:p@8.8.8.8/d?sslmode",
        "postgres://u:p@8.8.8.8/d%00?sslmode=require",
        "postgres://u:p@8.8.8.8/d#x",
        "postgres://u:p@8.8.8.8/d e",
        "postgres://u:p@8.8.8.8/d\n",
        "postgres://u:p@[::1/d",
        "http://u:p@8.8.8.8/d",
        "host=127.0.0.1 dbname=d user=u",
    ],
)
def test_a_url_that_asks_for_more_than_a_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        pinned_parameters(url, Outbound())
    assert caught.value.hint


@pytest.mark.parametrize(
    "hosts", ["db.example.com,in.example.com", "in.example.com,db.example.com", "8.8.8.8,[::1]", "8.8.8.8:1:2"]
)
def test_one_refused_host_of_a_list_refuses_the_url(hosts: str) -> None:
    with pytest.raises(AddressRefused):
        pinned_parameters(f"postgres://u:p@{hosts}/d", outbound())


@pytest.mark.parametrize(
    "make",
    [
        lambda canary: f"postgres://user:{canary}@127.0.0.1/d",
        lambda canary: f"postgres://user:{canary}@[::1/d",
        lambda canary: f"postgres://user:{canary}@8.8.8.8:x/d",
        lambda canary: f"postgres://user:{canary}/@8.8.8.8/d",
        lambda canary: f"postgres://user:x?{canary}=@8.8.8.8/d",
        lambda canary: f"postgres://user:x#{canary}@8.8.8.8/d",
        lambda canary: f"postgres://:{canary}@8.8.8.8/d",
        lambda canary: f"postgres://user:{canary} @8.8.8.8/d",
        lambda canary: f"user={canary}",
    ],
)
def test_no_error_shows_the_password(make: Callable[[str], str]) -> None:
    canary = "canary" + "7788"  # not as one word in the source lines of the traceback
    with pytest.raises(ConnectorError) as caught:
        pinned_parameters(make(canary), Outbound())
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caught.value.detail
    assert canary not in shown


@pytest.mark.servers
def test_a_real_server_is_reached_by_a_name_that_only_our_resolver_knows(
    postgres_admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(postgres_admin_url)
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.9")
    monkeypatch.setenv("PGPASSWORD", "wrong")
    url = f"postgresql://{parts.username}:{parts.password}@in.example.com:{parts.port}/postgres"
    connection = psycopg2.connect(**pinned_parameters(url, outbound(f"127.0.0.1:{parts.port}")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT host(inet_server_addr())")
        assert cursor.fetchone() == ("127.0.0.1",)
    connection.close()


@pytest.mark.servers
def test_a_password_of_the_servers_environment_is_not_used(
    postgres_admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(postgres_admin_url)
    monkeypatch.setenv("PGPASSWORD", str(parts.password))
    url = f"postgresql://{parts.username}@in.example.com:{parts.port}/postgres"
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        psycopg2.connect(**pinned_parameters(url, outbound("127.0.0.1")))
