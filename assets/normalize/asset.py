"""Canonical records of one connection, and the records that do not fit, with reasons."""

from collections.abc import Iterator, Mapping

import dagster as dg
import redis

from assets.extract.state import load_states
from assets.mapping.asset import field_mapping, load_mappings
from assets.mapping.rules import StreamMapping
from assets.normalize.catalog import EntityCatalog
from assets.normalize.custom import tenant_catalog
from assets.normalize.delta import NOTHING_LANDED, MappingSuperseded, NormalizedStream, StreamNormalizer
from assets.normalize.envelope import BatchCommitted, SourceOfRecords, operation
from assets.normalize.written import Written, count_written, unbalanced
from orchestration.control_plane.database import ControlPlane
from orchestration.failures import reporting_failures
from orchestration.partitions import ConnectionKey, connection_check, connections
from orchestration.resources.events import Events
from orchestration.resources.lake import Lake
from orchestration.resources.nudges import nudge
from orchestration.resources.syncs import SyncLog, Syncs

RECORDS = dg.AssetKey(["normalize", "canonical_records"])
REJECTED = dg.AssetKey(["normalize", "rejected_records"])


@dg.multi_asset(
    outs={
        "canonical_records": dg.AssetOut(
            key=RECORDS,
            description="Records in the canonical model, typed and keyed, with what they came from.",
            kinds={"duckdb", "parquet"},
        ),
        "rejected_records": dg.AssetOut(
            key=REJECTED,
            description="Records that fit no type or key, with field, value and reason; countable and exportable.",
            kinds={"duckdb"},
        ),
    },
    deps=[field_mapping],
    check_specs=[
        connection_check("rows_balance", RECORDS, "Every record read is loaded, rejected or unchanged, and is there."),
        connection_check("keys_unique", RECORDS, "No record was written twice."),
    ],
    partitions_def=connections,
    group_name="normalize",
)
def canonical_records(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    control_plane: dg.ResourceParam[ControlPlane],
    events: dg.ResourceParam[Events],
    syncs: dg.ResourceParam[Syncs],
) -> Iterator[dg.Output[None] | dg.AssetCheckResult]:
    """Mapping times raw delta: rows that pass, rows that fail; then the sync is done and its tenant stale."""
    key = ConnectionKey.parse(context.partition_key)
    with reporting_failures(context), lake.session(key.tenant_id) as session:
        log = syncs.resume(key, context.run.tags, context.run.run_id)
        counted = log.current().streams
        mappings, catalog = decided(control_plane, key)
        outcomes, written = [], []
        for stream in load_states(session, key.connection_id):
            mapping = mappings.get(stream)
            if mapping is None:
                continue
            first_version = int(counted.get(stream, {}).get("first_version", NOTHING_LANDED))
            try:
                outcome = StreamNormalizer(session, key.connection_id, mapping, first_version, catalog).run()
            except MappingSuperseded:  # somebody decided on it while this run was under way
                mappings, catalog = decided(control_plane, key)
                outcome = StreamNormalizer(session, key.connection_id, mappings[stream], first_version, catalog).run()
            record_outcome(log, outcome, counted.get(stream, {}))
            outcomes.append(outcome)
            written.append(count_written(session, key.connection_id, outcome))
        mark_stale_where_finish_would_not(context, control_plane, key, outcomes)
        run = log.finish(session.snapshot())
        announce(context, control_plane, events, key, outcomes)
    loaded = sum(outcome.loaded for outcome in outcomes)
    metadata = {"dagster/row_count": loaded, "streams": len(outcomes), "read": run.read, "unchanged": run.unchanged}
    yield dg.Output(None, "canonical_records", metadata=metadata)
    yield dg.Output(None, "rejected_records", metadata={"dagster/row_count": sum(o.rejected for o in outcomes)})
    yield from check_written(run.streams, written)


def decided(control_plane: ControlPlane, key: ConnectionKey) -> tuple[dict[str, StreamMapping], EntityCatalog]:
    """The mappings in force by stream, and the entities that the tenant has."""
    with control_plane.tenant_session(key.tenant_id) as tenant:
        # In this order: an entity is declared before a stream is mapped onto it, so no new one can be missing.
        mappings = load_mappings(tenant, key.connection_id)
        return mappings, tenant_catalog(tenant.custom_entities.list())


