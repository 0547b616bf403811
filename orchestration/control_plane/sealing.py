"""Credentials at rest: AES-256-GCM, a data key per set of credentials, itself sealed by the master key.

Both seals are bound to tenant, connection (or `secret|name`) and version, so a row copied elsewhere or rolled back
does not open.
Layout of `wrapped_key` and `ciphertext`: 12 random bytes of nonce, then the sealed bytes with their 16-byte tag.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from orchestration.control_plane.errors import MasterKeyInvalid, SecretsUnreadable

KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """What is stored; none of it opens without the master key that `key_id` names."""

    version: int
    key_id: str
    wrapped_key: bytes
    ciphertext: bytes


class Sealer:
    """Seals and opens with one master key: 32 bytes, or their base64 or hex text."""

    def __init__(self, master_key: bytes | str) -> None:
        key = _decode(master_key) if isinstance(master_key, str) else master_key
        if len(key) != KEY_BYTES or len(set(key)) < 8:  # fewer distinct bytes than that was typed, not drawn
            raise MasterKeyInvalid("The master key has to be 32 random bytes, given as base64 or hex.")
        self._master = AESGCM(key)
        self.key_id = hashlib.sha256(b"autonomos key id" + key).hexdigest()[:16]
        self._hash_key = hashlib.sha256(b"autonomos keyed hashes" + key).digest()

    def keyed_hash(self, purpose: str, text: str) -> str:
        """HMAC-SHA256 in hex: the same for the same text, not to be tried out without the key. Purposes are apart."""
        return hmac.new(self._hash_key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hexdigest()

    def seal(self, secrets: Mapping[str, Any], tenant_id: UUID, belongs_to: UUID | str, version: int) -> SealedSecrets:
        """Seal under a data key drawn for this call, for the connection or the `secret|name` that it belongs to."""
        bound = _bound_to(tenant_id, belongs_to, version)
        data_key = AESGCM.generate_key(bit_length=256)
        plain = json.dumps(dict(secrets)).encode()
        return SealedSecrets(
            version, self.key_id, _encrypt(self._master, data_key, bound), _encrypt(AESGCM(data_key), plain, bound)
        )

    def open(self, sealed: SealedSecrets, tenant_id: UUID, belongs_to: UUID | str) -> dict[str, Any]:
        """The secrets; SecretsUnreadable if the key differs or anything was changed or moved."""
        if sealed.key_id != self.key_id:
            raise SecretsUnreadable(
                f"The credentials were sealed with another master key (id {sealed.key_id}, ours is {self.key_id})."
            )
        bound = _bound_to(tenant_id, belongs_to, sealed.version)
        try:
            data_key = _decrypt(self._master, sealed.wrapped_key, bound)
            opened: dict[str, Any] = json.loads(_decrypt(AESGCM(data_key), sealed.ciphertext, bound))
        except InvalidTag:
            raise SecretsUnreadable("The stored credentials were changed or moved; enter them again.") from None
        return opened


def _bound_to(tenant_id: UUID, belongs_to: UUID | str, version: int) -> bytes:
    return f"{tenant_id}|{belongs_to}|{version}".encode()


def _encrypt(cipher: AESGCM, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound)


def _decrypt(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    if len(sealed) < NONCE_BYTES + 16:
        raise InvalidTag
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)


def _decode(text: str) -> bytes:
    text = text.strip()
    try:
        if len(text) == 2 * KEY_BYTES:
            return bytes.fromhex(text)
        return base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        raise MasterKeyInvalid("The master key is neither base64 nor hex.") from None
