"""Invitations into a tenant: who holds the token becomes a member, once, until it expires. Only its hash is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from orchestration.control_plane.columns import StorableText, tenant_table, timestamp
from orchestration.control_plane.errors import EmailTaken
from orchestration.control_plane.repository import Repository, columns_for
from orchestration.control_plane.users import Role, checked_email, memberships, users

INVITATION_DAYS: Final = 7

invitations = tenant_table(
    "invitations",
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("email", StorableText, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("token_hash", sa.Text, nullable=False),
    sa.Column("invited_by", StorableText, nullable=False),
    timestamp("created_at"),
    timestamp("expires_at"),
    timestamp("accepted_at", nullable=True),
    timestamp("revoked_at", nullable=True),
)


@dataclass(frozen=True, slots=True)
class InvitationRecord:
    """An invitation without its token."""

    tenant_id: UUID
    id: UUID
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None


class InvitationRepository(Repository):
    """The invitations of one tenant."""

    kind = "invitation"

    def create(self, email: str, role: Role, token_hash: str, invited_by: str) -> InvitationRecord:
        """Invite an address; an invitation it has already ends. EmailTaken for a member."""
        email = checked_email(email)
        same_member = sa.select(users.c.id).join(memberships, memberships.c.user_id == users.c.id)
        if self._connection.execute(same_member.where(sa.func.lower(users.c.email) == email.lower())).first():
            raise EmailTaken(f"{email} is a member already.")
        self._connection.execute(_ended(sa.func.lower(invitations.c.email) == email.lower()))
        new = sa.insert(invitations).values(
            tenant_id=self._tenant_id,
            id=uuid4(),
            email=email,
            role=role,
            token_hash=token_hash,
            invited_by=invited_by,
            expires_at=sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, INVITATION_DAYS),
        )
        return self._one(new.returning(*_COLUMNS), InvitationRecord, email)

    def list(self, limit: int = 100, before: tuple[datetime, UUID] | None = None) -> Sequence[InvitationRecord]:
        """Invitations nobody took yet, newest first, those that expired too; from one place on when given."""
        open_ones = sa.select(*_COLUMNS).where(_OPEN)
        if before is not None:
            place = sa.tuple_(invitations.c.created_at, invitations.c.id)
            open_ones = open_ones.where(place < sa.tuple_(*map(sa.literal, before)))
        newest = open_ones.order_by(invitations.c.created_at.desc(), invitations.c.id.desc())
        return self._all(newest.limit(limit), InvitationRecord)

    def get(self, invitation_id: UUID) -> InvitationRecord:
        """One that nobody took yet; NotFound."""
        one = sa.select(*_COLUMNS).where(invitations.c.id == invitation_id, _OPEN)
        return self._one(one, InvitationRecord, invitation_id)

    def revoke(self, invitation_id: UUID) -> InvitationRecord:
        """Take one back; NotFound when it was taken, or taken back, before."""
        taken_back = _ended(invitations.c.id == invitation_id).returning(*_COLUMNS)
        return self._one(taken_back, InvitationRecord, invitation_id)

    def accept(self, invitation_id: UUID) -> InvitationRecord:
        """Take it, once and in time; NotFound otherwise. The member is made by `users` in the same transaction."""
        now = sa.func.clock_timestamp()
        taken = sa.update(invitations).where(invitations.c.id == invitation_id, _OPEN, invitations.c.expires_at > now)
        return self._one(taken.values(accepted_at=now).returning(*_COLUMNS), InvitationRecord, invitation_id)


_COLUMNS = columns_for(InvitationRecord, invitations)
_OPEN = sa.and_(invitations.c.accepted_at.is_(None), invitations.c.revoked_at.is_(None))


def _ended(which: sa.ColumnElement[bool]) -> sa.Update:
    return sa.update(invitations).where(which, _OPEN).values(revoked_at=sa.func.clock_timestamp())
