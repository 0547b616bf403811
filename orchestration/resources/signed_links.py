"""Links that may be followed without a login for what they name, and nothing else, until they expire.

A token is `payload.mac`, both base64url: the payload is JSON with purpose, tenant, subject and expiry (seconds since
1970), the mac HMAC-SHA256 over it. Signing says nothing of what the page behind a link allows.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

VALID_FOR: Final = timedelta(days=7)
_LONGEST_TOKEN: Final = 1024
_KEY_LABEL: Final = b"autonomos signed links 1"


class LinkInvalid(Exception):
    """The link was not made here, was changed, is for another purpose, or has expired; str() says which, safely."""


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """What a link is good for: one purpose, on one thing of one tenant, until a moment."""

    purpose: str
    tenant_id: UUID
    subject: UUID
    expires_at: datetime


class LinkSigner:
    """Makes and reads the tokens of links, by a key that is derived from the master key."""

    def __init__(self, master_key: bytes) -> None:
        self._key = hmac.digest(master_key, _KEY_LABEL, hashlib.sha256)

    def sign(self, purpose: str, tenant_id: UUID, subject: UUID, now: datetime) -> str:
        """A token that is valid for VALID_FOR."""
        expires_at = int((now + VALID_FOR).timestamp())
        claim = {"p": purpose, "t": tenant_id.hex, "s": subject.hex, "e": expires_at}
        payload = _encoded(json.dumps(claim, separators=(",", ":")).encode())
        return f"{payload}.{_encoded(self._mac(payload))}"

    def read(self, token: str, purpose: str, now: datetime) -> LinkClaim:
        """What the token says.

        Raises:
            LinkInvalid: see there.
        """
        payload, _, mac = token[:_LONGEST_TOKEN].partition(".")
        # The mac comes first: nothing of a payload is looked at before it is known to be ours.
        if not hmac.compare_digest(_decoded(mac), self._mac(payload)):
            raise LinkInvalid("That link was not made here, or was changed.")
        claim = json.loads(_decoded(payload))
        expires_at = datetime.fromtimestamp(claim["e"], UTC)
        if claim["p"] != purpose:
            raise LinkInvalid("That link is for something else.")
        if now >= expires_at:
            raise LinkInvalid("That link has expired.")
        return LinkClaim(claim["p"], UUID(claim["t"]), UUID(claim["s"]), expires_at)

    def _mac(self, payload: str) -> bytes:
        return hmac.digest(self._key, payload.encode("utf-8", "surrogatepass"), hashlib.sha256)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _decoded(text: str) -> bytes:
    """The bytes; none for what is no base64url, which then no mac equals."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
