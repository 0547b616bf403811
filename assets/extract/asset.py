"""Raw records of one connection: what the source has now, as text, committed together with the cursor."""

import dagster as dg

from assets.extract.accounting import StreamCounts
from assets.extract.window import Source, SyncWindow
from orchestration.failures import reporting_failures
from orchestration.partitions import ConnectionKey, connections
from orchestration.resources.lake import Lake
from orchestration.resources.sources import Sources
from orchestration.resources.syncs import Syncs


@dg.asset(key_prefix="extract", partitions_def=connections, group_name="extract", kinds={"duckdb", "parquet"})
def raw_records(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
    syncs: dg.ResourceParam[Syncs],
) -> dg.MaterializeResult[None]:
    """One sync window of one connection: new and changed records in the lake, with the cursor that read them."""
    key = ConnectionKey.parse(context.partition_key)
    total = StreamCounts()
    with reporting_failures(context), lake.session(key.tenant_id) as session:
        log = syncs.start(key, context.run.tags, context.run.run_id)
        run = log.current()
        with log.stage("extract") as told:
            with sources.open(key) as opened:
                source = Source(opened.connector, opened.streams, opened.hash_key)
                window = SyncWindow(session, key.connection_id, source, log, run.streams, run.is_sample)
                counts = window.read()
            for stream, counted in counts.items():
                total.add(counted)
                context.log.info("%s: %s", stream, counted.as_json())
            if not total.is_balanced():
                raise dg.Failure(f"records do not balance: {total.as_json()}", allow_retries=False)
            told.update(streams=len(counts), **total.as_json())
    return dg.MaterializeResult(metadata={"dagster/row_count": total.landed, **total.as_json()})
