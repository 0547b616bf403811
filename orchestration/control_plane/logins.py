"""Log-ins: one a device and tenant, from the password to its end. Refresh tokens belong to one, and all die with it.

A token is stored as its sha256 alone. It serves once; showing it again ends the log-in (`rotation`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from orchestration.control_plane.columns import StorableText, tenant_table, timestamp
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.repository import Repository, columns_for

REFRESH_DAYS: Final = 30  # a token unused for so long is dead
LOGIN_DAYS: Final = 90  # however often it was refreshed
_LONGEST_AGENT: Final = 300

logins = tenant_table(
    "logins",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("user_agent", StorableText, nullable=False),
    timestamp("created_at"),
    timestamp("last_used_at"),
    timestamp("revoked_at", nullable=True),
    sa.Column("revoked_reason", sa.Text),
)
refresh_tokens = tenant_table(
    "refresh_tokens",
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("login_id", sa.Uuid, nullable=False),
    timestamp("issued_at"),
    timestamp("expires_at"),
    timestamp("used_at", nullable=True),
)


@dataclass(frozen=True, slots=True)
class LoginRecord:
    """One log-in; `last_used_at` is when it was refreshed last."""

    tenant_id: UUID
    id: UUID
    user_id: UUID
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None


class LoginRepository(Repository):
    """The log-ins into one tenant."""

    kind = "log-in"

    def begin(self, user_id: UUID, token_hash: str, user_agent: str) -> LoginRecord:
        """A new log-in of a member with its first refresh token."""
        new = sa.insert(logins).values(
            tenant_id=self._tenant_id, id=uuid4(), user_id=user_id, user_agent=user_agent[:_LONGEST_AGENT]
        )
        login = self._one(new.returning(*_COLUMNS), LoginRecord, "new")
        self._connection.execute(sa.insert(refresh_tokens).values(first_token(login, token_hash)))
        return login

    def list(self, user_id: UUID) -> Sequence[LoginRecord]:
        """A member's log-ins that still hold, newest first."""
        held = sa.select(*_COLUMNS).where(logins.c.user_id == user_id, still_holds())
        return self._all(held.order_by(logins.c.created_at.desc(), logins.c.id), LoginRecord)

    def revoke(self, login_id: UUID, user_id: UUID, reason: str) -> None:
        """End one of a member's log-ins; NotFound when there is none that holds."""
        mine = sa.and_(logins.c.id == login_id, logins.c.user_id == user_id)
        if self._connection.execute(ended(mine, reason)).rowcount == 0:
            raise NotFound(self.kind, login_id)

    def revoke_all(self, user_id: UUID, reason: str) -> int:
        """End a member's log-ins into this tenant; how many held."""
        return self._connection.execute(ended(logins.c.user_id == user_id, reason)).rowcount


def first_token(login: LoginRecord, token_hash: str) -> dict[str, object]:
    """The row of a log-in's first refresh token."""
    expires_at = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, REFRESH_DAYS)
    return {"tenant_id": login.tenant_id, "token_hash": token_hash, "login_id": login.id, "expires_at": expires_at}


def still_holds() -> sa.ColumnElement[bool]:
    """Neither ended nor too old."""
    oldest = sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, LOGIN_DAYS)
    return sa.and_(logins.c.revoked_at.is_(None), logins.c.created_at > oldest)


def ended(which: sa.ColumnElement[bool], reason: str) -> sa.Update:
    """The statement that ends those log-ins."""
    held = sa.update(logins).where(which, logins.c.revoked_at.is_(None))
    return held.values(revoked_at=sa.func.clock_timestamp(), revoked_reason=reason)


_COLUMNS = columns_for(LoginRecord, logins)
