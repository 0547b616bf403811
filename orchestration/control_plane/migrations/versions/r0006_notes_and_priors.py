"""What a language model cost, notes waiting to be sent, and what tenants who opted in tell each other of fields."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APP, OPERATOR = "autonomos_app", "autonomos_operator"
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"
CONTRIBUTOR = "nullif(current_setting('app.contributor', true), '')"
SHARES = "EXISTS (SELECT FROM repair_settings WHERE share_priors)"  # that table shows a session its tenant's row alone

LLM_USAGE = """
CREATE TABLE llm_usage (
    tenant_id uuid NOT NULL REFERENCES tenants,
    day date NOT NULL,
    feature text NOT NULL,
    model text NOT NULL,
    calls bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    saved bigint NOT NULL DEFAULT 0,
    prompt_tokens bigint NOT NULL DEFAULT 0,
    completion_tokens bigint NOT NULL DEFAULT 0,
    cost_usd numeric(16, 8) NOT NULL DEFAULT 0,
    unpriced_calls bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, day, feature, model)
);
"""

NOTES = """
CREATE TABLE notes_outbox (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0,
    sent_at timestamptz,
    error text,
    PRIMARY KEY (tenant_id, id),
    CHECK (sent_at IS NULL OR due_at IS NULL)
);
CREATE UNIQUE INDEX notes_outbox_key ON notes_outbox (tenant_id, kind, key);
CREATE INDEX notes_outbox_due ON notes_outbox (due_at, tenant_id) WHERE due_at IS NOT NULL;
"""

# No tenant, no time, no name of a field: who contributed and what it was called are keyed hashes. The run-time login
# may not even read the contributor's.
PRIORS = """
CREATE TABLE field_priors (
    contributor text NOT NULL CHECK (contributor ~ '^[0-9a-f]{64}$'),
    connector text NOT NULL CHECK (connector ~ '^[a-z][a-z0-9_]*$'),
    field_hash text NOT NULL CHECK (field_hash ~ '^[0-9a-f]{64}$'),
    entity text NOT NULL CHECK (entity ~ '^[a-z][a-z0-9_]*$'),
    target text NOT NULL CHECK (target ~ '^[a-z][a-z0-9_]*$'),
    PRIMARY KEY (contributor, connector, field_hash, entity, target)
);
CREATE INDEX field_priors_field ON field_priors (connector, field_hash);
"""

# table -> what the run-time login may do to the rows of its tenant
APP_GRANTS = {"llm_usage": "SELECT, INSERT, UPDATE", "notes_outbox": "SELECT, INSERT, UPDATE"}


def upgrade() -> None:
    """Make the tables, close them, open what each login needs."""
    for statements in (LLM_USAGE, NOTES, PRIORS):
        op.execute(statements)
    for table in (*APP_GRANTS, "field_priors"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for table, commands in APP_GRANTS.items():
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING (tenant_id = {TENANT})")
        op.execute(f"GRANT {commands} ON {table} TO {APP}")
    op.execute(f"CREATE POLICY operator_select ON notes_outbox FOR SELECT TO {OPERATOR} USING (true)")
    op.execute(f"GRANT SELECT (tenant_id, due_at) ON notes_outbox TO {OPERATOR}")
    _open_priors()


def _open_priors() -> None:
    """One gives as oneself, takes back one's own, and reads the others', each only while one's own setting shares."""
    for policy in (
        f"give FOR INSERT TO {APP} WITH CHECK (contributor = {CONTRIBUTOR} AND {SHARES})",
        f"take_back FOR DELETE TO {APP} USING (contributor = {CONTRIBUTOR})",
        f"look_up FOR SELECT TO {APP} USING (contributor <> {CONTRIBUTOR} AND {SHARES})",
    ):
        name, rest = policy.split(" ", 1)
        op.execute(f"CREATE POLICY {name} ON field_priors {rest}")
    op.execute(f"GRANT SELECT (connector, field_hash, entity, target), INSERT, DELETE ON field_priors TO {APP}")


def downgrade() -> None:
    """Drop what `upgrade` made."""
    for table in ("field_priors", "notes_outbox", "llm_usage"):
        op.execute(f"DROP TABLE {table} /* destructive: taking this revision back loses what it added */")
