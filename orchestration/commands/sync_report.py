"""What syncs did, as a document and as tables: counts a stream, drift, mapping versions, what is published."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestration.commands.output import table
from orchestration.commands.sync_wait import Sync, as_it_stands
from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.database import ControlPlane
from orchestration.control_plane.sync_runs import COUNTS
from orchestration.control_plane.tenant_session import TenantSession
from orchestration.control_plane.tenants import TenantRecord

if TYPE_CHECKING:
    from rich.table import Table


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
    streams = {stream: _describe_stream(counts, versions.get(stream)) for stream, counts in sorted(run.streams.items())}
    drift = session.drift.open(sync.connection.id)
    duration_s = (run.finished_at - run.requested_at).total_seconds() if run.finished_at else None
    return {
        "connection": sync.connection.name,
        "sync_id": run.id,
        "status": run.status,
        "dagster_run_id": run.dagster_run_id,
        "is_sample": run.is_sample,
        "follows_sample": sync.follows,
        "safe_mode": connection.safe_mode,
        "safe_mode_lifted_by": connection.safe_mode_lifted_by,
        "next": next_step(connection, tenant) if run.is_sample and run.status == "succeeded" else None,
        "duration_s": duration_s,
        **{count: sum(stream[count] for stream in streams.values()) for count in COUNTS},
        "balances": all(stream["balances"] for stream in streams.values()),
        "streams": streams,
        "drift": [{"stream": event.stream, "kind": event.kind, "field": event.field} for event in drift],
        "error": run.error_code
        and {"code": run.error_code, "message": run.error_message, "hint": run.error_hint, "retryable": run.retryable},
    }


def next_step(connection: ConnectionRecord, tenant: str) -> str | None:
    """What a person does about a connection that Safe Mode holds after its sample; None when nothing."""
    if not connection.safe_mode:
        return None
    return f"autonomos connections lift --tenant {tenant!r} --connection {connection.name!r}"


def _describe_stream(counts: Mapping[str, Any], mapping: Any) -> dict[str, Any]:
    numbers = {count: int(counts.get(count, 0)) for count in COUNTS}
    return {
        **numbers,
        "balances": numbers["read"] == numbers["loaded"] + numbers["rejected"] + numbers["unchanged"],
        "entity": mapping.entity if mapping else None,
        "mapping_version": mapping.version if mapping else None,
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
    cells = [
        (_label(sync), stream, *(counts[count] for count in COUNTS), counts["entity"], counts["mapping_version"])
        for sync in document["syncs"]
        for stream, counts in sync["streams"].items()
    ]
    shown: list[Table | str] = [
        table(str(document["tenant"]), ("connection", "stream", *COUNTS, "entity", "mapping"), cells)
    ]
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
        if sync["drift"]:
            shown.append(f"{sync['connection']}: {len(sync['drift'])} open drift event(s), see 'autonomos drift list'.")
    published = document["published"]
    if published:
        views = ", ".join(f"{name} {view.get('rows', 0):,}" for name, view in published["views"].items())
        shown.append(f"Published {published['published_at']:%Y-%m-%d %H:%M:%S} UTC: {views}.")
    return shown
