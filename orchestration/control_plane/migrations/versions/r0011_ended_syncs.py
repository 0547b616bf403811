"""Syncs by when they ended: what was loaded, rejected and held within an hour is listed without reading all others."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.execute("CREATE INDEX sync_runs_ended ON sync_runs (tenant_id, finished_at) WHERE finished_at IS NOT NULL")


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP INDEX sync_runs_ended")
