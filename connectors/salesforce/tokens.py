"""Access tokens: asked for by one of three OAuth grants, kept while they live, renewed once they are refused."""

import threading
import time
from dataclasses import dataclass
from typing import Any

import jwt
import requests

from connectors.errors import ConfigInvalid
from connectors.salesforce.config import SalesforceConfig, checked_url
from connectors.salesforce.failures import UNREADABLE, from_exception, from_login, not_an_org, rotating

_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_S = 180  # the longest Salesforce accepts


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the org it is for."""

    instance_url: str
    secret: str

    def __repr__(self) -> str:
        return f"Token(instance_url={self.instance_url!r})"


class Tokens:
    """The token of one connection, shared by all its threads."""

    def __init__(self, config: SalesforceConfig, session: requests.Session) -> None:
        self._config = config
        self._session = session
        self._lock = threading.Lock()
        self._token: Token | None = None

    def current(self) -> Token:
        """The token, asked for when there is none yet. Raises ConnectorError."""
        with self._lock:
            if self._token is None:
                self._token = self._ask()
            return self._token

    def renew(self, refused: Token) -> Token:
        """A token other than the refused one; asks only once for all threads that meet the same refusal."""
        with self._lock:
            if self._token is refused or self._token is None:
                self._token = None
                self._token = self._ask()
            return self._token

    def _ask(self) -> Token:
        url = f"{self._config.login_url}/services/oauth2/token"
        try:
            response = self._session.post(url, data=self._form(), headers={"Accept": "application/json"})
        except requests.RequestException as error:
            raise from_exception(error, None) from None
        try:
            content: Any = response.json()
        except UNREADABLE:
            content = None
        if response.status_code != 200:
            raise from_login(response.status_code, content, response.headers)
        if not isinstance(content, dict) or not isinstance(content.get("access_token"), str):
            raise not_an_org()
        self._refuse_rotation(content)
        return Token(self._instance_url(content), content["access_token"])

    def _refuse_rotation(self, content: dict[str, Any]) -> None:
        """A new refresh token ends the life of ours, and a connector has no place to keep another: say so at once.

        Using the old one again would make the service revoke everything it gave out.
        """
        ours = self._config.refresh_token
        new = content.get("refresh_token")
        if self._config.kind_of_auth == "refresh_token" and ours and new and new != ours.get_secret_value():
            raise rotating()

    def _instance_url(self, content: dict[str, Any]) -> str:
        """Where the token is good for, by the service's own word; the address is checked like any other."""
        try:
            return checked_url(str(content.get("instance_url") or self._config.login_url))
        except ValueError:
            raise not_an_org() from None

    def _form(self) -> dict[str, str]:
        config = self._config
        kind = config.kind_of_auth
        if kind == "jwt_bearer":
            return {"grant_type": _JWT_GRANT, "assertion": self._assertion()}
        form = {"grant_type": kind, "client_id": config.client_id}
        if config.client_secret:
            form["client_secret"] = config.client_secret.get_secret_value()
        if kind == "refresh_token" and config.refresh_token:
            form["refresh_token"] = config.refresh_token.get_secret_value()
        return form

    def _assertion(self) -> str:
        config = self._config
        claims = {
            "iss": config.client_id,
            "sub": config.username,
            "aud": config.audience,
            "exp": int(time.time()) + _ASSERTION_S,
        }
        key = config.private_key.get_secret_value() if config.private_key else ""
        try:
            return jwt.encode(claims, key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            # The library's text can quote the key.
            raise ConfigInvalid(
                "The private key cannot be read.", hint="Give an unencrypted RSA key as PEM, with its line breaks."
            ) from None
