"""The circuit breaker of a connection, and how long one that fails is left alone.

Five failures in a row that may pass open the circuit: the schedule leaves the connection alone until it is half open,
then makes one trial. A person's sync goes through at any time as the trial. Success closes it. One that needs a person
is tried ever more rarely from its first failure on, and carries on by itself once repaired.
"""

from uuid import UUID

import sqlalchemy as sa

from orchestration.control_plane.columns import storable_text
from orchestration.control_plane.failure import Failure

FAILURES_THAT_OPEN = 5
FIRST_BACKOFF_S = 120
LONGEST_BACKOFF_S = 6 * 3_600
LONGEST_RETRY_AFTER_S = 24 * 3_600  # what a source asks beyond this is not believed

_TOLERATED = FAILURES_THAT_OPEN - 1
_BACKOFF_S = (
    f"least({LONGEST_BACKOFF_S}, {FIRST_BACKOFF_S} * power(2, greatest(0, least(12, failures_in_a_row"
    f" - CASE WHEN :retryable THEN {_TOLERATED} ELSE 0 END))))"
)
_OPENS = f"(:retryable AND failures_in_a_row >= {_TOLERATED})"
# NULL when there is nothing to wait for: greatest() ignores it.
_WAIT_S = (
    f"CASE WHEN :retryable AND NOT {_OPENS} THEN CAST(:retry_after_s AS double precision)"
    f" ELSE greatest({_BACKOFF_S}, CAST(:retry_after_s AS double precision)) END"
)
_UNTIL = f"statement_timestamp() + {_WAIT_S} * interval '1 second'"
# A connection without a schedule must not get a due time by failing.
_FAILED = sa.text(
    "UPDATE connections SET status = CASE status WHEN 'paused' THEN 'paused'"
    " ELSE CASE WHEN :retryable THEN 'failing' ELSE 'needs_person' END END,"
    " error = :error, failures_in_a_row = failures_in_a_row + 1,"
    f" circuit_open_until = CASE WHEN {_OPENS} THEN {_UNTIL} ELSE circuit_open_until END,"
    f" next_due_at = CASE WHEN next_due_at IS NOT NULL THEN greatest(next_due_at, {_UNTIL}) END"
    " WHERE tenant_id = :tenant AND id = :id"
)
_CLOSED = sa.text(
    "UPDATE connections SET circuit_open_until = NULL, failures_in_a_row = 0 WHERE tenant_id = :tenant AND id = :id"
)


def record_failure(connection: sa.Connection, tenant_id: UUID, connection_id: UUID, failure: Failure | None) -> None:
    """Say on the connection that a sync failed, and leave it alone for as long as that calls for."""
    wait_s = failure.retry_after_s if failure else None
    values = {
        "tenant": str(tenant_id),
        "id": str(connection_id),
        "error": storable_text(failure.message) if failure else None,
        "retryable": failure is None or failure.retryable,
        "retry_after_s": None if wait_s is None else min(max(wait_s, 0.0), LONGEST_RETRY_AFTER_S),
    }
    connection.execute(_FAILED, values)


def close_circuit(connection: sa.Connection, tenant_id: UUID, connection_id: UUID) -> None:
    """A sync succeeded."""
    connection.execute(_CLOSED, {"tenant": str(tenant_id), "id": str(connection_id)})
