"""The server's side of a SCRAM-SHA-256 login (RFC 7677)."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode

# The least a client accepts: a stand-in's login should be quick.
ITERATIONS = 4096


class Exchange:
    """One login: `first` answers the client's first message, `final` its proof."""

    def __init__(self, passwords: dict[str, str]) -> None:
        self._passwords = passwords
        self._messages: list[str] = []
        self._salt = secrets.token_bytes(28)
        self.user = ""

    def first(self, payload: bytes) -> bytes:
        """Nonce, salt and iterations."""
        bare = payload.decode().partition(",,")[2]
        fields = _fields(bare)
        self.user = fields["n"].replace("=2C", ",").replace("=3D", "=")
        challenge = f"r={fields['r']}{secrets.token_urlsafe(18)},s={b64encode(self._salt).decode()},i={ITERATIONS}"
        self._messages = [bare, challenge]
        return challenge.encode()

    def final(self, payload: bytes) -> bytes | None:
        """The server's own proof; None when the client's is wrong."""
        text = payload.decode()
        fields = _fields(text)
        without_proof = text.rpartition(",p=")[0]
        signed = ",".join([*self._messages, without_proof]).encode()
        # An unknown user is checked like a known one with a password nobody has.
        password = self._passwords.get(self.user) or secrets.token_urlsafe(24)
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), self._salt, ITERATIONS)
        stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
        key = bytes(a ^ b for a, b in zip(b64decode(fields["p"]), _hmac(stored, signed), strict=True))
        if not hmac.compare_digest(hashlib.sha256(key).digest(), stored):
            return None
        return b"v=" + b64encode(_hmac(_hmac(salted, b"Server Key"), signed))


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _fields(message: str) -> dict[str, str]:
    return {part[0]: part[2:] for part in message.split(",") if part[1:2] == "="}
