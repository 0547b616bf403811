"""Which records of a tenant are the same account or contact, whatever system they came from."""

import dagster as dg

from assets.extract.progress import Progress, feed_start, read_progress, write_progress
from assets.normalize.asset import RECORDS
from assets.resolve.keys import KEYS_VERSION
from assets.resolve.members import CANONICAL_SCHEMA, resolved_entities, update_members
from orchestration.failures import reporting_failures
from orchestration.partitions import tenant_of, tenants
from orchestration.resources.lake import Lake
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.refreshes import Refreshes

PROGRESS_TABLE = "resolved"


@dg.asset(
    key_prefix="resolve",
    deps=[dg.AssetDep(RECORDS, partition_mapping=dg.AllPartitionMapping())],
    partitions_def=tenants,
    group_name="resolve",
    kinds={"duckdb"},
)
def entity_clusters(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], refreshes: dg.ResourceParam[Refreshes]
) -> dg.MaterializeResult[None]:
    """Memberships of records in entities, under ids that stay: the same customer in two systems is one."""
    tenant_id = tenant_of(context.partition_key)
    with reporting_failures(context), lake.session(tenant_id) as session:
        refreshes.start(tenant_id, context.run.tags, context.run.run_id)
        with refreshes.stage(tenant_id, context.run.tags, "resolve") as told:
            moved = {entity: resolve_entity(session, entity) for entity in resolved_entities()}
            told.update(members_changed=moved)
    return dg.MaterializeResult(metadata={f"{entity}_members_changed": count for entity, count in moved.items()})


def resolve_entity(session: LakeSession, entity: str, *, anew: bool = False) -> int:
    """Bring one entity's memberships up to date; how many changed.

    `anew` looks at every record once more. Entities keep their ids: those are history, which no raw record tells.
    """
    if not session.columns(CANONICAL_SCHEMA, entity):
        return 0

    def commit(session: LakeSession) -> int:
        progress = read_progress(session, PROGRESS_TABLE, entity)
        through = session.snapshot()
        if progress == Progress(through, KEYS_VERSION) and not anew:
            return 0
        after = None if anew else feed_start(session, progress, KEYS_VERSION)
        delta = None
        if after is not None:
            session.execute(f"CREATE OR REPLACE TEMP TABLE delta AS {newest_rows(session, entity, after, through)}")
            delta = "SELECT * FROM delta"
            if not session.value("SELECT 1 FROM delta LIMIT 1"):
                return 0
        moved = update_members(session, entity, delta, salt=str(through))
        write_progress(session, PROGRESS_TABLE, entity, Progress(through, KEYS_VERSION))
        return moved

    return session.transaction(commit)


def newest_rows(session: LakeSession, table: str, after: int, through: int) -> str:
    """SQL of the canonical rows written in (after, through], each record once, in its newest version."""
    inserted = session.insertions(CANONICAL_SCHEMA, table, after, through)
    newest_first = "PARTITION BY _key ORDER BY _mapping_version DESC, _batch_id DESC"
    return f"SELECT * FROM ({inserted}) QUALIFY row_number() OVER ({newest_first}) = 1"
