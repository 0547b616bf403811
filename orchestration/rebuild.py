"""`rebuild_tenant`: everything derived of one tenant made once more from the raw records that were kept, and published.

Not touched: raw records, cursors, mappings, approvals, holds, and the ids of entities, which are history. Each stream
and each view is exchanged in one transaction of the lake, so whenever the run is stopped the lake is whole: some of it
is derived anew, the rest as before. Readers have the last publication until the new one is there.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import dagster as dg

from assets.extract.state import load_states
from assets.normalize.asset import Decided
from assets.normalize.custom import tenant_catalog
from assets.normalize.outcome import NOTHING_LANDED, MappingSuperseded, NormalizedStream
from assets.resolve.asset import resolve_entity
from assets.resolve.members import resolved_entities
from assets.unify.asset import canonical_outputs, describe_views, published_folder, refresh_view
from assets.unify.tables import drop_retired
from orchestration.control_plane.database import ControlPlane
from orchestration.failures import MAX_RUN_RETRIES, reporting_failures
from orchestration.partitions import ConnectionKey, tenant_of, tenants
from orchestration.resources.lake import Lake
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.publishing import freeze_catalog
from orchestration.resources.refreshes import Refreshes

# A run lost with its worker is started again this often, as the other jobs' are.
_TAGS = {"dagster/max_retries": str(MAX_RUN_RETRIES)}


@dg.op(out=dg.Out(dg.Nothing))
def derive_records(
    context: dg.OpExecutionContext,
    lake: dg.ResourceParam[Lake],
    control_plane: dg.ResourceParam[ControlPlane],
    refreshes: dg.ResourceParam[Refreshes],
) -> None:
    """Canonical records of every live connection, from its raw records by the mappings in force."""
    tenant_id = tenant_of(context.partition_key)
    with reporting_failures(context), lake.session(tenant_id) as session:
        refreshes.start(tenant_id, context.run.tags, context.run_id)
        with control_plane.tenant_session(tenant_id) as tenant:
            keys = [ConnectionKey(tenant_id, connection.id) for connection in tenant.connections.list()]
        streams = [(key, stream) for key in keys for stream in load_states(session, key.connection_id)]
        counted = {"streams": len(streams), "streams_done": 0, "records": 0, "rejected": 0, "deleted": 0}
        say = _Progress(context, refreshes)
        for done, (key, stream) in enumerate(streams, 1):
            outcome = _derive(session, control_plane, key, stream)
            counted["streams_done"] = done
            counted["records"] += outcome.upserted
            counted["rejected"] += outcome.rejected
            counted["deleted"] += outcome.buried
            say("derive", counted)
    context.add_output_metadata(counted)


def _derive(session: LakeSession, control_plane: ControlPlane, key: ConnectionKey, stream: str) -> NormalizedStream:
    """One stream, by what is decided now; read once more when somebody decides in between."""
    for attempt in (1, 2, 3):
        decided = Decided.read(control_plane, key)
        try:
            return replace(decided.normalizer(session, stream, NOTHING_LANDED), anew=True).run()
        except MappingSuperseded:
            if attempt == 3:
                raise
    raise AssertionError("unreachable")


@dg.op(ins={"derived": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing))
def join_records(
    context: dg.OpExecutionContext, lake: dg.ResourceParam[Lake], refreshes: dg.ResourceParam[Refreshes]
) -> None:
    """Memberships of all records in entities; entities keep their ids."""
    tenant_id = tenant_of(context.partition_key)
    stage = refreshes.stage(tenant_id, context.run.tags, "resolve")
    with reporting_failures(context), lake.session(tenant_id) as session, stage as told:
        moved = {entity: resolve_entity(session, entity, anew=True) for entity in resolved_entities()}
        told.update(members_changed=moved)
        _Progress(context, refreshes)("join", {"memberships_moved": sum(moved.values())})
    context.add_output_metadata(moved)


@dg.op(ins={"joined": dg.In(dg.Nothing)}, out=dg.Out(dg.Nothing))
def publish_views(
    context: dg.OpExecutionContext,
    lake: dg.ResourceParam[Lake],
    control_plane: dg.ResourceParam[ControlPlane],
    refreshes: dg.ResourceParam[Refreshes],
) -> None:
    """Every row of every view, frozen together and published by one pointer."""
    tenant_id, tags = tenant_of(context.partition_key), context.run.tags
    with reporting_failures(context), lake.session(tenant_id) as session:
        with refreshes.stage(tenant_id, tags, "unify") as told:
            with control_plane.tenant_session(tenant_id) as tenant:
                catalog = tenant_catalog(tenant.custom_entities.list())
            drop_retired(session, catalog)
            written = {entity.name: refresh_view(session, entity, anew=True) or 0 for entity in catalog.values()}
            told.update(rows_written=written)
        _Progress(context, refreshes)("publish", {"rows": sum(written.values())})
        with refreshes.stage(tenant_id, tags, "publish") as told:
            frozen = freeze_catalog(session, published_folder(lake, str(tenant_id)))
            views = describe_views(session, catalog, refreshes.published(tenant_id))
            refreshes.publish(tenant_id, tags, context.run_id, frozen, views)
            told.update(snapshot_id=frozen.snapshot_id, rows={name: view["rows"] for name, view in views.items()})
    for output in canonical_outputs(catalog, written, views, frozen.snapshot_id):
        key = dg.AssetKey(["unify", output.output_name])
        context.log_event(dg.AssetMaterialization(key, metadata=output.metadata, partition=context.partition_key))


@dg.job(partitions_def=tenants, executor_def=dg.in_process_executor, tags=_TAGS)
def rebuild_tenant() -> None:
    """One tenant: derive everything once more from raw records, and publish it."""
    publish_views(joined=join_records(derived=derive_records()))


class _Progress:
    """Says how far the run is; each stage adds to what those before it said."""

    def __init__(self, context: dg.OpExecutionContext, refreshes: Refreshes) -> None:
        self._context = context
        self._refreshes = refreshes

    def __call__(self, stage: str, counted: Mapping[str, Any]) -> None:
        tenant_id = tenant_of(self._context.partition_key)
        self._refreshes.progress(tenant_id, self._context.run.tags, self._context.run_id, {"stage": stage, **counted})
