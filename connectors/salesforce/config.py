"""What a person may set on a `salesforce` connection, and what `pin()` writes back. Nothing here asks the service."""

import ipaddress
import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.limits import Limits

Auth = Literal["refresh_token", "client_credentials", "jwt_bearer"]
_SHARED_LOGINS = ("https://login.salesforce.com", "https://test.salesforce.com")
# Hosts of sandboxes and scratch orgs; of an older address only whoever set it up knows what it is.
_TEST_ORG = re.compile(r"\.(sandbox|scratch)\.my\.|--[^.]+\.|//(cs\d+|test)\.")


class SalesforceLimits(Limits):
    """The caps of a connection. `bulk_wait_s` is how long a bulk query may take inside Salesforce."""

    bulk_wait_s: float = Field(default=3_600, gt=0, le=86_400)


class SalesforceConfig(BaseModel):
    """An org and one way to log in: a refresh token, client credentials, or a key with a user name (JWT bearer)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    instance_url: str | None = Field(None, description="the org's own URL, such as https://acme.my.salesforce.com")
    domain: str | None = Field(None, description="instead: login, test, or the host of My Domain")
    auth: Auth | None = Field(None, description="found from what is given when left out")
    client_id: str = Field(min_length=1, description="the consumer key of the connected app")
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    private_key: SecretStr | None = Field(None, description="PEM of the key whose certificate the connected app has")
    username: str | None = Field(None, description="whom the connection acts for; of jwt_bearer")
    jwt_audience: str | None = Field(None, description="of jwt_bearer; default: the login server")
    api_version: str = Field("62.0", pattern=r"^\d{2}\.0$")
    objects: tuple[str, ...] | None = Field(None, description="objects to read; default: every one but system noise")
    look_back_s: float = Field(600, ge=0, le=7 * 86_400, description="how far before the cursor changes are read again")
    bulk_from_records: int = Field(10_000, ge=1, description="results this large go over the Bulk API")
    api_share: float = Field(0.8, gt=0, le=1, description="share of the org's daily API requests at which to stop")
    limits: SalesforceLimits = SalesforceLimits()

    @field_validator("instance_url")
    @classmethod
    def _reachable(cls, url: str | None) -> str | None:
        return None if url is None else checked_url(url)

    @field_validator("domain")
    @classmethod
    def _host(cls, domain: str | None) -> str | None:
        if domain is not None and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?", domain):
            raise ValueError("must be login, test or a host name")
        return domain

    @model_validator(mode="after")
    def _complete(self) -> "SalesforceConfig":
        if (self.instance_url is None) == (self.domain is None):
            raise ValueError("give either instance_url or domain")
        given = {
            "refresh_token": self.refresh_token is not None,
            "client_credentials": self.client_secret is not None,
            "jwt_bearer": self.private_key is not None and bool(self.username),
        }
        if self.auth is not None and not given[self.auth]:
            raise ValueError(f"auth {self.auth} lacks its credentials: {_NEEDS[self.auth]}")
        if not any(given.values()):
            raise ValueError(f"no credentials: give {'; or '.join(_NEEDS.values())}")
        if self.kind_of_auth == "client_credentials" and self.login_url in _SHARED_LOGINS:
            raise ValueError("client_credentials needs the org's own address: set instance_url")
        return self

    @property
    def kind_of_auth(self) -> Auth:
        """The way to log in: as set, else by what is given."""
        if self.auth:
            return self.auth
        if self.refresh_token is not None:
            return "refresh_token"
        return "jwt_bearer" if self.private_key is not None and self.username else "client_credentials"

    @property
    def login_url(self) -> str:
        """Where tokens are asked for."""
        if self.instance_url:
            return self.instance_url
        domain = str(self.domain)
        return f"https://{domain if '.' in domain else f'{domain}.salesforce.com'}"

    @property
    def audience(self) -> str:
        """For whom a JWT assertion is made out: the shared login server, which every org accepts."""
        if self.jwt_audience:
            return self.jwt_audience
        return _SHARED_LOGINS[1 if _TEST_ORG.search(self.login_url) else 0]


_NEEDS = {
    "refresh_token": "refresh_token (with client_secret, if the app has one)",
    "client_credentials": "client_secret",
    "jwt_bearer": "private_key and username",
}


def checked_url(url: str) -> str:
    """A URL without path: https, or http to this machine (stand-ins). Raises ValueError."""
    parts = urlsplit(url.strip())
    if not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a plain URL such as https://acme.my.salesforce.com")
    if parts.path not in ("", "/"):
        raise ValueError("must end after the host name")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("must begin with https://")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
