"""Hosts that lead into the platform's own network, in every spelling we know; shared by all tests of addresses.

`HOSTILE` needs no resolver: each is a literal, a malformed name or `localhost`. `NAMES` are names with the answers a
hostile DNS server would give. Behind a host there may be a listener on loopback that counts what arrives.
"""

HOSTILE: tuple[str, ...] = (
    # loopback and its spellings
    *("127.0.0.1", "127.0.0.2", "127.255.255.254", "127.0.0.1.", "127.0.0.1..", "localhost", "LOCALHOST", "localhost."),
    *("127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0X7F.0x0.0X0.0x1", "017700000001"),
    *("0177.0.0.1", "0177.1", "127.0.0.01", "00000127.0.0.1", "127.0.0.0x1", "4294967295", "1"),
    *("１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "127．0．0．1", "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ"),
    *("%31%32%37.0.0.1", "127.0.0.1%00", "127%2e0%2e0%2e1", "localhost%2e", "127.0.0.1%20", "127.0.0.1\u200b"),
    *("127.0.0.1\t", "127.0.0.1\x00.example.com", "example.com\x00.127.0.0.1", " 127.0.0.1", "127.0.0.1 "),
    *(
        "example.com@127.0.0.1",
        "127.0.0.1@",
        "example.com\\@127.0.0.1",
        "user:word@127.0.0.1",
        "127.0.0.1#.example.com",
    ),
    *("-", ".", "..", "a..b", "-a.example", "*", "[", "[]", "[127.0.0.1]", "127.0.0.1/8"),
    # IPv6 and what is embedded in it
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::FFFF:7F00:0001]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]"),
    *(
        "[64:ff9b::10.0.0.1]",
        "[2002:7f00:1::]",
        "[2002:7f00:1::1]",
        "[2001:0:7f00:1::]",
        "[2001:0:4136:e378::80ff:fffe]",
    ),
    *("[2600::5efe:127.0.0.1]", "[2600::200:5efe:a00:1]", "[fe80::1]", "[fe80::1%lo]", "[fe80::1%25lo]", "[::1%lo]"),
    *("[fe80::5efe:127.0.0.1]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[ff0e::1]", "[2001:db8::1]"),
    *("[3fff::1]", "[100::1]", "[2001:2::1]", "[2001:20::1]", "[5f00::1]", "[3ffe::1]", "[::ffff:169.254.169.254]"),
    # private, link-local, metadata, carrier-grade NAT, reserved
    *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "0xa9fea9fe"),
    *("169.254.0.1", "100.64.0.1", "100.100.100.200", "100.127.255.255", "168.63.129.16", "0.0.0.0", "0", "0.1.2.3"),
    *("192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
)

PUBLIC = "93.184.215.14"

NAMES: dict[str, tuple[str, ...]] = {
    "loopback.example.com": ("127.0.0.1",),
    "loopback6.example.com": ("::1",),
    "mapped.example.com": ("::ffff:127.0.0.1",),
    "nat64.example.com": ("64:ff9b::7f00:1",),
    "zone.example.com": ("fe80::1%lo",),
    "private.example.com": ("10.1.2.3",),
    "metadata.example.com": ("169.254.169.254",),
    "public-first.example.com": (PUBLIC, "127.0.0.1"),
    "public-last.example.com": ("127.0.0.1", PUBLIC),
    "public6-first.example.com": ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"),
    "any.localhost": ("127.0.0.1", "::1"),
    "xn--bcher-kva.example": ("127.0.0.1",),
    "bücher.example": ("127.0.0.1",),
    "under_score.example": ("192.168.1.1",),
}


def answers(host: str, port: int) -> tuple[str, ...]:
    """A resolver that knows `NAMES` and localhost, and asks nobody else."""
    known = {name.encode("idna").decode(): found for name, found in NAMES.items()}
    if host == "localhost":
        return ("127.0.0.1", "::1")
    if host == "example.com":  # what is left of example.com\\@127.0.0.1 where a backslash ends the host
        return (PUBLIC,)
    if host not in known:
        raise OSError("no such name")
    return known[host]
