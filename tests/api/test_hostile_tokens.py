"""Tokens that somebody tampered with, signed otherwise or took from elsewhere: each is refused, and tells nothing."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.security.key_ring import KeyRing
from tests.api.serving import ServedApi, email

pytestmark = pytest.mark.servers


def now() -> int:
    """Seconds since 1970, at the test and not at its collection, which may be long before."""
    return int(time.time())


ME = "/api/v1/auth/me"


@dataclass(frozen=True)
class Ground:
    """What an attacker may know and hold, and more than that."""

    good: str
    kid: str
    key: Ed25519PrivateKey
    claims: dict[str, Any]
    other_tenant: UUID
    other_user: UUID
    other_login: UUID

    def forge(
        self, headers: dict[str, Any] | None = None, key: Any = None, algorithm: str = "EdDSA", **claims: Any
    ) -> str:
        """A token signed with the true key unless another is given; a claim or header of None is left out."""
        merged = {name: value for name, value in {**self.claims, **claims}.items() if value is not None}
        header = {"alg": algorithm, "typ": "at+jwt", "kid": self.kid, **(headers or {})}
        signing_input = f"{b64(header)}.{b64(merged)}"
        return f"{signing_input}.{raw((key or self.key).sign(signing_input.encode()))}"

    def with_parts(self, header: str | None = None, payload: str | None = None, signature: str | None = None) -> str:
        """The good token with a part exchanged."""
        parts = self.good.split(".")
        return ".".join(
            new if new is not None else old for new, old in zip((header, payload, signature), parts, strict=True)
        )

    @property
    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def raw(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64(value: dict[str, Any]) -> str:
    given = {name: item for name, item in value.items() if item is not None}
    return raw(json.dumps(given, separators=(",", ":")).encode())


def hs256(ground: Ground, secret: bytes, header: dict[str, Any] | None = None) -> str:
    head = {"alg": "HS256", "typ": "at+jwt", "kid": ground.kid, **(header or {})}
    signing_input = f"{b64(head)}.{b64(ground.claims)}"
    return f"{signing_input}.{raw(hmac.digest(secret, signing_input.encode(), hashlib.sha256))}"


def signed_header(ground: Ground, text: str) -> str:
    """A token whose header is that very text."""
    signing_input = f"{raw(text.encode())}.{b64(ground.claims)}"
    return f"{signing_input}.{raw(ground.key.sign(signing_input.encode()))}"


def _last_bits(token: str) -> str:
    """The same bytes, written with other unused bits at the end."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) + 1]


def _attacker() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def _jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": raw(key.public_key().public_bytes_raw())}


def _embedded_key(ground: Ground) -> str:
    key = _attacker()
    return ground.forge({"jwk": _jwk(key)}, key=key)


