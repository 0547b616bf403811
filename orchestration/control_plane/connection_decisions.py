"""What people decide about a connection, each with its line in the history, whoever asks: a command or the API.

Runs in the caller's transaction.
"""

from orchestration.control_plane.connections import ConnectionRecord
from orchestration.control_plane.errors import NotInState
from orchestration.control_plane.sync_runs import SyncRunRecord
from orchestration.control_plane.tenant_session import TenantSession


def lift(session: TenantSession, connection: ConnectionRecord, by: str) -> SyncRunRecord | None:
    """Lift Safe Mode: syncs read everything from now on. The full sync asked for, unless the connection is paused.

    Raises:
        NotInState: it is not in Safe Mode.
    """
    if not connection.safe_mode:
        raise NotInState(f"{connection.name!r} is not in Safe Mode.")
    session.connections.lift(connection.id, by)
    _tell(session, connection, "safe_mode_lifted", {"risk_level": connection.risk_level}, by)
    return None if connection.status == "paused" else session.sync_runs.request(connection.id, by)


def hold(session: TenantSession, connection: ConnectionRecord, by: str) -> ConnectionRecord:
    """Put it into Safe Mode again: its next syncs are samples, until a person lifts it."""
    held = session.connections.hold(connection.id)
    _tell(session, connection, "held", {"risk_level": connection.risk_level}, by)
    return held


def pause(session: TenantSession, connection: ConnectionRecord, by: str) -> ConnectionRecord:
    """Take it out of the schedule."""
    paused = session.connections.set_status(connection.id, "paused")
    _tell(session, connection, "paused", {}, by)
    return paused


def resume(session: TenantSession, connection: ConnectionRecord, by: str) -> ConnectionRecord:
    """Go on with a paused connection, or with one that was left alone after failures."""
    session.connections.set_status(connection.id, "active")
    resumed = session.connections.forgive(connection.id)
    _tell(session, connection, "resumed", {"was": connection.status}, by)
    return resumed


def delete(session: TenantSession, connection: ConnectionRecord, by: str) -> None:
    """Delete it and destroy its credentials; records it brought stay in the lake."""
    session.connections.delete(connection.id)
    _tell(session, connection, "deleted", {"kind": connection.kind}, by)


def _tell(session: TenantSession, connection: ConnectionRecord, action: str, data: dict[str, object], by: str) -> None:
    subject = f"connection:{connection.id}"
    session.audit.record(f"connection.{action}", subject, {"name": connection.name, **data}, by)
