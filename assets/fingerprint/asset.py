"""Which shape each connection arrives in, and how it differs from the shape last approved.

Looks at a sample of what the last sync landed, never at values downstream. Deciding what to do is `mapping`'s work.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import dagster as dg

from assets.extract.asset import raw_records
from assets.extract.plan import SERVICE_MODES
from assets.extract.raw_tables import RAW_SCHEMA, raw_table
from assets.extract.state import StreamState, load_states
from assets.fingerprint.drift import SchemaChange, diff_stream, is_breaking, settle
from assets.fingerprint.fingerprint import ObservedStream, observe
from assets.fingerprint.profile import profile_sql, read_profile
from connectors.protocol import Stream
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.drift import DriftChange, DriftRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.failures import reporting_failures
from orchestration.partitions import ConnectionKey, connection_check, connections
from orchestration.resources.lake import Lake
from orchestration.resources.lake_session import LakeSession, name_of
from orchestration.resources.sql_text import literal
from orchestration.resources.syncs import Syncs

FINGERPRINT = dg.AssetKey(["fingerprint", "schema_fingerprint"])
DRIFT = dg.AssetKey(["fingerprint", "drift_report"])
FROM_SAMPLE = "sample"  # who decided on a baseline that the first full sync replaces
FROM_FULL_SYNC = "first full sync"  # who decided on the baseline in its place


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
        observed = observe_streams(session, key, run.streams)
        with control_plane.tenant_session(key.tenant_id) as tenant:
            record = partial(record_sample, tenant) if run.is_sample else partial(record_shape, tenant)
            changes = [c for stream, gone in observed for c in record(key, run.id, stream, gone)]
            waiting = tenant.drift.open(key.connection_id)
        if changes:
            log.tell("drift.seen", {"changes": [change.to_json() for change in changes]})
    fields = sum(len(stream.fields) for stream, _ in observed)
    digests = {stream.name: stream.digest for stream, _ in observed}
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


def observe_streams(
    session: LakeSession, key: ConnectionKey, counted: Mapping[str, Mapping[str, Any]]
) -> list[tuple[ObservedStream, bool]]:
    """The streams that this sync committed something of, with whether they are gone."""
    moved = []
    for state in load_states(session, key.connection_id).values():
        since = counted.get(state.stream, {}).get("observe_from")
        if since is not None and state.version >= int(since):
            moved.append((observe_stream(session, key, state, int(since)), not state.present))
    return moved


def observe_stream(session: LakeSession, key: ConnectionKey, state: StreamState, since: int) -> ObservedStream:
    """The shape of one stream, from its declared fields and a sample of what was committed since that version."""
    stream = state.as_stream()
    table = raw_table(key.connection_id, state.stream)
    present = session.columns(RAW_SCHEMA, table)
    columns = [field.name for field in stream.fields if field.name in present]
    if not columns:
        return observe(stream, {})
    first_batch = literal(f"{since:010d}")
    rows = f"(SELECT * FROM {name_of(RAW_SCHEMA, table)} WHERE __batch_id >= {first_batch} AND NOT __deleted)"
    profiles = read_profile(columns, session.rows(profile_sql(rows, columns)))
    declares_types = stream.mode in SERVICE_MODES and bool(state.asked.get("declares_types"))
    return observe(stream, profiles, partial=_is_partial(stream, declares_types), declares_types=declares_types)


def _is_partial(stream: Stream, declares_types: bool) -> bool:
    """Whether the window may have missed fields: one of a source without columns names only what its records carry."""
    if stream.mode in SERVICE_MODES:
        return stream.mode == "incremental" and not declares_types
    return stream.mode != "snapshot" and any(field.type not in ("text", "unknown") for field in stream.fields)


def record_sample(
    tenant: TenantSession, key: ConnectionKey, sync_run_id: UUID, observed: ObservedStream, gone: bool
) -> list[SchemaChange]:
    """Store the shape of a few records, as a baseline until more were seen; against a real one they prove nothing."""
    baseline = tenant.schemas.baseline(key.connection_id, observed.name)
    if gone or (baseline is not None and baseline.decided_by != FROM_SAMPLE):
        return []
    # A digest of its own: the full read that finds the same shape is to be a decision of its own as well.
    digest = f"sample-{observed.digest}"
    record = tenant.schemas.record(key.connection_id, observed.name, digest, [observed.to_json()], sync_run_id)
    tenant.schemas.approve(record.id, FROM_SAMPLE)
    return []


def record_shape(
    tenant: TenantSession, key: ConnectionKey, sync_run_id: UUID, observed: ObservedStream, gone: bool
) -> list[SchemaChange]:
    """Store the shape, make the first one the baseline, and report what differs from the baseline."""
    baseline = tenant.schemas.baseline(key.connection_id, observed.name)
    if baseline is None or (baseline.decided_by == FROM_SAMPLE and not gone):
        record = tenant.schemas.record(
            key.connection_id, observed.name, observed.digest, [observed.to_json()], sync_run_id
        )
        tenant.schemas.approve(record.id, "first sync" if baseline is None else FROM_FULL_SYNC)
        return []
    approved = ObservedStream.from_json(baseline.fields[0])
    if gone:
        changes: tuple[SchemaChange, ...] = (
            SchemaChange("stream_removed", observed.name, None, None, None, "breaking"),
        )
    else:
        settled = settle(approved, observed)
        record = tenant.schemas.record(
            key.connection_id, observed.name, settled.digest, [settled.to_json()], sync_run_id
        )
        changes = diff_stream(approved, observed)
        if not changes and settled.digest != baseline.digest:
            # Nothing differs; only what no row had told before (a column that was all empty) is known now.
            tenant.schemas.approve(record.id, "policy: became known")
    mapping = tenant.mappings.active(key.connection_id, observed.name)
    mapped = {str(rule["source"]) for rule in mapping.rules} if mapping else set()
    tenant.drift.report(key.connection_id, [_event(change, is_breaking(change, mapped)) for change in changes])
    return list(changes)


def _event(change: SchemaChange, breaking: bool) -> DriftChange:
    described = change.to_json()
    return DriftChange(
        stream=change.stream,
        kind=change.kind,
        field=change.field or "",
        is_breaking=breaking,
        before=described["before"],
        after=described["after"],
        evidence={"severity": change.severity, "retyping": change.retyping},
    )
