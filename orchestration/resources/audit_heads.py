"""Heads of audit chains, signed and kept outside the database: what shows that newest events were cut off.

A head names the tenant, how many events its history has, and the hash of the last one. The key (Ed25519) is derived
from the master key: who has both the master key and the database can forge, so keep copies of the heads elsewhere.
Kept heads are lines of JSON in `audit-heads/TENANT.jsonl` of AUTONOMOS_HOME; files there are only ever added to.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from orchestration.control_plane.audit import ChainHead

FOLDER: Final = "audit-heads"
_KEY_LABEL: Final = b"autonomos audit heads 1"


class HeadInvalid(Exception):
    """What was kept is no head of ours, or was changed; str() says where."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head as JSON holds it. `signature` is over all other fields; `at` is when the event was recorded."""

    tenant_id: str
    seq: int
    hash: str
    at: str
    kid: str
    signature: str = ""

    @classmethod
    def read(cls, document: object) -> Self:
        """From JSON. Raises HeadInvalid."""
        if not isinstance(document, dict) or document.keys() != set(cls.__slots__):
            raise HeadInvalid("it is not a signed head")
        texts = {name: value for name, value in document.items() if name != "seq"}
        if type(document["seq"]) is not int or not all(isinstance(value, str) for value in texts.values()):
            raise HeadInvalid("it is not a signed head")
        return cls(**document)

    def signed_bytes(self) -> bytes:
        """What the signature is over: the other fields as JSON, keys sorted, no spaces."""
        fields = {name: value for name, value in asdict(self).items() if name != "signature"}
        return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


class HeadSigner:
    """Signs heads and knows its own signature again."""

    def __init__(self, master_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hmac.digest(master_key, _KEY_LABEL, hashlib.sha256))
        self._public = self._key.public_key()
        self.kid = hashlib.sha256(self._public.public_bytes_raw()).hexdigest()[:16]

    @property
    def public_key(self) -> str:
        """In base64, for whoever checks signatures elsewhere."""
        return base64.b64encode(self._public.public_bytes_raw()).decode()

    def sign(self, tenant_id: UUID, head: ChainHead) -> SignedHead:
        """The head with our signature."""
        at = head.at.astimezone(UTC).isoformat("T", "microseconds")
        unsigned = SignedHead(str(tenant_id), head.seq, head.hash, at, self.kid)
        signature = base64.b64encode(self._key.sign(unsigned.signed_bytes())).decode()
        return SignedHead(**{**asdict(unsigned), "signature": signature})

    def check(self, head: SignedHead) -> None:
        """Raise HeadInvalid unless we signed exactly this."""
        verify(head, self._public, self.kid)


def verify(head: SignedHead, public: Ed25519PublicKey, kid: str) -> None:
    """Raise HeadInvalid unless that key signed exactly this."""
    if head.kid != kid:
        raise HeadInvalid(f"it was signed by another key ({head.kid}, not {kid})")
    try:
        public.verify(base64.b64decode(head.signature, validate=True), head.signed_bytes())
    except (InvalidSignature, binascii.Error):
        raise HeadInvalid("its signature does not fit: it was changed, or made elsewhere") from None


class AuditHeads:
    """The heads that were kept in a home, and the signer of new ones."""

    def __init__(self, home: Path, master_key: bytes) -> None:
        self._folder = home / FOLDER
        self.signer = HeadSigner(master_key)

    def file_of(self, tenant_id: UUID) -> Path:
        """Where the heads of a tenant are kept."""
        return self._folder / f"{tenant_id}.jsonl"

    def keep(self, tenant_id: UUID, head: ChainHead) -> bool:
        """Sign a head and add it to its file, on the disk when this returns; False when it is the last one kept."""
        path = self.file_of(tenant_id)
        line = json.dumps(asdict(self.signer.sign(tenant_id, head)), sort_keys=True)
        if path.exists() and path.read_text().rstrip("\n").rpartition("\n")[2] == line:
            return False
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{line}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return True

    def kept(self, tenant_id: UUID, path: Path | None = None) -> Mapping[int, str]:
        """Number -> hash of the heads kept of a tenant, or of a file that may hold those of several; for `verify`.

        Raises:
            HeadInvalid: a line is damaged, changed, signed by another key, or two contradict each other.
        """
        path = path or self.file_of(tenant_id)
        kept: dict[int, str] = {}
        for number, line in enumerate(path.read_text().splitlines() if path.exists() else (), 1):
            try:
                head = SignedHead.read(_parsed(line))
                self.signer.check(head)
            except HeadInvalid as error:
                raise HeadInvalid(f"{path.name}, line {number}: {error}") from None
            if head.tenant_id == str(tenant_id) and kept.setdefault(head.seq, head.hash) != head.hash:
                raise HeadInvalid(f"{path.name}, line {number}: event {head.seq} had another hash before")
        return kept


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise HeadInvalid("it is not JSON") from None
