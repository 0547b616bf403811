"""Features that are on for some tenants before they are on for all: a share of them, or those that are named.

Who is in the share follows from sha256 of flag and tenant alone: raising it never takes a feature from a tenant that
had it, and two flags pick different tenants. Tenants' sessions read; the identity login, for operators, writes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.columns import StorableText, metadata, tenant_table, timestamp
from orchestration.control_plane.errors import NotFound
from orchestration.control_plane.identity_repository import IdentityRepository
from orchestration.control_plane.repository import Repository, columns_for

Reason = Literal["disabled", "override", "roll-out"]
_BUCKETS = 10_000

feature_flags = sa.Table(
    "feature_flags",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("description", StorableText, nullable=False),
    sa.Column("percentage", sa.Numeric(5, 2), nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("updated_by", StorableText, nullable=False),
    timestamp("updated_at"),
)
feature_flag_tenants = tenant_table(
    "feature_flag_tenants",
    sa.Column("flag", sa.Text, primary_key=True),
    sa.Column("is_on", sa.Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class FlagRecord:
    """`percentage` of the tenants have it, unless it is not `enabled`: then nobody has, not even those named."""

    name: str
    description: str
    percentage: Decimal
    enabled: bool
    updated_by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FlagOverride:
    """What one tenant has whatever the share is."""

    tenant_id: UUID
    flag: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class FlagState:
    """Whether the session's tenant has a feature, and by what."""

    name: str
    description: str
    is_on: bool
    reason: Reason


def bucket(flag: str, tenant_id: UUID) -> int:
    """0 to 9,999, the same for ever: a tenant is in a share of p per cent when it is below 100 p."""
    return int.from_bytes(hashlib.sha256(f"{flag}|{tenant_id}".encode()).digest()) % _BUCKETS


def decide(flag: FlagRecord, tenant_id: UUID, override: bool | None) -> FlagState:
    """Whether a tenant has the feature."""
    if not flag.enabled:
        return FlagState(flag.name, flag.description, False, "disabled")
    if override is not None:
        return FlagState(flag.name, flag.description, override, "override")
    is_on = bucket(flag.name, tenant_id) < flag.percentage * 100
    return FlagState(flag.name, flag.description, is_on, "roll-out")


class FlagRepository(Repository):
    """What one tenant has."""

    kind = "feature flag"

    def states(self) -> Sequence[FlagState]:
        """Every flag for this tenant, by name."""
        named = self._connection.execute(sa.select(feature_flag_tenants.c.flag, _IS_ON))
        overrides = {row.flag: row.is_on for row in named}
        flags = self._all(sa.select(*_FLAG).order_by(feature_flags.c.name), FlagRecord)
        return [decide(flag, self._tenant_id, overrides.get(flag.name)) for flag in flags]

    def has(self, name: str, *, undefined: bool) -> bool:
        """Whether this tenant has a feature; `undefined` where no such flag was ever set."""
        flag = self._first(sa.select(*_FLAG).where(feature_flags.c.name == name), FlagRecord)
        if flag is None:
            return undefined
        override = self._connection.execute(sa.select(_IS_ON).where(feature_flag_tenants.c.flag == name)).scalar()
        return decide(flag, self._tenant_id, override).is_on


class PlatformFlags(IdentityRepository):
    """What operators set: flags, and the tenants that are named."""

    def list(self) -> Sequence[FlagRecord]:
        """Every flag by name."""
        found = self._connection.execute(sa.select(*_FLAG).order_by(feature_flags.c.name)).mappings()
        return [FlagRecord(**row) for row in found]

    def get(self, name: str) -> FlagRecord:
        """One flag; NotFound when there is none."""
        found = self._connection.execute(sa.select(*_FLAG).where(feature_flags.c.name == name)).mappings().first()
        if found is None:
            raise NotFound("feature flag", name)
        return FlagRecord(**found)

    def put(self, name: str, description: str, percentage: Decimal, enabled: bool, by: str) -> FlagRecord:
        """Make or change a flag."""
        written = {"description": description, "percentage": percentage, "enabled": enabled, "updated_by": by}
        new = postgresql.insert(feature_flags).values(name=name, **written)
        changed = {**written, "updated_at": sa.func.clock_timestamp()}
        self._connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=changed))
        return self.get(name)

    def delete(self, name: str) -> None:
        """Forget a flag with its overrides."""
        self.get(name)
        self._connection.execute(sa.delete(feature_flag_tenants).where(feature_flag_tenants.c.flag == name))
        self._connection.execute(sa.delete(feature_flags).where(feature_flags.c.name == name))

    def overrides(self, name: str) -> Sequence[FlagOverride]:
        """Tenants that are named."""
        named = sa.select(*_OVERRIDE).where(feature_flag_tenants.c.flag == name)
        found = self._connection.execute(named.order_by(feature_flag_tenants.c.tenant_id)).mappings()
        return [FlagOverride(**row) for row in found]

    def override(self, name: str, tenant_id: UUID, is_on: bool) -> None:
        """Give a tenant a feature, or keep it from it, whatever the share is."""
        self.get(name)
        new = postgresql.insert(feature_flag_tenants).values(tenant_id=tenant_id, flag=name, is_on=is_on)
        change = new.on_conflict_do_update(index_elements=["tenant_id", "flag"], set_={"is_on": is_on})
        try:
            self._connection.execute(change)
        except exc.IntegrityError:
            raise NotFound("tenant", tenant_id) from None

    def end_override(self, name: str, tenant_id: UUID) -> None:
        """Back to the share."""
        named = (feature_flag_tenants.c.flag == name, feature_flag_tenants.c.tenant_id == tenant_id)
        if self._connection.execute(sa.delete(feature_flag_tenants).where(*named)).rowcount == 0:
            raise NotFound("override", tenant_id)


_FLAG = columns_for(FlagRecord, feature_flags)
_OVERRIDE = columns_for(FlagOverride, feature_flag_tenants)
_IS_ON = feature_flag_tenants.c.is_on
