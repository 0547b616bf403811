"""MongoDB: members found later are checked like those in the URL, and the URL cannot ask for more than reading."""

import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError
from pymongo.monitoring import ServerHeartbeatFailedEvent, ServerHeartbeatListener
from pymongo.synchronous.pool import Pool

from connectors.errors import AddressRefused, ConfigInvalid, ConnectorError, NeedsPerson
from connectors.limits import Limits
from connectors.outbound.mongodb import guarded_mongo_client, refusal_of
from connectors.outbound.policy import Outbound
from tests.connectors.outbound.certificates import Authority
from tests.connectors.outbound.conftest import Listener
from tests.connectors.outbound.mongo_server import MongoServer

LIMITS = Limits(timeout_s=2)
BRIEF = Limits(timeout_s=0.3)


class Heartbeats(ServerHeartbeatListener):
    """Waits for a monitor to fail at an address."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.failed_there = threading.Event()
        self.error: object = None

    def started(self, event: object) -> None: ...

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        if event.connection_id[1] == self._port:
            self.error = event.reply
            self.failed_there.set()


def test_an_allowed_loopback_server_works() -> None:
    with MongoServer() as server:
        outbound = Outbound(allow=(f"127.0.0.1:{server.port}",))
        with guarded_mongo_client(f"mongodb://127.0.0.1:{server.port}/", outbound, LIMITS) as client:
            assert client.admin.command("ping")["ok"] == 1
        assert "ping" in server.commands


def test_every_connection_asks_for_the_address() -> None:
    """Guards the hook into pymongo: monitors and pools both open their sockets through ours."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> tuple[str, ...]:
        asked.append(threading.current_thread().name)
        return ("127.0.0.1",)

    with MongoServer() as server:
        outbound = Outbound(allow=("db.example.com",), resolver=resolver)
        url = f"mongodb://db.example.com:{server.port}/"
        with guarded_mongo_client(url, outbound, LIMITS) as client:
            client.admin.command("ping")
    assert len(asked) >= 3  # the URL, a monitor, a pool


def test_other_clients_of_the_process_keep_their_own_pool() -> None:
    before = Pool.connect
    with MongoServer() as server:
        outbound = Outbound(allow=(f"127.0.0.1:{server.port}",))
        guarded_mongo_client(f"mongodb://127.0.0.1:{server.port}/", outbound, LIMITS).close()
    assert Pool.connect is before


@pytest.mark.parametrize("allowed", ["127.0.0.1:{first}", "127.0.0.1:{first},127.0.0.5"])
def test_a_member_at_a_refused_address_is_not_connected_to(listeners: list[Listener], allowed: str) -> None:
    refused = listeners[0].port
    heartbeats = Heartbeats(refused)
    with MongoServer() as server:
        server.hello = {
            "setName": "rs",
            "me": f"127.0.0.1:{server.port}",
            "hosts": [f"127.0.0.1:{server.port}", f"127.0.0.1:{refused}"],
        }
        outbound = Outbound(allow=tuple(allowed.format(first=server.port).split(",")))
        url = f"mongodb://127.0.0.1:{server.port}/?replicaSet=rs"
        with guarded_mongo_client(url, outbound, LIMITS, event_listeners=[heartbeats]) as client:
            assert client.admin.command("ping")["ok"] == 1
            assert heartbeats.failed_there.wait(5)
    assert isinstance(heartbeats.error, AddressRefused)
    assert [listener.connections() for listener in listeners] == [0] * len(listeners)


def test_a_primary_at_a_refused_address_is_the_reason_given(listeners: list[Listener]) -> None:
    refused = listeners[0].port
    with MongoServer() as server:
        server.hello = {"setName": "rs", "hosts": [f"localhost:{refused}"], "me": f"127.0.0.1:{server.port}"}
        server.hello |= {"isWritablePrimary": False, "ismaster": False, "secondary": True}
        server.hello |= {"primary": f"localhost:{refused}"}
        outbound = Outbound(allow=(f"127.0.0.1:{server.port}",))
        url = f"mongodb://127.0.0.1:{server.port}/?replicaSet=rs"
        with guarded_mongo_client(url, outbound, BRIEF) as client:
            with pytest.raises(ServerSelectionTimeoutError, match="localhost leads to"):
                client.admin.command("ping")
            reason = refusal_of(client)
    assert isinstance(reason, AddressRefused)
    assert reason.message.startswith("localhost leads to")
    assert [listener.connections() for listener in listeners] == [0] * len(listeners)


def test_a_name_that_answers_differently_the_second_time_is_refused(listeners: list[Listener]) -> None:
    turns = iter([("127.0.0.2",)])
    outbound = Outbound(allow=("127.0.0.2",), resolver=lambda host, port: next(turns, ("127.0.0.1",)))
    url = f"mongodb://rebinding.example.com:{listeners[0].port}/"
    with guarded_mongo_client(url, outbound, BRIEF) as client:
        with pytest.raises(PyMongoError):
            client.admin.command("ping")
        assert isinstance(refusal_of(client), AddressRefused)
    assert [listener.connections() for listener in listeners] == [0] * len(listeners)


