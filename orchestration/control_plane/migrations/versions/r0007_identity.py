"""People and what proves who they are: log-ins, refresh tokens, API keys, invitations, signing keys, and their login.

The identity login looks these up across tenants, before it is known whose request it is. It reads no business data,
makes nobody a member but of a tenant made in the same transaction, and nobody an operator: that takes the operator's.
"""

import sqlalchemy as sa
from alembic import op

from orchestration.control_plane.errors import ConfigurationError

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APP, OPERATOR, IDENTITY = "autonomos_app", "autonomos_operator", "autonomos_identity"
TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"

USERS = """
ALTER TABLE users
    ADD COLUMN display_name text,
    ADD COLUMN status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    ADD COLUMN is_operator boolean NOT NULL DEFAULT false,
    ADD COLUMN password_changed_at timestamptz NOT NULL DEFAULT clock_timestamp();
"""

LOGINS = """
CREATE TABLE logins (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz,
    revoked_reason text,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX logins_id ON logins (id);
CREATE INDEX logins_of_user ON logins (user_id, created_at DESC);

CREATE TABLE refresh_tokens (
    tenant_id uuid NOT NULL,
    token_hash text NOT NULL CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    login_id uuid NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, login_id) REFERENCES logins
);
CREATE UNIQUE INDEX refresh_tokens_hash ON refresh_tokens (token_hash);
CREATE INDEX refresh_tokens_login ON refresh_tokens (tenant_id, login_id);
"""

API_KEYS = """
CREATE TABLE api_keys (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    prefix text NOT NULL CHECK (prefix ~ '^[0-9a-z]{10}$'),
    secret_hash text NOT NULL CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
    scopes text[] NOT NULL,
    created_by uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX api_keys_prefix ON api_keys (prefix);
CREATE UNIQUE INDEX api_keys_name ON api_keys (tenant_id, lower(name)) WHERE revoked_at IS NULL;
"""

INVITATIONS = """
CREATE TABLE invitations (
    tenant_id uuid NOT NULL REFERENCES tenants,
    id uuid NOT NULL,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'approver', 'analyst', 'viewer')),
    token_hash text NOT NULL CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    invited_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
CREATE UNIQUE INDEX invitations_open ON invitations (tenant_id, lower(email))
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
"""

# The platform's own. The private half is sealed by the master key; only the identity login reads the row.
SIGNING_KEYS = """
CREATE TABLE signing_keys (
    kid text PRIMARY KEY CHECK (kid ~ '^[0-9a-f]{16}$'),
    public_key bytea NOT NULL,
    version integer NOT NULL,
    key_id text NOT NULL,
    wrapped_key bytea NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    verifies_until timestamptz
);
CREATE UNIQUE INDEX signing_keys_current ON signing_keys ((true)) WHERE verifies_until IS NULL;
"""

_KEY_SHOWN = "tenant_id, id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, revoked_at"
_INVITATION_SHOWN = "tenant_id, id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at"
# table -> what the run-time login may do to the rows of its tenant; hashes are written and never read back
APP_GRANTS = {
    "logins": "SELECT, INSERT, UPDATE (revoked_at, revoked_reason)",
    "refresh_tokens": "SELECT (tenant_id, login_id, issued_at, expires_at, used_at), INSERT",
    "api_keys": f"SELECT ({_KEY_SHOWN}), INSERT, UPDATE (revoked_at)",
    "invitations": f"SELECT ({_INVITATION_SHOWN}), INSERT, UPDATE (accepted_at, revoked_at)",
}
_ANY = "true"
_MADE_JUST_NOW = "EXISTS (SELECT FROM tenants t WHERE t.id = tenant_id AND t.created_at >= transaction_timestamp())"
# table -> command -> (columns, which rows), across tenants
IDENTITY_GRANTS = {
    "tenants": {"SELECT": ("id, name, status, created_at", _ANY), "INSERT": ("id, name", _ANY)},
    "users": {
        "SELECT": (
            "id, email, password_hash, created_at, display_name, status, is_operator, password_changed_at", _ANY,
        ),
        "INSERT": ("id, email, password_hash, display_name", _ANY),
        "UPDATE": ("password_hash, password_changed_at, display_name", _ANY),
    },
    "memberships": {
        "SELECT": ("tenant_id, user_id, role, created_at", _ANY),
        "INSERT": ("tenant_id, user_id, role", _MADE_JUST_NOW),
    },
    "logins": {
        "SELECT": (
            "tenant_id, id, user_id, user_agent, created_at, last_used_at, revoked_at, revoked_reason", _ANY,
        ),
        "UPDATE": ("last_used_at, revoked_at, revoked_reason", _ANY),
    },
    "refresh_tokens": {
        "SELECT": ("tenant_id, token_hash, login_id, issued_at, expires_at, used_at", _ANY),
        "INSERT": ("tenant_id, token_hash, login_id, expires_at", _ANY),
        "UPDATE": ("used_at", _ANY),
        "DELETE": ("", "expires_at < now()"),
    },
    "api_keys": {
        "SELECT": (
            "tenant_id, id, prefix, secret_hash, scopes, created_by, expires_at, last_used_at, revoked_at", _ANY,
        ),
        "UPDATE": ("last_used_at", _ANY),
    },
    "invitations": {
        "SELECT": ("tenant_id, id, email, role, token_hash, expires_at, accepted_at, revoked_at", _ANY),
    },
    "signing_keys": {
        "SELECT": (
            "kid, public_key, version, key_id, wrapped_key, ciphertext, created_at, verifies_until", _ANY,
        ),
        "INSERT": ("kid, public_key, version, key_id, wrapped_key, ciphertext", _ANY),
        "UPDATE": ("verifies_until", _ANY),
    },
    # A tenant's history is begun where the tenant is made, and nothing more is written here.
    "audit_events": {
        "INSERT": ("tenant_id, seq, at, actor, action, subject, data, previous_hash, hash", "seq = 1"),
    },
}  # fmt: skip
NEW_TABLES = ("signing_keys", "invitations", "api_keys", "refresh_tokens", "logins")


