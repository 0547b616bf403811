"""Access tokens: signed with Ed25519, ten minutes long, for one log-in in one tenant. What is checked, and how.

The header is compared with the only one we write before any cryptography, so nothing in it chooses how it is checked:
RFC 8725 (JWT best practices) and RFC 9068 (`at+jwt`). Whether the log-in still holds is the authenticator's question.
"""

import base64
import binascii
import json
import re
import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from api.problems import Unauthenticated
from orchestration.control_plane.signing_keys import TOKEN_LIFETIME_S

LIFETIME_S: Final = TOKEN_LIFETIME_S
LEEWAY_S: Final = 5
ISSUER: Final = "autonomos"
AUDIENCE: Final = "autonomos-api"
_LONGEST: Final = 1500  # characters; ours have about 560
_ALGORITHM: Final = "EdDSA"
_TYPE: Final = "at+jwt"
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}")
_KID = re.compile(r"[0-9a-f]{16}")
_CLAIMS: Final = ("iss", "aud", "sub", "tid", "sid", "jti", "iat", "nbf", "exp")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a token says: which log-in of which user in which tenant, by which key, until when."""

    tenant_id: UUID
    user_id: UUID
    login_id: UUID
    kid: str
    expires_at: float  # seconds since 1970


def issue(kid: str, key: Ed25519PrivateKey, tenant_id: UUID, user_id: UUID, login_id: UUID) -> str:
    """A token that is good from now on."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "tid": str(tenant_id),
        "sid": str(login_id),
        "jti": uuid4().hex,
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME_S,
    }
    return jwt.encode(claims, key, _ALGORITHM, headers={"kid": kid, "typ": _TYPE})


def claimed_kid(token: str) -> str:
    """Which key has to verify the token. Raises Unauthenticated for every header but ours."""
    if len(token) > _LONGEST or not _SHAPE.fullmatch(token):
        raise Unauthenticated
    header, payload, signature = token.split(".")
    # A text that decodes to the same bytes as another would be a second token for one signature.
    if not all(map(_is_canonical, (header, payload, signature))):
        raise Unauthenticated
    found = _json_object(header)
    kid = found.pop("kid", None)
    if found != {"alg": _ALGORITHM, "typ": _TYPE} or not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise Unauthenticated
    return kid


def verify(token: str, kid: str, key: Ed25519PublicKey) -> AccessToken:
    """What the token says, if that key signed it and it is good now. Raises Unauthenticated."""
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=LEEWAY_S,
            options={"require": list(_CLAIMS), "strict_aud": True, "verify_jti": True, "verify_sub": True},
        )
        if set(claims) != set(_CLAIMS) or not all(type(claims[name]) is int for name in ("iat", "nbf", "exp")):
            raise Unauthenticated
        if not 0 < claims["exp"] - claims["iat"] <= LIFETIME_S:
            raise Unauthenticated
        tenant_id, user_id, login_id = (UUID(claims[name]) for name in ("tid", "sub", "sid"))
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        raise Unauthenticated from None
    return AccessToken(tenant_id, user_id, login_id, kid, claims["exp"] + LEEWAY_S)


def _is_canonical(part: str) -> bool:
    try:
        decoded = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() == part


def _json_object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        raise Unauthenticated from None
    if not isinstance(found, dict):
        raise Unauthenticated
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
