"""Users as themselves, before it is known in which tenant: password and tenants; and the making of an organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.audit import FIRST_PREVIOUS_HASH, audit_events, chained_event
from orchestration.control_plane.errors import EmailTaken, NameTaken
from orchestration.control_plane.identity_repository import IdentityRepository
from orchestration.control_plane.logins import ended, logins
from orchestration.control_plane.tenants import checked_name, tenants
from orchestration.control_plane.users import Role, checked_email, memberships, users


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the platform. `password_hash` is for `passwords.password_matches` and goes nowhere else."""

    id: UUID
    email: str
    password_hash: str
    display_name: str | None
    status: str
    is_operator: bool
    created_at: datetime
    password_changed_at: datetime

    @property
    def is_active(self) -> bool:
        """Whether it may log in."""
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class Belonging:
    """A tenant somebody is a member of; `last_login_at` is None where they never logged in."""

    tenant_id: UUID
    tenant_name: str
    tenant_status: str
    role: Role
    last_login_at: datetime | None


class Accounts(IdentityRepository):
    """Part of the identity session."""

    def account_by_email(self, email: str) -> Account | None:
        """The user of an address, in any case of letters."""
        return self._account(sa.func.lower(users.c.email) == email.strip().lower())

    def account(self, user_id: UUID) -> Account | None:
        """One user."""
        return self._account(users.c.id == user_id)

    def belongings(self, user_id: UUID) -> Sequence[Belonging]:
        """The active tenants of a user: where they logged in last comes first, then by name."""
        return [Belonging(**row) for row in self._connection.execute(_BELONGINGS, {"user": user_id}).mappings()]

    def register(self, name: str, account_id: UUID, by: str) -> UUID:
        """A tenant with its owner and the beginning of its history; NameTaken, ConfigurationError for no name."""
        tenant_id, name = uuid4(), checked_name(name)
        new = postgresql.insert(tenants).values(id=tenant_id, name=name).on_conflict_do_nothing()
        if self._connection.execute(new).rowcount == 0:
            raise NameTaken("tenant", name)
        owner = sa.insert(memberships).values(tenant_id=tenant_id, user_id=account_id, role="owner")
        self._connection.execute(owner)
        first = chained_event(
            tenant_id, 1, FIRST_PREVIOUS_HASH, "tenant.created", f"tenant:{tenant_id}", {"name": name}, by
        )
        self._connection.execute(sa.insert(audit_events).values(**first))
        return tenant_id

    def add_account(self, email: str, password_hash: str, display_name: str | None) -> UUID:
        """A new user, of no tenant yet; EmailTaken, ConfigurationError for no address."""
        user_id, email = uuid4(), checked_email(email)
        new = postgresql.insert(users).values(
            id=user_id, email=email, password_hash=password_hash, display_name=display_name
        )
        if self._connection.execute(new.on_conflict_do_nothing()).rowcount == 0:
            raise EmailTaken(f"There is a user with the address {email} already.")
        return user_id

    def set_password(self, user_id: UUID, password_hash: str) -> None:
        """Replace the password."""
        self._update(user_id, password_hash=password_hash, password_changed_at=sa.func.clock_timestamp())

    def set_display_name(self, user_id: UUID, display_name: str | None) -> None:
        """How others see the user; None for the address alone."""
        self._update(user_id, display_name=display_name)

    def end_logins(self, user_id: UUID, reason: str, *, but: UUID | None = None) -> int:
        """End a user's log-ins into all tenants, but one when given; how many held."""
        mine = logins.c.user_id == user_id
        if but is not None:
            mine = sa.and_(mine, logins.c.id != but)
        return self._connection.execute(ended(mine, reason)).rowcount

    def _account(self, which: sa.ColumnElement[bool]) -> Account | None:
        row = self._connection.execute(sa.select(*_COLUMNS).where(which)).mappings().first()
        return None if row is None else Account(**row)

    def _update(self, user_id: UUID, **values: object) -> None:
        self._connection.execute(sa.update(users).where(users.c.id == user_id).values(**values))


_COLUMNS = [users.c[name] for name in Account.__slots__]
_BELONGINGS = sa.text(
    """
    SELECT m.tenant_id, t.name AS tenant_name, t.status AS tenant_status, m.role,
        (SELECT max(l.created_at) FROM logins l WHERE l.user_id = m.user_id AND l.tenant_id = m.tenant_id)
        AS last_login_at
    FROM memberships m JOIN tenants t ON t.id = m.tenant_id
    WHERE m.user_id = :user AND t.status = 'active'
    ORDER BY last_login_at DESC NULLS LAST, lower(t.name), t.id
    """
)
