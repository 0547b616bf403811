"""Every repository method, found by introspection, tried with another tenant's ids, with and without the policies."""

from collections.abc import Mapping, Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from orchestration.control_plane.audit import FIRST_PREVIOUS_HASH
from orchestration.control_plane.errors import ControlPlaneError
from orchestration.control_plane.provisioning import APP
from orchestration.control_plane.repository import Repository
from orchestration.control_plane.sealing import Sealer
from orchestration.control_plane.tenant_session import TenantSession
from tests.isolation.attempts import ATTEMPTS, PROTECTED_TWICE, Attempt
from tests.isolation.two_tenants import TwoTenants, acting_as, everything_of, owned_tables, undone
from tests.orchestration.control_plane.databases import MASTER_KEY

pytestmark = pytest.mark.servers


def test_every_repository_method_has_its_attempt(two_tenants: TwoTenants) -> None:
    with undone(two_tenants.database) as connection:
        session = TenantSession(connection, two_tenants.intruder.tenant, None)
    repositories = {name: part for name, part in vars(session).items() if isinstance(part, Repository)}
    methods = {
        f"{name}.{method}"
        for name, part in repositories.items()
        for method in dir(part)
        if not method.startswith("_") and callable(getattr(part, method))
    }
    assert methods == set(ATTEMPTS) | set(PROTECTED_TWICE)


@pytest.mark.parametrize("method", [*ATTEMPTS, *PROTECTED_TWICE])
def test_a_method_given_another_tenants_ids_shows_and_changes_nothing(two_tenants: TwoTenants, method: str) -> None:
    with undone(two_tenants.database) as connection:
        assert _harm(connection, two_tenants, (ATTEMPTS | PROTECTED_TWICE)[method]) == []


@pytest.mark.parametrize("method", ATTEMPTS)
def test_without_policies_the_same_attempt_is_noticed(two_tenants: TwoTenants, method: str) -> None:
    """Else the test above could not fail."""
    with undone(two_tenants.database) as connection:
        for table in owned_tables(connection):
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
        # Nothing of the intruder's own stands in the way or comes first.
        end = "UPDATE view_refreshes SET status = 'canceled', finished_at = now(), requested_at = '2000-01-01'"
        connection.execute(sa.text(f"{end} WHERE tenant_id = :id"), {"id": two_tenants.intruder.tenant})
        older = "UPDATE publications SET published_at = '2000-01-01' WHERE tenant_id = :id"
        connection.execute(sa.text(older), {"id": two_tenants.intruder.tenant})
        assert _harm(connection, two_tenants, ATTEMPTS[method]) != []


def _harm(connection: sa.Connection, two: TwoTenants, attempt: Attempt) -> list[str]:
    """What an attempt of the intruder's shows of the victim, or changes there. An error undoes all."""
    before = everything_of(connection, two.victim.tenant)
    with acting_as(connection, APP, two.intruder.tenant):
        try:
            shown = repr(attempt(TenantSession(connection, two.intruder.tenant, Sealer(MASTER_KEY)), two.victim))
        except (ControlPlaneError, exc.IntegrityError):
            return []
        connection.execute(sa.text("RESET ROLE"))
        after = everything_of(connection, two.victim.tenant)
    changed = [f"{table} changed" for table, rows in after.items() if rows != before[table]]
    return changed + [f"{mark} shown" for mark in _marks(before) if mark in shown]


def _marks(rows: Mapping[str, Sequence[Mapping[str, object]]]) -> set[str]:
    """What tells that a value is the victim's: its name in any text of its own, and its ids and hashes."""
    values = {
        str(value)
        for table in rows.values()
        for row in table
        for column, value in row.items()
        if column != "field_hash"  # told to tenants who share, and to no others: `prior_checks`
    }
    return {"victim", *(value for value in values if len(value) in (36, 64) and " " not in value)} - {
        FIRST_PREVIOUS_HASH
    }
