"""Every protection that is taken away is noticed: policies, RLS flags and grants, one at a time."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from tests.isolation.checks import OPERATOR_READS, operator_violations, table_violations
from tests.isolation.two_tenants import TwoTenants, owned_tables, undone

pytestmark = pytest.mark.servers


def mutations(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Tables, and statements that each remove or widen one protection the catalog has for them."""
    for table in owned_tables(connection):
        yield table, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        yield table, f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
        if table not in OPERATOR_READS or table in ("connections", "repair_proposals", "notes_outbox"):
            yield table, f"GRANT SELECT ON {table} TO autonomos_operator"
    policies = sa.text("SELECT tablename, policyname, qual, with_check FROM pg_policies WHERE schemaname = 'public'")
    for table, policy, qual, with_check in connection.execute(policies).all():
        yield table, f"DROP POLICY {policy} ON {table}"
        if qual not in (None, "true"):
            yield table, f"ALTER POLICY {policy} ON {table} USING (true)"
        if with_check not in (None, "true"):
            yield table, f"ALTER POLICY {policy} ON {table} WITH CHECK (true)"
    yield "users", "GRANT SELECT (password_hash) ON users TO autonomos_operator"
    yield "field_priors", "GRANT SELECT (contributor) ON field_priors TO autonomos_app"
    yield "field_priors", "GRANT UPDATE (contributor, target) ON field_priors TO autonomos_app"
    for history in ("audit_events", "sync_notes"):
        yield history, f"GRANT UPDATE ON {history} TO autonomos_app"
        yield history, f"GRANT DELETE ON {history} TO autonomos_app"


def test_every_removed_protection_is_noticed(two_tenants: TwoTenants, measured: Callable[[str], None]) -> None:
    with undone(two_tenants.database) as connection:
        assert table_violations(connection, two_tenants) + operator_violations(connection, two_tenants) == []
        survivors, killed = [], 0
        for table, mutation in list(mutations(connection)):
            savepoint = connection.begin_nested()
            connection.execute(sa.text(mutation))
            if table_violations(connection, two_tenants, table) or operator_violations(connection, two_tenants):
                killed += 1
            else:
                survivors.append(mutation)
            savepoint.rollback()
    measured(f"row-level security: {killed} of {killed + len(survivors)} mutations killed")
    assert survivors == []
