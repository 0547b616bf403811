"""The rule: public addresses, and what the operator allowed besides. The one place that resolves names.

Whoever connects asks here first and connects to an address of the answer, never to the name: a name may answer
differently the second time.
"""

import ipaddress
import re
from dataclasses import dataclass, field

from connectors.errors import AddressRefused, ConfigInvalid, SourceUnavailable
from connectors.outbound.allowing import Allowed, parse_entry
from connectors.outbound.ranges import Address, not_public
from connectors.outbound.resolving import Resolver, resolve_by_system, within

SETTING = "AUTONOMOS_OUTBOUND_ALLOW"
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_MOST_ADDRESSES = 16


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a host is: checked addresses, and whether the operator allowed all of them (`in_clear`)."""

    name: str
    addresses: tuple[str, ...]
    in_clear: bool


@dataclass(frozen=True, slots=True)
class Outbound:
    """Addresses that may be reached besides public ones.

    Entries: `host`, `host:port`, `10.0.0.0/8`, `10.0.0.0/8:5432`, `[::1]:80`. A host name allows whatever addresses it
    has; an address or network allows every name whose addresses all lie in it or are public.

    Raises:
        ValueError: an entry cannot be read; the sentence names it.
    """

    allow: tuple[str, ...] = ()
    resolver: Resolver = field(default=resolve_by_system, repr=False, compare=False)
    timeout_s: float = 10.0
    _allowed: tuple[Allowed, ...] = field(default=(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_allowed", tuple(parse_entry(entry) for entry in self.allow))

    def addresses(self, host: str, port: int, stream: str | None = None, *, encrypted: bool = True) -> tuple[str, ...]:
        """The addresses to connect to, in the resolver's order; every one of them was checked.

        With `encrypted=False` only allowed addresses pass: credentials do not cross the internet in the clear.

        Raises:
            AddressRefused: the name is malformed, or one of its addresses is internal and not allowed.
            ConfigInvalid: the address is public, and the connection would not be encrypted.
            SourceUnavailable: the name does not resolve, or not in time.
        """
        found = self.reach(host, port, stream)
        if not (encrypted or found.in_clear):
            raise ConfigInvalid(
                f"The connection to {found.name} would not be encrypted.",
                stream=stream,
                hint=f"Use https or TLS, or the operator adds {_entry(found.name, port)} to {SETTING}.",
            )
        return found.addresses

    def reach(self, host: str, port: int, stream: str | None = None) -> Reach:
        """The same addresses, and whether the connection may be unencrypted. Raises as `addresses` does."""
        if not 1 <= port <= 65535:
            raise AddressRefused(f"Port {port} does not exist.", stream=stream, hint="Use a port from 1 to 65535.")
        name = canonical_host(host, stream)
        found = self._resolve(name, port, stream)
        allowed = [self._judge(name, port, address, stream) for address in found]
        return Reach(name, tuple(str(address) for address in found[:_MOST_ADDRESSES]), all(allowed))

    def _resolve(self, name: str, port: int, stream: str | None) -> tuple[Address, ...]:
        try:
            return (ipaddress.ip_address(name),)
        except ValueError:
            pass
        try:
            answers = within(self.timeout_s, lambda: self.resolver(name, port))
        except TimeoutError:
            raise SourceUnavailable(
                f"The name {name} did not resolve within {self.timeout_s:.0f} s.", stream=stream
            ) from None
        except (OSError, UnicodeError) as error:
            raise SourceUnavailable(
                f"The name {name} does not resolve.",
                stream=stream,
                hint="Check the spelling, and that this machine can ask its DNS server.",
                detail=type(error).__name__,
            ) from None
        found = tuple(dict.fromkeys(_address(name, answer, stream) for answer in answers))
        if not found:
            raise SourceUnavailable(f"The name {name} has no address.", stream=stream)
        return found

    def _judge(self, name: str, port: int, address: Address, stream: str | None) -> bool:
        """Whether the operator allowed it by name or address; raises when that is needed and missing."""
        if any(entry.covers(name, port, address) for entry in self._allowed):
            return True
        if what := not_public(address):
            raise AddressRefused(
                f"{name} leads to an address of an internal network ({what}).",
                stream=stream,
                hint=f"If that is intended, the operator adds {_entry(name, port)} to {SETTING}.",
            )
        return False


def canonical_host(host: str, stream: str | None = None) -> str:
    """The host as it is resolved and compared: lower case, ASCII, no brackets, no trailing dot.

    Raises:
        AddressRefused: no host is written like this (odd numbers, zones, spaces, an empty label).
    """
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        if ":" in bare:
            return str(ipaddress.IPv6Address(bare if "%" not in bare else ""))
        name = bare.encode("idna").decode("ascii").lower().removesuffix(".")
        labels = name.split(".")
        if _NUMERIC.fullmatch(labels[-1]):
            # No name ends in a number, and C libraries read 127.1, 0x7f.1 and 017700000001 as addresses.
            return str(ipaddress.IPv4Address(name))
        if len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels):
            return name
    except ValueError:  # UnicodeError is one
        pass
    raise AddressRefused(
        "The host is not written as a host name or an address.",
        stream=stream,
        hint="Write a name such as db.example.com, 203.0.114.5 or [2600::1], without user, spaces or zone.",
    )


def _address(name: str, answer: str, stream: str | None) -> Address:
    try:
        return ipaddress.ip_address(answer.partition("%")[0])
    except ValueError:
        raise SourceUnavailable(f"The name {name} resolves to something that is no address.", stream=stream) from None


def _entry(name: str, port: int) -> str:
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
