"""A refresh token is changed for a new one, once. Whoever shows a used one again ends the log-in, for everybody on it:
of two who hold the same token one is a thief, and nobody can tell which.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.identity_repository import IdentityRepository
from orchestration.control_plane.logins import LOGIN_DAYS, REFRESH_DAYS, ended, logins, refresh_tokens


@dataclass(frozen=True, slots=True)
class Rotation:
    """What became of a refresh token, and whose it was; `unknown` has nobody."""

    outcome: Literal["rotated", "replayed", "refused", "unknown"]
    tenant_id: UUID | None = None
    user_id: UUID | None = None
    login_id: UUID | None = None
    holds_until: float = 0.0  # seconds since 1970 until the new token dies unused


class Rotations(IdentityRepository):
    """Part of the identity session."""

    def rotate(self, token_hash: str, new_hash: str) -> Rotation:
        """Use the token up and put the new one in its place. Commit whatever the outcome: a replay has to stay seen."""
        found = self._connection.execute(_TOKEN, {"hash": token_hash}).mappings().first()
        if found is None:
            return Rotation("unknown")
        whose = (found["tenant_id"], found["user_id"], found["login_id"])
        if found["used_at"] is not None:
            self._connection.execute(ended(logins.c.id == found["login_id"], "refresh token replayed"))
            return Rotation("replayed", *whose)
        if not found["holds"]:
            return Rotation("refused", *whose)
        holds_until = self._replace(found["tenant_id"], found["login_id"], token_hash, new_hash)
        return Rotation("rotated", *whose, holds_until)

    def _replace(self, tenant_id: UUID, login_id: UUID, old_hash: str, new_hash: str) -> float:
        now = sa.func.clock_timestamp()
        used = sa.update(refresh_tokens).where(refresh_tokens.c.token_hash == old_hash).values(used_at=now)
        self._connection.execute(used)
        touched = sa.update(logins).where(logins.c.id == login_id).values(last_used_at=now)
        born = self._connection.execute(touched.returning(logins.c.created_at)).scalar_one()
        until = sa.func.least(
            now + sa.func.make_interval(0, 0, 0, REFRESH_DAYS), born + sa.func.make_interval(0, 0, 0, LOGIN_DAYS)
        )
        new = sa.insert(refresh_tokens).values(
            tenant_id=tenant_id, token_hash=new_hash, login_id=login_id, expires_at=until
        )
        expires_at = self._connection.execute(new.returning(refresh_tokens.c.expires_at)).scalar_one()
        # Dead tokens prove nothing any more, and a log-in makes a hundred a day.
        dead = sa.delete(refresh_tokens).where(
            refresh_tokens.c.tenant_id == tenant_id,
            refresh_tokens.c.login_id == login_id,
            refresh_tokens.c.expires_at < sa.func.now(),
        )
        self._connection.execute(dead)
        return float(expires_at.timestamp())


# Locked, so that of many who show the same token at once exactly one finds it unused.
_TOKEN = sa.text(
    f"""
    SELECT token.tenant_id, token.login_id, token.used_at, login.user_id,
        token.expires_at > clock_timestamp() AND login.revoked_at IS NULL
        AND login.created_at > clock_timestamp() - interval '{LOGIN_DAYS} days'
        AND person.status = 'active' AND tenant.status = 'active'
        AND EXISTS (SELECT FROM memberships m WHERE m.tenant_id = login.tenant_id AND m.user_id = login.user_id)
        AS holds
    FROM refresh_tokens token
    JOIN logins login ON login.tenant_id = token.tenant_id AND login.id = token.login_id
    JOIN users person ON person.id = login.user_id
    JOIN tenants tenant ON tenant.id = login.tenant_id
    WHERE token.token_hash = :hash
    FOR UPDATE OF token
    """
)
