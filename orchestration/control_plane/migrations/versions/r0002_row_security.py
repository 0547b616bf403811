"""Who may see and change what: forced row-level security on every table, and the grants of the two logins."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APP, OPERATOR = "autonomos_app", "autonomos_operator"
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"

# table -> what the run-time login may do to the rows of its tenant
APP_GRANTS = {
    "memberships": "SELECT, INSERT, UPDATE, DELETE",
    "connections": "SELECT, INSERT, UPDATE",
    "connection_secrets": "SELECT, INSERT, UPDATE, DELETE",
    "sync_runs": "SELECT, INSERT, UPDATE",
    "view_refreshes": "SELECT, INSERT, UPDATE",
    "publications": "SELECT, INSERT, UPDATE, DELETE",
    "schema_fingerprints": "SELECT, INSERT, UPDATE",
    "drift_events": "SELECT, INSERT, UPDATE",
    "stream_mappings": "SELECT, INSERT, UPDATE",
    "field_mappings": "SELECT, INSERT",
    "audit_events": "SELECT, INSERT",  # history is added to, never changed
}
_RUN_READ = "tenant_id, id, status, requested_at, queued_at, started_at, finished_at, dagster_run_id"
_RUN_INSERT = "tenant_id, id, status"
_RUN_UPDATE = "status, queued_at, finished_at, dagster_run_id, error_code, error_message, error_hint, retryable"
# table -> command -> columns that the operator's login may use, across tenants
OPERATOR_GRANTS = {
    "tenants": {
        "SELECT": "id, name, status, created_at, stale_since, change_seq",
        "INSERT": "id, name",
        "UPDATE": "stale_since",
    },
    "users": {"SELECT": "id, email", "INSERT": "id, email, password_hash"},
    "memberships": {"INSERT": "tenant_id, user_id, role"},
    "connections": {
        "SELECT": "tenant_id, id, kind, schedule, status, failures_in_a_row, next_due_at, last_success_at, deleted_at,"
        " change_seq",
        "UPDATE": "next_due_at, status, error, failures_in_a_row",
    },
    "sync_runs": {
        "SELECT": f"{_RUN_READ}, connection_id, requested_by",
        "INSERT": f"{_RUN_INSERT}, connection_id, requested_by",
        "UPDATE": _RUN_UPDATE,
    },
    "view_refreshes": {"SELECT": _RUN_READ, "INSERT": _RUN_INSERT, "UPDATE": _RUN_UPDATE},
}
SEQUENCES = ("tenant_changes", "connection_changes")
TABLES = ("tenants", "users", *APP_GRANTS)


def upgrade() -> None:
    """Close every table, then open what each login needs."""
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for table, commands in APP_GRANTS.items():
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING (tenant_id = {TENANT})")
        op.execute(f"GRANT {commands} ON {table} TO {APP}")
    _open_tenants_and_users()
    for table, grants in OPERATOR_GRANTS.items():
        for command, columns in grants.items():
            rows = "WITH CHECK (true)" if command == "INSERT" else "USING (true)"
            op.execute(f"CREATE POLICY operator_{command.lower()} ON {table} FOR {command} TO {OPERATOR} {rows}")
            op.execute(f"GRANT {command} ({columns}) ON {table} TO {OPERATOR}")
    # The operator writes one thing into a tenant's history: its beginning.
    op.execute(f"CREATE POLICY operator_insert ON audit_events FOR INSERT TO {OPERATOR} WITH CHECK (seq = 1)")
    op.execute(f"GRANT INSERT ON audit_events TO {OPERATOR}")
    for sequence in SEQUENCES:
        op.execute(f"GRANT USAGE ON SEQUENCE {sequence} TO {APP}, {OPERATOR}")


def _open_tenants_and_users() -> None:
    op.execute(f"CREATE POLICY tenant_isolation ON tenants USING (id = {TENANT})")
    op.execute(f"GRANT SELECT, UPDATE (stale_since) ON tenants TO {APP}")
    op.execute(
        "CREATE POLICY tenant_isolation ON users FOR SELECT USING"
        f" (EXISTS (SELECT FROM memberships m WHERE m.user_id = users.id AND m.tenant_id = {TENANT}))"
    )
    op.execute(f"CREATE POLICY join_platform ON users FOR INSERT TO {APP} WITH CHECK (true)")
    op.execute(f"GRANT SELECT, INSERT ON users TO {APP}")


def downgrade() -> None:
    """Leave the tables to their owner alone."""
    for sequence in SEQUENCES:
        op.execute(f"REVOKE ALL ON SEQUENCE {sequence} FROM {APP}, {OPERATOR}")
    for table in TABLES:
        op.execute(f"REVOKE ALL ON {table} FROM {APP}, {OPERATOR}")
    op.execute("DROP POLICY operator_insert ON audit_events; DROP POLICY join_platform ON users")
    for table, grants in OPERATOR_GRANTS.items():
        for command in grants:
            op.execute(f"DROP POLICY operator_{command.lower()} ON {table}")
    for table in TABLES:
        op.execute(f"DROP POLICY tenant_isolation ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
