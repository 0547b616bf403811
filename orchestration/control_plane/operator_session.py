"""One transaction of the operator: tenants are made and listed here, and the platform's sweeps and dispatch run here.

Its login reads identifiers, states and times of all tenants, and no config, credential, schema, mapping or history.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from orchestration.control_plane.audit import FIRST_PREVIOUS_HASH, audit_events, chained_event
from orchestration.control_plane.dispatch import Dispatch
from orchestration.control_plane.errors import NameTaken, NotFound
from orchestration.control_plane.platform_users import PlatformUsers
from orchestration.control_plane.repository import columns_for
from orchestration.control_plane.sweeps import Sweeps
from orchestration.control_plane.task_sweeps import TaskSweeps
from orchestration.control_plane.tenants import TenantRecord, checked_name, tenants
from orchestration.control_plane.users import checked_email, memberships, users


class OperatorSession(Sweeps, Dispatch, TaskSweeps, PlatformUsers):
    """Opened by `ControlPlane.operator_session`; commits when its block ends, rolls back when it raises."""

    def create_tenant(self, name: str, email: str, password_hash: str) -> TenantRecord:
        """A tenant with its first owner. Somebody who is a user already keeps the password they have.

        Raises NameTaken, or ConfigurationError for an empty name or what cannot be an address.
        """
        name = checked_name(name)
        new = postgresql.insert(tenants).values(id=uuid4(), name=name).on_conflict_do_nothing()
        made = self._connection.execute(new.returning(*_TENANT)).mappings().first()
        if made is None:
            raise NameTaken("tenant", name)
        tenant = TenantRecord(**made)
        owner_id = self._user_id(checked_email(email), password_hash)
        self._connection.execute(sa.insert(memberships).values(tenant_id=tenant.id, user_id=owner_id, role="owner"))
        first = chained_event(
            tenant.id, 1, FIRST_PREVIOUS_HASH, "tenant.created", f"tenant:{tenant.id}", {"name": name}, "operator"
        )
        self._connection.execute(sa.insert(audit_events).values(**first))
        return tenant

    def tenants(self) -> Sequence[TenantRecord]:
        """Every tenant by name."""
        named = sa.select(*_TENANT).order_by(sa.func.lower(tenants.c.name))
        return [TenantRecord(**row) for row in self._connection.execute(named).mappings()]

    def tenant_by_name(self, name: str) -> TenantRecord:
        """One tenant, in any case of letters; NotFound when there is none."""
        named = sa.select(*_TENANT).where(sa.func.lower(tenants.c.name) == name.strip().lower())
        found = self._connection.execute(named).mappings().first()
        if found is None:
            raise NotFound("tenant", name)
        return TenantRecord(**found)

    def _user_id(self, email: str, password_hash: str) -> UUID:
        new = postgresql.insert(users).values(id=uuid4(), email=email, password_hash=password_hash)
        self._connection.execute(new.on_conflict_do_nothing())
        by_email = sa.select(users.c.id).where(sa.func.lower(users.c.email) == email.lower())
        user_id: UUID = self._connection.execute(by_email).scalar_one()
        return user_id


_TENANT = columns_for(TenantRecord, tenants)
