"""How a callback proves whom it comes from: the headers of Standard Webhooks 1.0.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The receiver computes
HMAC-SHA256 over `id.timestamp.body` with the tenant's secret, and refuses what is older than a few minutes.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

SECRET_NAME = "callback"  # of the tenant's secret that signs  # noqa: S105 - a name
_PREFIX = "whsec_"
_BYTES = 32
_SHORTEST, _LONGEST = 24, 64  # bytes, as the specification has it


class SigningSecretInvalid(Exception):
    """The tenant's secret is not one that can sign; the message never shows it."""


def new_signing_secret() -> str:
    """A secret of 32 random bytes, as receivers' libraries want it written."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signature_headers(secret: object, message_id: str, sent_at: int, body: bytes) -> dict[str, str]:
    """The three headers for a body sent at that second.

    Raises:
        SigningSecretInvalid: the secret is not `whsec_` and 24 to 64 bytes in base64.
    """
    signed = b".".join((message_id.encode(), str(sent_at).encode(), body))
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret: object) -> bytes:
    try:
        key = base64.b64decode(str(secret).removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not str(secret).startswith(_PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise SigningSecretInvalid(f"The secret {SECRET_NAME!r} is not whsec_ and 24 to 64 bytes in base64.")
    return key
