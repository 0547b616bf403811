"""Where a redirect may lead: to the same host, by the same scheme and port, or from http to https."""

from urllib.parse import urljoin, urlsplit

from connectors.errors import AddressRefused
from connectors.outbound.policy import canonical_host

_PORTS = {"http": 80, "https": 443}


def check_redirect(url: str, location: str) -> None:
    """Raise AddressRefused unless `location`, as the answer to `url`, stays at the source.

    What passes is resolved and checked again when it is connected to.
    """
    here, there = _origin(url), _origin(url, location)
    if there != here and not (here[1:] == ("http", 80) and there == (here[0], "https", 443)):
        raise AddressRefused(
            f"{here[0]} redirects to another place ({there[1]}, {there[0]}, port {there[2]}), which is not followed.",
            hint="Give the final address in the connection's configuration.",
        )


def _origin(url: str, location: str = "") -> tuple[str, str, int]:
    """Host, scheme and port of the URL, or of the location as seen from it."""
    try:
        parts = urlsplit(urljoin(url, location))
        scheme = parts.scheme.lower()
        return canonical_host(parts.hostname or ""), scheme, parts.port or _PORTS.get(scheme, 0)
    except ValueError:
        raise AddressRefused("The source redirects to something that is no address.") from None
