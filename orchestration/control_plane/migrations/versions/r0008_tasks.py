"""Tasks that people and programs ask for, the runs that do them, and what callers are told when they end."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APP, OPERATOR = "autonomos_app", "autonomos_operator"
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"

REFRESHES = """
ALTER TABLE view_refreshes ADD COLUMN anew boolean NOT NULL DEFAULT false;
ALTER TABLE view_refreshes ADD COLUMN progress jsonb;
CREATE INDEX view_refreshes_anew ON view_refreshes (tenant_id) WHERE anew AND finished_at IS NULL;
"""

TASKS = """
CREATE TABLE tasks (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('sync', 'sync_all', 'replay', 'refresh_views', 'rebuild')),
    connection_id uuid,
    status text NOT NULL DEFAULT 'requested'
        CHECK (status IN ('requested', 'queued', 'running', 'canceling', 'succeeded', 'failed', 'canceled')),
    requested_by text NOT NULL,
    trace_id text CHECK (trace_id ~ '^[0-9a-f]{32}$'),
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    runs_done integer NOT NULL DEFAULT 0,
    parent_task_id uuid,
    retry_of uuid,
    chain jsonb NOT NULL DEFAULT '[]',
    callback_url text,
    error_code text,
    error_message text,
    error_hint text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections,
    FOREIGN KEY (tenant_id, parent_task_id) REFERENCES tasks,
    FOREIGN KEY (tenant_id, retry_of) REFERENCES tasks,
    CHECK ((connection_id IS NOT NULL) = (kind IN ('sync', 'replay'))),
    CHECK ((finished_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'canceled')))
);
CREATE UNIQUE INDEX tasks_one_rebuild ON tasks (tenant_id) WHERE kind = 'rebuild' AND finished_at IS NULL;
CREATE UNIQUE INDEX tasks_follow_up ON tasks (tenant_id, parent_task_id) WHERE parent_task_id IS NOT NULL;
CREATE INDEX tasks_newest ON tasks (tenant_id, requested_at DESC, id DESC);
CREATE INDEX tasks_unfinished ON tasks (requested_at, id) WHERE finished_at IS NULL;

CREATE TABLE task_runs (
    tenant_id uuid NOT NULL,
    task_id uuid NOT NULL,
    run_id uuid GENERATED ALWAYS AS (coalesce(sync_run_id, refresh_id)) STORED,
    sync_run_id uuid,
    refresh_id uuid,
    is_own boolean NOT NULL,
    PRIMARY KEY (tenant_id, task_id, run_id),
    FOREIGN KEY (tenant_id, task_id) REFERENCES tasks,
    FOREIGN KEY (tenant_id, sync_run_id) REFERENCES sync_runs,
    FOREIGN KEY (tenant_id, refresh_id) REFERENCES view_refreshes,
    CHECK (num_nonnulls(sync_run_id, refresh_id) = 1)
);
CREATE INDEX task_runs_of_run ON task_runs (tenant_id, run_id);
"""

TOLD = """
CREATE TABLE task_notes (
    tenant_id uuid NOT NULL,
    task_id uuid NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    level text NOT NULL CHECK (level IN ('info', 'warning', 'error')),
    code text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (tenant_id, task_id, seq),
    FOREIGN KEY (tenant_id, task_id) REFERENCES tasks
);

CREATE TABLE task_callbacks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    payload jsonb NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'dead')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz DEFAULT clock_timestamp(),
    delivered_at timestamptz,
    tries jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, task_id) REFERENCES tasks,
    CHECK ((due_at IS NOT NULL) = (status = 'pending')),
    CHECK ((delivered_at IS NOT NULL) = (status = 'delivered'))
);
CREATE UNIQUE INDEX task_callbacks_of_task ON task_callbacks (tenant_id, task_id);
CREATE INDEX task_callbacks_due ON task_callbacks (due_at, tenant_id) WHERE due_at IS NOT NULL;
"""

# table -> what the run-time login may do to the rows of its tenant
APP_GRANTS = {
    "tasks": "SELECT, INSERT, UPDATE",
    "task_runs": "SELECT, INSERT, UPDATE (is_own)",
    "task_notes": "SELECT, INSERT",  # a story is added to, never changed
    "task_callbacks": "SELECT, INSERT, UPDATE (status, due_at, delivered_at, tries)",
}
# table -> what the operator's login may read of all tenants: which tasks have to move on, and whose callbacks are due
OPERATOR_READS = {
    "tasks": "tenant_id, id, kind, status, requested_at, started_at, finished_at, runs_done",
    "task_runs": "tenant_id, task_id, run_id, sync_run_id, refresh_id, is_own",
    "task_callbacks": "tenant_id, status, due_at",
}


def upgrade() -> None:
    """Make the columns and tables, close them, open what each login needs."""
    for statements in (REFRESHES, TASKS, TOLD):
        op.execute(statements)
    for table, commands in APP_GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING (tenant_id = {TENANT})")
        op.execute(f"GRANT {commands} ON {table} TO {APP}")
    for table, columns in OPERATOR_READS.items():
        op.execute(f"CREATE POLICY operator_select ON {table} FOR SELECT TO {OPERATOR} USING (true)")
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO {OPERATOR}")
    op.execute(f"GRANT SELECT (anew), UPDATE (anew) ON view_refreshes TO {OPERATOR}")
    # A request that gives way to a newer one hands its tasks over to that.
    op.execute(f"CREATE POLICY operator_update ON task_runs FOR UPDATE TO {OPERATOR} USING (true)")
    op.execute(f"GRANT UPDATE (sync_run_id, refresh_id) ON task_runs TO {OPERATOR}")


def downgrade() -> None:
    """Drop what `upgrade` made; the grants on columns go with them."""
    why = "/* destructive: taking this revision back loses what it added */"
    for table in ("task_callbacks", "task_notes", "task_runs", "tasks"):
        op.execute(f"DROP TABLE {table} {why}")
    for column in ("anew", "progress"):
        op.execute(f"ALTER TABLE view_refreshes DROP COLUMN {column} {why}")
