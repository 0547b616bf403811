"""The Ed25519 keys that access tokens are signed with. The private half lies here sealed by the master key.

One is current; a key that was replaced goes on verifying until the last token signed with it has expired.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from orchestration.control_plane.columns import metadata, timestamp
from orchestration.control_plane.errors import MasterKeyInvalid
from orchestration.control_plane.identity_repository import IdentityRepository
from orchestration.control_plane.repository import columns_for
from orchestration.control_plane.sealing import SealedSecrets, Sealer

SIGNING_LOCK: Final = 7_301_004
TOKEN_LIFETIME_S: Final = 600
FRESH_S: Final = 20.0  # processes look at the keys so often: a replaced one may sign for so long yet
VERIFIES_FOR_S: Final = TOKEN_LIFETIME_S + FRESH_S + 10
_PLATFORM: Final = UUID(int=0)  # seals are bound to a tenant; these belong to none
_VERSION: Final = 1

signing_keys = sa.Table(
    "signing_keys",
    metadata,
    sa.Column("kid", sa.Text, primary_key=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
    sa.Column("ciphertext", sa.LargeBinary, nullable=False),
    timestamp("created_at"),
    timestamp("verifies_until", nullable=True),
)


@dataclass(frozen=True, slots=True)
class SigningKeyRecord:
    """A key that verifies now; `verifies_until` is None for the one that signs."""

    kid: str
    public_key: bytes
    created_at: datetime
    verifies_until: datetime | None


class SigningKeys(IdentityRepository):
    """Part of the identity session."""

    def verifying_keys(self) -> Sequence[SigningKeyRecord]:
        """Every key whose tokens still count, newest first."""
        now = sa.func.clock_timestamp()
        alive = sa.or_(signing_keys.c.verifies_until.is_(None), signing_keys.c.verifies_until > now)
        found = sa.select(*_COLUMNS).where(alive).order_by(signing_keys.c.created_at.desc())
        return [SigningKeyRecord(**row) for row in self._connection.execute(found).mappings()]

    def lock_signing_keys(self) -> None:
        """Make and replace keys one after the other, until this transaction ends."""
        self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SIGNING_LOCK)))

    def add_signing_key(self, kid: str, public_key: bytes, private_key: bytes) -> None:
        """A new current key. Ask for the lock first, and `retire_signing_key` where there is one."""
        sealed = self._need_sealer().seal({"private": private_key.hex()}, _PLATFORM, _bound(kid), _VERSION)
        stored = {name: getattr(sealed, name) for name in ("version", "key_id", "wrapped_key", "ciphertext")}
        self._connection.execute(sa.insert(signing_keys).values(kid=kid, public_key=public_key, **stored))

    def retire_signing_keys(self, verifies_for_s: float) -> int:
        """No key signs any more; they verify for so long yet, 0 for not at all. How many there were."""
        until = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, verifies_for_s)
        longer = sa.or_(signing_keys.c.verifies_until.is_(None), signing_keys.c.verifies_until > until)
        return self._connection.execute(sa.update(signing_keys).where(longer).values(verifies_until=until)).rowcount

    def private_key(self, kid: str) -> bytes:
        """The private half. Raises SecretsUnreadable when it was sealed with another master key."""
        stored = sa.select(*columns_for(SealedSecrets, signing_keys)).where(signing_keys.c.kid == kid)
        sealed = SealedSecrets(**self._connection.execute(stored).mappings().one())
        return bytes.fromhex(self._need_sealer().open(sealed, _PLATFORM, _bound(kid))["private"])

    def _need_sealer(self) -> Sealer:
        if self._sealer is None:
            raise MasterKeyInvalid("Signing keys need the master key, and this process was started without one.")
        return self._sealer


_COLUMNS = columns_for(SigningKeyRecord, signing_keys)


def _bound(kid: str) -> str:
    return f"signing|{kid}"


def rotate_signing_key(keys: SigningKeys, verifies_for_s: float = VERIFIES_FOR_S) -> str:
    """A new current key; its kid. What the old one signed counts until it expires, or no longer with 0."""
    keys.lock_signing_keys()
    keys.retire_signing_keys(verifies_for_s)
    return _add(keys)


def first_signing_key(keys: SigningKeys) -> None:
    """Make a key where none signs. Of processes that start at once, one makes it."""
    keys.lock_signing_keys()
    if all(record.verifies_until is not None for record in keys.verifying_keys()):
        _add(keys)


def _add(keys: SigningKeys) -> str:
    kid, key = secrets.token_hex(8), Ed25519PrivateKey.generate()
    keys.add_signing_key(kid, key.public_key().public_bytes_raw(), key.private_bytes_raw())
    return kid
