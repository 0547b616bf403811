"""Composition root: the assets, jobs, sensors and schedules, and the services they are given.

Tests build it with services of their own: `build_definitions(lake=..., control_plane=...)`.
"""

import dagster as dg

from assets.extract.asset import raw_records
from assets.fingerprint.asset import fingerprint
from assets.knowledge.asset import knowledge_index
from assets.mapping.asset import mappings_in_force
from assets.normalize.asset import canonical_records
from assets.normalize.custom import tenant_catalog
from assets.normalize.shadow import NormalizeShadow
from assets.resolve.asset import entity_clusters
from assets.unify.asset import unified_views
from orchestration.jobs import JOBS
from orchestration.resources.services import services
from orchestration.resources.settings import load_settings
from orchestration.schedules import SCHEDULES
from orchestration.sensors import SENSORS

ASSETS = (
    raw_records,
    fingerprint,
    knowledge_index,
    mappings_in_force,
    canonical_records,
    entity_clusters,
    unified_views,
)


def build_definitions(**overrides: object) -> dg.Definitions:
    """The code location, with the services of the settings or those given instead, by name."""
    return dg.Definitions(
        assets=ASSETS,
        jobs=JOBS,
        sensors=SENSORS,
        schedules=SCHEDULES,
        # Normalize lies to the right of mapping, which tries its repairs with it: so it is handed over here.
        resources={
            **services(load_settings()),
            "shadow": NormalizeShadow(),
            "entity_catalog": tenant_catalog,
            **overrides,
        },
    )


defs = build_definitions()
