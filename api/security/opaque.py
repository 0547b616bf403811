"""Proofs that mean nothing to whoever reads them: refresh tokens, invitations, API keys. Kept as a hash alone.

256 random bits each, so a plain sha256 is enough: there is nothing to guess. The prefix lets secret scanners find one.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

_PREFIX_LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PREFIX_LENGTH: Final = 10
_KEY = re.compile(r"ak_([0-9a-z]{10})_([A-Za-z0-9_-]{43})")


def new_refresh_token() -> str:
    """A refresh token."""
    return f"rt_{secrets.token_urlsafe(32)}"


def new_invitation_token() -> str:
    """The token of an invitation."""
    return f"inv_{secrets.token_urlsafe(32)}"


def sha256_hex(proof: str) -> str:
    """What is stored of a proof, and looked up by."""
    return hashlib.sha256(proof.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as its holder has it: `ak_{prefix}_{secret}`."""

    prefix: str
    secret_hash: str


def new_api_key() -> tuple[str, ApiKey]:
    """The text to show once, and what to keep of it."""
    prefix = "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(_PREFIX_LENGTH))
    secret = secrets.token_urlsafe(32)
    return f"ak_{prefix}_{secret}", ApiKey(prefix, sha256_hex(secret))


def parse_api_key(text: str) -> ApiKey | None:
    """The parts of a key; None for what cannot be one."""
    found = _KEY.fullmatch(text)
    return ApiKey(found[1], sha256_hex(found[2])) if found else None
