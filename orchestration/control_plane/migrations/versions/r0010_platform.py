"""Feature flags, and what the identity login may count for those who run the platform."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APP, IDENTITY = "autonomos_app", "autonomos_identity"
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"

FLAGS = """
CREATE TABLE feature_flags (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    description text NOT NULL,
    percentage numeric(5, 2) NOT NULL CHECK (percentage BETWEEN 0 AND 100),
    enabled boolean NOT NULL,
    updated_by text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE feature_flag_tenants (
    tenant_id uuid NOT NULL REFERENCES tenants,
    flag text NOT NULL REFERENCES feature_flags,
    is_on boolean NOT NULL,
    PRIMARY KEY (tenant_id, flag)
);
CREATE INDEX feature_flag_tenants_flag ON feature_flag_tenants (flag);
"""
# States and times alone, and no id: what reads them counts, and cannot tell whose it counts. One login less than a
# role of its own, which would know nothing that this one does not.
COUNTED = {
    "sync_runs": "kind, status, requested_at, queued_at, started_at",
    "view_refreshes": "status, requested_at, queued_at, started_at",
    "tasks": "status, requested_at, finished_at",
    "task_callbacks": "status, due_at",
    "notes_outbox": "due_at",
    "connections": "status, next_due_at, deleted_at",
    "tenants": "stale_since",  # its status this login reads already
}
SEEN_ALREADY = ("tenants",)  # by a policy of 0007; a second one would hide that the first is gone


def upgrade() -> None:
    """Make the tables, close them, open what each login needs."""
    op.execute(FLAGS)
    for table in ("feature_flags", "feature_flag_tenants"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY platform_all ON {table} TO {IDENTITY} USING (true) WITH CHECK (true)")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {IDENTITY}")
        op.execute(f"GRANT SELECT ON {table} TO {APP}")
    # Which features there are is the same for everybody who is in a tenant; who has them is not.
    op.execute(f"CREATE POLICY tenant_reads ON feature_flags FOR SELECT USING ({TENANT} IS NOT NULL)")
    op.execute(f"CREATE POLICY tenant_isolation ON feature_flag_tenants USING (tenant_id = {TENANT})")
    for table, columns in COUNTED.items():
        if table not in SEEN_ALREADY:
            op.execute(f"CREATE POLICY platform_counts ON {table} FOR SELECT TO {IDENTITY} USING (true)")
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO {IDENTITY}")
    # Readiness tells whether the tables fit the version that runs.
    op.execute(f"GRANT SELECT ON alembic_version TO {APP}, {IDENTITY}")


def downgrade() -> None:
    """Drop what `upgrade` made."""
    op.execute(f"REVOKE SELECT ON alembic_version FROM {APP}, {IDENTITY}")
    for table, columns in COUNTED.items():
        op.execute(f"REVOKE SELECT ({columns}) ON {table} FROM {IDENTITY}")
        if table not in SEEN_ALREADY:
            op.execute(f"DROP POLICY platform_counts ON {table}")
    for table in ("feature_flag_tenants", "feature_flags"):
        op.execute(f"DROP TABLE {table} /* destructive: taking this revision back loses what it added */")
