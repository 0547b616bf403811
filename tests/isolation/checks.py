"""The isolation checks, as functions that return what they found wrong: nothing, unless a protection is missing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import exc

from orchestration.control_plane.operator_session import OperatorSession
from orchestration.control_plane.provisioning import APP, OPERATOR, OWNER
from orchestration.control_plane.tenant_session import TenantSession
from tests.isolation.prior_checks import prior_violations
from tests.isolation.two_tenants import PLATFORM_TABLES, TwoTenants, acting_as, belongs, owned_tables, rows_of, soon

REFUSED = "42501"  # insufficient_privilege: a missing grant, or a row that violates a policy
# Anybody may become a user of the platform; that alone gives no tenant (the membership does, and is refused).
OPEN_TO_INSERT = {"users"}
# What the operator may read: identifiers, states, times. Never config, credentials, schemas, mappings, history.
OPERATOR_READS = {
    "tenants": {"id", "name", "status", "created_at", "stale_since", "change_seq"},
    "users": {"id", "email", "status", "is_operator", "created_at"},
    "memberships": {"tenant_id", "user_id", "role"},
    "logins": {"user_id", "revoked_at"},
    "connections": {
        "tenant_id", "id", "kind", "schedule", "status", "failures_in_a_row", "next_due_at", "last_success_at",
        "deleted_at", "change_seq", "circuit_open_until",
    },
    "sync_runs": {
        "tenant_id", "id", "connection_id", "status", "requested_by", "requested_at", "queued_at", "started_at",
        "finished_at", "dagster_run_id", "kind", "absorbed_replay", "trace_id",
    },
    "view_refreshes": {
        "tenant_id", "id", "status", "requested_at", "queued_at", "started_at", "finished_at", "dagster_run_id",
        "trace_id", "anew",
    },
    "repair_proposals": {"tenant_id", "id", "status", "expires_at"},
    "notes_outbox": {"tenant_id", "due_at"},
    "tasks": {"tenant_id", "id", "kind", "status", "requested_at", "started_at", "finished_at", "runs_done"},
    "task_runs": {"tenant_id", "task_id", "run_id", "sync_run_id", "refresh_id", "is_own"},
    "task_callbacks": {"tenant_id", "status", "due_at"},
}  # fmt: skip


def table_violations(connection: sa.Connection, two: TwoTenants, only: str | None = None) -> list[str]:
    """Every table of the catalog (or one), tried by SQL as the run-time role and as the owner."""
    found: list[str] = []
    for table in [only] if only else owned_tables(connection):
        own = rows_of(connection, table, belongs(table, two.intruder.tenant))
        theirs = rows_of(connection, table, belongs(table, two.victim.tenant))
        if not own or not theirs:
            found.append(f"{table}: no rows to try with; give both tenants some")
            continue
        if table == "field_priors":
            found += [f"{table}: {wrong}" for wrong in prior_violations(connection, two)]
            continue
        found += [f"{table}: {wrong}" for wrong in _reading(connection, table, two)]
        found += [f"{table}: {wrong}" for wrong in _writing(connection, table, two, theirs[0])]
    return found


def _reading(connection: sa.Connection, table: str, two: TwoTenants) -> Iterator[str]:
    for role in (APP, OWNER):
        columns = readable(connection, role, table)
        own = rows_of(connection, table, belongs(table, two.intruder.tenant), columns)
        if _visible(connection, role, two.intruder.tenant, table, columns) != own:
            yield f"{role} does not see exactly its tenant's rows"
        for name, tenant in {"no": None, "an empty": "", "an unknown": uuid4(), "a garbage": "' OR true --"}.items():
            if _visible(connection, role, tenant, table, columns):
                yield f"{role} sees rows with {name} tenant set"


def readable(connection: sa.Connection, role: str, table: str) -> str:
    """The columns that a login may read: some are written and never read back."""
    columns = sa.text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
        " AND NOT attisdropped AND has_column_privilege(:role, attrelid, attnum, 'SELECT') ORDER BY attnum"
    )
    return ", ".join(connection.execute(columns, {"table": table, "role": role}).scalars())


def _visible(connection: sa.Connection, role: str, tenant: object, table: str, columns: str) -> list[dict[str, Any]]:
    with acting_as(connection, role, None if tenant is None else str(tenant)):
        try:
            return rows_of(connection, table, columns=columns)
        except exc.DataError:  # the garbage is no uuid
            return []


def _writing(connection: sa.Connection, table: str, two: TwoTenants, their_row: dict[str, Any]) -> Iterator[str]:
    column = "id" if table in ("tenants", "users") else "tenant_id"
    theirs = f"{column} = '{their_row[column]}'"
    for tenant in (two.intruder.tenant, None):
        for role in (APP, OWNER):
            for change in (
                f"UPDATE {table} SET {column} = {column} WHERE {theirs}",
                f"DELETE FROM {table} WHERE {theirs}",
            ):
                state, count = _run(connection, role, tenant, change)
                if count or state not in (None, REFUSED):
                    yield f"{role} reaches another tenant's rows by {change.split()[0]} ({state}, {count} rows)"
        if table not in OPEN_TO_INSERT:
            state, _ = _run(connection, APP, tenant, _insertion(connection, table), row=json.dumps(their_row))
            if state != REFUSED:
                yield f"{APP} may insert a row for another tenant ({state})"
    if column == "tenant_id":
        state, _ = _run(connection, APP, two.intruder.tenant, f"UPDATE {table} SET tenant_id = '{two.victim.tenant}'")
        if state != REFUSED:
            yield f"{APP} may give a row to another tenant ({state})"


def _insertion(connection: sa.Connection, table: str) -> str:
    """Insert a row given as JSON, but for columns that only Postgres may fill."""
    columns = connection.execute(
        sa.text(
            "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
            " AND NOT attisdropped AND attidentity <> 'a' AND attgenerated = ''"
        ),
        {"table": table},
    ).scalars()
    names = ", ".join(columns)
    row = f"jsonb_populate_record(CAST(NULL AS {table}), CAST(:row AS jsonb))"
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {row}"


def _run(connection: sa.Connection, role: str, tenant: object, statement: str, **values: Any) -> tuple[str | None, int]:
    """The SQLSTATE it failed with, or the number of rows it touched."""
    with acting_as(connection, role, None if tenant is None else str(tenant)):
        try:
            return None, connection.execute(sa.text(statement), values).rowcount
        except exc.DBAPIError as error:
            return error.orig.pgcode, 0  # type: ignore[union-attr]


def operator_violations(connection: sa.Connection, two: TwoTenants) -> list[str]:
    """The operator's login reads what it must, nothing more, and its session's methods work with that."""
    found = []
    for table in (*owned_tables(connection), *PLATFORM_TABLES):
        seen = set(readable(connection, OPERATOR, table).split(", ")) - {""}
        if seen != OPERATOR_READS.get(table, set()):
            found.append(f"{table}: the operator reads {sorted(seen)}")
    history = f"INSERT INTO audit_events VALUES ('{two.victim.tenant}', 99, now(), 'a', 'b', 'c', '{{}}', 'd', 'e')"
    state, _ = _run(connection, OPERATOR, None, history)
    if state != REFUSED:
        found.append(f"audit_events: the operator may add to a tenant's history ({state})")
    return found + _operator_at_work(connection, two) + _history_is_kept(connection, two)


def _operator_at_work(connection: sa.Connection, two: TwoTenants) -> list[str]:
    now = datetime.now(UTC) + soon()
    with acting_as(connection, OPERATOR, None):
        operator = OperatorSession(connection)
        try:
            connection.execute(sa.text("UPDATE sync_runs SET status = 'succeeded', finished_at = now()"))
            connection.execute(sa.text("UPDATE view_refreshes SET status = 'succeeded', finished_at = now()"))
            stale = operator.stale_tenants(now, 0, 10)
            behind = {task.tenant_id for task in operator.tasks_to_advance(100)}
            seen = {
                "tenants": len(operator.tenants()),
                "connection_keys": len(operator.connection_keys(0, 10)),
                "stale_tenants": len(stale),
                "request_due": operator.request_due(operator.due_connections(now, None, 10), now),
                "claim_syncs": len(operator.claim_syncs(10)),
                "request_refreshes": operator.request_refreshes(stale),
                "claim_refreshes": len(operator.claim_refreshes(10)),
                "refresh_finished": connection.execute(sa.text("UPDATE tenants SET stale_since = NULL")).rowcount,
                "expiring_approvals": len(operator.expiring_approvals(now, 10)),
                "tenants_with_open_approvals": len(operator.tenants_with_open_approvals(None, 10)),
                "tenants_with_due_notes": len(operator.tenants_with_due_notes(now, 10)),
                "tenants_with_due_callbacks": len(operator.tenants_with_due_callbacks(now, 10)),
                "tasks_to_advance": len(behind),
                "task_runs": _handed_over(connection),
                "platform_users": sum(len(user.tenant_ids) for user in operator.platform_users()),
                "set_operator": _operators(operator, two),
                "set_user_status": _shut_out(operator, connection, two),
                "create_tenant": 2 if operator.create_tenant("third", two.victim.email, "a hash") else 0,
            }
            operator.create_tenant("fourth", "new@example.com", "a hash")
        except exc.DBAPIError as error:
            return [f"the operator's work is refused: {error.orig}"]
        except exc.NoResultFound as error:
            return [f"the operator does not see what it made: {error}"]
    return [f"the operator's {method} covers {count} of 2 tenants" for method, count in seen.items() if count != 2]


def _handed_over(connection: sa.Connection) -> int:
    """Tenants whose tasks the operator may hand from a run to the one that it gave way to."""
    handed = "UPDATE task_runs SET refresh_id = refresh_id WHERE refresh_id IS NOT NULL RETURNING tenant_id"
    return len(set(connection.execute(sa.text(handed)).scalars()))


def _operators(operator: OperatorSession, two: TwoTenants) -> int:
    for user in (two.victim.user, two.intruder.user):
        operator.set_operator(user, True)
    return len(operator.platform_users(operators=True))


def _shut_out(operator: OperatorSession, connection: sa.Connection, two: TwoTenants) -> int:
    for user in (two.victim.user, two.intruder.user):
        operator.set_user_status(user, "disabled")
    disabled = [user for user in operator.platform_users() if user.status == "disabled"]
    ended = connection.execute(sa.text("SELECT count(*) FROM logins WHERE revoked_at IS NOT NULL")).scalar()
    return len(disabled) if ended == len(disabled) else 0


def _history_is_kept(connection: sa.Connection, two: TwoTenants) -> list[str]:
    found = []
    for table, column in {"audit_events": "action", "sync_notes": "message"}.items():
        for change in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            state, _ = _run(connection, APP, two.intruder.tenant, change)
            if state != REFUSED:
                found.append(f"{table}: the run-time role may {change.split()[0]} history")
    with acting_as(connection, APP, two.intruder.tenant):
        try:
            TenantSession(connection, two.intruder.tenant, None).users.add("newcomer@example.com", "a hash", "viewer")
        except exc.DBAPIError as error:
            found.append(f"users: a tenant cannot add a member ({error.orig})")
    return found
