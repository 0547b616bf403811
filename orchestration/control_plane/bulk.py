"""Registers many tenants and connections at once, for load tests and moves from another installation.

Goes through the same logins and the same row-level security as everything else: tenants by the operator, connections in
sessions of their tenants, several tenants' statements sent together.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from orchestration.control_plane.database import make_engine
from orchestration.control_plane.safe_mode import is_safe_from_the_start
from orchestration.control_plane.schedule import Schedule
from orchestration.control_plane.tenants import tenants

TENANTS_PER_MESSAGE = 500

_CONNECTIONS_OF_ONE = (
    "SELECT set_config('app.tenant_id', '{tenant}', true);"
    " INSERT INTO connections (tenant_id, id, name, kind, config, schedule, next_due_at, safe_mode)"
    " SELECT '{tenant}', gen_random_uuid(), 'connection ' || n, :kind, '{{}}', :schedule, CAST(:due_at AS timestamptz),"
    " :safe_mode"
    " FROM generate_series(1, :connections_each) AS n;"
)


def register_many(
    database_url: str,
    operator_url: str,
    tenants_wanted: int,
    connections_each: int,
    *,
    schedule: Schedule,
    due_at: datetime,
    name: str = "tenant",
    kind: str = "files",
) -> Sequence[UUID]:
    """Tenants `{name} 1` .. with `connections_each` connections each, all due at `due_at`; the tenants' ids.

    Tenants made here have no owner and their connections no config: nobody can log in, and a sync of one fails.
    """
    made = [uuid4() for _ in range(tenants_wanted)]
    rows = [{"id": tenant_id, "name": f"{name} {number}"} for number, tenant_id in enumerate(made, start=1)]
    with _transaction(operator_url) as connection:
        connection.execute(sa.insert(tenants), rows)
    values = {
        "kind": kind,
        "schedule": str(schedule),
        "due_at": due_at.isoformat(),
        "connections_each": connections_each,
        "safe_mode": not is_safe_from_the_start(kind, "low"),
    }
    with _transaction(database_url) as connection:
        for first in range(0, len(made), TENANTS_PER_MESSAGE):
            chunk = made[first : first + TENANTS_PER_MESSAGE]
            statements = "".join(_CONNECTIONS_OF_ONE.format(tenant=tenant_id) for tenant_id in chunk)
            connection.execute(sa.text(statements), values)
    return made


@contextmanager
def _transaction(url: str) -> Iterator[sa.Connection]:
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
