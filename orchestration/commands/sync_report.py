"""What syncs did, as a document and as tables: counts a stream, drift, repairs, mapping versions, what is published."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assets.mapping.repairs.event_words import names_of
from orchestration.commands.output import table
from orchestration.commands.sync_wait import Sync, as_it_stands
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.sync_runs import COUNTS
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.control_plane.tenants import TenantRecord

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

MOVED = ("held", "replayed")  # of the rejected, those that wait in quarantine; and those that came out of it
_REPAIRS_LOOKED_AT = 100


def describe_syncs(control_plane: ControlPlane, tenant: TenantRecord, syncs: Sequence[Sync]) -> dict[str, Any]:
    """The outcome of the syncs of one tenant; `ok` says that all succeeded, balance and are published."""
    own = [sync for sync in syncs if sync.tenant_id == tenant.id]
    with control_plane.tenant_session(tenant.id) as session:
        described = [_describe(session, sync, tenant.name) for sync in own]
        published = session.publications.current()
    return {
        "tenant": tenant.name,
        "ok": all(sync["status"] == "succeeded" and sync["balances"] for sync in described),
        "syncs": described,
        "published": published
        and {
            "snapshot": published.snapshot_id,
            "published_at": published.published_at,
            "views": published.views,
        },
    }


def _describe(session: TenantSession, sync: Sync, tenant: str) -> dict[str, Any]:
    run = sync.run
    connection = as_it_stands(session, sync.connection)
    versions = {mapping.stream: mapping for mapping in session.mappings.list(sync.connection.id)}
    began = run.started_at or run.requested_at
    streams = {
        stream: _describe_stream(counts, versions.get(stream), began) for stream, counts in sorted(run.streams.items())
    }
    drift = session.drift.open(sync.connection.id)
    duration_s = (run.finished_at - run.requested_at).total_seconds() if run.finished_at else None
    return {
        "connection": sync.connection.name,
        "sync_id": run.id,
        "kind": run.kind,
        "status": run.status,
        "dagster_run_id": run.dagster_run_id,
        "is_sample": run.is_sample,
        "follows_sample": sync.follows,
        "safe_mode": connection.safe_mode,
        "safe_mode_lifted_by": connection.safe_mode_lifted_by,
        "next": next_step(connection, tenant) if run.is_sample and run.status == "succeeded" else None,
        "duration_s": duration_s,
        **{count: sum(stream[count] for stream in streams.values()) for count in (*COUNTS, *MOVED)},
        "balances": all(stream["balances"] for stream in streams.values()),
        "streams": streams,
        "drift": [
            {
                "id": str(event.id),
                "stream": event.stream,
                "kind": event.kind,
                "field": event.field,
                "names": names_of(event),
                "severity": event.severity,
                "new": event.first_seen_at >= began,
            }
            for event in drift
        ],
        "repairs": _repairs(session, sync, began),
        "error": run.error_code
        and {"code": run.error_code, "message": run.error_message, "hint": run.error_hint, "retryable": run.retryable},
    }


def _repairs(session: TenantSession, sync: Sync, began: "datetime") -> list[dict[str, Any]]:
    """What was proposed, applied or taken back since the sync began."""
    known = session.proposals.list(connection_id=sync.connection.id, limit=_REPAIRS_LOOKED_AT)
    ended = sync.run.finished_at
    moved = [
        proposal
        for proposal in known
        if any(at is not None and at >= began and (ended is None or at <= ended) for at in
               (proposal.created_at, proposal.decided_at))
    ]  # fmt: skip
    events = {proposal.id: session.drift.get(proposal.drift_id) for proposal in moved if proposal.drift_id}
    return [
        {
            "id": str(proposal.id), "stream": proposal.stream, "kind": proposal.kind, "status": proposal.status,
            "names": names_of(events[proposal.id]) if proposal.id in events else "",
            "probability": proposal.probability, "mapping_version": proposal.applied_version,
            "reasons": list(proposal.reasons),
        }
        for proposal in reversed(moved)
    ]  # fmt: skip


def next_step(connection: ConnectionRecord, tenant: str) -> str | None:
    """What a person does about a connection that Safe Mode holds after its sample; None when nothing."""
    if not connection.safe_mode:
        return None
    return f"autonomos connections lift --tenant {tenant!r} --connection {connection.name!r}"


def _describe_stream(counts: Mapping[str, Any], mapping: Any, began: "datetime") -> dict[str, Any]:
    numbers = {count: int(counts.get(count) or 0) for count in (*COUNTS, *MOVED)}
    return {
        **numbers,
        "balances": numbers["read"] == numbers["loaded"] + numbers["rejected"] + numbers["unchanged"],
        "entity": mapping.entity if mapping else None,
        "mapping_version": mapping.version if mapping else None,
        "new_mapping": bool(mapping) and mapping.decided_at >= began,
        "error": counts.get("error"),
    }


def _label(sync: Mapping[str, Any]) -> str:
    return f"{sync['connection']} (sample)" if sync["is_sample"] else str(sync["connection"])


def _sample_in_words(sync: Mapping[str, Any]) -> str:
    sample = f"sample of {sync['read']:,} records"
    if sync["safe_mode"]:
        return f"{sample}; Safe Mode waits for a person. When it looks right: {sync['next']}"
    return f"{sample}, Safe Mode lifted by {sync['safe_mode_lifted_by'] or 'a person'}, then the full sync."


def show_syncs(document: Mapping[str, Any]) -> "list[Table | str]":
    """The document for people."""
    # Only where something was held: two columns of zeros say nothing.
    moved = [count for count in MOVED if any(sync[count] for sync in document["syncs"])]
    cells = [
        (_label(sync), stream, *(counts[count] for count in (*COUNTS, *moved)), counts["entity"], _version(counts))
        for sync in document["syncs"]
        for stream, counts in sync["streams"].items()
    ]
    columns = ("connection", "stream", *COUNTS, *moved, "entity", "mapping")
    shown: list[Table | str] = [table(str(document["tenant"]), columns, cells)]
    for sync in document["syncs"]:
        if sync["is_sample"] and sync["status"] == "succeeded":
            shown.append(f"{sync['connection']}: {_sample_in_words(sync)}")
        if sync["error"]:
            shown.append(
                f"{sync['connection']}: {sync['status']}: {sync['error']['message']} {sync['error']['hint'] or ''}"
            )
        elif sync["status"] != "succeeded":
            shown.append(f"{sync['connection']}: {sync['status']}.")
        if not sync["balances"]:
            shown.append(f"{sync['connection']}: rows read are not all accounted for; this is a fault of ours.")
        shown += [f"{sync['connection']}: {line}" for line in _drift_in_words(sync)]
    published = document["published"]
    if published:
        views = ", ".join(f"{name} {view.get('rows', 0):,}" for name, view in published["views"].items())
        shown.append(f"Published {published['published_at']:%Y-%m-%d %H:%M:%S} UTC: {views}.")
    return shown


def _version(counts: Mapping[str, Any]) -> str:
    if counts["mapping_version"] is None:
        return ""
    return f"{counts['mapping_version']}{' (new)' if counts['new_mapping'] else ''}"


def _drift_in_words(sync: Mapping[str, Any]) -> list[str]:
    """What drifted, what was repaired, and what waits for a person."""
    lines = [
        f"{one['stream']}: {one['kind']} {one['names']} {_STATUS_WORDS.get(one['status'], one['status'])}"
        + (f", mapping version {one['mapping_version']}" if one["mapping_version"] is not None else "")
        + f" (probability {one['probability']:.2f})"
        for one in sync["repairs"]
    ]
    if sync["held"]:
        lines.append(f"{sync['held']:,} records are held until a repair is decided, see 'autonomos approvals list'.")
    if sync["replayed"]:
        lines.append(f"{sync['replayed']:,} records that were held are in the views now.")
    new = [f"{one['stream']}: {one['kind']} {one['names']}".strip() for one in sync["drift"] if one["new"]]
    if new:
        lines.append(f"new drift: {'; '.join(new)}.")
    if sync["drift"]:
        lines.append(f"{len(sync['drift'])} open drift event(s), see 'autonomos drift list'.")
    return lines


_STATUS_WORDS = {
    "applied": "was repaired by itself",
    "open": "waits for a decision",
    "refused": "was too unsure to propose",
    "rolled_back": "was rolled back: its records got worse",
}
