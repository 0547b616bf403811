"""API keys of the stand-in: JWTs signed with its secret, one for each role a key may stand for."""

import hashlib
import hmac
import time

import jwt

ROLES = ("anon", "authenticated", "service_role", "reader")
_EPOCH = 1_700_000_000  # keys stay the same from start to start


def derived(secret: str, purpose: str) -> str:
    """A password or signing key for one purpose."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def api_key(secret: str, role: str, *, expires_in_s: float | None = None) -> str:
    """A key for the role; with `expires_in_s` it is one of this moment, else one that lasts for decades."""
    expires = _EPOCH + 2_000_000_000 if expires_in_s is None else int(time.time() + expires_in_s)
    claims = {"iss": "supabase", "ref": "sandbox", "role": role, "iat": _EPOCH, "exp": expires}
    return jwt.encode(claims, derived(secret, "jwt"), algorithm="HS256")


def claimed_role(secret: str, token: str, *, expired: bool = False) -> str:
    """The role of a token. Raises jwt.InvalidTokenError, jwt.ExpiredSignatureError among them unless `expired` goes."""
    claims = jwt.decode(token, derived(secret, "jwt"), algorithms=["HS256"], options={"verify_exp": not expired})
    role = claims.get("role", "anon")
    return role if role in ROLES else "anon"


def signed_by(secret: str, token: str) -> bool:
    """What the gateway looks at: whether the key is one of the project's, expired or not."""
    try:
        jwt.decode(token, derived(secret, "jwt"), algorithms=["HS256"], options={"verify_exp": False})
    except jwt.InvalidTokenError:
        return False
    return True