def upgrade() -> None:
    """Make the tables, close them, open what each login needs."""
    if not op.get_bind().scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": IDENTITY}):
        raise ConfigurationError(f"This version needs one role more: make {IDENTITY!r} as you made {OPERATOR!r}.")
    for statements in (USERS, LOGINS, API_KEYS, INVITATIONS, SIGNING_KEYS):
        op.execute(statements)
    for table in NEW_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for table, commands in APP_GRANTS.items():
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING (tenant_id = {TENANT})")
        op.execute(f"GRANT {commands} ON {table} TO {APP}")
    _open_to_identity()
    _narrow_users()


def _open_to_identity() -> None:
    for table, grants in IDENTITY_GRANTS.items():
        for command, (columns, rows) in grants.items():
            check = f"WITH CHECK ({rows})" if command == "INSERT" else f"USING ({rows})"
            op.execute(f"CREATE POLICY identity_{command.lower()} ON {table} FOR {command} TO {IDENTITY} {check}")
            op.execute(f"GRANT {command} {f'({columns})' if columns else ''} ON {table} TO {IDENTITY}")
    op.execute(f"GRANT USAGE ON SEQUENCE tenant_changes TO {IDENTITY}")


def _narrow_users() -> None:
    """Requests no longer read a password's hash, nor could they add a user who is an operator from the start."""
    op.execute(f"REVOKE ALL ON users FROM {APP}")
    op.execute(f"GRANT SELECT (id, email, created_at, display_name, status) ON users TO {APP}")
    op.execute(f"GRANT INSERT (id, email, password_hash, display_name) ON users TO {APP}")
    op.execute(f"CREATE POLICY operator_update ON users FOR UPDATE TO {OPERATOR} USING (true)")
    op.execute(f"GRANT SELECT (status, is_operator, created_at), UPDATE (status, is_operator) ON users TO {OPERATOR}")
    for table, command, columns in (
        ("memberships", "SELECT", "tenant_id, user_id, role"),
        ("logins", "SELECT", "user_id, revoked_at"),
        ("logins", "UPDATE", "revoked_at, revoked_reason"),
    ):
        op.execute(f"CREATE POLICY operator_{command.lower()} ON {table} FOR {command} TO {OPERATOR} USING (true)")
        op.execute(f"GRANT {command} ({columns}) ON {table} TO {OPERATOR}")


def downgrade() -> None:
    """Drop what `upgrade` made."""
    for table in NEW_TABLES:
        op.execute(f"DROP TABLE {table} /* destructive: taking this revision back loses what it added */")
    for table, grants in IDENTITY_GRANTS.items():
        if table not in NEW_TABLES:
            op.execute(f"REVOKE ALL ON {table} FROM {IDENTITY}")
            for command in grants:
                op.execute(f"DROP POLICY identity_{command.lower()} ON {table}")
    op.execute(f"REVOKE ALL ON SEQUENCE tenant_changes FROM {IDENTITY}")
    op.execute("DROP POLICY operator_update ON users; DROP POLICY operator_select ON memberships")
    op.execute(f"REVOKE SELECT (tenant_id, user_id, role) ON memberships FROM {OPERATOR}")
    op.execute(
        f"REVOKE SELECT (status, is_operator, created_at), UPDATE (status, is_operator) ON users FROM {OPERATOR}"
    )
    op.execute(f"REVOKE ALL ON users FROM {APP}; GRANT SELECT, INSERT ON users TO {APP}")
    for column in ("display_name", "status", "is_operator", "password_changed_at"):
        op.execute(f"ALTER TABLE users DROP COLUMN {column} /* destructive: it came with this revision */")
