"""Users are people, known once by e-mail; a membership gives one a role in one tenant.

A tenant's session sees only its own members. The password rules are in `passwords`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import StorableText, metadata, tenant_table, timestamp
from orchestration.control_plane.errors import ConfigurationError, EmailTaken, NotInState
from orchestration.control_plane.repository import Repository

Role = Literal["owner", "admin", "approver", "analyst", "viewer"]

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    timestamp("created_at"),
    sa.Column("display_name", StorableText),
    sa.Column("status", sa.Text, nullable=False),  # active | disabled
    sa.Column("is_operator", sa.Boolean, nullable=False),
    timestamp("password_changed_at"),
)
memberships = tenant_table(
    "memberships",
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    timestamp("created_at"),
)


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A user as a member of the session's tenant; created_at is when the membership began."""

    user_id: UUID
    email: str
    role: Role
    created_at: datetime
    display_name: str | None
    status: str  # of the user: active | disabled


class UserRepository(Repository):
    """The members of one tenant."""

    kind = "member"

    def list(self) -> Sequence[MemberRecord]:
        """Members by e-mail."""
        return self._all(_MEMBERS.order_by(users.c.email), MemberRecord)

    def get(self, user_id: UUID) -> MemberRecord:
        """One member; NotFound for anybody else."""
        return self._one(_MEMBERS.where(users.c.id == user_id), MemberRecord, user_id)

    def by_email(self, email: str) -> MemberRecord:
        """One member by address, in any case."""
        return self._one(_MEMBERS.where(sa.func.lower(users.c.email) == email.strip().lower()), MemberRecord, email)

    def page(self, limit: int, after: tuple[str, UUID] | None = None) -> Sequence[MemberRecord]:
        """Members by e-mail, from one place on when given."""
        found = _MEMBERS.order_by(users.c.email, users.c.id).limit(limit)
        if after is not None:
            found = found.where(sa.tuple_(users.c.email, users.c.id) > sa.tuple_(*map(sa.literal, after)))
        return self._all(found, MemberRecord)

    def add(self, email: str, password_hash: str, role: Role, display_name: str | None = None) -> MemberRecord:
        """A new user as a member; EmailTaken when the address has a user already."""
        _check_role(role)
        user_id = uuid4()
        # No RETURNING: the new user becomes visible to this tenant only by the membership below.
        new = postgresql.insert(users).values(
            id=user_id, email=checked_email(email), password_hash=password_hash, display_name=display_name
        )
        if self._connection.execute(new.on_conflict_do_nothing()).rowcount == 0:
            raise EmailTaken(f"There is a user with the address {email} already.")
        self.join(user_id, role)
        return self.get(user_id)

    def join(self, user_id: UUID, role: Role) -> None:
        """Make a user a member, who has agreed to it. Raises EmailTaken for a member."""
        new = postgresql.insert(memberships).values(tenant_id=self._tenant_id, user_id=user_id, role=role)
        if self._connection.execute(new.on_conflict_do_nothing()).rowcount == 0:
            raise EmailTaken("That user is a member already.")

    def set_role(self, user_id: UUID, role: Role) -> MemberRecord:
        """Change a member's role; the last owner stays one."""
        _check_role(role)
        self._keep_an_owner(user_id, stays_owner=role == "owner")
        self._connection.execute(sa.update(memberships).where(memberships.c.user_id == user_id).values(role=role))
        return self.get(user_id)

    def remove(self, user_id: UUID) -> None:
        """End a membership; the user stays known to other tenants. The last owner cannot be removed."""
        self._keep_an_owner(user_id, stays_owner=False)
        self._connection.execute(sa.delete(memberships).where(memberships.c.user_id == user_id))

    def _keep_an_owner(self, user_id: UUID, *, stays_owner: bool) -> None:
        owners = self._connection.execute(
            # In one order, so that two owners who remove each other wait and do not deadlock.
            sa.select(memberships.c.user_id)
            .where(memberships.c.role == "owner")
            .order_by(memberships.c.user_id)
            .with_for_update()
        ).all()
        member = self.get(user_id)
        if member.role == "owner" and not stays_owner and len(owners) == 1:
            raise NotInState("A tenant keeps at least one owner.")


_MEMBERS = sa.select(
    memberships.c.user_id,
    users.c.email,
    memberships.c.role,
    memberships.c.created_at,
    users.c.display_name,
    users.c.status,
).join(users, users.c.id == memberships.c.user_id)


def checked_email(email: str) -> str:
    """The address as stored; ConfigurationError for what cannot be one."""
    email = email.strip()
    name, at, domain = email.rpartition("@")
    if not (at and name and domain) or len(email) > 254 or not email.isprintable() or " " in email:
        raise ConfigurationError(f"Not an e-mail address: {email!r}.")
    return email


def _check_role(role: str) -> None:
    if role not in get_args(Role):
        raise ConfigurationError(f"Unknown role {role!r}; the roles are {', '.join(get_args(Role))}.")
