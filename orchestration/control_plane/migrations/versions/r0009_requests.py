"""Which requests were answered already under which key, and the trace id of the request that a run comes from."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APP, OPERATOR = "autonomos_app", "autonomos_operator"
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"
RUN_TABLES = ("sync_runs", "view_refreshes")

# status NULL: somebody is at it. body NULL with a status: done, and its answer is not kept.
KEYS = """
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL REFERENCES tenants,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    actor text NOT NULL,
    status smallint,
    headers jsonb,
    body bytea CHECK (octet_length(body) <= 262144),
    claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (tenant_id, claimed_at);
"""


def upgrade() -> None:
    """Make the table, close it, open what the run-time login needs; let runs carry their trace."""
    op.execute(KEYS)
    op.execute(
        "ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY; ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY"
    )
    op.execute(f"CREATE POLICY tenant_isolation ON idempotency_keys USING (tenant_id = {TENANT})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO {APP}")
    for table in RUN_TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN trace_id text CHECK (trace_id ~ '^[0-9a-f]{{32}}$')")
        op.execute(f"GRANT SELECT (trace_id) ON {table} TO {OPERATOR}")  # goes into the tags of the run


def downgrade() -> None:
    """Drop what `upgrade` made."""
    for table in RUN_TABLES:
        op.execute(
            f"ALTER TABLE {table} DROP COLUMN trace_id /* destructive: taking this revision back loses what it added */"
        )
    op.execute("DROP TABLE idempotency_keys /* destructive: taking this revision back loses what it added */")
