"""The repair loop: drift with its fields, contracts, proposals, votes, holds, watches, and replays beside syncs."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APP, OPERATOR = "autonomos_app", "autonomos_operator"
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"

# Events seen before had one field: what it was before is gone for an added one, what it is after for a removed one.
# The owner is bound by row-level security too, so it is lifted for the one statement that fills all tenants' rows.
DRIFT = """
ALTER TABLE drift_events
    ADD COLUMN fields_before jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(fields_before) = 'array'),
    ADD COLUMN fields_after jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(fields_after) = 'array'),
    ADD COLUMN severity text NOT NULL DEFAULT 'info' CHECK (severity IN ('info', 'warning', 'breaking')),
    ADD COLUMN probability double precision CHECK (probability BETWEEN 0 AND 1),
    ADD COLUMN first_version bigint,
    ADD COLUMN snapshot_before bigint,
    ADD COLUMN reopened_by text,
    ADD COLUMN reopened_why text,
    ADD COLUMN reopened_at timestamptz;
ALTER TABLE drift_events NO FORCE ROW LEVEL SECURITY;
UPDATE drift_events SET
    fields_before = CASE WHEN field = '' OR kind = 'added' THEN '[]' ELSE jsonb_build_array(field) END,
    fields_after = CASE WHEN field = '' OR kind = 'removed' THEN '[]' ELSE jsonb_build_array(field) END,
    severity = CASE WHEN is_breaking THEN 'breaking' ELSE 'info' END;
ALTER TABLE drift_events FORCE ROW LEVEL SECURITY;
"""

# Rules that hold for a span of commits; a stream's policy on drift moves out of the connection.
MAPPINGS = """
ALTER TABLE field_mappings
    ADD COLUMN since bigint NOT NULL DEFAULT 0 CHECK (since >= 0),
    ADD COLUMN until bigint;
ALTER TABLE connections DROP COLUMN contract
    /* destructive: nobody could set it, so it says 'evolve' everywhere; drift_contracts takes its place */;
ALTER TABLE sync_runs
    ADD COLUMN kind text NOT NULL DEFAULT 'sync' CHECK (kind IN ('sync', 'replay')),
    ADD COLUMN absorbed_replay boolean NOT NULL DEFAULT false;
"""

DECISIONS = """
CREATE TABLE drift_contracts (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    connection_id uuid,
    stream text,
    kind text,
    policy text NOT NULL CHECK (policy IN ('evolve', 'hold', 'freeze')),
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections,
    CHECK (stream IS NULL OR connection_id IS NOT NULL)
);
CREATE UNIQUE INDEX drift_contracts_scope ON drift_contracts (tenant_id, connection_id, stream, kind)
    NULLS NOT DISTINCT;

CREATE TABLE repair_settings (
    tenant_id uuid PRIMARY KEY REFERENCES tenants,
    apply_at double precision NOT NULL,
    ask_at double precision NOT NULL,
    two_person boolean NOT NULL,
    share_priors boolean NOT NULL,
    watch_syncs integer NOT NULL CHECK (watch_syncs BETWEEN 1 AND 20),
    approval_days integer NOT NULL CHECK (approval_days BETWEEN 1 AND 90),
    slack_secret text,
    llm boolean NOT NULL,
    llm_model text,
    llm_monthly_budget_usd numeric(12, 4) CHECK (llm_monthly_budget_usd >= 0),
    updated_by text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (0 < ask_at AND ask_at <= apply_at AND apply_at <= 1)
);
"""

PROPOSALS = """
CREATE TABLE repair_proposals (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    stream text NOT NULL,
    drift_id uuid,
    kind text NOT NULL,
    status text NOT NULL CHECK (status IN
        ('open', 'applied', 'approved', 'rejected', 'refused', 'superseded', 'undone', 'rolled_back')),
    probability double precision NOT NULL CHECK (probability BETWEEN 0 AND 1),
    base_version integer NOT NULL CHECK (base_version >= 0),
    entity text,
    rules jsonb NOT NULL,
    changes jsonb NOT NULL,
    candidates jsonb NOT NULL,
    evidence jsonb NOT NULL,
    shadow jsonb,
    reasons jsonb NOT NULL,
    impact jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    escalated_at timestamptz,
    decided_at timestamptz,
    decided_by text,
    note text,
    applied_version integer,
    revision integer NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections,
    FOREIGN KEY (tenant_id, drift_id) REFERENCES drift_events,
    CHECK ((decided_at IS NULL) = (status IN ('open', 'refused')))
);
CREATE UNIQUE INDEX repair_proposals_waiting ON repair_proposals (tenant_id, drift_id)
    WHERE status IN ('open', 'refused');
