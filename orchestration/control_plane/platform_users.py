"""Users as whoever runs the platform sees them: who there is, who is shut out, who is an operator too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.logins import ended, logins
from orchestration.control_plane.users import memberships, users


@dataclass(frozen=True, slots=True)
class PlatformUser:
    """A user with the tenants it belongs to."""

    id: UUID
    email: str
    status: str
    is_operator: bool
    created_at: datetime
    tenant_ids: Sequence[UUID]


class PlatformUsers:
    """Part of the operator's session."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def platform_users(self, *, operators: bool = False) -> Sequence[PlatformUser]:
        """Every user by e-mail, or the operators alone."""
        found = _USERS.where(users.c.is_operator) if operators else _USERS
        return self._users(found.order_by(users.c.email))

    def platform_user(self, email: str) -> PlatformUser:
        """One user by address, in any case of letters; NotFound."""
        found = self._users(_USERS.where(sa.func.lower(users.c.email) == email.strip().lower()))
        if not found:
            raise NotFound("user", email)
        return found[0]

    def set_user_status(self, user_id: UUID, status: Literal["active", "disabled"]) -> None:
        """Shut a user out, with all log-ins ended, or let them log in again."""
        self._connection.execute(sa.update(users).where(users.c.id == user_id).values(status=status))
        if status == "disabled":
            self._connection.execute(ended(logins.c.user_id == user_id, "user disabled"))

    def set_operator(self, user_id: UUID, is_operator: bool) -> None:
        """Make a user an operator of the platform, or no longer one."""
        self._connection.execute(sa.update(users).where(users.c.id == user_id).values(is_operator=is_operator))

    def _users(self, statement: sa.Select[tuple[object, ...]]) -> Sequence[PlatformUser]:
        return [PlatformUser(**row) for row in self._connection.execute(statement).mappings()]


_TENANT_IDS = (
    sa.select(sa.func.coalesce(sa.func.array_agg(memberships.c.tenant_id), sa.text("'{}'::uuid[]")))
    .where(memberships.c.user_id == users.c.id)
    .scalar_subquery()
)
_USERS: sa.Select[tuple[object, ...]] = sa.select(
    users.c.id, users.c.email, users.c.status, users.c.is_operator, users.c.created_at, _TENANT_IDS.label("tenant_ids")
)
