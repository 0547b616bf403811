"""The note that a sync needs a person, or failed so often that its connection is left alone; one an incident.

An incident lasts until a sync of the connection succeeds: every further failure for the same reason is the same one.
"""

from orchestration.control_plane.circuit import FAILURES_THAT_OPEN
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.control_plane.tenant_session import TenantSession


def note_failure(session: TenantSession, run: SyncRunRecord) -> bool:
    """Have people told of a sync that failed for good; False for one that may pass, or was told of."""
    if run.status != "failed":
        return False
    connection = session.connections.get(run.connection_id)
    needs_person = run.retryable is False
    if not needs_person and connection.failures_in_a_row < FAILURES_THAT_OPEN:
        return False
    code = run.error_code or "failed"
    since = connection.last_success_at.isoformat() if connection.last_success_at else "never"
    why = "It needs a person." if needs_person else f"It failed {connection.failures_in_a_row} times in a row."
    payload = {
        "connection": connection.name, "change": code, "summary": run.error_message or "The sync failed.",
        "reasons": [why], "hint": run.error_hint or "", "sync_run_id": str(run.id),
    }  # fmt: skip
    return session.notes_outbox.put("failure", f"{connection.id}:{code}:{since}", payload)
