"""Raw records of one connection: what the source has now, as text, committed together with the cursor."""

from collections.abc import Iterator
from typing import Any, assert_never

import dagster as dg

from assets.extract.accounting import StreamCounts
from assets.extract.landing import Landing
from assets.extract.state import StreamState, load_states
from connectors.errors import ConnectorError
from connectors.protocol import Batch, Connector, Removed, Stream, Unchanged
from orchestration.failures import reporting_failures
from orchestration.partitions import ConnectionKey, connections
from orchestration.resources.lake import Lake
from orchestration.resources.lake_session import LakeSession
from orchestration.resources.sources import Sources
from orchestration.resources.syncs import SyncLog, Syncs


@dg.asset(key_prefix="extract", partitions_def=connections, group_name="extract", kinds={"duckdb", "parquet"})
def raw_records(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
    syncs: dg.ResourceParam[Syncs],
) -> dg.MaterializeResult[None]:
    """One sync window of one connection: new and changed records in the lake, with the cursor that read them."""
    key = ConnectionKey.parse(context.partition_key)
    with reporting_failures(context), lake.session(key.tenant_id) as session:
        log = syncs.start(key, context.run.tags, context.run.run_id)
        connector = sources.connector(key)
        total = StreamCounts()
        for stream, counts in read_connection(session, key, connector, log):
            total.add(counts)
            context.log.info("%s: %s", stream, counts.as_json())
        if not total.is_balanced():
            raise dg.Failure(f"records do not balance: {total.as_json()}", allow_retries=False)
    return dg.MaterializeResult(metadata={"dagster/row_count": total.landed, **total.as_json()})


def read_connection(
    session: LakeSession, key: ConnectionKey, connector: Connector[Any], log: SyncLog
) -> Iterator[tuple[str, StreamCounts]]:
    """Read every stream of the connection; one that cannot be read is reported and does not stop the others.

    Raises:
        ConnectorError: the whole source is out of reach, or a person has to act.
    """
    states = load_states(session, key.connection_id)
    counted = log.current().streams
    streams = {stream.name: stream for stream in connector.discover()}
    vanished = {s.stream: s.as_stream() for s in states.values() if s.stream not in streams and s.present}
    for stream in (*streams.values(), *vanished.values()):
        state = states.get(stream.name, StreamState(stream.name))
        landing = Landing(session, key.connection_id, state, connector.classify)
        try:
            if stream.name in vanished:
                landing.mark_absent()
            # A run in place of a lost one lands less than its sync did, and looks at the shape of all of it.
            observe_from = int(counted.get(stream.name, {}).get("observe_from", state.version + 1))
            yield stream.name, read_stream(landing, connector, stream, log, observe_from)
        except ConnectorError as error:
            if error.effect != "skip_stream":
                raise
            log.stream_failed(stream.name, error)


def read_stream(
    landing: Landing, connector: Connector[Any], stream: Stream, log: SyncLog, observe_from: int
) -> StreamCounts:
    """Land all batches of one stream, telling the counts after each.

    Told with them: `first_version`, the first commit these counts are about, and `observe_from`, the first of the sync.
    """
    counts = StreamCounts()
    versions = {"first_version": landing.state.version + 1, "observe_from": observe_from}
    for item in connector.read(stream, landing.state.cursor):
        match item:
            case Batch():
                counts.add(landing.land(item))
            case Unchanged():
                counts.add(landing.skip(item))
            case Removed():
                counts.add(landing.remove(item))
            case _:
                assert_never(item)
        if counts.landed or counts.rejected:
            log.record_stream(stream.name, counts.as_json() | versions)
    log.record_stream(stream.name, counts.as_json() | versions)
    return counts
