"""Members of a tenant, invitations into it, and its API keys."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.auth import Cookie, DisplayName, Email, Password
from api.security.permissions import Permission, Role


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class MemberOut(_Out):
    """A user in this tenant; `created_at` is when the membership began."""

    user_id: UUID
    email: str
    display_name: str | None
    role: Role
    status: Literal["active", "disabled"] = Field(description="Of the user on the whole platform.")
    created_at: datetime


class MemberIn(_In):
    """What a member is to be."""

    role: Role


class InvitationIn(_In):
    """Whom to invite, as what."""

    email: Email
    role: Role


class InvitationOut(_Out):
    """An invitation that nobody took yet; `expires_at` may have passed."""

    id: UUID
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime


class InvitationCreatedOut(InvitationOut):
    """The only answer that has the token: give the link to the person."""

    token: str
    link: str | None = Field(description="The page that accepts it; null where the public address is not set.")


InvitationToken = Annotated[str, StringConstraints(max_length=100), Field(examples=["inv_2x0…"])]


class InvitationTokenIn(_In):
    """What came with the link."""

    token: InvitationToken


class InvitationShownOut(BaseModel):
    """What an invitation says to whoever holds its token."""

    tenant_name: str
    email: str
    role: Role
    expires_at: datetime
    has_account: bool = Field(description="Whether the password to send is the one the address has, or a new one.")


class AcceptIn(_In):
    """The token, and the password that the address has, or a new one for a new user."""

    token: InvitationToken
    password: Password | None = Field(None, description="May be left out by who is logged in with that address.")
    display_name: DisplayName | None = None
    cookie: Cookie = False


class ApiKeyIn(_In):
    """A key to make; it acts for its maker, within these scopes."""

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
    ] = Field(examples=["nightly export"])
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=50, examples=[["views.read"]])]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = Field(None, description="Null for no end.")


class ApiKeyOut(_Out):
    """A key without what proves it."""

    id: UUID
    name: str
    prefix: str = Field(description="How history calls it: `key:PREFIX`.", examples=["k3v9x0q2ab"])
    scopes: list[Permission]
    created_by: UUID
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")


class ApiKeyCreatedOut(ApiKeyOut):
    """The only answer that has the key itself."""

    key: str = Field(examples=["ak_k3v9x0q2ab_…"])
