"""The graph people see in Dagster, reviewed as a diff.

`definitions.txt` is what the code location defines. When a change of it is meant, write it anew and review the diff:

    AUTONOMOS_WRITE_SNAPSHOT=1 .venv/bin/pytest tests/orchestration/test_definitions.py
"""

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import build_definitions

SNAPSHOT = Path(__file__).with_name("definitions.txt")
SERVICES = (
    "control_plane", "lake", "events", "sources", "syncs", "refreshes", "slack", "audit_heads", "callbacks", "llm",
    "shadow", "entity_catalog",
)  # fmt: skip


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    """The code location with services that are nothing: no server is asked."""
    return build_definitions(**{name: object() for name in SERVICES})


def described(definitions: dg.Definitions) -> Iterator[str]:
    """Every asset, check, job, sensor and schedule, a line each."""
    graph = definitions.resolve_asset_graph()
    yield "ASSETS: group key [partitions]"
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        partitions = node.partitions_def.name if isinstance(node.partitions_def, dg.DynamicPartitionsDefinition) else ""
        yield f"{node.group_name} {key.to_user_string()} [{partitions}]"
        for parent in sorted(node.parent_keys):
            mapping = graph.get_partition_mapping(key, parent)
            yield f"    <- {parent.to_user_string()} by {type(mapping).__name__}"
        for check in sorted(node.check_keys, key=str):
            partitioned = "partitioned" if graph.get(check).partitions_def else "unpartitioned"
            yield f"    check {check.name} ({partitioned})"
    yield "JOBS: name: what it runs"
    named = [job for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")]
    for job in sorted(named, key=lambda job: job.name):
        yield f"{job.name}: {', '.join(sorted(node.name for node in job.nodes))}"
        for key in sorted(job.asset_layer.executable_asset_keys):
            yield f"    {key.to_user_string()}"
    yield "SENSORS: name, kind, least seconds between ticks, status"
    for sensor in sorted(definitions.sensors or (), key=lambda sensor: sensor.name):
        kind, status = sensor.sensor_type.value, sensor.default_status.value  # type: ignore[union-attr]
        yield f"{sensor.name} {kind} {sensor.minimum_interval_seconds} {status}"  # type: ignore[union-attr]
    yield "SCHEDULES: name, cron, job, status"
    for schedule in sorted(definitions.schedules or (), key=lambda schedule: schedule.name):
        cron, status = schedule.cron_schedule, schedule.default_status.value  # type: ignore[union-attr]
        yield f"{schedule.name} '{cron}' {schedule.job_name} {status}"  # type: ignore[union-attr]


def test_the_graph_is_the_reviewed_one(definitions: dg.Definitions) -> None:
    text = "\n".join(described(definitions)) + "\n"
    if os.environ.get("AUTONOMOS_WRITE_SNAPSHOT"):
        SNAPSHOT.write_text(text)
    assert text == SNAPSHOT.read_text(), "see the head of this file for how to accept a change that is meant"


def test_every_asset_is_made_by_exactly_one_of_the_two_jobs(definitions: dg.Definitions) -> None:
    sync, refresh = (
        set(definitions.resolve_job_def(name).asset_layer.executable_asset_keys)
        for name in ("sync_connection", "refresh_views")
    )
    assert sync.isdisjoint(refresh)
    assert sync | refresh == set(definitions.resolve_asset_graph().get_all_asset_keys())


def test_services_are_replaced_by_name_and_the_others_stay() -> None:
    lake = object()
    resources = build_definitions(lake=lake).resources or {}
    assert resources["lake"] is lake
    assert set(resources) == set(SERVICES)
    assert all(service is not None for service in resources.values())


def test_the_definitions_can_be_loaded(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)
