"""A tenant: the company whose data it is. Made by the operator (`operator_session`), read by its own sessions.

`stale_since` says that data changed after the last rebuild of the tenant's views began.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.columns import metadata, timestamp
from orchestration.control_plane.errors import ConfigurationError
from orchestration.control_plane.repository import Repository, columns_for

LONGEST_NAME = 200

tenants = sa.Table(
    "tenants",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),  # active | suspended
    timestamp("created_at"),
    timestamp("stale_since", nullable=True),
    sa.Column("change_seq", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class TenantRecord:
    id: UUID
    name: str
    status: str
    created_at: datetime
    stale_since: datetime | None


class TenantRepository(Repository):
    """The session's own tenant, and no other."""

    kind = "tenant"

    def current(self) -> TenantRecord:
        """The tenant of this session; NotFound when it does not exist."""
        return self._one(sa.select(*columns_for(TenantRecord, tenants)), TenantRecord, self._tenant_id)

    def mark_stale(self) -> None:
        """Data changed: the views want a rebuild. Keeps the time of the first change."""
        self._connection.execute(
            sa.update(tenants).where(tenants.c.stale_since.is_(None)).values(stale_since=sa.func.clock_timestamp())
        )

    def mark_fresh(self) -> None:
        """A rebuild begins: what changes from here on wants another one."""
        self._connection.execute(sa.update(tenants).values(stale_since=None))


def checked_name(name: str) -> str:
    """The name as stored; ConfigurationError for what cannot be one."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ConfigurationError(f"A tenant's name has 1 to {LONGEST_NAME} printable characters.")
    return name
