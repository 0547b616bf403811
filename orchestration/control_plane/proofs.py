"""What a token or a key is worth right now: whose it is, and what that person may do in that tenant at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.api_keys import api_keys
from orchestration.control_plane.identity_repository import IdentityRepository
from orchestration.control_plane.logins import LOGIN_DAYS
from orchestration.control_plane.users import Role


@dataclass(frozen=True, slots=True)
class LoginStanding:
    """A log-in that holds."""

    tenant_id: UUID
    login_id: UUID
    user_id: UUID
    email: str
    role: Role
    is_operator: bool


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """An API key that holds; `role` is its maker's now."""

    tenant_id: UUID
    key_id: UUID
    prefix: str
    secret_hash: str
    scopes: Sequence[str]
    role: Role
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation found by its token, that can still be accepted."""

    tenant_id: UUID
    tenant_name: str
    id: UUID
    email: str
    role: Role
    expires_at: datetime


class Proofs(IdentityRepository):
    """Part of the identity session."""

    def login_standing(self, login_id: UUID) -> LoginStanding | None:
        """A log-in with its member's rights; None when log-in, member, user or tenant is not what it was."""
        row = self._connection.execute(_LOGIN, {"id": login_id}).mappings().first()
        return None if row is None else LoginStanding(**row)

    def key_standing(self, prefix: str) -> KeyStanding | None:
        """A key with its maker's rights; None when there is none that holds."""
        row = self._connection.execute(_KEY, {"prefix": prefix}).mappings().first()
        return None if row is None else KeyStanding(**row)

    def key_used(self, key_id: UUID) -> None:
        """Note that a key was used, once a minute at most."""
        minute = sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, 0, 0, 1)
        long_ago = sa.or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < minute)
        noted = sa.update(api_keys).where(api_keys.c.id == key_id, long_ago)
        self._connection.execute(noted.values(last_used_at=sa.func.clock_timestamp()))

    def open_invitation(self, token_hash: str) -> OpenInvitation | None:
        """The invitation of a token; None when it was never made, or its time is over."""
        row = self._connection.execute(_INVITATION, {"hash": token_hash}).mappings().first()
        return None if row is None else OpenInvitation(**row)


_LOGIN = sa.text(
    f"""
    SELECT l.tenant_id, l.id AS login_id, l.user_id, u.email, m.role, u.is_operator
    FROM logins l
    JOIN users u ON u.id = l.user_id AND u.status = 'active'
    JOIN tenants t ON t.id = l.tenant_id AND t.status = 'active'
    JOIN memberships m ON m.tenant_id = l.tenant_id AND m.user_id = l.user_id
    WHERE l.id = :id AND l.revoked_at IS NULL AND l.created_at > clock_timestamp() - interval '{LOGIN_DAYS} days'
    """
)
_KEY = sa.text(
    """
    SELECT k.tenant_id, k.id AS key_id, k.prefix, k.secret_hash, k.scopes, m.role, k.expires_at
    FROM api_keys k
    JOIN users u ON u.id = k.created_by AND u.status = 'active'
    JOIN tenants t ON t.id = k.tenant_id AND t.status = 'active'
    JOIN memberships m ON m.tenant_id = k.tenant_id AND m.user_id = k.created_by
    WHERE k.prefix = :prefix AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
    """
)
_INVITATION = sa.text(
    """
    SELECT i.tenant_id, t.name AS tenant_name, i.id, i.email, i.role, i.expires_at
    FROM invitations i JOIN tenants t ON t.id = i.tenant_id AND t.status = 'active'
    WHERE i.token_hash = :hash AND i.accepted_at IS NULL AND i.revoked_at IS NULL
        AND i.expires_at > clock_timestamp()
    """
)
