"""Composition root: the assets, jobs, sensors and schedules, and the services they are given.

Tests build it with services of their own: `build_definitions(lake=..., control_plane=...)`.
"""

import dagster as dg

from assets.extract.asset import raw_records
from assets.fingerprint.asset import fingerprint
from assets.knowledge.asset import knowledge_index
from assets.mapping.asset import field_mapping
from assets.normalize.asset import canonical_records
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
    field_mapping,
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
        resources={**services(load_settings()), **overrides},
    )


defs = build_definitions()
