"""A Postgres URL as libpq parameters with the checked addresses in them.

libpq connects to `hostaddr` without resolving anything, and still verifies certificates by `host`. The URL is read here
and not by libpq, because libpq also knows parameters that read files of the server or name other places to connect to.
"""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import certifi

from connectors.errors import ConfigInvalid
from connectors.outbound.policy import Outbound

_SCHEMES = ("postgres", "postgresql")
_PORT = 5432
_MOST = 4  # of one host; libpq tries one after the other, each for connect_timeout
# Everything else either reads a file of the server, goes somewhere else or is unknown to libpq.
_PARAMETERS = frozenset(
    {
        "application_name",
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "load_balance_hosts",
        "options",
        "require_auth",
        "sslmode",
        "sslnegotiation",
        "target_session_attrs",
        "tcp_user_timeout",
    }
)
_ENCRYPTED = ("require", "verify-ca", "verify-full")
_UNENCRYPTED = ("disable", "allow", "prefer")
_NO_FILE = "/dev/null/none"  # cannot exist: libpq finds no password or certificate of the server's account
_DEFAULTS = {
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "application_name": "autonomos",
}
# Not for a URL to choose: no Kerberos ticket, client certificate or password file of the server's account is offered.
_FIXED = {"gssencmode": "disable", "sslcertmode": "disable", "passfile": _NO_FILE}


def pinned_parameters(url: str, outbound: Outbound) -> dict[str, Any]:
    """Keywords for psycopg2.connect. `sslmode` is `require` unless the URL asks for more or all hosts are allow-listed.

    Raises:
        ConfigInvalid: the URL is no Postgres URL, has no user, or holds a parameter that a source may not choose.
        AddressRefused, SourceUnavailable: as `Outbound.addresses` does, for any of several hosts.
    """
    user, password, hosts, database, query = _parse(url)
    parameters = _DEFAULTS | query | _FIXED
    reached = [(host, port, outbound.reach(host, port)) for host, port in hosts]
    parameters["sslmode"] = mode = _sslmode(query.get("sslmode"), all(found.in_clear for _, _, found in reached))
    if mode.startswith("verify"):
        parameters["sslrootcert"] = certifi.where()
    # libpq wants as many hosts and ports as addresses.
    places = [(host, address, str(port)) for host, port, found in reached for address in found.addresses[:_MOST]]
    names, addresses, ports = zip(*places, strict=True)
    return parameters | {
        "host": ",".join(names),
        "hostaddr": ",".join(addresses),
        "port": ",".join(ports),
        "user": user,
        "password": password,
        "dbname": database or user,
    }


def _parse(url: str) -> tuple[str, str, list[tuple[str, int]], str, dict[str, str]]:
    """User, password, hosts with ports, database and parameters."""
    if any(not character.isprintable() or character == " " for character in url):
        raise _invalid("holds a space or a control character")
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:  # its text may quote the URL
        raise _invalid("cannot be read", "Percent-encode special characters in the user name and password.") from None
    if parts.scheme not in _SCHEMES or parts.fragment:
        raise _invalid("is no Postgres URL")
    userinfo, _, hosts = parts.netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    if not user:
        raise _invalid("names no user")
    query = dict(pairs)
    if query.keys() - _PARAMETERS:
        # Without its name: after a password with a bare ? in it, that may be part of the password.
        raise _invalid("sets a parameter that a source may not choose", "Keep to sslmode, options and timeouts.")
    if len(query) != len(pairs):
        raise _invalid("sets a parameter twice")
    decoded = unquote(user), unquote(password), unquote(parts.path.removeprefix("/"))
    if any("\0" in part for part in (*decoded, *query.values())):
        raise _invalid("holds a control character")
    return decoded[0], decoded[1], [_host(entry) for entry in hosts.split(",")], decoded[2], query


def _host(entry: str) -> tuple[str, int]:
    """Host and port of one entry of the list."""
    host, separator, port = entry.rpartition(":") if not entry.endswith("]") else (entry, "", "")
    if not separator:
        host, port = entry, str(_PORT)
    if not host or host.startswith(("/", "@")) or "%" in host:
        raise _invalid("names no host on the network", "Unix sockets are not reached; give host and port.")
    if not (port.isascii() and port.isdigit() and len(port) <= 5):
        raise _invalid("has a port that is no number")
    return (host[1:-1] if host.startswith("[") and host.endswith("]") else host), int(port)


def _sslmode(asked: str | None, plain_allowed: bool) -> str:
    if asked is None:
        return "prefer" if plain_allowed else "require"
    if asked not in (*_ENCRYPTED, *_UNENCRYPTED):
        raise _invalid("has an sslmode that does not exist")
    if asked in _UNENCRYPTED and not plain_allowed:
        raise _invalid(f"asks for sslmode={asked}, which may not encrypt", "Use sslmode=require or verify-full.")
    return asked


def _invalid(what: str, hint: str = "Write postgresql://user:password@host:5432/database.") -> ConfigInvalid:
    return ConfigInvalid(f"The database URL {what}.", hint=hint)
