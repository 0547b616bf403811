"""A MongoDB client that reaches checked addresses only, also when servers name other members or DNS lists them.

Every TCP connection of pymongo, of its monitors too, is opened by a pool; ours resolves, checks and pins before each.
The URL's options are an allow-list: others read files of the server, ask cloud metadata for credentials or use a proxy.
"""

from types import FunctionType
from typing import Any
from urllib.parse import unquote

from dns.exception import DNSException
from pymongo import MongoClient
from pymongo.errors import ConfigurationError, PyMongoError
from pymongo.network_layer import NetworkingInterface
from pymongo.pool_shared import _create_connection, _wrap_socket_tls
from pymongo.synchronous.pool import Pool
from pymongo.uri_parser import split_options

from connectors.errors import ConfigInvalid, ConnectorError, SourceUnavailable
from connectors.limits import Limits
from connectors.outbound.policy import Outbound, canonical_host

_PLAIN_SCHEME, _SRV_SCHEME = "mongodb://", "mongodb+srv://"
_PORT = 27017
_OPTIONS = frozenset(
    {
        *("appname", "compressors", "uuidrepresentation", "zlibcompressionlevel"),
        *("authmechanism", "authsource", "ssl", "tls"),
        *("directconnection", "loadbalanced", "replicaset", "srvmaxhosts", "srvservicename"),
        *("connecttimeoutms", "serverselectiontimeoutms", "sockettimeoutms", "timeoutms", "waitqueuetimeoutms"),
        *("heartbeatfrequencyms", "maxidletimems", "maxpoolsize", "minpoolsize", "servermonitoringmode"),
        *("localthresholdms", "maxstalenessseconds", "readpreference", "readpreferencetags"),
        *("journal", "readconcernlevel", "retryreads", "retrywrites", "w", "wtimeoutms"),
    }
)
# The others take credentials from the server: files, Kerberos tickets, the metadata service of its cloud.
_MECHANISMS = ("DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN")
_HOOK = "_configured_socket_interface"
_MOST_CONNECT_S = 10.0
_MOST_SELECTION_S = 30.0


def guarded_mongo_client(url: str, outbound: Outbound, limits: Limits, **options: Any) -> MongoClient[Any]:
    """A client for the URL, with `options` of MongoClient before our own. TLS unless every host is allow-listed.

    Raises:
        ConfigInvalid: the URL is no MongoDB URL or holds an option that a source may not choose.
        AddressRefused, SourceUnavailable: as `Outbound.addresses` does, for a host in the URL. A member that is found
            later and refused is not connected to; `refusal_of` tells the reason.
    """
    hosts, given = _parse(url)
    chosen = _chosen(given, hosts, outbound, limits) | options
    try:
        return MongoClient(url, _pool_class=_guarded_pool(outbound), **chosen)
    except ConfigurationError as error:
        raise (_no_record(error) if isinstance(error.__cause__, DNSException) else _unusable(error)) from None
    except (PyMongoError, ValueError, TypeError) as error:
        raise _unusable(error) from None


def refusal_of(client: MongoClient[Any]) -> ConnectorError | None:
    """Why a server of the client was not connected to, if it was ours to refuse (or its name did not resolve).

    pymongo itself says only that no server was found in time.
    """
    servers = client.topology_description.server_descriptions().values()
    return next((server.error for server in servers if isinstance(server.error, ConnectorError)), None)


def _guarded_pool(outbound: Outbound) -> type[Pool]:
    """pymongo's pool with its sockets opened by us.

    `_pool_class` is pymongo's hook for deep customization (4.20, mongo_client.py), and a pool opens sockets through one
    function of its module. Our copy of `Pool.connect` sees our function under that name; nothing is changed for other
    clients of the process. Should a newer pymongo open sockets in another way, this raises instead of letting it.
    """

    def open_checked(address: tuple[str, int | None], options: Any, _cache: Any = None) -> NetworkingInterface:
        host, port = address[0], address[1] or _PORT
        failure: OSError = OSError("no address")
        for checked in outbound.addresses(host, port, encrypted=options._ssl_context is not None):
            try:
                sock = _create_connection((checked, port), options)
            except OSError as error:
                failure = error
                continue
            return NetworkingInterface(_wrap_socket_tls(sock, (host, port), options))
        raise failure

    connect: Any = Pool.connect
    if _HOOK not in connect.__code__.co_names or _HOOK not in connect.__globals__:
        raise RuntimeError("this pymongo opens its sockets in a way that connectors/outbound/mongodb.py does not know")
    names = {**connect.__globals__, _HOOK: open_checked}
    guarded = FunctionType(connect.__code__, names, "connect", connect.__defaults__, connect.__closure__)
    return type("GuardedPool", (Pool,), {"connect": guarded})


