"""Which assets are materialised together, and the jobs that keep lake and storage small.

`sync_connection` takes one connection from its source to canonical rows; `replay_connection` maps what landed before
anew, after a decision; `refresh_views` rebuilds and publishes one tenant's views; `rebuild_tenant` (`rebuild.py`) makes
all of it once more from raw records. When they run is decided by sensors, schedules and the dispatcher, not here.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import dagster as dg

from orchestration import lake_upkeep
from orchestration.control_plane.database import ControlPlane
from orchestration.failures import MAX_RUN_RETRIES
from orchestration.rebuild import rebuild_tenant
from orchestration.resources.audit_heads import AuditHeads
from orchestration.resources.lake import Lake
from orchestration.retention import delete_old_runs

SYNC_STAGES = ("extract", "fingerprint", "mapping", "normalize")
REPLAY_STAGES = ("mapping", "normalize")  # no source is asked
REFRESH_STAGES = ("knowledge", "resolve", "unify")
UPKEEP_BUDGET_S = 30 * 60
RETENTION_BUDGET_S = 5 * 60

# A run lost with its worker is started again this often; a failed step is not (`run_retries` in dagster.yaml).
RUN_TAGS = {"dagster/max_retries": str(MAX_RUN_RETRIES)}

sync_connection = dg.define_asset_job(
    "sync_connection",
    selection=dg.AssetSelection.groups(*SYNC_STAGES),
    executor_def=dg.in_process_executor,
    tags=RUN_TAGS,
    description="One connection, from its source to canonical rows.",
)

replay_connection = dg.define_asset_job(
    "replay_connection",
    selection=dg.AssetSelection.groups(*REPLAY_STAGES),
    executor_def=dg.in_process_executor,
    tags=RUN_TAGS,
    description="One connection, from raw records that landed before to canonical rows, by the mapping in force now.",
)

refresh_views = dg.define_asset_job(
    "refresh_views",
    selection=dg.AssetSelection.groups(*REFRESH_STAGES),
    executor_def=dg.in_process_executor,
    tags=RUN_TAGS,
    description="One tenant: join records across its connections, rebuild its views and publish them.",
)


@dg.op
def merge_small_files(
    context: dg.OpExecutionContext, lake: dg.ResourceParam[Lake], control_plane: dg.ResourceParam[ControlPlane]
) -> None:
    """Merge small files of every tenant's lake."""

    def merge(tenant_id: UUID) -> int:
        with lake.session(tenant_id) as session:
            return lake_upkeep.compact(session)

    _for_each_tenant(context, control_plane, "tables merged", merge)


@dg.op
def delete_unread_files(
    context: dg.OpExecutionContext, lake: dg.ResourceParam[Lake], control_plane: dg.ResourceParam[ControlPlane]
) -> None:
    """Delete files that nothing reads any more, and those that never were committed."""
    now = datetime.now(UTC)

    def delete(tenant_id: UUID) -> int:
        oldest = lake_upkeep.oldest_publication(control_plane, tenant_id, now)
        with lake.session(tenant_id) as session:
            return lake_upkeep.collect_garbage(session, oldest, now) + lake_upkeep.remove_orphans(session, now)

    _for_each_tenant(context, control_plane, "files deleted", delete)


@dg.op
def delete_superseded_publications(
    context: dg.OpExecutionContext, control_plane: dg.ResourceParam[ControlPlane]
) -> None:
    """Delete frozen catalogs that readers have left."""
    now = datetime.now(UTC)
    _for_each_tenant(
        context,
        control_plane,
        "publications deleted",
        lambda tenant_id: lake_upkeep.remove_superseded_publications(control_plane, tenant_id, now),
    )


@dg.op
def delete_expired_runs(context: dg.OpExecutionContext) -> None:
    """Delete Dagster's records of runs past their time."""
    deleted = delete_old_runs(context.instance, datetime.now(UTC), RETENTION_BUDGET_S)
    context.add_output_metadata({"runs deleted": deleted})


@dg.op
def sign_audit_heads(
    context: dg.OpExecutionContext,
    control_plane: dg.ResourceParam[ControlPlane],
    audit_heads: dg.ResourceParam[AuditHeads],
) -> None:
    """Keep the newest event of every tenant's history, signed, outside the database."""

    def keep(tenant_id: UUID) -> int:
        with control_plane.tenant_session(tenant_id) as session:
            return audit_heads.keep(tenant_id, session.audit.head())

    _for_each_tenant(context, control_plane, "heads kept", keep)


def _for_each_tenant(
    context: dg.OpExecutionContext, control_plane: ControlPlane, counted: str, work: Callable[[UUID], int]
) -> None:
    """Do it for every tenant within the budget; one tenant's failure does not keep the others from it."""
    with control_plane.operator_session() as session:
        waiting = [tenant.id for tenant in session.tenants()]
    random.shuffle(waiting)
    deadline = time.monotonic() + UPKEEP_BUDGET_S
    total, failed = 0, 0
    while waiting and time.monotonic() < deadline:
        tenant_id = waiting.pop()
        try:
            total += work(tenant_id)
        except Exception:  # whatever is wrong with one lake is logged, and the next one gets its turn
            context.log.exception("tenant %s", tenant_id)
            failed += 1
    context.add_output_metadata({counted: total, "tenants failed": failed, "tenants left": len(waiting)})
    if failed:
        raise dg.Failure(f"{failed} tenants failed, see the log", allow_retries=False)


_UPKEEP_TAGS = {"dagster/max_retries": "0"}


@dg.job(executor_def=dg.in_process_executor, tags=_UPKEEP_TAGS)
def compact_lakes() -> None:
    """Merge the small files that syncs leave."""
    merge_small_files()


@dg.job(executor_def=dg.in_process_executor, tags=_UPKEEP_TAGS)
def clean_lakes() -> None:
    """Delete files nobody reads: superseded, expired and orphaned ones."""
    delete_unread_files()


@dg.job(executor_def=dg.in_process_executor, tags=_UPKEEP_TAGS)
def remove_publications() -> None:
    """Delete publications that readers have left."""
    delete_superseded_publications()


@dg.job(executor_def=dg.in_process_executor, tags=_UPKEEP_TAGS)
def remove_old_runs() -> None:
    """Retention of Dagster's runs and event logs."""
    delete_expired_runs()


@dg.job(executor_def=dg.in_process_executor, tags=_UPKEEP_TAGS)
def keep_audit_heads() -> None:
    """Sign where every tenant's history stands, so that events which are cut off later are missed."""
    sign_audit_heads()


# Whose runs the control plane knows of, and has to hear the end of.
ASSET_JOBS = (sync_connection, replay_connection, refresh_views)
REPORTED_JOBS = (*ASSET_JOBS, rebuild_tenant)
JOBS = (*REPORTED_JOBS, compact_lakes, clean_lakes, remove_publications, remove_old_runs, keep_audit_heads)
