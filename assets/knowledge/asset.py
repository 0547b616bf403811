"""What the tenant's decisions so far teach the mapping of its next streams."""

import dagster as dg

from assets.knowledge.meanings import count_meanings, load_meanings, store_meanings
from orchestration.control_plane.database import ControlPlane
from orchestration.failures import reporting_failures
from orchestration.partitions import tenant_of, tenants
from orchestration.resources.lake import Lake
from orchestration.resources.refreshes import Refreshes


@dg.asset(key_prefix="knowledge", partitions_def=tenants, group_name="knowledge", kinds={"duckdb"})
def knowledge_index(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    control_plane: dg.ResourceParam[ControlPlane],
    refreshes: dg.ResourceParam[Refreshes],
) -> dg.MaterializeResult[None]:
    """Mapping decisions in force, by source field: the memory that first mappings start from."""
    tenant_id = tenant_of(context.partition_key)
    with reporting_failures(context), refreshes.stage(tenant_id, context.run.tags, "knowledge") as told:
        with control_plane.tenant_session(tenant_id) as tenant:
            meanings = count_meanings(tenant.mappings.memory())
        with lake.session(tenant_id) as session:
            changed = load_meanings(session) != meanings
            if changed:
                session.transaction(lambda s: store_meanings(s, meanings))
        told.update(meanings=len(meanings), changed=changed)
    return dg.MaterializeResult(metadata={"dagster/row_count": len(meanings), "changed": changed})