def _chosen(given: dict[str, str], hosts: list[tuple[str, int]], outbound: Outbound, limits: Limits) -> dict[str, Any]:
    """Our options of the client, which go before those in the URL."""
    mechanism = given.get("authmechanism", "DEFAULT").upper()
    if mechanism not in _MECHANISMS:
        raise _invalid(
            "asks for an authMechanism that is not a user name and password", f"Use one of {', '.join(_MECHANISMS)}."
        )
    chosen: dict[str, Any] = {
        "appname": given.get("appname", "autonomos"),
        "connectTimeoutMS": round(min(limits.timeout_s, _MOST_CONNECT_S) * 1000),
        "serverSelectionTimeoutMS": round(min(limits.timeout_s, _MOST_SELECTION_S) * 1000),
        "socketTimeoutMS": round(limits.timeout_s * 1000),
        "waitQueueTimeoutMS": round(limits.timeout_s * 1000),
    }
    reached = [outbound.reach(host, port) for host, port in hosts]
    asked = given.get("tls", given.get("ssl"))
    if asked is None:
        chosen["tls"] = not (reached and all(found.in_clear for found in reached))
    encrypted = bool(chosen.get("tls", str(asked).lower() == "true"))
    if encrypted:
        chosen["tlsDisableOCSPEndpointCheck"] = True  # the endpoint would be one the server's certificate names
    elif any(not found.in_clear for found in reached):
        raise _invalid("asks for a connection that is not encrypted", "Remove tls=false from it.")
    return chosen


def _parse(url: str) -> tuple[list[tuple[str, int]], dict[str, str]]:
    """Hosts in the URL (none of mongodb+srv: DNS lists them) and its options by lower-case name."""
    scheme = next((scheme for scheme in (_PLAIN_SCHEME, _SRV_SCHEME) if url.startswith(scheme)), None)
    if scheme is None or not url.isprintable():
        raise _invalid("is no MongoDB URL")
    place, _, query = url.removeprefix(scheme).partition("?")
    options: dict[str, str] = {}
    for pair in filter(None, query.replace(";", "&").split("&")):
        name, _, value = pair.partition("=")
        options[unquote(name).lower()] = unquote(value)
    if options.keys() - _OPTIONS:
        # Without its name: after a password with a bare ? in it, that may be part of the password.
        raise _invalid(
            "sets an option that a source may not choose", "Keep to tls, authSource, replicaSet and the like."
        )
    try:
        if query:
            split_options(query, validate=True, warn=False)
    except (PyMongoError, ValueError, TypeError):
        raise _invalid("sets an option to a value that it does not have") from None
    entries = place.partition("/")[0].rpartition("@")[2].split(",")
    hosts = [_host(entry) for entry in entries]
    if scheme == _PLAIN_SCHEME:
        return hosts, options
    name = canonical_host(hosts[0][0])
    if len(entries) != 1 or ":" in entries[0] or name.rpartition(".")[2].isdigit():
        raise _invalid("names more than a host name, which is all that mongodb+srv takes")
    return [], options


def _host(entry: str) -> tuple[str, int]:
    host, separator, port = entry.rpartition(":") if not entry.endswith("]") else (entry, "", "")
    if not separator:
        host, port = entry, str(_PORT)
    if not host or "%" in host or host.lower().endswith(".sock"):
        raise _invalid("names no host on the network", "Unix sockets are not reached; give host and port.")
    if not (port.isascii() and port.isdigit() and len(port) <= 5):
        raise _invalid("has a port that is no number")
    return host, int(port)


def _no_record(error: Exception) -> SourceUnavailable:
    return SourceUnavailable(
        "The MongoDB host has no SRV record, or DNS does not answer.",
        hint="Check the host's spelling; hosts without such a record are written mongodb://host:port.",
        detail=type(error.__cause__).__name__,
    )


def _unusable(error: Exception) -> ConfigInvalid:
    """Without pymongo's text, which may quote the URL."""
    return ConfigInvalid(
        "The MongoDB URL cannot be used.",
        hint="Percent-encode special characters in the user name and password, and check the options.",
        detail=type(error).__name__,
    )


def _invalid(what: str, hint: str = "Write mongodb+srv://user:password@host/database.") -> ConfigInvalid:
    return ConfigInvalid(f"The MongoDB URL {what}.", hint=hint)
