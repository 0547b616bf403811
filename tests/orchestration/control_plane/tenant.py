"""One tenant with one connection, for tests that need no more."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.schedule import Schedule


@dataclass(frozen=True)
class Tenant:
    id: UUID
    connection: UUID


def new_tenant(control_plane: ControlPlane, name: str = "acme", schedule: str | None = "15m") -> Tenant:
    """A tenant and its connection `crm`."""
    with control_plane.operator_session() as operator:
        tenant_id = operator.create_tenant(name, f"ann@{name}.com", "a hash").id
    with control_plane.tenant_session(tenant_id) as session:
        made = session.connections.create(
            "crm", "files", {"path": "/crm"}, schedule=Schedule.parse(schedule) if schedule else None
        )
    return Tenant(tenant_id, made.id)


@pytest.fixture
def tenant(control_plane: ControlPlane) -> Tenant:
    """The tenant `acme`, whose connection is due every 15 minutes and now."""
    return new_tenant(control_plane)