CREATE INDEX repair_proposals_newest ON repair_proposals (tenant_id, created_at DESC, id);
CREATE INDEX repair_proposals_expiring ON repair_proposals (expires_at, id) WHERE status = 'open';

CREATE TABLE approvals (
    tenant_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    revision integer NOT NULL,
    voter text NOT NULL,
    verdict text NOT NULL,
    payload jsonb,
    voted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, proposal_id, revision, voter),
    FOREIGN KEY (tenant_id, proposal_id) REFERENCES repair_proposals
);
"""

HOLDS = """
CREATE TABLE holds (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    stream text NOT NULL,
    drift_id uuid,
    proposal_id uuid,
    since_version bigint NOT NULL CHECK (since_version >= 0),
    fields jsonb NOT NULL CHECK (jsonb_typeof(fields) = 'array'),
    match text NOT NULL CHECK (match IN ('filled', 'empty', 'all')),
    restore_snapshot bigint,
    restore_targets jsonb NOT NULL CHECK (jsonb_typeof(restore_targets) = 'array'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_at timestamptz,
    lifted_by text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections,
    FOREIGN KEY (tenant_id, drift_id) REFERENCES drift_events,
    FOREIGN KEY (tenant_id, proposal_id) REFERENCES repair_proposals,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CREATE UNIQUE INDEX holds_of_drift ON holds (tenant_id, drift_id) WHERE lifted_at IS NULL;
CREATE INDEX holds_active ON holds (tenant_id, connection_id) WHERE lifted_at IS NULL;

CREATE TABLE mapping_watches (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    stream text NOT NULL,
    proposal_id uuid NOT NULL,
    mapping_version integer NOT NULL,
    previous_version integer NOT NULL,
    syncs_seen integer NOT NULL DEFAULT 0,
    syncs_wanted integer NOT NULL CHECK (syncs_wanted >= 1),
    baseline jsonb NOT NULL,
    status text NOT NULL DEFAULT 'watching' CHECK (status IN ('watching', 'passed', 'regressed', 'stopped')),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections,
    FOREIGN KEY (tenant_id, proposal_id) REFERENCES repair_proposals,
    CHECK ((ended_at IS NULL) = (status = 'watching'))
);
CREATE UNIQUE INDEX mapping_watches_of_proposal ON mapping_watches (tenant_id, proposal_id)
    WHERE status = 'watching';
CREATE INDEX mapping_watches_active ON mapping_watches (tenant_id, connection_id) WHERE status = 'watching';
"""

# table -> what the run-time login may do to the rows of its tenant
APP_GRANTS = {
    "drift_contracts": "SELECT, INSERT, UPDATE, DELETE",
    "repair_settings": "SELECT, INSERT, UPDATE",
    "repair_proposals": "SELECT, INSERT, UPDATE",
    "approvals": "SELECT, INSERT, UPDATE",
    "holds": "SELECT, INSERT, UPDATE",
    "mapping_watches": "SELECT, INSERT, UPDATE",
}


def upgrade() -> None:
    """Make the columns and tables, close them, open what each login needs."""
    for statements in (DRIFT, MAPPINGS, DECISIONS, PROPOSALS, HOLDS):
        op.execute(statements)
    for table, commands in APP_GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING (tenant_id = {TENANT})")
        op.execute(f"GRANT {commands} ON {table} TO {APP}")
    run = "kind, absorbed_replay"
    op.execute(f"GRANT SELECT ({run}), INSERT ({run}), UPDATE ({run}) ON sync_runs TO {OPERATOR}")
    op.execute(f"CREATE POLICY operator_select ON repair_proposals FOR SELECT TO {OPERATOR} USING (true)")
    op.execute(f"GRANT SELECT (tenant_id, id, status, expires_at) ON repair_proposals TO {OPERATOR}")


def downgrade() -> None:
    """Drop what `upgrade` made; the grants on columns go with them."""
    why = "/* destructive: taking this revision back loses what it added */"
    for table in ("mapping_watches", "holds", "approvals", "repair_proposals", "repair_settings", "drift_contracts"):
        op.execute(f"DROP TABLE {table} {why}")
    op.execute(
        "ALTER TABLE connections ADD COLUMN contract text NOT NULL DEFAULT 'evolve'"
        " CHECK (contract IN ('evolve', 'hold', 'freeze'))"
    )
    for table, columns in {
        "sync_runs": ("kind", "absorbed_replay"),
        "field_mappings": ("since", "until"),
        "drift_events": (
            "fields_before", "fields_after", "severity", "probability", "first_version", "snapshot_before",
            "reopened_by", "reopened_why", "reopened_at",
        ),
    }.items():  # fmt: skip
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column} {why}")