def test_tls_names_and_verifies_the_host_not_the_address(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    outbound = Outbound(allow=("127.0.0.1",), resolver=lambda host, port: ("127.0.0.1",))
    with MongoServer(tls=authority.server_context("db.example.com")) as server:
        url = f"mongodb://db.example.com:{server.port}/?tls=true"
        with guarded_mongo_client(url, outbound, LIMITS, tlsCAFile=str(authority.file)) as client:
            assert client.admin.command("ping")["ok"] == 1
        other = f"mongodb://other.example.com:{server.port}/?tls=true"
        with (
            guarded_mongo_client(other, outbound, BRIEF, tlsCAFile=str(authority.file)) as client,
            pytest.raises(ServerSelectionTimeoutError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            client.admin.command("ping")


def test_a_public_server_is_reached_with_tls_only(connected: list[str]) -> None:
    outbound = Outbound(resolver=lambda host, port: ("8.8.8.8",))
    client = guarded_mongo_client("mongodb://db.example.com/", outbound, LIMITS, connect=False)
    assert client.options.pool_options._ssl_context is not None
    client.close()
    with pytest.raises(ConfigInvalid, match="not encrypted"):
        guarded_mongo_client("mongodb://db.example.com/?tls=false", outbound, LIMITS)
    assert [address for address in connected if "8.8.8.8" in address] == []


def test_a_public_member_of_an_unencrypted_set_is_not_connected_to(connected: list[str]) -> None:
    names = {"inside.example.com": "127.0.0.1", "outside.example.com": "8.8.8.8"}
    outbound = Outbound(allow=("127.0.0.1",), resolver=lambda host, port: (names[host],))
    with MongoServer() as server:
        members = [f"inside.example.com:{server.port}", "outside.example.com:27017"]
        server.hello = {"setName": "rs", "me": members[0], "hosts": members}
        heartbeats = Heartbeats(27017)
        url = f"mongodb://inside.example.com:{server.port}/?replicaSet=rs"
        with guarded_mongo_client(url, outbound, LIMITS, event_listeners=[heartbeats]) as client:
            assert client.admin.command("ping")["ok"] == 1
            assert heartbeats.failed_there.wait(5)
    assert isinstance(heartbeats.error, ConfigInvalid)
    assert {address for address in connected if "8.8.8.8" in address} == set()


def srv_url(rest: str) -> str:
    return f"mongodb+srv://{rest}"


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://%2Ftmp%2Fmongodb-27017.sock/",
        "mongodb:///tmp/mongodb-27017.sock",
        "mongodb://mongodb-27017.sock/",
        "mongodb://",
        "mongodb:///",
        "mongodb://8.8.8.8,/",
        "mongodb://8.8.8.8:x/",
        "mongodb://8.8.8.8:0/",
        "mongodb://8.8.8.8,127.0.0.1/",
        "mongodb://8.8.8.8,10.0.0.1:27018/?replicaSet=rs",
        "mongodb://8.8.8.8/?tlsCAFile=/etc/passwd",
        "mongodb://8.8.8.8/?TLSCERTIFICATEKEYFILE=/etc/passwd",
        "mongodb://8.8.8.8/?tls%43AFile=/etc/passwd",
        "mongodb://8.8.8.8/?w=1;tlsCRLFile=/etc/passwd",
        "mongodb://8.8.8.8/?tlsInsecure=true",
        "mongodb://8.8.8.8/?tlsAllowInvalidCertificates=true",
        "mongodb://8.8.8.8/?proxyHost=127.0.0.1&proxyPort=1080",
        "mongodb://u:p@8.8.8.8/?authMechanism=MONGODB-AWS",
        "mongodb://u@8.8.8.8/?authMechanism=MONGODB-OIDC",
        "mongodb://8.8.8.8/?authMechanism=MONGODB-X509",
        "mongodb://u@8.8.8.8/?authMechanism=gssapi",
        "mongodb://8.8.8.8/?authMechanismProperties=ENVIRONMENT:azure",
        "mongodb://8.8.8.8/?readPreference=nonsense",
        "mongodb://u:p:p@8.8.8.8/",
        "mongodb://8.8.8.8/\n",
        "http://8.8.8.8/",
        "MONGODB://8.8.8.8/",
        srv_url("127.0.0.1/"),
        srv_url("a.example.com,b.example.com/"),
        srv_url("a.example.com:27017/"),
    ],
)
def test_a_url_that_asks_for_more_than_a_database_is_refused(url: str, connected: list[str]) -> None:
    with pytest.raises(NeedsPerson) as caught:
        guarded_mongo_client(url, Outbound(), LIMITS, connect=False)
    assert caught.value.hint
    assert connected == []


@pytest.mark.parametrize(
    "make",
    [
        lambda canary: f"mongodb://user:{canary}:x@8.8.8.8/",
        lambda canary: f"mongodb://user:{canary}@8.8.8.8/?tlsCAFile={canary}",
        lambda canary: f"mongodb://user:{canary}@8.8.8.8/?{canary}=1",
        lambda canary: f"mongodb://user:{canary}@8.8.8.8/?readPreference={canary}",
        lambda canary: f"mongodb://user:{canary}@127.0.0.1/",
        lambda canary: f"mongodb://user:{canary}@/",
        lambda canary: f"mongodb://user:x?{canary}&y@8.8.8.8/",
        lambda canary: f"mongodb://user:x?authMechanism={canary}@8.8.8.8/",
        lambda canary: f"mongodb://user:{canary}/@8.8.8.8/",
        lambda canary: f"http://user:{canary}@8.8.8.8/",
    ],
)
def test_no_error_shows_the_password(make: Callable[[str], str]) -> None:
    canary = "canary" + "7788"  # not as one word in the source lines of the traceback
    with pytest.raises(ConnectorError) as caught:
        guarded_mongo_client(make(canary), Outbound(), LIMITS, connect=False)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caught.value.detail
    assert canary not in shown
