"""Safe Mode and circuit breakers of connections, a tenant's own secrets, the story of a sync, onboarding intents."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APP, OPERATOR = "autonomos_app", "autonomos_operator"
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"

# Connections that are there already have synced before Safe Mode existed: only those made from now on start in it.
CONNECTIONS = """
ALTER TABLE connections
    ADD COLUMN safe_mode boolean NOT NULL DEFAULT false,
    ADD COLUMN safe_mode_lifted_by text,
    ADD COLUMN safe_mode_lifted_at timestamptz,
    ADD COLUMN risk_level text NOT NULL DEFAULT 'low' CHECK (risk_level IN ('low', 'medium', 'high')),
    ADD COLUMN scopes_mode text NOT NULL DEFAULT 'read_only' CHECK (scopes_mode IN ('read_only', 'accept_write')),
    ADD COLUMN namespace text NOT NULL DEFAULT '',
    ADD COLUMN owner text NOT NULL DEFAULT 'operator',
    ADD COLUMN credential_locator text,
    ADD COLUMN circuit_open_until timestamptz;
ALTER TABLE connections ALTER COLUMN safe_mode SET DEFAULT true;
CREATE INDEX connections_circuit ON connections (tenant_id, id) WHERE circuit_open_until IS NOT NULL;
ALTER TABLE sync_runs ADD COLUMN is_sample boolean NOT NULL DEFAULT false;
"""

SECRETS = """
CREATE TABLE tenant_secrets (
    tenant_id uuid NOT NULL REFERENCES tenants,
    name text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
    version integer NOT NULL,
    key_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, name)
);
"""

NOTES = """
CREATE TABLE sync_notes (
    tenant_id uuid NOT NULL,
    sync_run_id uuid NOT NULL,
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    stream text,
    level text NOT NULL CHECK (level IN ('info', 'warning', 'error')),
    code text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (tenant_id, sync_run_id, seq),
    FOREIGN KEY (tenant_id, sync_run_id) REFERENCES sync_runs
);
"""

INTENTS = """
CREATE TABLE onboarding_intents (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    digest text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    resource_ids jsonb NOT NULL,
    config jsonb NOT NULL,
    credential_locator text,
    scopes_mode text NOT NULL CHECK (scopes_mode IN ('read_only', 'accept_write')),
    namespace text NOT NULL,
    risk_level text NOT NULL CHECK (risk_level IN ('low', 'medium', 'high')),
    evidence jsonb NOT NULL,
    owner text NOT NULL,
    status text NOT NULL
        CHECK (status IN ('awaiting_credentials', 'network_blocked', 'unsupported', 'error', 'connected')),
    code text NOT NULL,
    reason text NOT NULL,
    hint text NOT NULL,
    grants jsonb,
    connection_id uuid,
    attempts integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections,
    CHECK ((status = 'connected') = (connection_id IS NOT NULL))
);
CREATE UNIQUE INDEX onboarding_intents_digest ON onboarding_intents (tenant_id, digest);
CREATE UNIQUE INDEX onboarding_intents_connection ON onboarding_intents (tenant_id, connection_id)
    WHERE connection_id IS NOT NULL;
"""

# table -> what the run-time login may do to the rows of its tenant
APP_GRANTS = {
    "tenant_secrets": "SELECT, INSERT, UPDATE, DELETE",
    "sync_notes": "SELECT, INSERT",  # what happened is told, never changed
    "onboarding_intents": "SELECT, INSERT, UPDATE, DELETE",
}


def upgrade() -> None:
    """Make the columns and tables, close them, open what each login needs."""
    for statements in (CONNECTIONS, SECRETS, NOTES, INTENTS):
        op.execute(statements)
    for table, commands in APP_GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING (tenant_id = {TENANT})")
        op.execute(f"GRANT {commands} ON {table} TO {APP}")
    op.execute(f"GRANT SELECT (circuit_open_until), UPDATE (circuit_open_until) ON connections TO {OPERATOR}")


def downgrade() -> None:
    """Drop what `upgrade` made; the grants on columns go with them."""
    why = "/* destructive: taking this revision back loses what it added */"
    for table in APP_GRANTS:
        op.execute(f"DROP TABLE {table} {why}")
    op.execute(f"ALTER TABLE sync_runs DROP COLUMN is_sample {why}")
    for column in (
        "safe_mode", "safe_mode_lifted_by", "safe_mode_lifted_at", "risk_level", "scopes_mode", "namespace", "owner",
        "credential_locator", "circuit_open_until",
    ):  # fmt: skip
        op.execute(f"ALTER TABLE connections DROP COLUMN {column} {why}")
