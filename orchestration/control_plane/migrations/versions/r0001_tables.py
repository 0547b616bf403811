"""The tables of the control plane, with composite keys so that no row can point at another tenant's."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANTS = """
CREATE SEQUENCE tenant_changes;
CREATE SEQUENCE connection_changes;

-- Numbers are drawn before commit; readers take this lock alone, so that they never pass a number still to come.
CREATE FUNCTION number_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7301001);
    NEW.change_seq := nextval(TG_ARGV[0]::regclass);
    RETURN NEW;
END $$;

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    stale_since timestamptz,
    change_seq bigint NOT NULL
);
CREATE UNIQUE INDEX tenants_name ON tenants (lower(name));
CREATE UNIQUE INDEX tenants_change_seq ON tenants (change_seq);
CREATE INDEX tenants_stale ON tenants (stale_since, id) WHERE stale_since IS NOT NULL;
CREATE TRIGGER number_change BEFORE INSERT ON tenants
    FOR EACH ROW EXECUTE FUNCTION number_change('tenant_changes');

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE memberships (
    tenant_id uuid NOT NULL REFERENCES tenants,
    user_id uuid NOT NULL REFERENCES users,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'approver', 'analyst', 'viewer')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);
"""

CONNECTIONS = """
CREATE TABLE connections (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL,
    config jsonb NOT NULL,
    streams jsonb NOT NULL DEFAULT '{}',
    contract text NOT NULL DEFAULT 'evolve' CHECK (contract IN ('evolve', 'hold', 'freeze')),
    schedule text,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'failing', 'needs_person')),
    error text,
    failures_in_a_row integer NOT NULL DEFAULT 0,
    next_due_at timestamptz,
    last_success_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    deleted_at timestamptz,
    change_seq bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX connections_name ON connections (tenant_id, lower(name)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX connections_change_seq ON connections (change_seq);
CREATE INDEX connections_due ON connections (next_due_at, id)
    WHERE deleted_at IS NULL AND status <> 'paused' AND schedule IS NOT NULL;
CREATE TRIGGER number_change BEFORE INSERT OR UPDATE OF deleted_at ON connections
    FOR EACH ROW EXECUTE FUNCTION number_change('connection_changes');

CREATE TABLE connection_secrets (
    tenant_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    version integer NOT NULL,
    key_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (tenant_id, connection_id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections
);
"""

RUNS = """
CREATE TABLE sync_runs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('requested', 'queued', 'running', 'succeeded', 'failed', 'canceled')),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    queued_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    dagster_run_id text,
    streams jsonb NOT NULL DEFAULT '{}',
    read bigint NOT NULL DEFAULT 0,
    loaded bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    deleted bigint NOT NULL DEFAULT 0,
    snapshot_id bigint,
    error_code text,
    error_message text,
    error_hint text,
    retryable boolean,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections,
    CHECK ((finished_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'canceled')))
);
CREATE UNIQUE INDEX sync_runs_requested ON sync_runs (tenant_id, connection_id) WHERE status = 'requested';
CREATE UNIQUE INDEX sync_runs_active ON sync_runs (tenant_id, connection_id) WHERE status IN ('queued', 'running');
CREATE INDEX sync_runs_newest ON sync_runs (tenant_id, requested_at DESC, id);
CREATE INDEX sync_runs_of_connection ON sync_runs (tenant_id, connection_id, requested_at DESC, id);
CREATE INDEX sync_runs_dagster ON sync_runs (dagster_run_id) WHERE dagster_run_id IS NOT NULL;

CREATE TABLE view_refreshes (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('requested', 'queued', 'running', 'succeeded', 'failed', 'canceled')),
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    queued_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    dagster_run_id text,
    published jsonb,
    error_code text,
    error_message text,
    error_hint text,
    retryable boolean,
    PRIMARY KEY (tenant_id, id),
    CHECK ((finished_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'canceled')))
);
CREATE UNIQUE INDEX view_refreshes_requested ON view_refreshes (tenant_id) WHERE status = 'requested';
CREATE UNIQUE INDEX view_refreshes_active ON view_refreshes (tenant_id) WHERE status IN ('queued', 'running');
CREATE INDEX view_refreshes_newest ON view_refreshes (tenant_id, requested_at DESC, id);
CREATE INDEX view_refreshes_dagster ON view_refreshes (dagster_run_id) WHERE dagster_run_id IS NOT NULL;

CREATE TABLE publications (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    snapshot_id bigint NOT NULL,
    path text NOT NULL,
    views jsonb NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX publications_current ON publications (tenant_id) WHERE superseded_at IS NULL;
"""

SHAPES = """
CREATE TABLE schema_fingerprints (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    stream text NOT NULL,
    digest text NOT NULL,
    fields jsonb NOT NULL,
    sync_run_id uuid,
    is_baseline boolean NOT NULL DEFAULT false,
    decided_by text,
    decided_at timestamptz,
    observed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections,
    FOREIGN KEY (tenant_id, sync_run_id) REFERENCES sync_runs
);
CREATE UNIQUE INDEX schema_fingerprints_baseline ON schema_fingerprints (tenant_id, connection_id, stream)
    WHERE is_baseline;
CREATE INDEX schema_fingerprints_newest ON schema_fingerprints (tenant_id, connection_id, stream, seq DESC);

CREATE TABLE drift_events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    stream text NOT NULL,
    kind text NOT NULL,
    field text NOT NULL,
    is_breaking boolean NOT NULL,
    before jsonb,
    after jsonb,
    evidence jsonb NOT NULL,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved')),
    resolution text,
    resolved_by text,
    resolved_at timestamptz,
    first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections
);
CREATE UNIQUE INDEX drift_events_open ON drift_events (tenant_id, connection_id, stream, kind, field)
    WHERE status = 'open';

CREATE TABLE stream_mappings (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    stream text NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    entity text,
    is_active boolean NOT NULL DEFAULT true,
    reason text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, connection_id, stream, version),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections
);
CREATE UNIQUE INDEX stream_mappings_active ON stream_mappings (tenant_id, connection_id, stream) WHERE is_active;

CREATE TABLE field_mappings (
    tenant_id uuid NOT NULL,
    mapping_id uuid NOT NULL,
    position integer NOT NULL,
    source text NOT NULL,
    target text NOT NULL,
    transform jsonb NOT NULL,
    probability double precision NOT NULL CHECK (probability BETWEEN 0 AND 1),
    decided_by text NOT NULL,
    evidence jsonb NOT NULL,
    PRIMARY KEY (tenant_id, mapping_id, position),
    FOREIGN KEY (tenant_id, mapping_id) REFERENCES stream_mappings
);
"""

AUDIT = """
CREATE TABLE audit_events (
    tenant_id uuid NOT NULL REFERENCES tenants,
    seq bigint NOT NULL CHECK (seq >= 1),
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    data json NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);
"""

TABLES = (
    "audit_events", "field_mappings", "stream_mappings", "drift_events", "schema_fingerprints", "publications",
    "view_refreshes", "sync_runs", "connection_secrets", "connections", "memberships", "users", "tenants",
)  # fmt: skip


def upgrade() -> None:
    """Make every table."""
    for statements in (TENANTS, CONNECTIONS, RUNS, SHAPES, AUDIT):
        op.execute(statements)


def downgrade() -> None:
    """Drop every table."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table} /* destructive: the first revision leaves nothing behind */")
    op.execute("DROP FUNCTION number_change(); DROP SEQUENCE tenant_changes; DROP SEQUENCE connection_changes")