HOSTILE: dict[str, Callable[[Ground], str]] = {
    "a word": lambda g: "token",
    "two dots": lambda g: "..",
    "no signature": lambda g: g.with_parts(signature=""),
    "two parts": lambda g: g.good.rpartition(".")[0],
    "four parts": lambda g: g.good + ".AAAA",
    "five parts, as if encrypted": lambda g: g.good + ".AAAA.AAAA",
    "trailing junk": lambda g: g.good + "A",
    "trailing space and word": lambda g: g.good + " x",
    "a comma and a second token": lambda g: f"{g.good},{g.good}",
    "other unused bits in the signature": lambda g: _last_bits(g.good),
    "padded": lambda g: g.good + "==",
    "standard base64": lambda g: g.with_parts(signature="+/" + g.good.rpartition(".")[2][2:]),
    "a letter that looks the same": lambda g: g.good.replace("e", "\u0435", 1),
    "a zero-width space": lambda g: g.good[:20] + "\u200b" + g.good[20:],
    "oversized": lambda g: g.forge(padding="x" * 5000),
    "a flipped signature": lambda g: g.with_parts(signature="A" * 86),
    "an edited payload": lambda g: g.with_parts(payload=b64({**g.claims, "sub": str(g.other_user)})),
    "an edited header": lambda g: g.with_parts(header=b64({"alg": "EdDSA", "typ": "at+jwt", "kid": "0" * 16})),
    "alg none": lambda g: f"{b64({'alg': 'none', 'typ': 'at+jwt', 'kid': g.kid})}.{b64(g.claims)}.",
    "alg None with a signature": lambda g: g.forge({"alg": "None"}),
    "alg nOnE": lambda g: g.forge({"alg": "nOnE"}),
    "alg missing": lambda g: g.forge({"alg": None}),
    "alg of another case": lambda g: g.forge({"alg": "eddsa"}),
    "alg Ed25519 by its other name": lambda g: g.forge({"alg": "Ed25519"}),
    "alg ES256": lambda g: g.forge({"alg": "ES256"}),
    "alg as a list": lambda g: g.forge({"alg": ["EdDSA"]}),
    "HS256 with the public key's bytes": lambda g: hs256(g, g.key.public_key().public_bytes_raw()),
    "HS256 with the public key's PEM": lambda g: hs256(g, g.public_pem),
    "HS256 with the kid": lambda g: hs256(g, g.kid.encode()),
    "HS256 with nothing": lambda g: hs256(g, b""),
    "kid missing": lambda g: g.forge({"kid": None}),
    "kid unknown": lambda g: g.forge({"kid": "0123456789abcdef"}),
    "kid a path": lambda g: g.forge({"kid": "../../../../dev/null"}),
    "kid SQL": lambda g: g.forge({"kid": "' OR 1=1 --"}),
    "kid a number": lambda g: g.forge({"kid": 7}),
    "kid of another case": lambda g: g.forge({"kid": g.kid.upper() + " "}),
    "another key under our kid": lambda g: g.forge(key=_attacker()),
    "an embedded jwk": _embedded_key,
    "a jku": lambda g: g.forge({"jku": "http://127.0.0.1:1/keys"}),
    "an x5u": lambda g: g.forge({"x5u": "http://127.0.0.1:1/cert"}),
    "crit": lambda g: g.forge({"crit": ["exp"]}),
    "b64 false": lambda g: g.forge({"b64": False, "crit": ["b64"]}),
    "cty JWT": lambda g: g.forge({"cty": "JWT"}),
    "zip": lambda g: g.forge({"zip": "DEF"}),
    "typ missing": lambda g: g.forge({"typ": None}),
    "typ JWT": lambda g: g.forge({"typ": "JWT"}),
    "typ of another purpose": lambda g: g.forge({"typ": "rt+jwt"}),
    "a header with alg twice": lambda g: signed_header(
        g, f'{{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"{g.kid}"}}'
    ),
    "a header that is a list": lambda g: signed_header(g, '["EdDSA"]'),
    "a header that is no JSON": lambda g: signed_header(g, "EdDSA"),
    "a deeply nested header": lambda g: signed_header(g, "[" * 300 + "]" * 300),
    "expired": lambda g: g.forge(exp=now() - 60, iat=now() - 600, nbf=now() - 600),
    "just expired": lambda g: g.forge(exp=int(time.time()) - 6, iat=now() - 500, nbf=now() - 500),
    "exp missing": lambda g: g.forge(exp=None),
    "exp a text": lambda g: g.forge(exp=str(now() + 300)),
    "exp a fraction": lambda g: g.forge(exp=now() + 300.5),
    "exp infinite": lambda g: g.forge(exp=1e400),
    "exp true": lambda g: g.forge(exp=True),
    "exp in a year": lambda g: g.forge(exp=now() + 31_536_000),
    "not yet valid": lambda g: g.forge(nbf=now() + 600, iat=now(), exp=now() + 600),
    "issued in the future": lambda g: g.forge(iat=now() + 300, exp=now() + 900),
    "iat missing": lambda g: g.forge(iat=None),
    "nbf missing": lambda g: g.forge(nbf=None),
    "iss missing": lambda g: g.forge(iss=None),
    "iss another": lambda g: g.forge(iss="https://evil.example"),
    "iss a list": lambda g: g.forge(iss=["autonomos"]),
    "aud missing": lambda g: g.forge(aud=None),
    "aud another": lambda g: g.forge(aud="other-api"),
    "aud a list": lambda g: g.forge(aud=["autonomos-api", "other-api"]),
    "jti missing": lambda g: g.forge(jti=None),
    "sub missing": lambda g: g.forge(sub=None),
    "sub a number": lambda g: g.forge(sub=1),
    "sub no id": lambda g: g.forge(sub="owner"),
    "sub another user": lambda g: g.forge(sub=str(g.other_user)),
    "tid another tenant": lambda g: g.forge(tid=str(g.other_tenant)),
    "tid and sub of another tenant": lambda g: g.forge(tid=str(g.other_tenant), sub=str(g.other_user)),
    "sid another log-in": lambda g: g.forge(sid=str(g.other_login)),
    "sid unknown": lambda g: g.forge(sid=str(uuid4())),
    "sid missing": lambda g: g.forge(sid=None),
    "a role besides": lambda g: g.forge(role="owner"),
    "permissions besides": lambda g: g.forge(permissions=["members.write"], is_operator=True),
    "an API key of zeros": lambda g: "ak_0000000000_" + "A" * 43,
    "an API key without secret": lambda g: "ak_0000000000_",
    "an API key with SQL": lambda g: "ak_' OR 1=1 --_" + "A" * 43,
}  # fmt: skip


