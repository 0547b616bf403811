"""The approved shape of a stream, moved on event by event: what was decided is known, what waits stays drift."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from assets.fingerprint.drift import settle_event
from assets.fingerprint.fingerprint import ObservedStream
from orchestration.control_plane.tenant_session import TenantSession


class Accepted(Protocol):
    """What is taken over of an event."""

    @property
    def id(self) -> UUID: ...
    @property
    def kind(self) -> str: ...
    @property
    def fields_before(self) -> Sequence[str]: ...
    @property
    def fields_after(self) -> Sequence[str]: ...


def move_baseline(tenant: TenantSession, connection_id: UUID, stream: str, events: Sequence[Accepted], by: str) -> None:
    """Make the fields of these events part of the baseline as they were seen last; all others stay as approved."""
    about_fields = [event for event in events if not event.kind.startswith("stream_")]
    baseline = tenant.schemas.baseline(connection_id, stream)
    latest = tenant.schemas.latest(connection_id, stream)
    if not about_fields or baseline is None or latest is None:
        return
    settled, seen = ObservedStream.from_json(baseline.fields[0]), ObservedStream.from_json(latest.fields[0])
    for event in about_fields:
        settled = settle_event(settled, seen, event)
    if settled.digest == latest.digest and latest.id != baseline.id:
        tenant.schemas.approve(latest.id, by)
        return
    # A digest of its own: the shape may be one that was seen before, only its values mean something else now.
    digest = f"{settled.digest}+{about_fields[-1].id}"
    record = tenant.schemas.record(connection_id, stream, digest, [settled.to_json()], latest.sync_run_id)
    tenant.schemas.approve(record.id, by)
    # What was seen last stays what was seen last.
    tenant.schemas.record(connection_id, stream, latest.digest, latest.fields, latest.sync_run_id)
