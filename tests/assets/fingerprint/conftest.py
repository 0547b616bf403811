"""The control plane on a real Postgres, for the tests of what the stage records there."""

from tests.orchestration.control_plane.databases import control_plane, database, migrated_template
from tests.orchestration.control_plane.tenant import tenant

__all__ = ["control_plane", "database", "migrated_template", "tenant"]
