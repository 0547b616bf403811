"""What is refused before anybody looks at it: hosts that are not ours, requests that are too large."""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from api.problems import AddressTooLong, HeadersTooLarge, Malformed, Problem, TooLarge
from orchestration.resources.settings import Settings

LONGEST_ADDRESS = 8_192
LARGEST_HEADERS = 32_768
MOST_HEADERS = 100
UPLOADS = ("POST", "/api/v1/aam/files")


class Admission:
    """Limits of one application."""

    def __init__(self, settings: Settings) -> None:
        self._largest_body = settings.max_body_bytes
        self._largest_upload = settings.upload_limit_mb * 2**20
        public = urlsplit(settings.public_url).hostname or ""
        named = (one.strip().lower() for one in settings.allowed_hosts.split(","))
        self._hosts = frozenset(filter(None, ("localhost", settings.host.lower(), public.lower(), *named)))
        self._is_ours = lru_cache(maxsize=1024)(self._decide)

    def refusal(self, address_length: int, headers_size: tuple[int, int], host: bytes) -> Problem | None:
        """Why not to look at the request; None to go on. `headers_size`: how many, and their bytes."""
        if address_length > LONGEST_ADDRESS:
            return AddressTooLong()
        if headers_size[0] > MOST_HEADERS or headers_size[1] > LARGEST_HEADERS:
            return HeadersTooLarge()
        if not self._is_ours(host):
            return Malformed("This server does not answer for that Host; its operator can add it to the allowed hosts.")
        return None

    def largest_body(self, method: str, path: str) -> int:
        """How many bytes a request to that address may have; a file that is sent has a limit of its own."""
        return self._largest_upload if (method, path) == UPLOADS else self._largest_body

    def too_large(self, content_length: bytes | None, largest: int) -> Problem | None:
        """Why not to read a body of that announced length."""
        if content_length is None:
            return None
        if not content_length.isdigit():
            return Malformed("Content-Length is no number.")
        return TooLarge(f"A body may have {largest} bytes.") if int(content_length) > largest else None

    def _decide(self, host: bytes) -> bool:
        """Names that were not given are refused: a page of somebody else's may have made its name point at us.

        A number is nobody's name, so an address as such is always ours.
        """
        name = host.decode("latin-1").lower()
        name = name[1 : name.find("]")] if name.startswith("[") else name.partition(":")[0]
        if "*" in self._hosts or name in self._hosts:
            return True
        if any(one.startswith("*.") and name.endswith(one[1:]) for one in self._hosts):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True