def check_written(streams: Mapping[str, Mapping[str, object]], written: list[Written]) -> Iterator[dg.AssetCheckResult]:
    """Both checks of what the run wrote. They report; the rows are committed."""
    wrong = unbalanced(streams, written)
    yield dg.AssetCheckResult(passed=not wrong, asset_key=RECORDS, check_name="rows_balance", metadata=wrong)
    repeated = {item.stream: item.rows - item.keys for item in written if item.rows != item.keys}
    yield dg.AssetCheckResult(passed=not repeated, asset_key=RECORDS, check_name="keys_unique", metadata=repeated)


def record_outcome(log: SyncLog, outcome: NormalizedStream, counted: dict[str, object]) -> None:
    """Complete the stream's counts: what was landed is now loaded or rejected.

    Counted from what extract landed, so that they balance also when a record landed twice (from two files), and when
    an attempt before this one had written everything but the counts.
    """
    read, landed, unchanged = (int(str(counted.get(name, 0))) for name in ("read", "landed", "unchanged"))
    log.record_stream(
        outcome.stream,
        {
            "loaded": landed - outcome.rejected,
            "rejected": read - landed - unchanged + outcome.rejected,
            "recovered": outcome.recovered,
            "entity": outcome.entity,
            "mapping_version": outcome.mapping_version,
        },
    )


def mark_stale_where_finish_would_not(
    context: dg.AssetExecutionContext, control_plane: ControlPlane, key: ConnectionKey, outcomes: list[NormalizedStream]
) -> None:
    """Finishing a sync marks the views stale by its own counts. Rows an interrupted run had landed are not in them.

    Nor is anything when that run had written all its rows and only not lived to say so.
    """
    is_repeated = context.run.parent_run_id is not None or context.retry_number > 0
    if is_repeated or any(outcome.recovered for outcome in outcomes):
        with control_plane.tenant_session(key.tenant_id) as tenant:
            tenant.tenants.mark_stale()


def announce(
    context: dg.AssetExecutionContext,
    control_plane: ControlPlane,
    events: Events,
    key: ConnectionKey,
    outcomes: list[NormalizedStream],
) -> None:
    """Tell the consumers of batches what changed; one of them asks for the refresh of the tenant's views.

    That they are stale stands in Postgres already: a message that is lost costs seconds, not the refresh.
    """
    changed = [outcome for outcome in outcomes if outcome.changed and outcome.entity]
    with control_plane.tenant_session(key.tenant_id) as tenant:
        shapes = {outcome.stream: tenant.schemas.latest(key.connection_id, outcome.stream) for outcome in changed}
    digests = {stream: shape.digest if shape else "" for stream, shape in shapes.items()}
    for outcome in changed:
        try:
            events.batch_committed(
                key.tenant_id, batch_message(key, outcome, digests[outcome.stream], context.run.run_id)
            )
        except redis.RedisError as error:  # the row in Postgres is there: the sweep over stale tenants acts on it
            context.log.warning("the batch was not announced: %s", error)
    nudge(events.client, key.tenant_id)


def batch_message(key: ConnectionKey, outcome: NormalizedStream, digest: str, trace_id: str) -> dict[str, object]:
    """The message that tells of one stream's committed batch."""
    upserted = outcome.loaded + outcome.recovered
    message = BatchCommitted(
        batch_id=outcome.batch_id,
        tenant_id=key.tenant_id,
        entity=outcome.entity,
        op=operation(upserted, outcome.deleted),
        source=SourceOfRecords(
            connection_id=key.connection_id, stream=outcome.stream, mapping_version=outcome.mapping_version
        ),
        first_snapshot=outcome.first_snapshot,
        last_snapshot=outcome.last_snapshot,
        upserted=upserted,
        deleted=outcome.deleted,
        rejected=outcome.rejected,
        fingerprint=digest,
        trace_id=trace_id,
    )
    return message.model_dump(mode="json")
