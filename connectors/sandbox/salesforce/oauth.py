"""The token endpoint of the stand-in: three grants, checked as the service checks them; tokens that can be revoked."""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.responses import Response

from connectors.sandbox.salesforce.replies import json_response

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCES = ["https://login.salesforce.com", "https://test.salesforce.com"]


class Logins:
    """One connected app with one user, and the access tokens it was given."""

    def __init__(self, secret: str | None) -> None:
        seed = (secret or secrets.token_hex(32)).encode()
        self.client_id = "3MVG9" + _derived(seed, "client")[:32]
        self.client_secret = _derived(seed, "client secret")
        self.refresh_token = "5Aep861" + _derived(seed, "refresh token")
        self.username = "integration@sandbox.example"
        self.revoked = False
        self.rotates = False  # whether each refresh token is good for one use only
        self.busy = 0  # so many requests for a token are refused, since one is under way
        self.issued = 0
        self._tokens: set[str] = set()
        self._lock = threading.Lock()

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def private_key(self) -> str:
        """The PEM of the key whose public half the app knows."""
        kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return self._key.private_bytes(*kinds).decode()

    def accepts(self, authorization: str | None) -> bool:
        """Whether a request's Authorization header names a token that is alive."""
        return (authorization or "").removeprefix("Bearer ") in self._tokens

    def expire_tokens(self) -> None:
        """Every token given so far stops working; new ones can be had."""
        with self._lock:
            self._tokens.clear()

    def grant(self, form: dict[str, str], authorization: str | None, instance_url: str) -> Response:
        """Answer a request for a token."""
        with self._lock:
            if self.busy:
                self.busy -= 1
                told = {"error": "invalid_grant", "error_description": "token request is already being processed"}
                return json_response(told, 400)
        client = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        kind = form.get("grant_type")
        if kind == JWT_GRANT:
            refused = self._refuse_assertion(form.get("assertion", ""), instance_url)
        elif kind in ("refresh_token", "client_credentials"):
            refused = self._refuse_client(client)
            if not refused and kind == "refresh_token" and form.get("refresh_token") != self.refresh_token:
                refused = ("invalid_grant", "expired access/refresh token")
        else:
            refused = ("unsupported_grant_type", "grant type not supported")
        if not refused and self.revoked:
            refused = ("inactive_user", "user is inactive")
        if refused:
            return json_response({"error": refused[0], "error_description": refused[1]}, 400)
        token = self._token(instance_url)
        if self.rotates and kind == "refresh_token":
            self.refresh_token = token["refresh_token"] = "5Aep861" + secrets.token_urlsafe(32)
        return json_response(token)

    def _refuse_client(self, client: tuple[str, str]) -> tuple[str, str] | None:
        if client[0] != self.client_id:
            return "invalid_client_id", "client identifier invalid"
        return None if client[1] == self.client_secret else ("invalid_client", "invalid client credentials")

    def _refuse_assertion(self, assertion: str, instance_url: str) -> tuple[str, str] | None:
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=[*_AUDIENCES, instance_url],
                options={"require": ["exp", "iss", "sub", "aud"]},
            )
        except jwt.InvalidAudienceError:
            return "invalid_grant", "audience is invalid"
        except jwt.ExpiredSignatureError:
            return "invalid_grant", "expired authorization code"
        except jwt.InvalidTokenError:
            return "invalid_grant", "invalid assertion"
        if claims["iss"] != self.client_id:
            return "invalid_client_id", "client identifier invalid"
        if claims["sub"] != self.username:
            return "invalid_grant", "user hasn't approved this consumer"
        return None

    def _token(self, instance_url: str) -> dict[str, Any]:
        token = "00D000000000001!" + secrets.token_urlsafe(48)
        with self._lock:
            self._tokens.add(token)
            self.issued += 1
        return {
            "access_token": token,
            "instance_url": instance_url,
            "id": "https://login.salesforce.com/id/00D000000000001AAA/005000000000001AAA",
            "token_type": "Bearer",
            "issued_at": str(int(time.time() * 1000)),
            "signature": secrets.token_urlsafe(32),
            "scope": "api refresh_token",
        }


def _derived(seed: bytes, purpose: str) -> str:
    return hmac.new(seed, purpose.encode(), hashlib.sha256).hexdigest()


def _basic(authorization: str | None) -> tuple[str, str] | None:
    if not authorization or not authorization.startswith("Basic "):
        return None
    name, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
    return name, secret
