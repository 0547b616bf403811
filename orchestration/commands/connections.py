"""`autonomos connections list|show|lift|hold|pause|resume|delete`: how connections are, and deciding on them.

Each decision is in the audit history. Making a connection is `connect`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.commands.errors import CommandFailed
from orchestration.commands.output import JsonOption, Output, TenantOption, table, to_json

if TYPE_CHECKING:
    from orchestration.control_plane.connections import ConnectionRecord
    from orchestration.control_plane.tenant_session import TenantSession

OneConnection = Annotated[str, typer.Option("--connection", "-c", help="Name of the connection.")]


def list_connections(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """List a tenant's connections and how they are."""
    from orchestration.commands.access import open_access

    output = Output(as_json)
    with open_access(output, "connections list") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            found = [describe(connection) for connection in session.connections.list()]
    columns = ("name", "kind", "status", "safe_mode", "risk_level", "schedule", "last_success_at", "error")
    cells = [[connection[column] for column in columns] for connection in found]
    nothing = f"{owner.name!r} has no connection; set one up with 'autonomos connect --tenant {owner.name!r} ...'."
    output.result({"connections": found}, table("Connections", columns, cells) if found else nothing)


def show(tenant: TenantOption, connection: OneConnection, as_json: JsonOption = False) -> None:
    """Show one connection: configuration without credentials, Safe Mode, last sync, what its login may write."""
    from orchestration.commands.access import find_connection, open_access

    output = Output(as_json)
    with open_access(output, "connections show") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = find_connection(session, connection)
            document = {**describe(record), **_more(session, record)}
    cells = [(key, value if isinstance(value, str) else to_json(value)) for key, value in document.items()]
    output.result(document, table(f"Connection {record.name!r}", ("what", "value"), cells))


def lift(tenant: TenantOption, connection: OneConnection, as_json: JsonOption = False) -> None:
    """Lift Safe Mode: its syncs read everything from now on, and a full one is asked for."""
    from orchestration.commands.access import OPERATOR
    from orchestration.control_plane import connection_decisions

    with _deciding(tenant, connection, "lift", as_json) as (session, record, answer):
        if not record.safe_mode:
            raise CommandFailed(f"{record.name!r} is not in Safe Mode.", code="not_in_safe_mode")
        connection_decisions.lift(session, record, OPERATOR)
        answer += [f"Safe Mode of {record.name!r} is lifted, and a full sync asked for."]


def hold(tenant: TenantOption, connection: OneConnection, as_json: JsonOption = False) -> None:
    """Put a connection into Safe Mode again: its next syncs are samples, until a person lifts it."""
    from orchestration.commands.access import OPERATOR
    from orchestration.control_plane import connection_decisions

    with _deciding(tenant, connection, "hold", as_json) as (session, record, answer):
        connection_decisions.hold(session, record, OPERATOR)
        answer += [f"{record.name!r} is in Safe Mode: its next syncs are samples, until a person lifts it."]


def pause(tenant: TenantOption, connection: OneConnection, as_json: JsonOption = False) -> None:
    """Take a connection out of the schedule."""
    from orchestration.commands.access import OPERATOR
    from orchestration.control_plane import connection_decisions

    with _deciding(tenant, connection, "pause", as_json) as (session, record, answer):
        connection_decisions.pause(session, record, OPERATOR)
        answer += [f"{record.name!r} is paused; 'connections resume' goes on with it."]


def resume(tenant: TenantOption, connection: OneConnection, as_json: JsonOption = False) -> None:
    """Go on with a paused connection, or with one that was left alone after failures."""
    from orchestration.commands.access import OPERATOR
    from orchestration.control_plane import connection_decisions

    with _deciding(tenant, connection, "resume", as_json) as (session, record, answer):
        connection_decisions.resume(session, record, OPERATOR)
        answer += [f"{record.name!r} goes on{'' if record.schedule else ' when it is synced by hand'}."]


def delete(
    tenant: TenantOption,
    connection: OneConnection,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a connection and destroy its credentials; records it brought stay in the lake."""
    import sys

    from orchestration.commands.access import OPERATOR
    from orchestration.control_plane import connection_decisions

    if not yes:
        if as_json or not sys.stdin.isatty():
            raise CommandFailed("Deleting a connection cannot be undone.", code="not_confirmed", hint="Say --yes.")
        typer.confirm(f"Delete the connection {connection!r} and its credentials?", abort=True)
    with _deciding(tenant, connection, "delete", as_json) as (session, record, answer):
        connection_decisions.delete(session, record, OPERATOR)
        answer += [f"{record.name!r} is deleted."]


def describe(connection: "ConnectionRecord") -> dict[str, Any]:
    """A connection as it is shown and printed."""
    return {
        "id": connection.id,
        "name": connection.name,
        "kind": connection.kind,
        "status": connection.status,
        "error": connection.error,
        "safe_mode": connection.safe_mode,
        "safe_mode_lifted_by": connection.safe_mode_lifted_by,
        "safe_mode_lifted_at": connection.safe_mode_lifted_at,
        "risk_level": connection.risk_level,
        "scopes_mode": connection.scopes_mode,
        "namespace": connection.namespace,
        "owner": connection.owner,
        "credentials": connection.credential_locator or "sealed with the connection, if any",
        "schedule": str(connection.schedule) if connection.schedule else None,
        "next_due_at": connection.next_due_at,
        "last_success_at": connection.last_success_at,
        "failures_in_a_row": connection.failures_in_a_row,
        "circuit_open_until": connection.circuit_open_until,
        "created_at": connection.created_at,
    }


def _more(session: "TenantSession", connection: "ConnectionRecord") -> dict[str, Any]:
    intents = [intent for intent in session.intents.list() if intent.connection_id == connection.id]
    newest = session.sync_runs.list(connection.id, limit=1)
    return {
        "config": connection.config,
        "streams": connection.streams,
        "grants": intents[0].grants if intents else None,
        "evidence": intents[0].evidence if intents else None,
        "last_sync": {
            "id": newest[0].id, "status": newest[0].status, "is_sample": newest[0].is_sample,
            "read": newest[0].read, "finished_at": newest[0].finished_at, "error": newest[0].error_message,
        } if newest else None,
    }  # fmt: skip


@contextmanager
def _deciding(
    tenant: str, name: str, verb: str, as_json: bool
) -> "Iterator[tuple[TenantSession, ConnectionRecord, list[str]]]":
    """The connection inside a transaction; what the block adds to the answer is said once it is committed."""
    from orchestration.commands.access import find_connection, open_access

    output, answer = Output(as_json), list[str]()
    document: dict[str, Any] = {}
    with open_access(output, f"connections {verb}") as access:
        owner = access.tenant(tenant)
        with access.control_plane.tenant_session(owner.id) as session:
            record = find_connection(session, name)
            yield session, record, answer
            if verb != "delete":
                document = describe(session.connections.get(record.id))
    output.result({"id": record.id, "name": record.name, **document}, *answer)
