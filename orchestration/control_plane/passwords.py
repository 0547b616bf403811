"""How passwords are kept: argon2id, 19 MiB, t=2, p=1, as OWASP's password storage cheat sheet recommends."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from orchestration.control_plane.errors import ConfigurationError

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024  # a bound on the work a stranger can ask for
_HASHER = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash to store; ConfigurationError for a password too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ConfigurationError(f"A password has between {SHORTEST_PASSWORD} and {LONGEST_PASSWORD} characters.")
    return _HASHER.hash(password)


def password_matches(password: str, stored_hash: str | None) -> bool:
    """Whether it is the password. With no stored hash (unknown user) it takes as long and says no."""
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _HASHER.verify(stored_hash or _unknown_user_hash(), password) and stored_hash is not None
    except (VerificationError, InvalidHashError):
        return False


_unknown: list[str] = []


def _unknown_user_hash() -> str:
    if not _unknown:
        _unknown.append(_HASHER.hash("nobody has this password"))
    return _unknown[0]
