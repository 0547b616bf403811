"""What a sync's shapes leave in the control plane: fingerprints, the first baseline, and one event a difference.

The baseline of a stream that has one moves only by decision; that is `mapping`'s work.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from assets.fingerprint.comparing import Sighting, Window, compare, superseded
from assets.fingerprint.drift import SchemaChange, is_breaking, settle, touches
from assets.fingerprint.fingerprint import ObservedStream
from assets.fingerprint.observing import Seen
from assets.fingerprint.renamed_streams import find_renamed_streams
from orchestration.control_plane.drift import DriftChange, DriftRecord
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.partitions import ConnectionKey
from orchestration.resources.lake_session import LakeSession

FROM_SAMPLE = "sample"  # who decided on a baseline that the first full sync replaces
FROM_FULL_SYNC = "first full sync"  # who decided on the baseline in its place


def record_all(
    tenant: TenantSession,
    session: LakeSession,
    key: ConnectionKey,
    run: SyncRunRecord,
    observed: Sequence[Seen],
    opened: Sequence[DriftRecord],
) -> list[SchemaChange]:
    """Store every shape seen; what drifted."""
    if run.is_sample:
        return [c for seen in observed for c in record_sample(tenant, key, run.id, seen.stream, seen.is_gone)]
    changes: list[SchemaChange] = []
    new: list[ObservedStream] = []
    for seen in observed:
        is_new = seen.window.first_version == 1 and not seen.is_gone
        new += [seen.stream] if is_new else []
        changes += record_shape(tenant, key, run.id, seen.stream, seen.is_gone, seen.window, opened)
    if new and len(tenant.schemas.streams(key.connection_id)) > len(new):
        changes += record_new_streams(tenant, session, key.connection_id, new)
    return changes


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
    tenant: TenantSession,
    key: ConnectionKey,
    sync_run_id: UUID,
    observed: ObservedStream,
    gone: bool,
    window: Window | None = None,
    opened: Sequence[DriftRecord] = (),
) -> list[SchemaChange]:
    """Store the shape, make the first one the baseline, and report what differs from the baseline.

    `opened` are the connection's open events; `window` is where records can be compared, if anywhere.
    """
    baseline = tenant.schemas.baseline(key.connection_id, observed.name)
    if baseline is None or (baseline.decided_by == FROM_SAMPLE and not gone):
        record = tenant.schemas.record(
            key.connection_id, observed.name, observed.digest, [observed.to_json()], sync_run_id
        )
        tenant.schemas.approve(record.id, "first sync" if baseline is None else FROM_FULL_SYNC)
        return []
    approved = ObservedStream.from_json(baseline.fields[0])
    opened = [event for event in opened if event.stream == observed.name]
    if gone:
        removed = SchemaChange("stream_removed", observed.name, (), (), None, None, "breaking")
        is_known = any(event.kind == "stream_renamed" for event in opened)
        sightings = [] if is_known else [Sighting(removed)]
    else:
        settled = settle(approved, observed)
        sightings = compare(approved, observed, window, opened)
        digest = settled.digest
        if digest == baseline.digest and sightings:
            # The same shape, and the values mean something else: what they are like now must be known when it is
            # accepted, so it is a fingerprint of its own.
            digest += f"@{window.first_version if window else 0}"
        seen = _with_own_sketches(settled, observed, sightings).to_json()
        record = tenant.schemas.record(key.connection_id, observed.name, digest, [seen], sync_run_id)
        if not sightings and settled.digest != baseline.digest:
            # Nothing differs; only what no row had told before (a column that was all empty) is known now.
            tenant.schemas.approve(record.id, "policy: became known")
    changes = [sighting.change for sighting in sightings]
    if changes:
        report(tenant, key.connection_id, observed.name, sightings)
        for event, seen_as in superseded(changes, opened):
            tenant.drift.resolve(event.id, seen_as, "policy")
    return changes


def _with_own_sketches(
    settled: ObservedStream, observed: ObservedStream, sightings: Sequence[Sighting]
) -> ObservedStream:
    """The settled shape, its drifted fields with the sketches of this window: too few values to be believed of a
    field that did not drift are what is accepted of one that did, such as one that is mostly empty now."""
    drifted = {name for sighting in sightings for name in sighting.change.fields_after}
    fields = []
    for field in settled.fields:
        own = observed.field_named(field.name) if field.name in drifted else None
        fields.append(replace(field, sketch=own.sketch) if own is not None else field)
    return replace(settled, fields=tuple(fields))


def record_new_streams(
    tenant: TenantSession, session: LakeSession, connection_id: UUID, new: Sequence[ObservedStream]
) -> list[SchemaChange]:
    """Report streams that came after the first sync: as one that went, under another name, or as added."""
    gone = {event.stream: event for event in tenant.drift.open(connection_id) if event.kind == "stream_removed"}
    baselines = (tenant.schemas.baseline(connection_id, name) for name in gone)
    approved = [ObservedStream.from_json(found.fields[0]) for found in baselines if found is not None]
    renamed = find_renamed_streams(session, connection_id, approved, new)
    for change in renamed:
        report(tenant, connection_id, change.stream, [Sighting(change)])
        seen_as = f"seen as stream_renamed -> {change.evidence['renamed_to']}"
        tenant.drift.resolve(gone[change.stream].id, seen_as, "policy")
    known = {change.evidence["renamed_to"] for change in renamed}
    added = [SchemaChange("stream_added", stream.name, (), (), None, None, "info")
             for stream in new if stream.name not in known]  # fmt: skip
    for change in added:
        report(tenant, connection_id, change.stream, [Sighting(change)])
    return [*renamed, *added]


def report(tenant: TenantSession, connection_id: UUID, stream: str, sightings: Sequence[Sighting]) -> None:
    """Open or renew an event a change, as severe as what it costs downstream."""
    mapping = tenant.mappings.active(connection_id, stream)
    mapped = {name for rule in mapping.rules for name in _sources(rule)} if mapping else set()
    tenant.drift.report(connection_id, [_event(sighting, mapped) for sighting in sightings])


def _sources(rule: Mapping[str, Any]) -> list[str]:
    """Every field that a rule reads: a joined text is of several."""
    transform = rule.get("transform") or {}
    joined = (transform.get("args") or {}).get("fields") or ()
    return [str(rule["source"]), *map(str, joined)]


def _event(sighting: Sighting, mapped: Collection[str]) -> DriftChange:
    change = sighting.change
    described = change.to_json()
    costs = touches(change, mapped)
    evidence = {**change.evidence, "severity": change.severity}
    if change.retyping:
        evidence["retyping"] = change.retyping
    return DriftChange(
        stream=change.stream,
        kind=change.kind,
        field=change.field,
        is_breaking=is_breaking(change, mapped),
        before=described["before"],
        after=described["after"],
        evidence=evidence,
        fields_before=change.fields_before,
        fields_after=change.fields_after,
        severity=change.severity if costs else "info",
        probability=change.probability,
        first_version=sighting.first_version,
        snapshot_before=sighting.snapshot_before,
    )
