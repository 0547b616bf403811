"""What each role may do: one table, and what is not in it nobody may do.

A permission is `thing.verb`. API keys carry permissions as scopes and never more than their maker's role had.
"""

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["owner", "admin", "approver", "analyst", "viewer"]
Permission = Literal[
    "views.read",
    "views.export",
    "connections.read",
    "connections.write",
    "secrets.write",
    "tasks.read",
    "tasks.write",
    "drift.read",
    "approvals.decide",
    "mappings.write",
    "settings.read",
    "settings.write",
    "members.read",
    "members.write",
    "keys.manage",
    "audit.read",
    "usage.read",
    "events.read",
    "tenant.reset",
]
PERMISSIONS: frozenset[Permission] = frozenset(get_args(Permission))

_VIEWER: frozenset[Permission] = frozenset(
    {"views.read", "connections.read", "tasks.read", "drift.read", "settings.read", "members.read", "events.read"}
)
_ANALYST: frozenset[Permission] = _VIEWER | frozenset[Permission]({"views.export"})
_APPROVER: frozenset[Permission] = _ANALYST | frozenset[Permission](
    {"approvals.decide", "mappings.write", "tasks.write"}
)
_ADMIN = PERMISSIONS
# An admin's and an owner's differ in one thing, which the members' endpoints check: only owners make owners.
GRANTED: Mapping[Role, frozenset[Permission]] = {
    "owner": PERMISSIONS,
    "admin": _ADMIN,
    "approver": _APPROVER,
    "analyst": _ANALYST,
    "viewer": _VIEWER,
}
# People decide about people: no key makes keys or members.
KEY_SCOPES: frozenset[Permission] = PERMISSIONS - {"keys.manage", "members.write"}
_RANKS: Mapping[Role, int] = {role: at for at, role in enumerate(reversed(get_args(Role)))}


def rank(role: Role) -> int:
    """How much a role may do beside the others; a viewer's is 0."""
    return _RANKS[role]
