"""Who is asking: a member of a tenant, or one of its API keys."""

from dataclasses import dataclass
from uuid import UUID

from api.security.permissions import Permission, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """One authenticated caller in one tenant; `permissions` are what it may do right now.

    `name` is how history calls it: a member's e-mail address, or `key:PREFIX`.
    """

    tenant_id: UUID
    name: str
    role: Role
    permissions: frozenset[Permission]
    user_id: UUID | None = None
    session_id: UUID | None = None  # the login it came by
    key_id: UUID | None = None
    is_operator: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether it may do that."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class Person:
    """A member who is logged in, as an actor and as a user of the platform."""

    actor: Actor
    user_id: UUID
    login_id: UUID
