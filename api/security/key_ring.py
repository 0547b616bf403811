"""The signing keys as one process holds them: read from Postgres, made there at first need, looked at again in time."""

import threading
import time
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.identity_session import IdentitySession
from orchestration.control_plane.signing_keys import FRESH_S, first_signing_key

_BETWEEN_LOOKS_S: Final = 1.0  # for an unknown kid: anybody can invent one


@dataclass(frozen=True)
class _Ring:
    """What was read at one moment."""

    kid: str = ""
    private: Ed25519PrivateKey | None = None
    public: dict[str, Ed25519PublicKey] = field(default_factory=dict)
    read_at: float = -FRESH_S  # monotonic


class KeyRing:
    """Safe to share between threads. What asks Postgres blocks: call it from a thread."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self._control_plane = control_plane
        self._ring = _Ring(read_at=float("-inf"))
        self._turn = threading.Lock()

    def known(self, kid: str) -> Ed25519PublicKey | None:
        """The key of that id among those read last. Never blocks."""
        return self._ring.public.get(kid)

    def look_for(self, kid: str) -> Ed25519PublicKey | None:
        """The same, after another look for an unknown one, at most once a second."""
        if self.known(kid) is None:
            self._read_again(older_than_s=_BETWEEN_LOOKS_S)
        return self.known(kid)

    def keep_fresh(self) -> None:
        """Look again when the last look is some time ago."""
        self._read_again(older_than_s=FRESH_S)

    def signing(self) -> tuple[str, Ed25519PrivateKey]:
        """The current key, made where there is none yet."""
        self._read_again(older_than_s=FRESH_S)
        if self._ring.private is None:
            with self._turn, self._control_plane.identity_session() as identity:
                first_signing_key(identity)
            self._read_again(older_than_s=0)
        assert self._ring.private is not None
        return self._ring.kid, self._ring.private

    def public_keys(self) -> dict[str, bytes]:
        """kid -> the 32 bytes of every key that verifies now."""
        self._read_again(older_than_s=FRESH_S)
        return {kid: key.public_bytes_raw() for kid, key in self._ring.public.items()}

    def _read_again(self, older_than_s: float) -> None:
        with self._turn:
            started = time.monotonic()
            if started - self._ring.read_at <= older_than_s:
                return
            with self._control_plane.identity_session() as identity:
                records = identity.verifying_keys()
                current = next((record.kid for record in records if record.verifies_until is None), "")
                private = self._private(identity, current)
            public = {record.kid: Ed25519PublicKey.from_public_bytes(record.public_key) for record in records}
            self._ring = _Ring(current, private, public, started)

    def _private(self, identity: IdentitySession, kid: str) -> Ed25519PrivateKey | None:
        """Opened once, not at every look."""
        if not kid or kid == self._ring.kid:
            return self._ring.private if kid else None
        return Ed25519PrivateKey.from_private_bytes(identity.private_key(kid))
