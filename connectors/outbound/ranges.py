"""Which IP addresses are public, by the IANA special-purpose registries and what clouds put inside public ranges.

Judges addresses only: it resolves nothing and knows no allow-list. The lists are ours because `ipaddress.is_global`
differs between Python versions and calls translated forms of internal addresses (NAT64, 6to4) global.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_V4_INTERNAL = {
    IPv4Network(block): what
    for block, what in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "carrier-grade NAT",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "a cloud's own service",  # Azure's wire server, reachable from its machines only
        "169.254.0.0/16": "link-local",  # cloud metadata
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved",
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "reserved",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
_V6_PUBLIC = IPv6Network("2000::/3")  # all that is handed out; loopback, ULA, link-local, mapped and others lie outside
_V6_INTERNAL = {
    IPv6Network(block): what
    for block, what in {
        "2001::/23": "reserved",  # Teredo, benchmarking, ORCHID
        "2001:db8::/32": "documentation",
        "2002::/16": "6to4",
        "3ffe::/16": "reserved",
        "3fff::/20": "documentation",
    }.items()
}
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)  # upper half of the interface identifier; the lower half is an IPv4 address


def not_public(address: Address) -> str | None:
    """What kind of address it is when it is not one of the public internet; None when it is."""
    if isinstance(address, IPv4Address):
        return _first(address, _V4_INTERNAL) or (None if address.is_global else "reserved")
    if address in _NAT64:
        # Where a network has only IPv6, every public IPv4 host looks like this.
        return not_public(_low_v4(address))
    if address not in _V6_PUBLIC:
        return "internal"
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP and (inside := not_public(_low_v4(address))):
        return inside
    return _first(address, _V6_INTERNAL) or (None if address.is_global else "reserved")


def _low_v4(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)


def _first(address: Address, blocks: dict[IPv4Network, str] | dict[IPv6Network, str]) -> str | None:
    return next((what for block, what in blocks.items() if address in block), None)
