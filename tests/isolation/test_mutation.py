"""Every protection that is taken away is noticed: policies, RLS flags and grants, one at a time."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from tests.isolation.checks import OPERATOR_READS, operator_violations, table_violations
from tests.isolation.identity_checks import IDENTITY_MAY, identity_violations
from tests.isolation.two_tenants import PLATFORM_TABLES, TwoTenants, owned_tables, undone

pytestmark = pytest.mark.servers


def mutations(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Tables, and statements that each remove or widen one protection the catalog has for them."""
    for table in (*owned_tables(connection), *PLATFORM_TABLES):
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
    yield from _identity_mutations()
    yield "users", "GRANT SELECT (password_hash) ON users TO autonomos_operator"
    yield "field_priors", "GRANT SELECT (contributor) ON field_priors TO autonomos_app"
    yield "field_priors", "GRANT UPDATE (contributor, target) ON field_priors TO autonomos_app"
    for history in ("audit_events", "sync_notes"):
        yield history, f"GRANT UPDATE ON {history} TO autonomos_app"
        yield history, f"GRANT DELETE ON {history} TO autonomos_app"


def _identity_mutations() -> Iterator[tuple[str, str]]:
    for table in ("audit_events", "connection_secrets", "tenant_secrets", "connections", "tenants", "invitations"):
        yield table, f"GRANT SELECT ON {table} TO autonomos_identity"
    for table in set(IDENTITY_MAY) - {"feature_flags", "feature_flag_tenants"}:
        yield table, f"GRANT UPDATE ON {table} TO autonomos_identity"
    for grant in ("SELECT (password_hash)", "SELECT (is_operator)", "INSERT (is_operator)"):
        yield "users", f"GRANT {grant} ON users TO autonomos_app"
    for table, column in {
        "refresh_tokens": "token_hash",
        "api_keys": "secret_hash",
        "invitations": "token_hash",
    }.items():
        yield table, f"GRANT SELECT ({column}) ON {table} TO autonomos_app"
    yield "api_keys", "GRANT UPDATE (scopes) ON api_keys TO autonomos_app"
    yield "signing_keys", "GRANT SELECT ON signing_keys TO autonomos_app"
    yield "feature_flags", "GRANT UPDATE ON feature_flags TO autonomos_app"


def test_every_removed_protection_is_noticed(two_tenants: TwoTenants, measured: Callable[[str], None]) -> None:
    with undone(two_tenants.database) as connection:
        found = table_violations(connection, two_tenants) + operator_violations(connection, two_tenants)
        assert found + identity_violations(connection, two_tenants) == []
        survivors, killed = [], 0
        for table, mutation in list(mutations(connection)):
            savepoint = connection.begin_nested()
            connection.execute(sa.text(mutation))
            if _is_noticed(connection, two_tenants, table, mutation):
                killed += 1
            else:
                survivors.append(mutation)
            savepoint.rollback()
    measured(f"row-level security: {killed} of {killed + len(survivors)} mutations killed")
    assert not survivors, "; ".join(survivors)


def _is_noticed(connection: sa.Connection, two: TwoTenants, table: str, mutation: str) -> bool:
    """By any check; what most likely notices is asked first, since it takes its time."""
    checks = [identity_violations, operator_violations]
    if "operator" in mutation:
        checks.reverse()
    if "identity" in mutation or "operator" in mutation:
        return any(check(connection, two) for check in checks)
    of_table = [] if table in PLATFORM_TABLES else table_violations(connection, two, table)
    return bool(of_table) or any(check(connection, two) for check in checks)
