"""Entities that a tenant declares beside the canonical ones."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APP = "autonomos_app"
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"

CUSTOM_ENTITIES = """
CREATE TABLE custom_entities (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]*$'),
    view text NOT NULL CHECK (view ~ '^[a-z][a-z0-9_]*$'),
    fields jsonb NOT NULL CHECK (jsonb_typeof(fields) = 'array'),
    key jsonb NOT NULL CHECK (jsonb_typeof(key) = 'array'),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX custom_entities_name ON custom_entities (tenant_id, name) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX custom_entities_view ON custom_entities (tenant_id, view) WHERE retired_at IS NULL;
"""


def upgrade() -> None:
    """Make the table, close it, and open it to the tenant it belongs to; what is retired stays."""
    op.execute(CUSTOM_ENTITIES)
    op.execute("ALTER TABLE custom_entities ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE custom_entities FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_isolation ON custom_entities USING (tenant_id = {TENANT})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON custom_entities TO {APP}")


def downgrade() -> None:
    """Forget the declarations; the lake keeps the rows."""
    op.execute("DROP TABLE custom_entities /* destructive: taking this revision back loses what it added */")
