"""Which shape each connection arrives in, and how it differs from the shape last approved.

Looks at a sample of what the last sync landed and at the same records before it, never at values downstream. Deciding
what to do is `mapping`'s work.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from assets.extract.asset import raw_records
from assets.fingerprint.observing import observe_streams
from assets.fingerprint.recording import FROM_FULL_SYNC as FROM_FULL_SYNC
from assets.fingerprint.recording import FROM_SAMPLE as FROM_SAMPLE
from assets.fingerprint.recording import record_all
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftRecord
from orchestration.failures import reporting_failures
from orchestration.partitions import ConnectionKey, connection_check, connections
from orchestration.resources.lake import Lake
from orchestration.resources.syncs import Syncs

FINGERPRINT = dg.AssetKey(["fingerprint", "schema_fingerprint"])
DRIFT = dg.AssetKey(["fingerprint", "drift_report"])


@dg.multi_asset(
    outs={
        "schema_fingerprint": dg.AssetOut(
            key=FINGERPRINT,
            description="Streams, columns and types as last seen, with their digest.",
            kinds={"duckdb"},
        ),
        "drift_report": dg.AssetOut(
            key=DRIFT,
            description="Differences between the approved shape and the observed one that wait for a decision.",
            kinds={"postgres"},
        ),
    },
    deps=[raw_records],
    partitions_def=connections,
    group_name="fingerprint",
    internal_asset_deps={"schema_fingerprint": {raw_records.key}, "drift_report": {FINGERPRINT}},
    check_specs=[
        connection_check("no_breaking_drift", DRIFT, "No drift that costs mapped values waits for a decision.")
    ],
)
def fingerprint(
    context: dg.AssetExecutionContext,
    lake: dg.ResourceParam[Lake],
    control_plane: dg.ResourceParam[ControlPlane],
    syncs: dg.ResourceParam[Syncs],
) -> Iterator[dg.Output[None] | dg.AssetCheckResult]:
    """The shape of every stream that the sync touched, and its difference from the baseline."""
    key = ConnectionKey.parse(context.partition_key)
    with reporting_failures(context), lake.session(key.tenant_id) as session:
        log = syncs.resume(key, context.run.tags, context.run.run_id)
        run = log.current()
        with log.stage("fingerprint") as told:
            observed = observe_streams(session, key, run.streams)
            with control_plane.tenant_session(key.tenant_id) as tenant:
                waiting = tenant.drift.open(key.connection_id)
                changes = record_all(tenant, session, key, run, observed, waiting)
                if changes:
                    waiting = tenant.drift.open(key.connection_id)
            fields = sum(len(seen.stream.fields) for seen in observed)
            told.update(streams=len(observed), columns=fields, changes=len(changes), open=len(waiting))
            if changes:
                log.tell("drift.seen", {"changes": [change.told() for change in changes]})
    digests = {seen.stream.name: seen.stream.digest for seen in observed}
    yield dg.Output(
        None, "schema_fingerprint", metadata={"streams": len(observed), "columns": fields, "digests": digests}
    )
    breaking = [event for event in waiting if event.is_breaking]
    counts = {"changes": len(changes), "breaking": len(breaking), "open": len(waiting)}
    yield dg.Output(None, "drift_report", metadata=counts)
    yield check_drift(breaking)


def check_drift(breaking: Sequence[DriftRecord]) -> dg.AssetCheckResult:
    """A warning while breaking drift is open, whichever sync saw it. The gate itself is the mapping's policy."""
    return dg.AssetCheckResult(
        passed=not breaking,
        asset_key=DRIFT,
        check_name="no_breaking_drift",
        severity=dg.AssetCheckSeverity.WARN,
        metadata={f"{event.stream}.{event.field}".rstrip("."): event.kind for event in breaking},
    )
