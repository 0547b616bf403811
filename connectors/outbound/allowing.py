"""One entry of the operator's allow-list: how it is written and what it covers."""

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from connectors.outbound.ranges import Address

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_BRACKETED = re.compile(r"\[(?P<host>[^\[\]]+)\](:(?P<port>\d+))?")
_PLAIN = re.compile(r"(?P<host>[^:\[\]]+)(:(?P<port>\d+))?")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A host name or a network, on one port or on all."""

    host: str | None
    network: IPv4Network | IPv6Network | None
    port: int | None

    def covers(self, name: str, port: int, address: Address) -> bool:
        """Whether this address, found under this canonical name, may be reached on this port."""
        if self.port is not None and self.port != port:
            return False
        return name == self.host if self.network is None else address in self.network


def parse_entry(text: str) -> Allowed:
    """The entry as written in a setting.

    Raises:
        ValueError: it is neither a host nor a network, or its port does not exist.
    """
    entry = text.strip()
    shape = _BRACKETED.fullmatch(entry) or _PLAIN.fullmatch(entry)
    host, port = (shape["host"], shape["port"]) if shape else (entry, None)
    if port is not None and not 1 <= int(port) <= 65535:
        raise ValueError(f"{text!r} names a port that does not exist")
    number = None if port is None else int(port)
    if (network := _network(host)) is not None:
        return Allowed(None, network, number)
    name = host.lower().removesuffix(".")
    if shape is None or entry.startswith("[") or not _HOST.fullmatch(name) or name.rpartition(".")[2].isdigit():
        raise ValueError(f"{text!r} is none of host, host:port, 10.0.0.0/8, 10.0.0.0/8:5432 and [::1]:80")
    return Allowed(name, None, number)


def _network(host: str) -> IPv4Network | IPv6Network | None:
    try:
        return ipaddress.ip_network(host)
    except ValueError:
        return None
