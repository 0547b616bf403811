"""Registering, logging in, and one's own account."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.dependencies import Id
from api.security.permissions import Permission, Role

_ADDRESS = r"^[^\s\x00-\x1f\x7f]+@[^\s\x00-\x1f\x7f]+$"
_PLAIN = r"^[^\x00-\x1f\x7f]*$"
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=254, pattern=_ADDRESS),
    Field(examples=["ann@acme.example"]),
]
Password = Annotated[
    str, StringConstraints(min_length=1, max_length=1024), Field(examples=["correct horse battery staple"])
]
NewPassword = Annotated[
    str,
    StringConstraints(min_length=8, max_length=1024),
    Field(
        description="8 characters or more, whatever they are; not one that everybody tries first.",
        examples=["correct horse battery staple"],
    ),
]
DisplayName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_PLAIN),
    Field(examples=["Ann Lee"]),
]
Cookie = Annotated[
    bool,
    Field(
        description="For browsers: the refresh token comes as an HttpOnly cookie and not in the body. Requests that"
        " rely on the cookie have to send the header X-Requested-With."
    ),
]
RefreshToken = Annotated[str, StringConstraints(max_length=100), Field(examples=["rt_2x0…"])]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RegisterIn(_In):
    """A new organisation and its first owner."""

    organisation: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PLAIN)
    ] = Field(examples=["Acme"])
    email: Email
    password: NewPassword
    display_name: DisplayName | None = None
    cookie: Cookie = False


class LoginIn(_In):
    """Address and password."""

    email: Email
    password: Password
    tenant_id: Id | None = Field(None, description="Which of one's tenants; the one logged in to last when left out.")
    cookie: Cookie = False


class RefreshIn(_In):
    """A refresh token, unless the cookie has it."""

    refresh_token: RefreshToken | None = None


class SwitchIn(_In):
    """Another tenant of one's own."""

    tenant_id: Id
    cookie: Cookie = False


class PasswordIn(_In):
    """The password so far and the new one."""

    old_password: Password
    new_password: NewPassword


class MeIn(_In):
    """What others see of oneself."""

    display_name: DisplayName | None = Field(description="Null for the address alone.")


class TenantOut(BaseModel):
    """An organisation one is a member of."""

    id: UUID
    name: str = Field(examples=["Acme"])
    role: Role


class TokensOut(BaseModel):
    """Proofs of a log-in. Send the access token as `Authorization: Bearer …`; change the refresh token for new ones."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the scheme's name
    expires_in: int = Field(description="Seconds that the access token is good for.", examples=[600])
    refresh_token: str | None = Field(description="Good once, for 30 days. Null when it is in the cookie.")
    tenant_id: UUID


class UserOut(BaseModel):
    """A person."""

    id: UUID
    email: str
    display_name: str | None


class MeOut(BaseModel):
    """Who is asking."""

    user: UserOut | None = Field(description="Null for an API key.")
    api_key_id: UUID | None = Field(description="Null for a person.")
    tenant: TenantOut
    permissions: list[Permission] = Field(description="What this caller may do now.")
    is_operator: bool = Field(description="Whether the caller runs the platform besides.")
    tenants: list[TenantOut] = Field(description="Where one may switch to; empty for an API key.")


class LoginOut(BaseModel):
    """A device that is logged in to this tenant."""

    id: UUID
    user_agent: str
    created_at: datetime
    last_used_at: datetime = Field(description="When its tokens were refreshed last.")
    is_this_one: bool


class PublicKeyOut(BaseModel):
    """A public key as RFC 8037 writes it."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    use: Literal["sig"] = "sig"
    alg: Literal["EdDSA"] = "EdDSA"
    kid: str
    x: str


class PublicKeysOut(BaseModel):
    """A JSON Web Key Set."""

    keys: list[PublicKeyOut]