@pytest.fixture(scope="module")
def ground(shared_api: ServedApi) -> Ground:
    ours, theirs = shared_api.new_tenant(), shared_api.new_tenant()
    ours.headers("viewer")
    good = ours.headers("viewer")["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(good, options={"verify_signature": False})
    kid, key = KeyRing(shared_api.control_plane).signing()
    with theirs.session() as session:
        user = session.users.by_email(email("owner", theirs.name)).user_id
        login = session.logins.begin(user, hashlib.sha256(uuid4().bytes).hexdigest(), "x").id
    return Ground(good, kid, key, claims, theirs.id, user, login)


@pytest.fixture(scope="module")
def client(shared_api: ServedApi) -> Iterator[httpx.Client]:
    with shared_api.anonymous() as client:
        yield client


def test_the_positive_control_is_let_in(client: httpx.Client, ground: Ground) -> None:
    for token in (ground.good, ground.forge(), ground.forge(jti=uuid4().hex)):
        assert client.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_is_refused(client: httpx.Client, ground: Ground, name: str) -> None:
    token = HOSTILE[name](ground)
    answer = client.get(ME, headers=[(b"Authorization", f"Bearer {token}".encode())])
    nothing = client.get(ME)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.content == nothing.content


def test_how_many_were_refused(measured: Callable[[str], None]) -> None:
    measured(f"hostile tokens: {len(HOSTILE)} kinds refused")
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "{0}")],
        [("Authorization", "Basic {0}")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer  {0}")],
        [("Authorization", "Bearer {0}"), ("Authorization", "Bearer {0}")],
        [("Authorization", "Bearer {0}"), ("X-API-Key", "{0}")],
        [("Cookie", "access_token={0}")],
        [("X-Access-Token", "{0}")],
    ],
    ids=lambda headers: " and ".join(f"{name} {value}".strip() for name, value in headers),
)
def test_a_good_token_in_a_wrong_place_is_no_token(
    client: httpx.Client, ground: Ground, headers: list[tuple[str, str]]
) -> None:
    sent = [(name, value.format(ground.good)) for name, value in headers]
    assert client.get(ME, headers=sent).status_code == 401


def test_no_address_takes_a_token(client: httpx.Client, ground: Ground) -> None:
    for name in ("access_token", "token", "authorization", "api_key"):
        assert client.get(ME, params={name: ground.good}).status_code == 401
